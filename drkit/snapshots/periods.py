"""Until when a grid keeps each snapshot of a disk; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from math import inf
from zoneinfo import ZoneInfo

from drkit.snapshots.grid import Grid, Rule

QUARTER = 900  # seconds: since 1990 all clocks differ from UTC by whole quarters of an hour (tz database)
FAR = 253402300799.0  # the last second of the year 9999
NEVER = -inf
KNOWN = 1 << 16  # quarters of an hour, and pairs of them, that are worked out once
Span = tuple[float, float]
"""When a period ends, and until when its first snapshot is kept, in seconds since 1970."""


class Periods:
    """The periods of a grid in a zone.

    Whether a snapshot is the first of its periods depends on the one before it alone, and that on no more of the
    two than the quarters of an hour in which they were made. Hundreds of thousands of disks have their snapshots
    within the same few hours, so what was worked out for one of them is known for the others.
    """

    def __init__(self, grid: Grid, zone: ZoneInfo) -> None:
        self._grid, self._zone = grid, zone
        self._spans = lru_cache(KNOWN)(self._spans_of)
        self._until = lru_cache(KNOWN)(self._until_of)
        self._series = lru_cache(KNOWN >> 4)(self._series_of)

    def keep_until(self, moments: Mapping[str, float]) -> dict[str, float]:
        """Until when each snapshot is needed; what is absent is not needed, or was needed once.

        Args:
            moments: when each good snapshot of one disk was made, in seconds since 1970, by its id.

        Returns:
            the end of its last period by the rule that keeps it longest, for each that a rule keeps, in seconds
            since 1970; it may have passed.
        """
        ordered = sorted(zip(moments.values(), moments, strict=True))
        needed = self._series(tuple([moment // QUARTER for moment, _ in ordered]))
        return {id_: until for (_, id_), until in zip(ordered, needed, strict=True) if until != NEVER}

    def _series_of(self, quarters: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(map(self._until, (NEVER, *quarters), quarters))

    def _until_of(self, before: float, quarter: float) -> float:
        """Until when a snapshot of a quarter is kept, by the quarter of the one before; or NEVER."""
        moment, spans = quarter * QUARTER, self._spans(quarter)
        ended = self._spans(before) if before != NEVER else ((NEVER, NEVER),) * len(spans)
        # It is the first of its period where that of the one before had ended.
        return max(
            (until for (end, _), (_, until) in zip(ended, spans, strict=True) if moment >= end), default=NEVER
        )

    def _spans_of(self, quarter: float) -> tuple[Span, ...]:
        moment = datetime.fromtimestamp(quarter * QUARTER, UTC)
        return tuple(self._span(rule, moment) for rule in self._grid.rules)

    def _span(self, rule: Rule, moment: datetime) -> Span:
        try:
            period = rule.period(moment, self._zone)
            end, until = (rule.begin(each, self._zone) for each in (period + 1, period + rule.count))
            return end.timestamp(), until.timestamp()
        except (OverflowError, ValueError):  # there is no such year: it is kept, whatever its stamp means
            return FAR, FAR
