"""Which days a schedule falls on: the day of a week, or of some months of the year."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from drkit.core.configuration.problems import quote, suggest

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WHICH = ("first", "second", "third", "fourth", "last")
LAST = WHICH.index("last")
EVERY_MONTH = frozenset(range(1, 13))
MOST_DAYS = 28  # of the shortest month

DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the week, ``monday``; or one of the month, ``first monday`` or 15.

    Args:
        weekday: 0 is monday; None where the month's days are counted.
        which: the place in `WHICH`; None for a day of the week.
        number: the day of the month, 1 to 28; 0 where a weekday says it.
    """

    weekday: int | None = None
    which: int | None = None
    number: int = 0

    @property
    def of_week(self) -> bool:
        """Whether a week is enough to find it."""
        return self.weekday is not None and self.which is None

    def written(self) -> str | int:
        """As it stands in a file."""
        if self.weekday is None:
            return self.number
        return (
            WEEKDAYS[self.weekday] if self.which is None else f"{WHICH[self.which]} {WEEKDAYS[self.weekday]}"
        )

    def in_month(self, year: int, month: int) -> date:
        """The day of one month."""
        if self.weekday is None:
            return date(year, month, self.number)
        assert self.which is not None
        if self.which == LAST:
            last = date(year, month, calendar.monthrange(year, month)[1])
            return last - timedelta(days=(last.weekday() - self.weekday) % 7)
        first = date(year, month, 1)
        return first + timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * self.which)


def days_back(day: date) -> Iterator[date]:
    """Every day, from one backwards."""
    while True:
        yield day
        day -= DAY


def days_on(day: date) -> Iterator[date]:
    """Every day, from one onwards."""
    while True:
        yield day
        day += DAY


def weeks_back(rule: Day, day: date) -> Iterator[date]:
    """The rule's day of each week, from a day backwards."""
    assert rule.weekday is not None
    day -= timedelta(days=(day.weekday() - rule.weekday) % 7)
    while True:
        yield day
        day -= WEEK


def weeks_on(rule: Day, day: date) -> Iterator[date]:
    """The rule's day of each week, from a day onwards."""
    assert rule.weekday is not None
    day += timedelta(days=(rule.weekday - day.weekday()) % 7)
    while True:
        yield day
        day += WEEK


def months_back(rule: Day, months: frozenset[int], day: date) -> Iterator[date]:
    """The rule's day of each of the months, from a day backwards."""
    for year, month in _months(day, -1):
        if month in months and (found := rule.in_month(year, month)) <= day:
            yield found


def months_on(rule: Day, months: frozenset[int], day: date) -> Iterator[date]:
    """The rule's day of each of the months, from a day onwards."""
    for year, month in _months(day, 1):
        if month in months and (found := rule.in_month(year, month)) >= day:
            yield found


def _months(day: date, step: int) -> Iterator[tuple[int, int]]:
    count = day.year * 12 + day.month - 1
    while True:
        yield count // 12, count % 12 + 1
        count += step


def parse_day(value: Any) -> Day:
    """A weekday, one of the month's weekdays, or a number from 1 to 28.

    Raises:
        ValueError: it is written otherwise.
    """
    if isinstance(value, Day):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return _numbered(value)
    words = value.split(" ") if isinstance(value, str) else []
    match words:
        case [weekday] if weekday in WEEKDAYS:
            return Day(WEEKDAYS.index(weekday))
        case [which, weekday] if which in WHICH and weekday in WEEKDAYS:
            return Day(WEEKDAYS.index(weekday), WHICH.index(which))
    written = quote(value) if isinstance(value, str) else "this"
    advice = next((said for word in words if (said := suggest(word, (*WEEKDAYS, *WHICH)))), "")
    raise ValueError(
        f"{written} is no day{advice or ''}: write a weekday such as monday, or a day of the month "
        "such as first sunday, last friday or 15"
    )


def _numbered(number: int) -> Day:
    if not 1 <= number <= MOST_DAYS:
        raise ValueError(
            f"not every month has a day {number}: write 1 to {MOST_DAYS}, or such as last friday"
        )
    return Day(number=number)


_ANY_WEEKDAY = "|".join(WEEKDAYS)
WEEKDAY_SCHEMA = {"type": "string", "enum": list(WEEKDAYS)}
MONTHDAY_SCHEMA = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": MOST_DAYS},
        {"type": "string", "pattern": f"^({'|'.join(WHICH)}) ({_ANY_WEEKDAY})$"},
    ]
}

DayText = Annotated[
    Day,
    PlainValidator(parse_day),
    PlainSerializer(Day.written, return_type=str | int),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": MOST_DAYS},
                {"type": "string", "pattern": f"^(({'|'.join(WHICH)}) )?({_ANY_WEEKDAY})$"},
            ],
            "description": "A weekday, one of the month's weekdays, or a day of the month from 1 to 28.",
            "examples": ["monday", "first sunday", "last friday", 15],
        }
    ),
]
"""A day as people write it."""
