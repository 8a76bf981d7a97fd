"""Which of many snapshots are kept, and until when: a grid such as ``24x1h 14x1d 8x1w 12x1M``.

Each rule cuts time into periods and keeps one snapshot in each of the last so many. The one that is kept is
the first good one of its period: it is known as soon as it is there, so its deadline is set once, and a later
snapshot of the same period never takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

_RULE = "[1-9][0-9]{0,3}x[1-9][0-9]{0,2}[hdwM]"
_WHOLE = f"{_RULE}( {_RULE})*"
_DAYS = {"d": 1, "w": 7}
_MONDAY = date(1970, 1, 5).toordinal()  # weeks begin on Mondays, as in ISO 8601
_MONTHS = 12
LONGEST = timedelta(days=100 * 366)


@dataclass(frozen=True, slots=True)
class Rule:
    """One snapshot of each period is kept, for so many periods.

    Args:
        count: how many periods, the current one included.
        length: of a period, in units.
        unit: ``h``, ``d``, ``w`` or ``M`` (months of the calendar).
    """

    count: int
    length: int
    unit: str

    def __str__(self) -> str:
        return f"{self.count}x{self.length}{self.unit}"

    @property
    def reach(self) -> timedelta:
        """How long it keeps a snapshot at most, with months of 31 days."""
        days = {"h": 1 / 24, "d": 1, "w": 7, "M": 31}[self.unit] * self.length * self.count
        return timedelta(days=days)

    def period(self, moment: datetime, zone: ZoneInfo) -> int:
        """The number of the period that a moment lies in."""
        day = moment.astimezone(zone).date()
        if self.unit == "h":
            return int(moment.timestamp()) // 3600 // self.length
        if self.unit == "M":
            return (day.year * _MONTHS + day.month - 1) // self.length
        return (day.toordinal() - _MONDAY) // (_DAYS[self.unit] * self.length)

    def begin(self, period: int, zone: ZoneInfo) -> datetime:
        """When a period begins, in UTC."""
        if self.unit == "h":
            return datetime.fromtimestamp(period * 3600 * self.length, UTC)
        if self.unit == "M":
            year, month = divmod(period * self.length, _MONTHS)
            day = date(year, month + 1, 1)
        else:
            day = date.fromordinal(_MONDAY + period * _DAYS[self.unit] * self.length)
        return datetime.combine(day, time(), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Grid:
    """Rules that each keep something; what no rule keeps is not needed."""

    rules: tuple[Rule, ...]

    def __str__(self) -> str:
        return " ".join(map(str, self.rules))


def parse_grid(value: Any) -> Grid:
    """Rules with a space between them.

    Raises:
        ValueError: it is written otherwise, a rule stands twice, or one reaches over a hundred years.
    """
    if isinstance(value, Grid):
        return value
    text = value if isinstance(value, str) else ""
    if not re.fullmatch(_WHOLE, text):
        raise ValueError(
            "is no grid: write rules such as '24x1h 14x1d 8x1w 12x1M': how many, x, how long, and h, d, w or M"
        )
    rules = tuple(_rule(word) for word in text.split())
    _refuse_samewhole_period(rules)
    return Grid(rules)


def _rule(word: str) -> Rule:
    count, _, length = word.partition("x")
    rule = Rule(int(count), int(length[:-1]), length[-1])
    if rule.reach > LONGEST:
        raise ValueError(f"{word} reaches over more than a hundred years")
    return rule


def _refuse_samewhole_period(rules: Iterable[Rule]) -> None:
    seen: set[tuple[int, str]] = set()
    for rule in rules:
        if (rule.length, rule.unit) in seen:
            raise ValueError(f"two rules for periods of {rule.length}{rule.unit}: leave the smaller one out")
        seen.add((rule.length, rule.unit))


GridText = Annotated[
    Grid,
    PlainValidator(parse_grid),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_WHOLE}$", "examples": ["24x1h 14x1d 8x1w 12x1M"]}),
]
