"""What stands in the place of things that could not be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unread:
    """Why something could not be read: never an empty list."""

    reason: str


NOT_ASKED = Unread("not asked for")
