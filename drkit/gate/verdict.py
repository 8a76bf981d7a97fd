"""What the gate says of a command, and why, in words for a person."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, NamedTuple


class Verdict(IntEnum):
    """The three answers, the mildest first, so that the worst of many is their maximum."""

    ALLOW = 0
    REVIEW = 1
    DENY = 2

    @property
    def word(self) -> str:
        """As the command line's results spell it."""
        return self.name.lower()


class Reason(NamedTuple):
    """One thing that keeps a command from being plain everyday work.

    Args:
        verdict: what this thing alone would come to.
        rule: a short stable name, such as ``delete``.
        why: one sentence.
        at: the place in the text, ``line:column`` from 1:1; empty where there is none.
    """

    verdict: Verdict
    rule: str
    why: str
    at: str = ""

    def as_data(self) -> dict[str, str]:
        """Plain data, in the field names of the contract."""
        said = {"rule": self.rule, "why": self.why}
        return {**said, "at": self.at} if self.at else said


class Judgement(NamedTuple):
    """The answer to one command, statement or call; a request binds it as `as_data` gives it."""

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Plain data: the verdict and each reason."""
        return {"verdict": self.verdict.word, "reasons": [reason.as_data() for reason in self.reasons]}


def judged(reasons: Iterable[Reason]) -> Judgement:
    """The worst of all reasons, the worst ones first, each told once; none at all is an `ALLOW`."""
    each = tuple(sorted(dict.fromkeys(reasons), key=lambda reason: -reason.verdict))
    return Judgement(each[0].verdict if each else Verdict.ALLOW, each)


def review(rule: str, why: str) -> Judgement:
    """One reason to ask a second person."""
    return Judgement(Verdict.REVIEW, (Reason(Verdict.REVIEW, rule, why),))
