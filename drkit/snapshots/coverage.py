"""Which volumes have a good snapshot that is young enough.

It starts from hosts, not from disks and not from what automatic policies promise: a volume that no
snapshot can reach shows up as uncovered instead of not at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from drkit.core.times import hours
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.ports.machines import Host

# A stamp may lie a little ahead of this machine's clock; more than that, and no age can be told.
CLOCKS_APART = timedelta(minutes=10)


class Status(StrEnum):
    """What can be said of one volume."""

    COVERED = "covered"
    STALE = "stale"
    NONE = "none"
    IMPOSSIBLE = "impossible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Row:
    """One volume and what can be said of it.

    Args:
        disk: the disk's id; empty where the host names none.
        host: the host's id; empty for a disk that is attached to none.
        name: the host's or the disk's name, for people.
        snapshot: the id of the snapshot that decides, where there is one.
        age: its age in words; both readings where its zone is not known.
    """

    account: str
    region: str
    host: str
    disk: str
    name: str
    status: Status
    why: str
    snapshot: str = ""
    age: str = ""

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {**asdict(self), "status": self.status.value}


@dataclass(frozen=True, slots=True)
class _Judgement:
    status: Status
    why: str
    snapshot: str = ""
    age: str = ""


def cover(facts: Facts, younger_than: timedelta) -> tuple[Row, ...]:
    """A row for every volume of every host, for every disk beside them, and for all that was unread."""
    return tuple(
        row for region in facts.regions for row in _cover_region(region, facts.looked_at, younger_than)
    )


def _cover_region(region: RegionFacts, at: datetime, younger_than: timedelta) -> Iterator[Row]:
    hosts, disks, snapshots = region.hosts, region.disks, region.snapshots
    unread = [read.reason for read in (hosts, disks, snapshots) if isinstance(read, Unread)]
    if unread or isinstance(hosts, Unread) or isinstance(disks, Unread) or isinstance(snapshots, Unread):
        yield _row(region.scope, "", "", "", _Judgement(Status.UNKNOWN, f"not read: {'; '.join(unread)}"))
        return
    by_disk: dict[str, list[Snapshot]] = defaultdict(list)
    for snapshot in snapshots:
        by_disk[snapshot.disk].append(snapshot)
    known = {disk.id: disk for disk in disks}
    judged = {disk.id: _judge_disk(disk, by_disk.get(disk.id, []), at, younger_than) for disk in disks}
    yield from _host_rows(region.scope, hosts, known, judged)
    attached = {volume.disk for host in hosts for volume in host.volumes}
    for disk in disks:
        if disk.id not in attached:
            yield _row(region.scope, disk.host, disk.id, disk.name, judged[disk.id])


def _host_rows(
    scope: Scope, hosts: Iterable[Host], known: Mapping[str, Disk], judged: Mapping[str, _Judgement]
) -> Iterator[Row]:
    for host in hosts:
        if not host.volumes:
            yield _row(
                scope,
                host.id,
                "",
                host.name,
                _Judgement(Status.UNKNOWN, "the cloud names none of its volumes"),
            )
        for volume in host.volumes:
            if volume.local:
                judgement = _Judgement(Status.IMPOSSIBLE, "a local disk: no snapshot reaches it")
            elif not volume.disk:
                judgement = _Judgement(
                    Status.UNKNOWN, "its host has a volume and does not say which disk it is"
                )
            elif volume.disk in known:
                judgement = judged[volume.disk]
            else:
                judgement = _Judgement(
                    Status.UNKNOWN, "its host names this volume, the list of disks does not"
                )
            yield _row(scope, host.id, volume.disk, host.name, judgement)


def _row(scope: Scope, host: str, disk: str, name: str, judgement: _Judgement) -> Row:
    return Row(
        account=scope.account,
        region=scope.region,
        host=host,
        disk=disk,
        name=name,
        status=judgement.status,
        why=judgement.why,
        snapshot=judgement.snapshot,
        age=judgement.age,
    )


def _judge_disk(disk: Disk, snapshots: list[Snapshot], at: datetime, younger_than: timedelta) -> _Judgement:
    good = [snapshot for snapshot in snapshots if snapshot.state is SnapshotState.GOOD]
    ages = sorted(
        (
            (*snapshot.created.age(at), snapshot.id)
            for snapshot in good
            if snapshot.created is not None and snapshot.created.age(at)[1] >= -CLOCKS_APART
        ),
        key=lambda age: age[1],
    )
    if ages and ages[0][1] <= younger_than:
        least, greatest, id_ = ages[0]
        return _Judgement(Status.COVERED, "", id_, hours(max(greatest, timedelta())))
    if len(ages) < len(good):
        return _Judgement(Status.UNKNOWN, "a good snapshot's time cannot be read, or lies in the future")
    if ages and (youngest := min(ages))[0] <= younger_than:
        least, greatest, id_ = youngest
        return _Judgement(
            Status.UNKNOWN,
            f"the newest good snapshot is {hours(least)} or {hours(greatest)} old: its time has no zone",
            id_,
            f"{hours(least)} or {hours(greatest)}",
        )
    return _without_fresh(disk, snapshots, ages)


def _without_fresh(
    disk: Disk, snapshots: list[Snapshot], ages: list[tuple[timedelta, timedelta, str]]
) -> _Judgement:
    """A disk whose good snapshots, if any, are surely too old."""
    creating = sum(snapshot.state is SnapshotState.CREATING for snapshot in snapshots)
    also = f"; {creating} being created" if creating else ""
    if ages:
        _, greatest, id_ = ages[0]
        age = hours(greatest)
        return _Judgement(Status.STALE, f"the newest good snapshot is {age} old{also}", id_, age)
    if disk.can_snapshot is False:
        return _Judgement(Status.IMPOSSIBLE, "the cloud says that this disk cannot be snapshotted")
    return _Judgement(Status.NONE, f"there is no good snapshot{also}")
