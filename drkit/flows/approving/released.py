"""Actions that people approved and that nothing carries out: whoever may do them does, and what looks knows of it.

Such a request is of no playbook's run, so it is judged by itself: against the estate as it is now, the roster, and what
the evidence knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from drkit.core.actions import Action, Plan
from drkit.core.approval import listing, store
from drkit.core.approval.document import Document
from drkit.core.approval.errors import DocumentError, StoreError
from drkit.core.approval.intended import Intended
from drkit.core.canonical import digest
from drkit.core.errors import ApprovalError
from drkit.core.estate import Estate
from drkit.core.evidence.log import EvidenceLog
from drkit.core.times import Clock
from drkit.flows.approving.intention import estate_digest
from drkit.flows.approving.judging import Judge, Judged, requests_directory
from drkit.flows.approving.noting import note_roster
from drkit.flows.talking import say
from drkit.ports.rooms import Approved

PLAYBOOK = "copies-release"
"""Under which name such requests stand where a playbook's would."""


def intended(estate: Estate, actions: Iterable[Action]) -> Intended:
    """What a request asks for, as it has to be for this estate now.

    Raises:
        ApprovalError: the estate names nobody who could approve.
    """
    if estate.approvals is None:
        raise ApprovalError(
            "the estate says nothing of approvals, so nothing may be removed",
            hint="add `approvals` with a roster and its pin to the estate: docs/approvals.md",
        )
    things = tuple(actions)
    return Intended(
        estate=estate.estate,
        estate_sha256=estate_digest(estate),
        accounts={name: estate.accounts[name].account for name in sorted({each.account for each in things})},
        playbook=PLAYBOOK,
        playbook_sha256=digest(PLAYBOOK),
        actions=things,
        approvals=estate.approvals.destroy,
    )


def released(
    estate: Estate, log: EvidenceLog, clock: Clock, verb: str
) -> tuple[tuple[Approved, Judged], ...]:
    """The approved actions of a verb, each with its request.

    Where the roster or the requests cannot be believed there are none, and that is said.

    Raises:
        DrkitError: the evidence cannot be read or written.
    """
    if estate.approvals is None:
        return ()
    directory = requests_directory(estate.approvals, log.directory.parent)
    try:
        asked = [each.id for each in listing.listing(directory).requests if each.playbook == PLAYBOOK]
        if not asked:
            return ()
        roster, past = note_roster(estate.approvals, log, clock)
        judge = Judge(roster, past, clock())
        return tuple(found for id_ in asked for found in _approved(judge, directory, id_, estate, verb))
    except ApprovalError as error:
        say(f"no approval counts: {error.message}")
        return ()


def _approved(
    judge: Judge, directory: Path, id_: str, estate: Estate, verb: str
) -> Iterator[tuple[Approved, Judged]]:
    try:
        filed = store.load(directory, id_)
    except (DocumentError, StoreError):
        return  # nothing counts on its word, and `drkit gate show` says what is wrong with it
    about = _about(filed.document, estate)
    if about is None:
        return
    judged = Judged(filed, judge.decide(filed, about))
    if not judged.decision.accepted:
        return
    for action in about.actions:
        if action.verb == verb:
            yield Approved(id_, judged.decision.approvers, action), judged


def _about(document: Document, estate: Estate) -> Intended | None:
    """What it would have to say if it was asked for now; None where it is about something else."""
    allows = document.allows
    if not isinstance(allows, Plan) or any(each.account not in estate.accounts for each in allows.actions):
        return None
    return intended(estate, allows.actions)
