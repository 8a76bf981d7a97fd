"""Denials and withdrawals: what ends a request before its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from drkit.core.approval.fields import LINE, PERSON, SHA256, read_object
from drkit.core.times import text_of

LARGEST = 16 * 1024  # bytes


class Verb(StrEnum):
    """How it ended."""

    DENY = "deny"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody denied a request or took it back. It need not be signed, for all it can do is refuse.

    Args:
        id: of the request.
    """

    id: str
    verb: Verb
    person: str
    reason: str
    at: datetime

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {
            "id": self.id,
            "verb": self.verb.value,
            "person": self.person,
            "reason": self.reason,
            "at": text_of(self.at),
        }


def read(raw: bytes) -> Answer:
    """An answer from its bytes.

    Raises:
        DocumentError: not canonical, a field missing or unknown, or a value out of range.
    """
    fields = read_object(raw, "the answer", LARGEST)
    verb = fields.take("verb")
    if verb not in tuple(Verb):
        raise fields.wrong("verb")
    answer = Answer(
        fields.text("id", SHA256),
        Verb(verb),
        fields.text("person", PERSON),
        fields.text("reason", LINE),
        fields.moment("at"),
    )
    fields.end()
    return answer
