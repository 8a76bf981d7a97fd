"""What can be said of one disk by its snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from drkit.core.times import hours
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.snapshots.scratch import LENDABLE

# A stamp may lie a little ahead of this machine's clock; more than that, and no age can be told.
CLOCKS_APART = timedelta(minutes=10)
AGE_NEEDS_A_TIME = "a good snapshot's time cannot be read, or lies in the future"
GOOD = SnapshotState.GOOD
_AGE = attrgetter("created", "id")


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


class Usable(NamedTuple):
    """What of a disk can be gone back to.

    Args:
        good: its good snapshots.
        timed: those of them of which an age can be told.
    """

    good: Sequence[Snapshot]
    timed: Sequence[Snapshot]


def usable(snapshots: Iterable[Snapshot], at: datetime) -> Usable:
    """Of all snapshots of a disk, at a moment."""
    last = (at + CLOCKS_APART).timestamp()
    good = [snapshot for snapshot in snapshots if snapshot.state is GOOD]
    timed = [snapshot for snapshot in good if (made := snapshot.created) is not None and made[0] <= last]
    return Usable(good, timed)


def without_lendable(found: Usable) -> Usable:
    """What a disk itself can be gone back to, of what copies can be made of."""
    if not any(each.name.startswith(LENDABLE) for each in found.good):
        return found  # as most disks have it
    good, timed = ([each for each in some if not each.name.startswith(LENDABLE)] for some in found)
    return Usable(good, timed)


def judge_disk(
    disk: Disk, snapshots: Iterable[Snapshot], found: Usable, at: datetime, younger_than: timedelta
) -> Judgement:
    """Covered only where a good snapshot is young enough in whichever zone its time may be meant.

    `found` is what of its snapshots it can be gone back to.
    """
    newest = max(found.timed, key=_AGE, default=None)
    greatest = _greatest_age(newest, at) if newest else timedelta.max
    if newest and greatest <= younger_than:
        return Judgement(Status.COVERED, "", newest.id, hours(max(greatest, timedelta())), greatest)
    if len(found.timed) < len(found.good):
        return Judgement(Status.UNKNOWN, AGE_NEEDS_A_TIME)
    if unsure := _either(found.timed, at, younger_than):
        return unsure
    creating = sum(snapshot.state is SnapshotState.CREATING for snapshot in snapshots)
    also = f"; {creating} being created" if creating else ""
    if newest:
        age = hours(greatest)
        why = f"the newest good snapshot is {age} old{also}"
        return Judgement(Status.STALE, why, newest.id, age, greatest)
    if disk.can_snapshot is False:
        return Judgement(Status.IMPOSSIBLE, "the cloud says that this disk cannot be snapshotted")
    return Judgement(Status.NONE, f"there is no good snapshot{also}")


def _either(timed: Iterable[Snapshot], at: datetime, younger_than: timedelta) -> Judgement | None:
    """Unknown, where one is young enough in one zone and too old in the other."""
    ages = ((*each.created.age(at), each.id) for each in timed if each.created)
    least, greatest, id_ = min(ages, default=(timedelta.max, timedelta.max, ""))
    if least > younger_than:
        return None
    either = f"{hours(least)} or {hours(greatest)}"
    why = f"the newest good snapshot is {either} old: its time has no zone"
    return Judgement(Status.UNKNOWN, why, id_, either, greatest)


def fresh(found: Usable, at: datetime, younger_than: timedelta) -> list[Snapshot]:
    """Those that are surely young enough."""
    return [snapshot for snapshot in found.timed if _greatest_age(snapshot, at) <= younger_than]


def _greatest_age(snapshot: Snapshot, at: datetime) -> timedelta:
    return at - snapshot.created.earliest if snapshot.created else timedelta.max
