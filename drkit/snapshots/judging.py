"""What can be said of one disk by its snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from drkit.core.times import hours
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


Age = tuple[timedelta, timedelta, str]
"""The least and the greatest age of a snapshot, and its id."""


def good(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """Those that can be gone back to."""
    return [snapshot for snapshot in snapshots if snapshot.state is SnapshotState.GOOD]


def judge_disk(disk: Disk, snapshots: Sequence[Snapshot], at: datetime, younger_than: timedelta) -> Judgement:
    """Covered only where a good snapshot is young enough in whichever zone its time may be meant."""
    usable = good(snapshots)
    ages = _ages(usable, at)
    if ages and ages[0][1] <= younger_than:
        _, greatest, id_ = ages[0]
        return Judgement(Status.COVERED, "", id_, hours(max(greatest, timedelta())), greatest)
    if len(ages) < len(usable):
        return Judgement(Status.UNKNOWN, AGE_NEEDS_A_TIME)
    if ages and (youngest := min(ages))[0] <= younger_than:
        least, greatest, id_ = youngest
        either = f"{hours(least)} or {hours(greatest)}"
        why = f"the newest good snapshot is {either} old: its time has no zone"
        return Judgement(Status.UNKNOWN, why, id_, either, greatest)
    return _without_fresh(disk, snapshots, ages)


def fresh(snapshots: Sequence[Snapshot], at: datetime, younger_than: timedelta) -> list[Snapshot]:
    """The good snapshots that are surely young enough."""
    young = {id_ for _, greatest, id_ in _ages(good(snapshots), at) if greatest <= younger_than}
    return [snapshot for snapshot in snapshots if snapshot.id in young]


def _ages(usable: Sequence[Snapshot], at: datetime) -> list[Age]:
    """The surely youngest first; without those of which no age can be told."""
    ages = ((*snapshot.created.age(at), snapshot.id) for snapshot in usable if snapshot.created is not None)
    return sorted((age for age in ages if age[1] >= -CLOCKS_APART), key=lambda age: age[1])


def _without_fresh(disk: Disk, snapshots: Sequence[Snapshot], ages: list[Age]) -> Judgement:
    """A disk whose good snapshots, if any, are surely too old."""
    creating = sum(snapshot.state is SnapshotState.CREATING for snapshot in snapshots)
    also = f"; {creating} being created" if creating else ""
    if ages:
        _, greatest, id_ = ages[0]
        age = hours(greatest)
        return Judgement(Status.STALE, f"the newest good snapshot is {age} old{also}", id_, age, greatest)
    if disk.can_snapshot is False:
        return Judgement(Status.IMPOSSIBLE, "the cloud says that this disk cannot be snapshotted")
    return Judgement(Status.NONE, f"there is no good snapshot{also}")
