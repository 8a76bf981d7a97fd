"""What is written down about approvals: when the roster is first accepted, when one is spent, or was denied."""

from __future__ import annotations

from dataclasses import replace

from drkit.core.actions import Action
from drkit.core.approval.answers import Answer
from drkit.core.approval.intended import counted
from drkit.core.approval.roster import Roster
from drkit.core.approval.settings import Approvals
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.reading import read
from drkit.core.times import Clock, text_of
from drkit.flows.approving.judging import Judged, open_roster
from drkit.flows.approving.past import Past, read_past
from drkit.flows.recording import Recorder


def note_roster(approvals: Approvals, log: EvidenceLog, clock: Clock) -> tuple[Roster, Past]:
    """The roster and the past; a version that was never seen here is noted, and its people wait from now on.

    Raises:
        ApprovalError: the roster does not hold.
        DrkitError: the evidence cannot be read or written.
    """
    past = read_past(entry for _, entry in read(log.directory))
    roster = open_roster(approvals, past)
    unseen = [digest for digest in roster.digests if digest not in past.seen]
    if not unseen:
        return roster, past
    now = clock()
    entries = [{"at": text_of(now), "kind": "roster.accepted", "digest": digest} for digest in unseen]
    log.extend(entries, durable=True)
    known = replace(past, seen={**past.seen, **dict.fromkeys(unseen, now.replace(microsecond=0))})
    return open_roster(approvals, known), known


def note_ended(log: EvidenceLog, past: Past, clock: Clock, answer: Answer | None) -> Past:
    """The past with a denial or a withdrawal in it, which counts from now on even where its file is taken away.

    Raises:
        DrkitError: the evidence cannot be written.
    """
    if answer is None or answer.id in past.ended:
        return past
    log.append({"at": text_of(clock()), "kind": "approval.ended", "answer": answer.as_data()}, durable=True)
    return replace(past, ended={**past.ended, answer.id: answer})


def note_used(recorder: Recorder, judged: Judged, actions: tuple[Action, ...]) -> None:
    """Write down that an approval is spent on these actions; whoever calls makes it durable before acting."""
    document = judged.document
    # A standing approval is used again and again, and each action counts once, however often its run begins it.
    keys = [action.key for action in actions] if document.kind == "standing" else []
    recorder.record(
        "approval.used",
        approval=document.id,
        approval_kind=document.kind,
        nonce=document.nonce,
        things=counted(actions),
        keys=keys,
        approvers=list(judged.decision.approvers),
        requester=document.requester,
    )


def must_note(judged: Judged, past: Past, run: str) -> bool:
    """Whether what a run does under an approval is still to be written down.

    A nonce is spent once, by one run. A standing approval counts each time: a run that comes again with other
    actions, or later, has begun those then.
    """
    document = judged.document
    return document.kind == "standing" or past.spent.get(document.nonce) != run
