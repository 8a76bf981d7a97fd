"""The things of the cloud, as plain data; `services` shows them as the API does."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

CREATION = timedelta(seconds=2)  # how long a new snapshot is CREATING; the real cloud takes minutes
ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Credential:
    """A key pair and the CAM user whose it is."""

    secret_id: str
    secret_key: str = field(repr=False)
    account: str
    user: str


@dataclass(slots=True)
class Instance:
    """A cloud host of CVM; ``memory`` in GiB."""

    id: str
    uuid: str
    name: str
    zone: str
    type: str
    cpu: int
    memory: int
    created: datetime
    vpc: str
    subnet: str
    security_groups: list[str]
    private_address: str
    public_address: str | None = None
    state: str = "RUNNING"
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Disk:
    """A disk of CBS; ``size`` in GiB, ``usage`` SYSTEM_DISK or DATA_DISK."""

    id: str
    name: str
    zone: str
    usage: str
    type: str
    size: int
    created: datetime
    instance: str | None = None
    snapshot_ability: bool = True
    encrypted: bool = False
    rollback_percent: int | None = None  # None unless a snapshot is being applied
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """The state that DescribeDisks shows."""
        if self.rollback_percent is not None:
            return "ROLLBACKING"
        return "ATTACHED" if self.instance else "UNATTACHED"


@dataclass(slots=True)
class Snapshot:
    """A snapshot of a disk; ``disk_size`` in GiB; without a ``deadline`` it is permanent."""

    id: str
    name: str
    disk: str
    disk_usage: str
    disk_size: int
    zone: str
    created: datetime
    deadline: datetime | None = None
    policy: str | None = None
    encrypted: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    creation: timedelta = CREATION

    def percent(self, now: datetime) -> int:
        """How much of it is made, 0 to 100."""
        if now - self.created >= self.creation:
            return 100
        return max(0, int(100 * ((now - self.created) / self.creation)))

    def state(self, now: datetime) -> str:
        """CREATING, then NORMAL."""
        return "NORMAL" if self.percent(now) == 100 else "CREATING"  # noqa: PLR2004 - percent

    def expired(self, now: datetime) -> bool:
        """The cloud deletes a snapshot at its deadline."""
        return self.deadline is not None and now >= self.deadline


@dataclass(slots=True)
class Resources:
    """What one account has in one region."""

    instances: dict[str, Instance] = field(default_factory=dict)
    disks: dict[str, Disk] = field(default_factory=dict)
    snapshots_by_disk: dict[str, dict[str, Snapshot]] = field(default_factory=lambda: defaultdict(dict))

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot, under its disk: disks are asked for theirs far more often."""
        self.snapshots_by_disk[snapshot.disk][snapshot.id] = snapshot

    def snapshots_of(self, disk: str, now: datetime) -> list[Snapshot]:
        """The snapshots of a disk that have not expired."""
        return [one for one in self.snapshots_by_disk.get(disk, {}).values() if not one.expired(now)]

    def snapshots(self, now: datetime) -> list[Snapshot]:
        """Every snapshot that has not expired, also those of disks that are gone."""
        return [one for disk in list(self.snapshots_by_disk) for one in self.snapshots_of(disk, now)]


@dataclass(slots=True)
class Account:
    """A root account: its UIN, its APPID, and what it has in each region."""

    uin: str
    app_id: int
    name: str
    regions: dict[str, Resources] = field(default_factory=lambda: defaultdict(Resources))


@dataclass(slots=True)
class World:
    """The whole cloud."""

    accounts: dict[str, Account] = field(default_factory=dict)
    credentials: dict[str, Credential] = field(default_factory=dict)
    creation: timedelta = CREATION
    made: int = 0

    def clear(self) -> None:
        """Empty the cloud; who may call it stays."""
        self.accounts.clear()
        self.creation = CREATION
        self.made = 0

    def new_id(self, prefix: str) -> str:
        """An id such as ``snap-3xvkxyxp``: the same in every sandbox that does the same things."""
        self.made += 1
        return f"{prefix}-{short_digest(f'{prefix} {self.made}')}"

    def finish_snapshots(self) -> int:
        """Let every snapshot that is CREATING be NORMAL; how many there are of both."""
        everywhere = [held for account in self.accounts.values() for held in account.regions.values()]
        snapshots = [
            one for held in everywhere for by_id in held.snapshots_by_disk.values() for one in by_id.values()
        ]
        for snapshot in snapshots:
            snapshot.creation = timedelta()
        return len(snapshots)

    def remove_snapshot(self, snapshot: str) -> bool:
        """Let a snapshot vanish, wherever it is."""
        everywhere = [held for account in self.accounts.values() for held in account.regions.values()]
        by_disk = [by_id for held in everywhere for by_id in held.snapshots_by_disk.values()]
        return any(by_id.pop(snapshot, None) for by_id in by_disk)

    def remove_disk(self, disk: str) -> bool:
        """Let a disk vanish, wherever it is; its snapshots stay, as they do in the real cloud."""
        everywhere = [held for account in self.accounts.values() for held in account.regions.values()]
        return any(held.disks.pop(disk, None) for held in everywhere)


def short_digest(text: str) -> str:
    """Eight characters out of the 36 that ids of Tencent Cloud are made of."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return "".join(ALPHABET[number // 36**place % 36] for place in range(8))
