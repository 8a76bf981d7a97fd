"""Which of many snapshots are kept, and until when: a grid such as ``24x1h 14x1d 8x1w 12x1M``.

Each rule cuts time into periods and keeps one snapshot in each of the last so many. The one that is kept is
the first good one of its period: it is known as soon as it is there, so its deadline is set once, and a later
snapshot of the same period never takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import inf
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

_RULE = "[1-9][0-9]{0,3}x[1-9][0-9]{0,2}[hdwM]"
_WHOLE = f"{_RULE}( {_RULE})*"
_DAYS = {"d": 1, "w": 7}
_MONDAY = date(1970, 1, 5).toordinal()  # weeks begin on Mondays, as in ISO 8601
_MONTHS = 12
LONGEST = timedelta(days=100 * 366)
QUARTER = 900  # seconds: since 1990 all clocks differ from UTC by whole quarters of an hour (tz database)
FAR = 253402300799.0  # the last second of the year 9999
Span = tuple[float, float]


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

    def keep_until(self, moments: Mapping[str, float], zone: ZoneInfo) -> dict[str, float]:
        """Until when each snapshot is needed; what is absent is not needed, or was needed once.

        Args:
            moments: when each good snapshot of one disk was made, in seconds since 1970, by its id.
            zone: in which days, weeks and months begin.

        Returns:
            the end of its last period by the rule that keeps it longest, for each that a rule keeps, in seconds
            since 1970; it may have passed.
        """
        needed: dict[str, float] = {}
        spans, ended = _spans(self, zone), [-inf] * len(self.rules)
        for moment, id_ in sorted((each, id_) for id_, each in moments.items()):
            for at, (end, until) in enumerate(spans[moment // QUARTER]):
                if moment >= ended[at]:  # so it is the first of its period
                    ended[at] = end
                    if until > needed.get(id_, moment):
                        needed[id_] = until
        return needed


class _Spans(dict[float, tuple[Span, ...]]):
    """For each quarter of an hour since 1970: the end of each rule's period, and until when it keeps its first.

    Hundreds of thousands of disks have their snapshots within the same few hours, and each of four rules asks of each.
    """

    def __init__(self, grid: Grid, zone: ZoneInfo) -> None:
        super().__init__()
        self._grid, self._zone = grid, zone

    def __missing__(self, quarter: float) -> tuple[Span, ...]:
        moment = datetime.fromtimestamp(quarter * QUARTER, UTC)
        self[quarter] = tuple(self._span(rule, moment) for rule in self._grid.rules)
        return self[quarter]

    def _span(self, rule: Rule, moment: datetime) -> Span:
        try:
            period = rule.period(moment, self._zone)
            end, until = (rule.begin(each, self._zone) for each in (period + 1, period + rule.count))
            return end.timestamp(), until.timestamp()
        except (OverflowError, ValueError):  # there is no such year: it is kept, whatever its stamp means
            return FAR, FAR


@lru_cache(maxsize=16)
def _spans(grid: Grid, zone: ZoneInfo) -> _Spans:
    return _Spans(grid, zone)


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
