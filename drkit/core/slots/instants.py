"""From the clock on the wall to moments, where clocks go forward and back.

A time that a zone's clocks skip is the first moment after the gap; a time that they show twice is the first
of the two. So later on the wall is never earlier in the world, and what is due once is due once.
Source of the two readings of a wall's time: PEP 495.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
SOME_WALL = datetime(2000, 1, 1)  # noqa: DTZ001 - the wall has no zone
SOME_MOMENT = SOME_WALL.replace(tzinfo=UTC)


def moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment of a wall's time in a zone, in UTC.

    Args:
        wall: without a zone.
        zone: where the wall is.
    """
    before = steady_offset(wall.date(), zone)
    if before is None:
        aware = wall.replace(tzinfo=zone)
        before, after = _offset_of(aware), _offset_of(aware.replace(fold=1))
        if before < after:  # no clock shows it
            return _end_of_gap(_as_utc(wall, after), _as_utc(wall, before), zone)
    return _as_utc(wall, before)


def latest_day(now: datetime, zone: ZoneInfo) -> date:
    """The latest day that a calendar on the wall has shown until now.

    An hour that is shown for the second time was shown to its end before, perhaps into the next day.
    """
    local = now.astimezone(zone)
    if not local.fold:
        return local.date()
    return (local + (_offset_of(local.replace(fold=0)) - _offset_of(local))).date()


def _offset_of(aware: datetime) -> timedelta:
    """How far a zone's clock is ahead of UTC."""
    offset = aware.utcoffset()
    assert offset is not None  # a zone of the database always has one
    return offset


def _as_utc(wall: datetime, offset: timedelta) -> datetime:
    # `replace` takes seven times as long, and this is done for every slot that is looked at.
    return SOME_MOMENT + (wall - SOME_WALL) - offset


@lru_cache(maxsize=10_000)
def steady_offset(day: date, zone: ZoneInfo) -> timedelta | None:
    """The offset of a whole day; None where clocks move on it.

    No zone moves its clocks twice within one day (a test holds this against the database). Remembered,
    because many playbooks share few days.
    """
    midnights = [datetime.combine(each, time(), zone) for each in (day, day + DAY)]
    offsets = {_offset_of(each.replace(fold=fold)) for each in midnights for fold in (0, 1)}
    return offsets.pop() if len(offsets) == 1 else None


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first moment of the new offset, between one moment before it and one at or after it."""
    old = _offset_of(before.astimezone(zone))
    while after - before > SECOND:
        middle = before + timedelta(seconds=(after - before) // SECOND // 2)
        if _offset_of(middle.astimezone(zone)) == old:
            before = middle
        else:
            after = middle
    return after
