"""The document that people sign: exactly what may run, where, on whose request, until when."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from drkit.core.actions import Action, Effect, Plan
from drkit.core.approval.errors import DocumentError
from drkit.core.approval.fields import ACCOUNT, LINE, NAME, PERSON, SHA256, Fields, line, read_object
from drkit.core.approval.intended import Danger, danger_of
from drkit.core.approval.standing import LONGEST, Standing, read_standing
from drkit.core.canonical import canonical, digest

LARGEST = 4 * 1024 * 1024  # bytes; a plan of ten thousand actions stays below
LONGEST_ONCE = timedelta(hours=24)  # an approval for one run
MOST_APPROVALS = 20
MOST_ACTIONS = 100_000
_VERSION = 1
_NONCE = re.compile("[0-9a-f]{32}")
_WORD, _MAYBE = line(1, 500), line(0, 500)


@dataclass(frozen=True, slots=True)
class Document:
    """A request as it was read; `read` and `requesting` make it.

    Args:
        raw: the bytes that are signed.
        id: their sha256, in hexadecimal.
        estate_sha256: of the parts of the estate that matter.
        accounts: the account's name in the estate and its number at its cloud.
        playbook_sha256: of the file; for a standing approval, of its canonical form.
        requester: the person who asks.
        nonce: 128 random bits; an approval for one run is spent by it.
        not_before, not_after: the first moment in which it may be used, and the first in which it may not.
        approvals: how many other people must agree.
        allows: one plan, or many plans of one playbook within limits.
        fingerprint: of the plan; of no plan where there are many.
    """

    raw: bytes = field(repr=False)
    id: str
    estate: str
    estate_sha256: str
    accounts: Mapping[str, str]
    playbook: str
    playbook_sha256: str
    requester: str
    reason: str
    nonce: str
    requested_at: datetime
    not_before: datetime
    not_after: datetime
    approvals: int
    danger: Danger
    allows: Plan | Standing
    fingerprint: str

    @property
    def kind(self) -> Literal["plan", "standing"]:
        """``plan``, whose nonce is spent by its run, or ``standing``."""
        return "plan" if isinstance(self.allows, Plan) else "standing"


def read(raw: bytes) -> Document:
    """A request from its bytes.

    Raises:
        DocumentError: not canonical, a field missing or unknown, a value out of range, or values that
            contradict each other: a fingerprint of another plan, an account that is not listed, a danger
            that is understated.
    """
    fields = read_object(raw, "the request", LARGEST)
    if fields.whole("version", _VERSION, _VERSION) != _VERSION:
        raise fields.wrong("version")
    kind = fields.take("kind")
    if kind not in ("plan", "standing"):
        raise fields.wrong("kind")
    within = fields.within(kind)
    allows, fingerprint = _plan(within) if kind == "plan" else (read_standing(within), "")
    found = _document(raw, fields, allows, fingerprint)
    fields.end()
    _refuse_times(found)
    if isinstance(allows, Plan):
        _refuse_plan(found, allows)
    elif found.playbook_sha256 != allows.playbook_sha256:
        raise DocumentError("the request's playbook has another digest than it says")
    return found


def _document(raw: bytes, fields: Fields, allows: Plan | Standing, fingerprint: str) -> Document:
    estate, playbook = fields.within("estate"), fields.within("playbook")
    document = Document(
        raw=raw,
        id=hashlib.sha256(raw).hexdigest(),
        estate=estate.text("id", NAME),
        estate_sha256=estate.text("sha256", SHA256),
        accounts=fields.pairs("accounts", NAME, ACCOUNT),
        playbook=playbook.text("name", NAME),
        playbook_sha256=playbook.text("sha256", SHA256),
        requester=fields.text("requester", PERSON),
        reason=fields.text("reason", LINE),
        nonce=fields.text("nonce", _NONCE),
        requested_at=fields.moment("requested_at"),
        not_before=fields.moment("not_before"),
        not_after=fields.moment("not_after"),
        approvals=fields.whole("approvals", 1, MOST_APPROVALS),
        danger=_enumerated(fields, "danger", Danger),
        allows=allows,
        fingerprint=fingerprint,
    )
    estate.end()
    playbook.end()
    return document


def _refuse_times(document: Document) -> None:
    if not document.requested_at <= document.not_before < document.not_after:
        raise DocumentError("the request's times are not in their order: requested_at, not_before, not_after")
    longest = LONGEST_ONCE if document.kind == "plan" else LONGEST
    if document.not_after - document.requested_at > longest:
        raise DocumentError(f"the request lasts longer than {longest // timedelta(hours=1)} hours")


def _refuse_plan(document: Document, plan: Plan) -> None:
    foreign = {each.account for each in plan.actions} - set(document.accounts)
    if foreign:
        raise DocumentError(f"the request names an action in {min(foreign)}, which is not among its accounts")
    if not document.danger.covers(danger_of(plan.actions)):
        raise DocumentError("the request destroys something, and says that it does less")


def _plan(fields: Fields) -> tuple[Plan, str]:
    items = fields.items("actions", 1, MOST_ACTIONS)
    plan = Plan(tuple(_action(Fields(each, "an action of the request")) for each in items))
    fingerprint = fields.text("fingerprint", SHA256)
    # Every item was found to be exactly an action's data, of which `Plan.fingerprint` is the digest.
    if fingerprint != digest(items):
        raise DocumentError("the request's fingerprint is not that of its actions")
    fields.end()
    return plan, fingerprint


def _action(fields: Fields) -> Action:
    key, arguments, target = fields.take("key"), fields.take("arguments"), fields.take("target")
    if type(target) is not str:
        # Nobody can agree to the end of a thing that is not there yet.
        raise DocumentError("an action of the request has a target that is not known yet")
    if not _WORD.fullmatch(target):
        raise fields.wrong("target")
    action = Action(
        verb=fields.text("verb", _WORD),
        effect=_enumerated(fields, "effect", Effect),
        account=fields.text("account", NAME),
        region=fields.text("region", _MAYBE),
        target=target,
        arguments=arguments if type(arguments) is dict else {},
        reason=fields.text("reason", _MAYBE),
        cost=fields.optional("cost", lambda name: fields.text(name, _MAYBE)),
    )
    fields.end()
    if type(arguments) is not dict or key != action.key:
        raise DocumentError("an action of the request has a key that is not its own, or no arguments")
    return action


def _enumerated(fields: Fields, name: str, values: Any) -> Any:
    try:
        return values(fields.take(name))
    except ValueError:
        raise fields.wrong(name) from None


def write(data: Mapping[str, Any]) -> Document:
    """The request that plain data make.

    Raises:
        DocumentError: as `read`, or the data have no canonical form.
    """
    try:
        raw = canonical(dict(data))
    except (ValueError, TypeError, RecursionError):
        raise DocumentError("the request has no canonical JSON form (RFC 8785)") from None
    return read(raw)
