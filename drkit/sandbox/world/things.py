"""What an account has in a region, as plain data; `services` shows it as the API does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

CREATION = timedelta(seconds=2)  # how long a new snapshot is CREATING; the real cloud takes minutes
PAY_AS_YOU_GO = "POSTPAID_BY_HOUR"
SUBSCRIBED = "PREPAID"
IN_RECYCLE_BIN = timedelta(days=7)  # what was subscribed to


@dataclass(slots=True)
class Passing:
    """A state that ends by itself: at ``ends`` the thing becomes ``becomes``, or its disk ``size`` GiB."""

    state: str
    began: datetime
    ends: datetime
    becomes: str = ""
    size: int | None = None

    def percent(self, now: datetime) -> int:
        """How much of it is done, 0 to 99 while it lasts."""
        return min(99, int(100 * ((now - self.began) / (self.ends - self.began))))


@dataclass(slots=True)
class Instance:
    """A cloud host of CVM; ``memory`` in GiB. ``state`` is the settled one, `shown_state` the present one."""

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
    charge: str = PAY_AS_YOU_GO
    expires: datetime | None = None
    image: str = "img-sandbox0"
    host_name: str = ""
    cam_role: str = ""
    protected: bool = False  # DisableApiTermination
    stopped_mode: str = "KEEP_CHARGING"
    recycled: datetime | None = None  # when it went to the recycle bin
    operation: str | None = None  # LatestOperation
    passing: Passing | None = None

    @property
    def shown_state(self) -> str:
        """The state that DescribeInstances shows."""
        return self.passing.state if self.passing else self.state


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
    tags: dict[str, str] = field(default_factory=dict)
    charge: str = PAY_AS_YOU_GO
    expires: datetime | None = None
    renew: str = "NOTIFY_AND_MANUAL_RENEW"
    project: int = 0
    shareable: bool = False
    throughput: int = 0  # extra performance, MiB/s
    delete_with_instance: bool = False
    delete_snapshots: bool = False  # those with a deadline die with the disk
    last_instance: str | None = None
    made_from: str | None = None  # a snapshot
    recycled: datetime | None = None  # when it went to the recycle bin
    passing: Passing | None = None
    _rendered: tuple[Any, Any] | None = field(default=None, repr=False, compare=False)

    @property
    def portable(self) -> bool:
        """Elastic disks can be detached; those that were made as a host's system disk cannot."""
        return self.usage == "DATA_DISK"

    @property
    def state(self) -> str:
        """The state that DescribeDisks shows."""
        if self.passing:
            return self.passing.state
        if self.recycled:
            return "TORECYCLE"
        return "ATTACHED" if self.instance else "UNATTACHED"

    @property
    def hidden(self) -> bool:
        """A disk that is being made is not listed before it is there (document 362/16312)."""
        return self.passing is not None and self.passing.state == "CREATING"


@dataclass(slots=True)
class Snapshot:
    """A snapshot of a disk; ``disk_size`` in GiB; without a ``deadline`` it is permanent.

    A copy out of another region has no ``disk``; ``copied_from`` names the region. ``shared_with`` says since
    when another account may use it, ``copying_to`` until when a copy to a region is being made.
    """

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
    copied_from: str | None = None
    group: str | None = None
    applied_until: datetime | None = None
    shared_with: dict[str, datetime] = field(default_factory=dict)
    copying_to: dict[str, datetime] = field(default_factory=dict)

    def percent(self, now: datetime) -> int:
        """How much of it is made, 0 to 100."""
        if now - self.created >= self.creation:
            return 100
        return max(0, int(100 * ((now - self.created) / self.creation)))

    def state(self, now: datetime) -> str:
        """CREATING or COPYING_FROM_REMOTE, then NORMAL; ROLLBACKING while a disk is set back to it."""
        if self.percent(now) < 100:  # noqa: PLR2004 - percent
            return "COPYING_FROM_REMOTE" if self.copied_from else "CREATING"
        return "ROLLBACKING" if self.applied_until and now < self.applied_until else "NORMAL"

    def expired(self, now: datetime) -> bool:
        """The cloud deletes a snapshot at its deadline."""
        return self.deadline is not None and now >= self.deadline


@dataclass(slots=True)
class SnapshotGroup:
    """Snapshots of several disks of one host, made at once; their states make up the group's."""

    id: str
    name: str
    created: datetime
    modified: datetime
    snapshots: list[str]
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Rule:
    """When a policy fires: at these hours of the days that one of the three ways of counting names."""

    hours: list[int]
    days_of_week: list[int] = field(default_factory=list)  # 0 is Sunday
    days_of_month: list[int] = field(default_factory=list)
    interval_days: int | None = None


@dataclass(slots=True)
class Policy:
    """An automatic snapshot policy; ``next`` is when it fires again, None while it is not active."""

    id: str
    name: str
    created: datetime
    rules: list[Rule]
    activated: bool = True
    permanent: bool = False
    retention_days: int = 7
    disks: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    next: datetime | None = None


@dataclass(slots=True)
class Image:
    """A custom image; ``size`` in GiB, ``snapshots`` the ids of those that it is made of."""

    id: str
    name: str
    description: str
    created: datetime
    size: int
    creator: str
    snapshots: list[str]
    creation: timedelta = CREATION
    copied_from: str | None = None
    shared_with: dict[str, datetime] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def state(self, now: datetime) -> str:
        """CREATING, or SYNCING for a copy, then NORMAL."""
        if now - self.created >= self.creation:
            return "NORMAL"
        return "SYNCING" if self.copied_from else "CREATING"
