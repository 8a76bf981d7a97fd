"""The sandbox's time: states that change by themselves are computed from it when they are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

BEIJING = timezone(timedelta(hours=8))


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The time, with a zone."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is advanced."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        """The time to which it was set."""
        return self.time

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.time += by


def zulu(moment: datetime) -> str:
    """A stamp of CVM: UTC with a ``Z``."""
    # isoformat takes a tenth of the time of strftime, and answers are mostly stamps.
    return f"{moment.astimezone(UTC).isoformat(timespec='seconds')[:19]}Z"


def naive_beijing(moment: datetime) -> str:
    """A stamp of CBS: UTC+8, and nothing in it says so."""
    return moment.astimezone(BEIJING).isoformat(" ", timespec="seconds")[:19]
