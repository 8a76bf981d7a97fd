"""To which of the last days a volume can be gone back now; pure.

A day ends at the moment that was looked at, and the others 24, 48, ... hours before it. A volume could be gone
back to at the end of a day where a good snapshot that is still there was young enough then: the promise of
today, asked of each day. A stamp without a zone is read both ways, all stamps of a volume in the same one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from drkit.core.times import Reading
from drkit.snapshots.judging import CLOCKS_APART, Status, Usable

DAYS = 30
DAY = timedelta(days=1)
DAY_S = 86400.0
COVERED, UNSURE, NOT, NOT_THERE = "#", "?", ".", " "
MARKS = {Status.COVERED: COVERED, Status.UNKNOWN: UNSURE}


def days_of(
    found: Usable,
    at: datetime,
    younger_than: timedelta,
    *,
    made: Reading | None,
    today: Status,
) -> str:
    """A mark for each of the last days, the oldest first.

    Args:
        found: what of the volume can be gone back to.
        at: the moment that was looked at.
        younger_than: how old a snapshot may have been at the end of a day.
        made: since when the volume exists; a day before is no day of it.
        today: what is said of the volume now, which is the mark of the last day.
    """
    readings = [each.created for each in found.timed if each.created]
    earliest, latest = zip(*readings, strict=True) if readings else ((), ())
    early = _reached(earliest, at, younger_than)
    late = early if earliest == latest else _reached(latest, at, younger_than)
    unsure = len(found.timed) < len(found.good)
    lived = DAYS if made is None else max((at - made.earliest) // DAY + 1, 1)
    return _told(early, late, unsure, lived, MARKS.get(today, NOT))


@lru_cache(maxsize=4096)  # most volumes have their snapshots on the same days
def _told(early: int, late: int, unsure: bool, lived: int, today: str) -> str:  # noqa: FBT001 - a key of the cache
    """The marks of days as `_reached` has them by the one reading and by the other, of a volume so many days old."""
    both, either = early & late, -1 if unsure else early | late
    marks = [COVERED if both >> day & 1 else UNSURE if either >> day & 1 else NOT for day in range(DAYS)]
    marks[0] = today
    marks[lived:] = [NOT_THERE] * (DAYS - lived)
    return "".join(reversed(marks))


def _reached(moments: Iterable[float], at: datetime, younger_than: timedelta) -> int:
    """The days at whose ends one of the moments was past and young enough: bits, by how many days there are since."""
    end, promised, ahead = at.timestamp(), younger_than.total_seconds(), CLOCKS_APART.total_seconds()
    found = 0
    for moment in moments:
        age = end - moment
        found |= _from_to(-((promised - age) // DAY_S), (age + ahead) // DAY_S)
    return found


@lru_cache(maxsize=4096)
def _from_to(first: float, last: float) -> int:
    """The bits of days, of those that are looked at."""
    return sum(1 << day for day in range(int(max(first, 0)), int(min(last + 1, DAYS))))
