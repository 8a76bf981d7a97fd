"""The answer to a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from drkit.access.evaluate.logic import MAYBE, NO, YES

NO_ALLOW = "no statement allows it"
NOT_BY_POLICIES = f"the identity's policies: {NO_ALLOW}"
NOT_BY_BOUNDARY = f"the boundary: {NO_ALLOW}"
NOT_BY_SESSION = f"the session's policy: {NO_ALLOW}"


class Decision(StrEnum):
    """What a request comes to."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit-deny"
    IMPLICIT_DENY = "implicit-deny"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Answer:
    """A decision and, in words, what decided."""

    decision: Decision
    because: list[str] = field(default_factory=list)


class Need(NamedTuple):
    """One thing that has to hold for a request to be granted.

    Args:
        holds: whether it does.
        why: the statements that make it so.
        otherwise: what to say where it does not hold.
    """

    holds: int
    why: list[str]
    otherwise: str


def conclude(deny: int, denying: list[str], needs: list[Need]) -> Answer:
    """The decision from what may deny and what has to hold, where nothing surely denies.

    A deny that nobody is sure of matters only where the rest may be granted.
    """
    granted, why = YES, list[str]()
    for need in needs:
        if need.holds == NO:
            return Answer(Decision.IMPLICIT_DENY, [each.otherwise for each in needs if each.holds == NO])
        granted = min(granted, need.holds)
        why += need.why
    if granted == YES and deny == NO:
        return Answer(Decision.ALLOWED, why)
    unsure = [need.otherwise + ", or nobody can say" for need in needs if need.holds == MAYBE]
    return Answer(Decision.UNKNOWN, [*denying, *why, *unsure])
