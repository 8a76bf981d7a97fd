"""The one decision: may this run now, on this approval?"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime

from drkit.core.actions import Plan
from drkit.core.approval import approvers, matching
from drkit.core.approval.answers import Answer, Verb
from drkit.core.approval.document import Document
from drkit.core.approval.intended import Intended
from drkit.core.approval.people import REQUESTER
from drkit.core.approval.reasons import Decision, Reason, Refusal
from drkit.core.approval.roster import Roster
from drkit.core.approval.standing import Standing, Usage, covers
from drkit.core.times import text_of

_ENDED = {Verb.DENY: Refusal.DENIED, Verb.WITHDRAW: Refusal.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Known:
    """What the one who decides knows by himself; nothing of it comes from the request.

    Args:
        now: the time.
        latest: the time of the latest evidence; a clock before it was moved back.
        spent: nonces of approvals that were used.
        answers: denials and withdrawals.
        requester: who asked, where that is proven (`approvers.requester_of`, or the peer of a socket); None
            where it is only said. Then one of those who approve may have written the request in another's
            name, so one more of them is needed than the request says.
        usage: the past, for standing approvals.
    """

    now: datetime
    latest: datetime
    spent: Container[str]
    answers: tuple[Answer, ...] = ()
    requester: str | None = None
    usage: Usage | None = None


def decide(
    document: Document, signatures: Iterable[bytes], roster: Roster, intended: Intended, known: Known
) -> Decision:
    """Whether what is intended may run now; all reasons are given, not only the first.

    A signature that does not count refuses the whole: one who wants the others to be enough leaves it out.

    Args:
        document: the request, from `document.read`.
        signatures: armored signatures of the approvers (namespace ``approve@drkit``).
        roster: from `open_roster`.
        intended: what is about to run.
        known: what else must be known.
    """
    counted = approvers.count(document, signatures, roster, known.now)
    reasons = [
        *counted.reasons,
        *_about_number(document, len(counted.people), intended, known),
        *_about_requester(document, roster, known),
        *_about_time(document, roster, known),
        *_about_use(document, known),
        *matching.differences(document, intended),
        *_about_limits(document, intended, known),
    ]
    return Decision(tuple(reasons), counted.people)


def _about_number(document: Document, count: int, intended: Intended, known: Known) -> list[Reason]:
    wanted = max(document.approvals, intended.approvals, 1)
    said = ""
    if known.requester is None:
        wanted += 1
        said = f"; one of them because nothing proves that {document.requester} asked for it"
    if count >= wanted:
        return []
    return [Reason(Refusal.TOO_FEW, f"{count} of {wanted} other people approved{said}")]


def _about_requester(document: Document, roster: Roster, known: Known) -> list[Reason]:
    found = []
    if known.requester is not None and known.requester != document.requester:
        said = f"the request names {document.requester}, and {known.requester} made it"
        found.append(Reason(Refusal.OTHER_REQUESTER, said))
    person = roster.by_name.get(document.requester)
    if person is None or REQUESTER not in person.roles:
        said = f"{document.requester} is nobody in the roster who may ask"
        found.append(Reason(Refusal.UNKNOWN_REQUESTER, said))
    return found


def _about_time(document: Document, roster: Roster, known: Known) -> list[Reason]:
    now, found = known.now, []
    latest = max(known.latest, roster.latest.made_at)
    if now < latest:
        said = f"it is {text_of(now)} here, and something was recorded at {text_of(latest)}"
        found.append(Reason(Refusal.CLOCK_MOVED_BACK, said))
    if now < document.not_before:
        found.append(Reason(Refusal.NOT_YET_VALID, f"it may be used from {text_of(document.not_before)}"))
    if now >= document.not_after:
        found.append(Reason(Refusal.EXPIRED, f"it could be used until {text_of(document.not_after)}"))
    return found


def _about_use(document: Document, known: Known) -> list[Reason]:
    found = []
    if document.nonce in known.spent:
        found.append(Reason(Refusal.REPLAYED, "this approval was used before"))
    for answer in known.answers:
        if answer.id == document.id:
            said = f"{answer.person} on {text_of(answer.at)}: {answer.reason}"
            found.append(Reason(_ENDED[answer.verb], said))
    return found


def _about_limits(document: Document, intended: Intended, known: Known) -> list[Reason]:
    if not isinstance(document.allows, Standing):
        return []
    if known.usage is None:
        return [
            Reason(Refusal.LIMIT_UNKNOWN, "nobody said what was done before under this standing approval")
        ]
    plan, usage = Plan(intended.actions), known.usage
    return list(covers(document.allows, plan, usage.done, usage.existed, known.now).reasons)
