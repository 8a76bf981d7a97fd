"""What can be said of one disk by its snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from drkit.core.times import Reading, hours
from drkit.ports.disks import Disk, Snapshot, SnapshotState

# A stamp may lie a little ahead of this machine's clock; more than that, and no age can be told.
CLOCKS_APART = timedelta(minutes=10)
AGE_NEEDS_A_TIME = "a good snapshot's time cannot be read, or lies in the future"


class Status(StrEnum):
    """What can be said of one volume."""

    COVERED = "covered"
    STALE = "stale"
    NONE = "none"
    NOT_COPIED = "not copied"
    IMPOSSIBLE = "impossible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said, and the snapshot that decides.

    Args:
        age: its age in words; both readings where its zone is not known.
        oldest: the greatest age that it can have.
    """

    status: Status
    why: str
    snapshot: str = ""
    age: str = ""
    oldest: timedelta | None = None


Timed = tuple[float, float, str]
"""The earliest and the latest moment at which a snapshot can have been made, in seconds since 1970, and its id."""


def good(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """Those that can be gone back to."""
    return [snapshot for snapshot in snapshots if snapshot.state is SnapshotState.GOOD]


def judge_disk(disk: Disk, snapshots: Sequence[Snapshot], at: datetime, younger_than: timedelta) -> Judgement:
    """Covered only where a good snapshot is young enough in whichever zone its time may be meant."""
    usable = good(snapshots)
    timed = _timed(usable, at)
    if timed:
        youngest = max(timed)
        greatest, id_ = _greatest_age(youngest, at), youngest[2]
        if greatest <= younger_than:
            return Judgement(Status.COVERED, "", id_, hours(max(greatest, timedelta())), greatest)
    if len(timed) < len(usable):
        return Judgement(Status.UNKNOWN, AGE_NEEDS_A_TIME)
    return _either(timed, at, younger_than) or _without_fresh(disk, snapshots, timed, at)


def _either(timed: Sequence[Timed], at: datetime, younger_than: timedelta) -> Judgement | None:
    """Unknown, where one is young enough in one zone and too old in the other."""
    ages = ((*Reading.of((earliest, latest)).age(at), id_) for earliest, latest, id_ in timed)
    least, greatest, id_ = min(ages, default=(timedelta.max, timedelta.max, ""))
    if least > younger_than:
        return None
    either = f"{hours(least)} or {hours(greatest)}"
    why = f"the newest good snapshot is {either} old: its time has no zone"
    return Judgement(Status.UNKNOWN, why, id_, either, greatest)


def fresh(snapshots: Sequence[Snapshot], at: datetime, younger_than: timedelta) -> list[Snapshot]:
    """The good snapshots that are surely young enough."""
    young = {each[2] for each in _timed(good(snapshots), at) if _greatest_age(each, at) <= younger_than}
    return [snapshot for snapshot in snapshots if snapshot.id in young]


def _timed(usable: Sequence[Snapshot], at: datetime) -> list[Timed]:
    """When each was made; without those of which no age can be told."""
    last = (at + CLOCKS_APART).timestamp()
    return [(*read, each.id) for each in usable if (read := each.created) is not None and read[0] <= last]


def _greatest_age(timed: Timed, at: datetime) -> timedelta:
    return at - datetime.fromtimestamp(timed[0], UTC)


def _without_fresh(
    disk: Disk, snapshots: Sequence[Snapshot], timed: Sequence[Timed], at: datetime
) -> Judgement:
    """A disk whose good snapshots, if any, are surely too old."""
    creating = sum(snapshot.state is SnapshotState.CREATING for snapshot in snapshots)
    also = f"; {creating} being created" if creating else ""
    if timed:
        youngest = max(timed)
        greatest, id_ = _greatest_age(youngest, at), youngest[2]
        age = hours(greatest)
        return Judgement(Status.STALE, f"the newest good snapshot is {age} old{also}", id_, age, greatest)
    if disk.can_snapshot is False:
        return Judgement(Status.IMPOSSIBLE, "the cloud says that this disk cannot be snapshotted")
    return Judgement(Status.NONE, f"there is no good snapshot{also}")
