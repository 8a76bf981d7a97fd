"""Which snapshots of a disk need a later deadline, by a grid, and so that the last good one never goes; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from drkit.core.times import Reading
from drkit.ports.disks import Snapshot, SnapshotState
from drkit.ports.scratch import RUN_TAG
from drkit.snapshots.grid import Grid

MADE_HERE = "drkit-"  # how the names of the snapshots that playbooks make begin
SLACK = timedelta(hours=1)  # a deadline that is so little too early is left as it is


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long snapshots are kept.

    Args:
        zone: in which days, weeks and months begin.
        last_good: how long the newest good snapshot of a disk has at least.
    """

    grid: Grid
    zone: ZoneInfo
    last_good: timedelta


@dataclass(frozen=True, slots=True)
class Extension:
    """A snapshot that needs a later deadline.

    Args:
        until: the moment up to which it has to stay.
    """

    snapshot: Snapshot
    until: datetime
    why: str


def extensions(snapshots: Iterable[Snapshot], keeping: Keeping, now: datetime) -> tuple[Extension, ...]:
    """The extensions that the snapshots of one disk need, by their ids; never a shorter deadline.

    Only what a playbook made is touched: foreign, permanent and shared snapshots are never.
    """
    good = [each for each in snapshots if each.state is SnapshotState.GOOD and each.created is not None]
    ours = {each.id: each for each in good if is_ours(each)}
    needed = _needed(ours, keeping)
    found = {
        id_: Extension(ours[id_], until, f"the grid {keeping.grid} keeps it")
        for id_, until in needed.items()
        if until > now and _ends_before(ours[id_], until)
    }
    last = _newest(good)
    if last is not None and last.id in ours:
        until = now + keeping.last_good
        planned = found[last.id].until if last.id in found else None
        if (planned is None or planned < until) and _ends_before(last, until):
            found[last.id] = Extension(last, until, "it is the newest good one of its disk")
    return tuple(found[id_] for id_ in sorted(found))


def is_ours(snapshot: Snapshot) -> bool:
    """Whether a playbook made it, and nobody else has an interest in it."""
    made = snapshot.name.startswith(MADE_HERE) and RUN_TAG in snapshot.tags
    return made and not snapshot.permanent and not snapshot.shared


def _needed(ours: Mapping[str, Snapshot], keeping: Keeping) -> dict[str, datetime]:
    """Until when each is needed. A stamp of which nobody knows the zone is read both ways, and the later end counts."""
    needed: dict[str, datetime] = {}
    for reading in ("earliest", "latest"):
        moments = {id_: getattr(_created(each), reading) for id_, each in ours.items()}
        for id_, until in keeping.grid.keep_until(moments, keeping.zone).items():
            needed[id_] = max(until, needed.get(id_, until))
    return needed


def _newest(good: Iterable[Snapshot]) -> Snapshot | None:
    return max(good, key=lambda each: (_created(each).latest, each.id), default=None)


def _created(snapshot: Snapshot) -> Reading:
    assert snapshot.created is not None
    return snapshot.created


def _ends_before(snapshot: Snapshot, until: datetime) -> bool:
    """Whether it may end before; one whose deadline nobody knows may."""
    return snapshot.deadline is None or snapshot.deadline.earliest < until - SLACK
