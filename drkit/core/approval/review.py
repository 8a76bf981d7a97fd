"""A third person's word on a command that broke the glass: signed, since it closes what is open."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drkit.core.approval import sshsig
from drkit.core.approval.approvers import owner_of
from drkit.core.approval.errors import DocumentError, SignatureError
from drkit.core.approval.fields import LINE, PERSON, SHA256, read_object
from drkit.core.approval.people import APPROVER
from drkit.core.approval.roster import Roster
from drkit.core.canonical import canonical
from drkit.core.errors import ApprovalError
from drkit.core.times import text_of

LARGEST = 16 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Review:
    """Somebody looked into it.

    Args:
        id: of the request.
        person: who did.
        said: what he found, on one line.
    """

    id: str
    person: str
    said: str
    at: datetime

    @property
    def raw(self) -> bytes:
        """The bytes that are signed."""
        return canonical(self.as_data())

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {"id": self.id, "person": self.person, "review": self.said, "at": text_of(self.at)}


def read(raw: bytes) -> Review:
    """A review from its bytes.

    Raises:
        DocumentError: not canonical, a field missing or unknown, or a value out of range.
    """
    fields = read_object(raw, "the review", LARGEST)
    review = Review(
        fields.text("id", SHA256),
        fields.text("person", PERSON),
        fields.text("review", LINE),
        fields.moment("at"),
    )
    fields.end()
    return review


def accept(raw: bytes, armored: bytes, roster: Roster, involved: Container[str], now: datetime) -> Review:
    """A review that counts.

    Args:
        raw: the bytes that were signed.
        armored: the signature.
        roster: who there is.
        involved: who asked for the command, and who agreed to it.
        now: the time.

    Raises:
        ApprovalError: it does not count, and why.
    """
    try:
        review = read(raw)
        signature = sshsig.parse(armored)
        signature.verify(raw, sshsig.REVIEW)
        person = owner_of(signature, roster, now)
    except (DocumentError, SignatureError) as error:
        raise ApprovalError(f"this review does not count: {error}") from None
    if person.name != review.person:
        raise ApprovalError(f"the key is {person.name}'s, and not {review.person}'s")
    if person.name in involved:
        raise ApprovalError(f"{person.name} asked for it or agreed to it, and cannot review it")
    if APPROVER not in person.roles:
        raise ApprovalError(f"{person.name} does not have the role {APPROVER}")
    return review
