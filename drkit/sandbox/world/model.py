"""The cloud: accounts, what each has in each region, and what is going to happen by itself."""

from __future__ import annotations

import hashlib
import heapq
from collections import defaultdict
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from drkit.sandbox.world.audit import AuditTrail
from drkit.sandbox.world.bastion import Bastion
from drkit.sandbox.world.identity import Identity
from drkit.sandbox.world.things import (
    CREATION,
    Disk,
    Image,
    Instance,
    Policy,
    Snapshot,
    SnapshotGroup,
)
from drkit.sandbox.world.volumes import Volumes

__all__ = ["CREATION", "Account", "Disk", "Event", "Instance", "Resources", "Snapshot", "World"]

PASSING = timedelta(seconds=2)  # how long disks and hosts are ATTACHING, STOPPING and the like
ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class Resources:
    """What one account has in one region.

    ``shared`` are the snapshots and images of other accounts that are shared with it: an id and its owner.
    """

    instances: dict[str, Instance] = field(default_factory=dict)
    disks: dict[str, Disk] = field(default_factory=dict)
    snapshots_by_disk: dict[str, dict[str, Snapshot]] = field(default_factory=lambda: defaultdict(dict))
    groups: dict[str, SnapshotGroup] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    images: dict[str, Image] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    bastion: Bastion = field(default_factory=Bastion)
    deadlines: list[tuple[datetime, str, str]] = field(default_factory=list)  # a heap: when, disk, snapshot
    revisions: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # of the snapshots of a disk
    _disk_of: dict[str, str] = field(
        default_factory=dict, repr=False, compare=False
    )  # a snapshot's, where known

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot, under its disk: disks are asked for theirs far more often."""
        self.snapshots_by_disk[snapshot.disk][snapshot.id] = snapshot
        self._disk_of[snapshot.id] = snapshot.disk
        self.revisions[snapshot.disk] += 1
        self.note_deadline(snapshot)

    def note_deadline(self, snapshot: Snapshot) -> None:
        """Remember that the snapshot is to be looked at when its deadline comes."""
        if snapshot.deadline:
            heapq.heappush(self.deadlines, (snapshot.deadline, snapshot.disk, snapshot.id))

    def remove_snapshot(self, snapshot: Snapshot) -> None:
        """Forget a snapshot."""
        self.snapshots_by_disk[snapshot.disk].pop(snapshot.id, None)
        self._disk_of.pop(snapshot.id, None)
        self.revisions[snapshot.disk] += 1
        for group in [one for one in self.groups.values() if snapshot.id in one.snapshots]:
            group.snapshots.remove(snapshot.id)
            if not group.snapshots:
                del self.groups[group.id]

    def expire(self, now: datetime) -> None:
        """Delete the snapshots whose deadline has come."""
        while self.deadlines and self.deadlines[0][0] <= now:
            _, disk, id_ = heapq.heappop(self.deadlines)
            snapshot = self.snapshots_by_disk[disk].get(id_)
            if snapshot and snapshot.expired(now):
                self.remove_snapshot(snapshot)

    def snapshots_of(self, disk: str, now: datetime) -> list[Snapshot]:
        """The snapshots of a disk that have not expired."""
        self.expire(now)
        return list(self.snapshots_by_disk.get(disk, {}).values())

    def snapshots(self, now: datetime) -> list[Snapshot]:
        """Every snapshot that has not expired, also those of disks that are gone."""
        self.expire(now)
        return [one for by_id in self.snapshots_by_disk.values() for one in by_id.values()]

    def snapshot(self, wanted: str, now: datetime) -> Snapshot | None:
        """The snapshot of this id, unless it has expired."""
        self.expire(now)
        by_id = self.snapshots_by_disk.get(self._disk_of.get(wanted, ""), {})
        if wanted in by_id:
            return by_id[wanted]
        everywhere = (one[wanted] for one in self.snapshots_by_disk.values() if wanted in one)
        found = next(everywhere, None)
        if found:
            self._disk_of[wanted] = found.disk
        return found

    def disks_of(self, instance: str) -> list[Disk]:
        """The disks that are attached to a host."""
        return [disk for disk in self.disks.values() if disk.instance == instance]


@dataclass(slots=True)
class Account:
    """A root account: its UIN, its APPID, and what it has in each region.

    ``tags`` are the keys with the values that were made for it, also those that nothing has.
    """

    uin: str
    app_id: int
    name: str
    regions: dict[str, Resources] = field(default_factory=lambda: defaultdict(Resources))
    identity: Identity = field(default_factory=Identity)
    audit: AuditTrail = field(default_factory=AuditTrail)
    tags: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something that will happen by itself, to a thing of a kind; events of one moment in their order."""

    at: datetime
    order: int
    kind: str
    account: str
    region: str
    thing: str


@dataclass(slots=True)
class World:
    """The whole cloud.

    ``creation`` is how long snapshots and images that are begun from now on are in the making, ``passing`` how
    long the other states last that end by themselves. ``events`` is a heap. ``tokens`` has what a request with
    a ClientToken made.
    """

    accounts: dict[str, Account] = field(default_factory=dict)
    creation: timedelta = CREATION
    passing: timedelta = PASSING
    made: int = 0
    events: list[Event] = field(default_factory=list)
    foreseen: int = 0
    tokens: dict[str, list[str]] = field(default_factory=dict)
    volumes: Volumes = field(default_factory=Volumes)

    def become(self, other: World) -> None:
        """Turn into another world, with all that it has; whoever holds this one sees that."""
        for one in fields(World):
            setattr(self, one.name, getattr(other, one.name))

    def clear(self) -> None:
        """Empty the cloud."""
        self.become(World())

    def foresee(self, at: datetime, kind: str, account: str, region: str, thing: str) -> None:
        """Let something happen later; `events.catch_up` makes it happen."""
        self.foreseen += 1
        heapq.heappush(self.events, Event(at, self.foreseen, kind, account, region, thing))

    def new_id(self, prefix: str) -> str:
        """An id such as ``snap-3xvkxyxp``: the same in every sandbox that does the same things."""
        self.made += 1
        return f"{prefix}-{short_digest(f'{prefix} {self.made}')}"

    def everywhere(self) -> list[Resources]:
        """What all accounts have in all regions."""
        return [held for account in self.accounts.values() for held in account.regions.values()]

    def finish_snapshots(self) -> int:
        """Let every snapshot that is CREATING be NORMAL; how many there are of both."""
        by_disk = [by_id for held in self.everywhere() for by_id in held.snapshots_by_disk.values()]
        snapshots = [one for by_id in by_disk for one in by_id.values()]
        for snapshot in snapshots:
            snapshot.creation = timedelta()
        return len(snapshots)

    def remove_snapshot(self, snapshot: str) -> bool:
        """Let a snapshot vanish, wherever it is."""
        for held in self.everywhere():
            for by_id in held.snapshots_by_disk.values():
                if snapshot in by_id:
                    held.remove_snapshot(by_id[snapshot])
                    return True
        return False

    def remove_disk(self, disk: str) -> bool:
        """Let a disk vanish, wherever it is; its snapshots stay, as they do in the real cloud."""
        return any(held.disks.pop(disk, None) for held in self.everywhere())


def short_digest(text: str) -> str:
    """Eight characters out of the 36 that ids of Tencent Cloud are made of."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return "".join(ALPHABET[number // 36**place % 36] for place in range(8))
