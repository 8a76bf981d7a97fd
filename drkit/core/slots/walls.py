"""A schedule's times on the clock of the wall, without a zone: days, and the time of day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Protocol

from drkit.core.slots import cron, days
from drkit.core.slots.days import EVERY_MONTH, Day


class Times(Protocol):
    """What a schedule says of its times."""

    @property
    def every(self) -> str | None:
        """``day``, ``week``, ``month`` or ``quarter``; None where cron text says it."""

    @property
    def cron(self) -> str | None:
        """Five fields of cron."""

    @property
    def at(self) -> time:
        """The time of the day."""

    @property
    def day(self) -> Day | None:
        """The day of the week or month."""

    @property
    def months(self) -> tuple[int, ...]:
        """The months of quarters."""


def back(times: Times, day: date) -> Iterator[datetime]:
    """From the end of a day backwards."""
    if times.cron:
        return cron.understand(times.cron).walls_back(day)
    at = times.at
    return (datetime.combine(each, at) for each in _days_back(times, day))


def on(times: Times, day: date) -> Iterator[datetime]:
    """From the beginning of a day onwards."""
    if times.cron:
        return cron.understand(times.cron).walls_on(day)
    at = times.at
    return (datetime.combine(each, at) for each in _days_on(times, day))


def _days_back(times: Times, day: date) -> Iterator[date]:
    if times.day is None:
        return days.days_back(day)
    if times.day.of_week:
        return days.weeks_back(times.day, day)
    return days.months_back(times.day, _months(times), day)


def _days_on(times: Times, day: date) -> Iterator[date]:
    if times.day is None:
        return days.days_on(day)
    if times.day.of_week:
        return days.weeks_on(times.day, day)
    return days.months_on(times.day, _months(times), day)


def _months(times: Times) -> frozenset[int]:
    return frozenset(times.months) if times.every == "quarter" else EVERY_MONTH
