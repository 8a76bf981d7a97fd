"""Approvals for many runs of one playbook, within limits over a rolling window."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from drkit.core.actions import Plan
from drkit.core.approval.errors import DocumentError
from drkit.core.approval.fields import Fields
from drkit.core.approval.intended import counted
from drkit.core.approval.reasons import Decision, Reason, Refusal
from drkit.core.canonical import digest

LONGEST = timedelta(days=90)
MOST_THINGS = 1_000_000
_HOUR = timedelta(hours=1)
_HOURS = re.compile("[1-9][0-9]{0,3}h")
_WHOLE = 100  # percent


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be destroyed or changed within a window; at least one of the two.

    Args:
        things: this many.
        percent: of what existed when the window began.
        per: the window's length in whole hours; it ends at each decision, so that no window of this length
            ever holds more.
    """

    things: int | None = None
    percent: int | None = None
    per: timedelta = timedelta(hours=24)

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {"things": self.things, "percent": self.percent, "per": self.window}

    @property
    def window(self) -> str:
        """The window's length, such as ``24h``."""
        return f"{self.per // _HOUR}h"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a standing approval allows.

    Args:
        playbook: the playbook as plain JSON data.
    """

    playbook: Mapping[str, Any]
    limits: Limits

    @property
    def playbook_sha256(self) -> str:
        """Of the playbook's canonical form."""
        return digest(dict(self.playbook))

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {"playbook": dict(self.playbook), "limits": self.limits.as_data()}


@dataclass(frozen=True, slots=True)
class Usage:
    """What is known of the past, from evidence and from the cloud.

    Args:
        done: when how many things were destroyed or changed under this approval; attempts count.
        existed: how many there were when the window began; None when nobody knows.
    """

    done: tuple[tuple[datetime, int], ...]
    existed: int | None


def read_standing(fields: Fields) -> Standing:
    """What `Standing.as_data` wrote.

    Raises:
        DocumentError: another form, no limit at all, or one out of range.
    """
    playbook, within = fields.take("playbook"), fields.within("limits")
    if type(playbook) is not dict or not playbook:
        raise fields.wrong("playbook")
    fields.end()
    limits = Limits(
        within.optional("things", lambda name: within.whole(name, 1, MOST_THINGS)),
        within.optional("percent", lambda name: within.whole(name, 1, _WHOLE)),
        _window(within),
    )
    within.end()
    if limits.things is None and limits.percent is None:
        raise DocumentError("a standing approval without a limit")
    return Standing(playbook, limits)


def covers(
    standing: Standing, plan: Plan, done: Iterable[tuple[datetime, int]], existed: int | None, now: datetime
) -> Decision:
    """Whether a plan stays within the limits; nothing here looks at signatures, which `decide` does.

    Args:
        standing: what was approved.
        plan: what is about to run; its actions that change or destroy count.
        done: when how many things were changed or destroyed before; what is dated after ``now`` counts too,
            because a clock may have moved.
        existed: how many there were when the window began; None when nobody knows.
        now: the window's end.
    """
    limits, things = standing.limits, counted(plan.actions)
    used = _used(done, now - limits.per)
    reasons = []
    if limits.things is not None and used + things > limits.things:
        said = f"{used} within {limits.window} and {things} more are over {limits.things}"
        reasons.append(Reason(Refusal.LIMIT_REACHED, said))
    if limits.percent is not None:
        reasons += _over_percent(limits, used, things, existed)
    return Decision(tuple(reasons))


def _over_percent(limits: Limits, used: int, things: int, existed: int | None) -> list[Reason]:
    percent = limits.percent or 0
    if existed is None:
        said = f"nobody knows how many existed when the window began, so {percent} % of it is unknown"
        return [Reason(Refusal.LIMIT_UNKNOWN, said)]
    if (used + things) * _WHOLE <= percent * existed:
        return []
    said = f"{used} within {limits.window} and {things} more are over {percent} % of {existed}"
    return [Reason(Refusal.LIMIT_REACHED, said)]


def _used(done: Iterable[tuple[datetime, int]], since: datetime) -> int:
    # A count below zero would make room that nobody approved.
    return sum(max(count, 0) for at, count in done if at > since)


def _window(fields: Fields) -> timedelta:
    window = int(fields.text("per", _HOURS)[:-1]) * _HOUR
    if window > LONGEST:
        raise fields.wrong("per")
    return window
