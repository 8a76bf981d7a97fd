"""To which of the last days a volume can be gone back now; pure.

A day ends at the moment that was looked at, and the others 24, 48, ... hours before it. A volume could be gone
back to at the end of a day where a good snapshot that is still there was young enough then: the promise of
today, asked of each day. A stamp without a zone is read both ways, all stamps of a volume in the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import ceil, floor

from drkit.core.times import Reading
from drkit.ports.disks import Snapshot
from drkit.snapshots.judging import CLOCKS_APART, Status, good

DAYS = 30
DAY = timedelta(days=1)
COVERED, UNSURE, NOT, NOT_THERE = "#", "?", ".", " "
MARKS = {Status.COVERED: COVERED, Status.UNKNOWN: UNSURE}


def days_of(
    snapshots: Sequence[Snapshot],
    at: datetime,
    younger_than: timedelta,
    *,
    made: Reading | None,
    today: Status,
) -> str:
    """A mark for each of the last days, the oldest first.

    Args:
        snapshots: those of the volume.
        at: the moment that was looked at.
        younger_than: how old a snapshot may have been at the end of a day.
        made: since when the volume exists; a day before is no day of it.
        today: what is said of the volume now, which is the mark of the last day.
    """
    usable = good(snapshots)
    readings = [each.created for each in usable if each.created and each.created.age(at)[1] >= -CLOCKS_APART]
    unsure = len(readings) < len(usable)
    early = _reached((each.earliest for each in readings), at, younger_than)
    zoned = all(each.earliest == each.latest for each in readings)
    late = early if zoned else _reached((each.latest for each in readings), at, younger_than)
    marks = [_mark(early=day in early, late=day in late, unsure=unsure) for day in range(DAYS)]
    marks[0] = MARKS.get(today, NOT)
    if made is not None:
        first = floor((at - made.earliest) / DAY) + 1
        marks[max(first, 1) :] = [NOT_THERE] * (DAYS - max(first, 1))
    return "".join(reversed(marks))


def _mark(*, early: bool, late: bool, unsure: bool) -> str:
    if early and late:
        return COVERED
    return UNSURE if early or late or unsure else NOT


def _reached(moments: Iterable[datetime], at: datetime, younger_than: timedelta) -> set[int]:
    """The days, by how many there are since, at whose ends one of the moments was past and young enough."""
    found: set[int] = set()
    # In plain seconds: it is asked of a million moments.
    day, now = DAY.total_seconds(), at.timestamp()
    promised, ahead = younger_than.total_seconds(), CLOCKS_APART.total_seconds()
    for moment in moments:
        age = now - moment.timestamp()
        first, last = max(0, ceil((age - promised) / day)), min(DAYS - 1, floor((age + ahead) / day))
        found.update(range(first, last + 1))
    return found
