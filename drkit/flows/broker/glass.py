"""Broken glass: a command that one other person was enough for. Everybody is told, and a third one looks into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drkit.core.approval import review
from drkit.core.approval.fields import SHA256
from drkit.core.errors import ApprovalError
from drkit.core.evidence.reading import read
from drkit.core.times import text_of
from drkit.flows.approving.judging import Judged
from drkit.flows.approving.noting import note_roster
from drkit.flows.broker.licences import Office
from drkit.flows.broker.messages import VERSION
from drkit.flows.notifying import alarm
from drkit.flows.recording import Recorder

BROKEN, REVIEWED = "glass.broken", "glass.reviewed"


def break_glass(office: Office, recorder: Recorder, judged: Judged, target: str) -> None:
    """Write it down, and tell everybody whom the estate names, before anything runs.

    Raises:
        ApprovalError: the estate names nobody.
    """
    if not office.estate.notify:
        raise ApprovalError("nobody would be told that the glass was broken", hint="`notify` in the estate")
    document = judged.document
    about = {
        "approval": document.id,
        "requester": document.requester,
        "approvers": list(judged.decision.approvers),
        "target": target,
        "reason": document.reason,
    }
    recorder.record(BROKEN, **about)
    office.log.checkpoint()
    at = text_of(office.clock())
    untold = alarm(office.estate, {"estate": office.estate.estate, "kind": BROKEN, "at": at, **about})
    for reason in untold:
        # What is urgent is not kept from happening by a mail server; the evidence says who was not told.
        recorder.record("notify.failed", command="", reason=reason, approval=judged.document.id)


@dataclass(frozen=True, slots=True)
class Reviews:
    """Takes what third people say."""

    office: Office

    def take(self, message: Mapping[str, Any], peer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Write down a review that counts.

        Raises:
            ApprovalError: it does not, or there is nothing to review.
            DrkitError: the evidence cannot be read or written.
        """
        raw, signature, approval = (message.get(name) for name in ("review", "signature", "approval"))
        if message.get("version") != VERSION or not isinstance(raw, str) or not isinstance(signature, str):
            raise ApprovalError("the client speaks another version", hint="use the same drkit on both sides")
        if not isinstance(approval, str) or not SHA256.fullmatch(approval):
            raise ApprovalError("what the client asked for cannot be understood")
        broken = self._broken(approval)
        office = self.office
        roster, _ = note_roster(office.approvals, office.log, office.clock)
        involved = {broken["requester"], *broken["approvers"]}
        said = review.accept(_bytes(raw), _bytes(signature), roster, involved, office.clock())
        if said.id != approval:
            raise ApprovalError("this is a review of another command")
        Recorder(office.log, broken["run"], office.clock).record(
            REVIEWED,
            approval=approval,
            person=said.person,
            review=said.said,
            signature=signature,
            peer=dict(peer),
        )
        office.log.checkpoint()
        return {"reviewed": said.as_data()}

    def _broken(self, approval: str) -> Mapping[str, Any]:
        """Where the glass was broken."""
        found: Mapping[str, Any] | None = None
        for _, entry in read(self.office.log.directory):
            if entry.get("approval") == approval and entry.get("kind") == REVIEWED:
                raise ApprovalError(f"{entry['person']} has reviewed it already: {entry['review']}")
            if entry.get("approval") == approval and entry.get("kind") == BROKEN:
                found = entry
        if found is None:
            raise ApprovalError("no glass was broken by this")
        return found


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise ApprovalError("what the client sent cannot be understood") from None
