"""The sandbox's time. It runs with the machine's or stands still, and goes forwards only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

LATEST = datetime(9000, 1, 1, tzinfo=UTC)  # after it, what is due in some years would have no date
BEIJING = timezone(timedelta(hours=8))


TOO_FAR = "the clock cannot go that far"


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The time, with a zone."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)


class WorldClock:
    """A clock that can be moved; it runs as the machine's does, unless it was told to stand still."""

    def __init__(self, still: datetime | None = None) -> None:
        """Stands still at a time, or runs."""
        self._first = still
        self.still = still
        self.ahead = timedelta()

    def now(self) -> datetime:
        """The world's time in UTC."""
        return self.still or datetime.now(UTC) + self.ahead

    def advance(self, by: timedelta) -> None:
        """Let time pass at once.

        Raises:
            ValueError: it would pass backwards, or beyond what a calendar holds.
        """
        if by < timedelta():
            raise ValueError("the clock goes forwards only; an earlier state is loaded, not gone back to")
        try:
            moved = self.now() + by
        except OverflowError:
            raise ValueError(TOO_FAR) from None
        if moved > LATEST:
            raise ValueError(TOO_FAR)
        if self.still:
            self.still = moved
        else:
            self.ahead += by

    def stand(self, moment: datetime) -> None:
        """Go to a moment and stand still there.

        Raises:
            ValueError: it is past.
        """
        if moment < self.now():
            raise ValueError(f"the clock goes forwards only, and it is {self.now().isoformat()}")
        self.still = moment.astimezone(UTC)

    def run(self) -> None:
        """Run on from where it stands."""
        if self.still:
            self.ahead = self.still - datetime.now(UTC)
            self.still = None

    def restart(self) -> None:
        """As it was at its start: it runs with the machine's, or stands where it stood."""
        self.still, self.ahead = self._first, timedelta()

    def return_to(self, moment: datetime) -> None:
        """Go to the time of a state that is loaded; it runs or stands as before.

        Raises:
            ValueError: it is too far away.
        """
        if moment > LATEST:
            raise ValueError(TOO_FAR)
        if self.still:
            self.still = moment
        else:
            self.ahead = moment - datetime.now(UTC)


def zulu(moment: datetime) -> str:
    """A stamp of CVM: UTC with a ``Z``."""
    # isoformat takes a tenth of the time of strftime, and answers are mostly stamps.
    return f"{moment.astimezone(UTC).isoformat(timespec='seconds')[:19]}Z"


def naive_beijing(moment: datetime) -> str:
    """A stamp of CBS: UTC+8, and nothing in it says so."""
    return moment.astimezone(BEIJING).isoformat(" ", timespec="seconds")[:19]


def naive_utc(moment: datetime) -> str:
    """A stamp of UTC, and nothing in it says so."""
    return moment.astimezone(UTC).isoformat(" ", timespec="seconds")[:19]


def offset_utc(moment: datetime) -> str:
    """A stamp of UTC with ``+00:00``."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
