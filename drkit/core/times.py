"""Moments, ages and what is not known about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Self

Clock = Callable[[], datetime]


def now() -> datetime:
    """The time of this machine, in UTC."""
    return datetime.now(UTC)


def text_of(moment: datetime) -> str:
    """RFC 3339 in UTC with whole seconds: ``2026-11-22T01:30:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Reading(tuple[float, float]):
    """A moment that a cloud wrote down, between the earliest and the latest that it can mean.

    The two are equal where the zone is known. A stamp without a zone whose zone is only believed keeps
    both readings, and whoever compares it must be content with either. Plans make millions of them, so it
    is two numbers, and becomes a `datetime` where somebody asks for one.
    """

    __slots__ = ()

    def __new__(cls, earliest: datetime, latest: datetime) -> Self:
        """Of two moments with zones."""
        return tuple.__new__(cls, (earliest.timestamp(), latest.timestamp()))

    @classmethod
    def of(cls, seconds: tuple[float, float]) -> Self:
        """Of the earliest and the latest, in seconds since 1970."""
        return tuple.__new__(cls, seconds)

    @property
    def earliest(self) -> datetime:
        """In UTC."""
        return datetime.fromtimestamp(self[0], UTC)

    @property
    def latest(self) -> datetime:
        """In UTC."""
        return datetime.fromtimestamp(self[1], UTC)

    def age(self, at: datetime) -> tuple[timedelta, timedelta]:
        """The least and the greatest age it can have at a moment."""
        return at - self.latest, at - self.earliest


def hours(age: timedelta) -> str:
    """An age in words of a person: ``3.5 h``, ``4 days``."""
    total = age.total_seconds() / 3600
    if abs(total) < 48:  # noqa: PLR2004 - below two days people count hours
        return f"{total:.1f} h"
    return f"{total / 24:.0f} days"
