"""Whether what is intended may run now: the files of requests and roster, held against what is known here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from drkit.core.actions import Action, Plan
from drkit.core.approval import history, listing, store
from drkit.core.approval.answers import Answer
from drkit.core.approval.approvers import requester_of
from drkit.core.approval.decide import Known, decide
from drkit.core.approval.document import Document
from drkit.core.approval.errors import DocumentError, SignatureError, StoreError
from drkit.core.approval.intended import Intended
from drkit.core.approval.reasons import Decision
from drkit.core.approval.roster import Roster
from drkit.core.approval.settings import Approvals
from drkit.core.approval.standing import Usage
from drkit.core.approval.store import Filed
from drkit.core.errors import ApprovalError
from drkit.flows.approving.past import Past

# How many of the things existed when a window of a standing approval began, if anybody knows.
Existed = Callable[[datetime], int | None]


def nobody_knows(_since: datetime) -> None:
    """Nobody counted what existed."""


def no_bound(_since: datetime) -> int:
    """So many that no part of it is reached: for a first judgement, before anybody has looked."""
    return 10**12


@dataclass(frozen=True, slots=True)
class Judged:
    """A request, everything that lies with it, and what was decided about it."""

    filed: Filed
    decision: Decision

    @property
    def document(self) -> Document:
        """What was signed."""
        return self.filed.document


@dataclass(frozen=True, slots=True)
class Judge:
    """Who decides, with all that he knows by himself.

    Args:
        run: on whose behalf; what this run has spent already is not spent against it.
    """

    roster: Roster
    past: Past
    now: datetime
    run: str = ""
    existed: Existed = nobody_knows

    def decide(self, filed: Filed, intended: Intended) -> Decision:
        """What `drkit.core.approval.decide.decide` says."""
        document = filed.document
        known = Known(
            now=self.now,
            latest=self.past.latest,
            spent={nonce for nonce, run in self.past.spent.items() if run != self.run}
            if document.kind == "plan"
            else frozenset(),
            answers=self._answers(filed),
            requester=self.requester(filed),
            usage=self._usage(document, intended),
        )
        return decide(document, filed.signatures.values(), self.roster, intended, known)

    def requester(self, filed: Filed) -> str | None:
        """Who proves to have asked; None where nobody does."""
        if filed.proof is None:
            return None
        try:
            return requester_of(filed.document, filed.proof, self.roster, self.now)
        except SignatureError:
            return None

    def _answers(self, filed: Filed) -> tuple[Answer, ...]:
        """What lies there, or what is remembered though somebody took it away."""
        answer = filed.answer or self.past.ended.get(filed.document.id)
        return (answer,) if answer else ()

    def _usage(self, document: Document, intended: Intended) -> Usage | None:
        """What was begun before; what this run has begun and intends again counts once, as intended."""
        if isinstance(document.allows, Plan):
            return None
        again = {(self.run, action.key) for action in intended.actions}
        begun = self.past.used.get(document.id, {})
        done = tuple((at, 1) for which, at in begun.items() if which not in again)
        return Usage(done, self.existed(self.now - document.allows.limits.per))


def as_asked(document: Document) -> Intended:
    """What a request says, as if all of it were still so: what is left to judge is who asked, agreed and when."""
    allows = document.allows
    return Intended(
        document.estate,
        document.estate_sha256,
        document.accounts,
        document.playbook,
        document.playbook_sha256,
        allows.actions if isinstance(allows, Plan) else (),
        document.approvals,
        None if isinstance(allows, Plan) else allows.playbook,
    )


def open_roster(approvals: Approvals, past: Past) -> Roster:
    """The roster that the estate pins; raises as `history.open_pinned`."""
    return history.open_pinned(Path(approvals.roster), approvals.pin, dict(past.seen))


def requests_directory(approvals: Approvals, state: Path) -> Path:
    """Where requests lie: as the estate says, or in the state."""
    return Path(approvals.requests) if approvals.requests else state / "requests"


def find_approval(
    requests: Path, judge: Judge, intended: Intended, done: frozenset[str] = frozenset()
) -> tuple[Judged, Intended]:
    """The request that lets this run, of all that lie there for its playbook.

    Args:
        requests: the directory of requests.
        judge: who decides.
        intended: what is about to run.
        done: keys of actions that this run has done already under the approval that it looks for again.

    Raises:
        ApprovalError: none does; the message says why not of the latest that is about this.
    """
    refused: list[Judged] = []
    for summary in listing.listing(requests).requests:
        if summary.playbook != intended.playbook:
            continue
        try:
            filed = store.load(requests, summary.id)
        except (DocumentError, StoreError):
            continue  # nothing is done on its word, and `drkit gate show` says what is wrong with it
        about = with_done(intended, filed.document, done)
        judged = Judged(filed, judge.decide(filed, about))
        if judged.decision.accepted:
            return judged, about
        refused.append(judged)
    raise _refusal(intended, refused)


def with_done(intended: Intended, document: Document, done: frozenset[str]) -> Intended:
    """What a run intended at its beginning: what is still to do, and what it has done under the approval.

    Only what the approval names is added, in its order; so anything else in the plan still differs from it.
    """
    if not done or not isinstance(document.allows, Plan):
        return intended
    planned = {action.key: action for action in intended.actions}
    approved = document.allows.actions
    known = {action.key for action in approved}
    whole: list[Action] = [
        planned.get(action.key, action) for action in approved if action.key in planned or action.key in done
    ]
    whole += [action for action in intended.actions if action.key not in known]
    return replace(intended, actions=tuple(whole))


def _refusal(intended: Intended, refused: list[Judged]) -> ApprovalError:
    things = len(intended.actions)
    first = f"{intended.actions[0].target}{f' and {things - 1} more' if things > 1 else ''}"
    what = f"{intended.playbook} would {intended.danger.value} {first}"
    if not refused:
        return ApprovalError(
            f"{what}, and nobody asked for an approval",
            hint="ask for one: drkit gate request PLAYBOOK --reason WHY",
        )
    best = min(refused, key=lambda each: len(each.decision.reasons))
    why = "; ".join(str(reason) for reason in best.decision.reasons)
    return ApprovalError(
        f"{what}, and no approval holds; {best.document.id[:16]}: {why}",
        hint=f"drkit gate show {best.document.id[:16]} tells all of it",
    )
