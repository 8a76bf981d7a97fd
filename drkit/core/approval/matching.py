"""What a request says, held against what is about to run."""

from __future__ import annotations

from drkit.core.actions import Plan
from drkit.core.approval.document import Document
from drkit.core.approval.intended import Intended
from drkit.core.approval.reasons import Reason, Refusal
from drkit.core.canonical import digest


def differences(document: Document, intended: Intended) -> list[Reason]:
    """Everything in which the two differ."""
    return [
        *_estate(document, intended),
        *_accounts(document, intended),
        *_playbook(document, intended),
        *_plan(document, intended),
        *_danger(document, intended),
    ]


def _estate(document: Document, intended: Intended) -> list[Reason]:
    if document.estate != intended.estate:
        said = f"approved for the estate {document.estate}, this is {intended.estate}"
        return [Reason(Refusal.OTHER_ESTATE, said)]
    if document.estate_sha256 != intended.estate_sha256:
        said = "the parts of the estate that matter were changed after the request"
        return [Reason(Refusal.ESTATE_CHANGED, said)]
    return []


def _accounts(document: Document, intended: Intended) -> list[Reason]:
    names = sorted({*document.accounts, *intended.accounts})
    return [
        Reason(
            Refusal.ACCOUNT_CHANGED, f"{name} was {was or 'absent'} in the request and is {now or 'absent'}"
        )
        for name in names
        if (was := document.accounts.get(name)) != (now := intended.accounts.get(name))
    ]


def _playbook(document: Document, intended: Intended) -> list[Reason]:
    sha256 = intended.playbook_sha256
    if document.kind == "standing":
        # Absent data have no digest that anybody could have signed.
        sha256 = "" if intended.playbook_data is None else digest(dict(intended.playbook_data))
    if (document.playbook, document.playbook_sha256) == (intended.playbook, sha256):
        return []
    said = f"approved for {document.playbook} as it was, this is {intended.playbook} as it is now"
    return [Reason(Refusal.PLAYBOOK_CHANGED, said)]


def _plan(document: Document, intended: Intended) -> list[Reason]:
    if not isinstance(document.allows, Plan):
        return []
    if document.fingerprint == intended.fingerprint:
        return []
    approved = {each.key for each in document.allows.actions}
    about = {each.key for each in intended.actions}
    said = (
        f"{len(about - approved)} actions that nobody approved, {len(approved - about)} approved ones missing"
    )
    if approved == about:
        said = "the same actions in another order, or with other reasons, effects or costs"
    return [Reason(Refusal.PLAN_CHANGED, said)]


def _danger(document: Document, intended: Intended) -> list[Reason]:
    if document.danger.covers(intended.danger):
        return []
    said = f"approved as {document.danger.value}, and what is about to run would {intended.danger.value}"
    return [Reason(Refusal.DANGER_UNDERSTATED, said)]
