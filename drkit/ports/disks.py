"""Disks and their snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from drkit.core.times import Reading


class SnapshotState(StrEnum):
    """What a snapshot is good for."""

    GOOD = "good"
    CREATING = "creating"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Disk:
    """One volume.

    Args:
        state: the cloud's own word.
        busy: whether a rollback, a migration or a deletion is under way, so that a snapshot must wait.
        can_snapshot: whether the cloud can snapshot it at all; None where it did not say.
        host: the id of the host it is attached to, empty where there is none.
        size: in GiB; None where the cloud did not say.
        kind: the cloud's own word for its medium.
        system: whether a host starts from it; None where the cloud did not say.
        made: whether the cloud has finished making it.
        created: None where the cloud gave no time, or one that nobody can read.
    """

    id: str
    name: str
    zone: str
    state: str
    busy: bool
    can_snapshot: bool | None
    host: str
    tags: Mapping[str, str]
    size: int | None = None
    kind: str = ""
    system: bool | None = None
    made: bool = True
    created: Reading | None = None


class Snapshot(NamedTuple):
    """One snapshot; a tuple, since plans make millions of them, and a frozen dataclass takes six times as long.

    Args:
        disk: the disk it was made of; empty for one copied from another region.
        created: None where the cloud gave no time, or one that nobody can read.
        deadline: when the cloud removes it; None where it gave no time, or one that nobody can read.
        permanent: whether the cloud never removes it by itself.
        shared: whether another account was given the use of it.
        copied: whether it is a copy of one in another region.
        policy: the id of the automatic policy that made it; empty where none did.
    """

    id: str
    name: str
    disk: str
    state: SnapshotState
    created: Reading | None
    deadline: Reading | None = None
    permanent: bool = False
    shared: bool = False
    tags: Mapping[str, str] = {}
    policy: str = ""
    copied: bool = False


class Group(NamedTuple):
    """Snapshots of several disks of one host, all of one moment.

    Args:
        id: the cloud's own id of the group.
        name: that it was made with.
        snapshots: those that are there; disks may be missing for a little while after the group was begun.
    """

    id: str
    name: str
    snapshots: tuple[Snapshot, ...]


class Disks(Protocol):
    """The disks of one account.

    Every method raises a `drkit.ports.errors.CloudError`; what is returned is complete.
    """

    def list_disks(self, region: str) -> tuple[Disk, ...]:
        """Every disk of the region, attached or not."""

    def list_snapshots(self, region: str) -> tuple[Snapshot, ...]:
        """Every snapshot of the region."""

    def get_snapshots(self, region: str, ids: Iterable[str]) -> tuple[Snapshot, ...]:
        """The named snapshots; those that do not exist are absent."""

    def find_snapshots(self, region: str, disk: str, name: str) -> tuple[Snapshot, ...]:
        """The snapshots of one disk that have exactly this name."""

    def get_disks(self, region: str, ids: Iterable[str]) -> tuple[Disk, ...]:
        """The named disks; those that do not exist are absent."""

    def find_disks(self, region: str, name: str) -> tuple[Disk, ...]:
        """The disks that have exactly this name."""

    def snapshots_of(self, region: str, disk: str) -> tuple[Snapshot, ...]:
        """Every snapshot that was made of one disk."""

    def create_disk(
        self,
        region: str,
        snapshot: str,
        *,
        zone: str,
        kind: str,
        name: str,
        tags: Mapping[str, str],
        token: str,
    ) -> str:
        """Begin one disk with what a snapshot holds, billed by use; its id.

        The same token again makes nothing more, and answers with the same id.
        """

    def attach_disk(self, region: str, disk: str, host: str) -> None:
        """Begin to attach one disk to a host of the same zone; it hangs there once it is `Disk.made` again."""

    def detach_disk(self, region: str, disk: str, host: str) -> None:
        """Begin to detach one disk from the host that it hangs on, and from no other."""

    def delete_disk(self, region: str, disk: str) -> None:
        """Ask for the end of one disk; its snapshots stay. It may be listed for a little while after that."""

    def create_snapshot(
        self,
        region: str,
        disk: str,
        *,
        name: str,
        deadline: datetime,
        tags: Mapping[str, str],
        lendable: bool = False,
    ) -> str:
        """Begin a snapshot that the cloud removes by itself after the deadline; its id.

        `lendable` is for a system disk whose snapshots the cloud lends to nobody: one that can be lent.
        """

    def copy_snapshot(self, region: str, snapshot: str, *, to: str, name: str) -> str:
        """Begin a copy of one good snapshot in another region; the id that it has there."""

    def find_copies(self, region: str, name: str) -> tuple[Snapshot, ...]:
        """The snapshots of this region that were copied from another and have exactly this name."""

    def delete_snapshot(self, region: str, snapshot: str) -> None:
        """Ask for the end of one good snapshot; it may be listed for a little while after that."""

    def extend_snapshot(self, region: str, snapshot: str, deadline: datetime) -> None:
        """Set another deadline, whether later or earlier: whoever calls it has to see that it is later."""

    def tag_snapshot(self, region: str, snapshot: str, key: str, value: str) -> None:
        """Put a tag on a snapshot; one of this key gets the new value."""

    def untag_snapshot(self, region: str, snapshot: str, key: str) -> None:
        """Take a tag off a snapshot; nothing happens where it has none of this key."""

    def create_group(
        self,
        region: str,
        host: str,
        disks: Iterable[str],
        *,
        name: str,
        deadline: datetime,
        tags: Mapping[str, str],
    ) -> str:
        """Begin snapshots of disks of one host at one moment; the group's id.

        Where the cloud takes neither deadline nor name of each, they bear none at first: see `adopt_snapshot`.
        """

    def find_groups(self, region: str, name: str) -> tuple[Group, ...]:
        """The groups that were made with exactly this name."""

    def adopt_snapshot(
        self, region: str, snapshot: str, *, name: str, deadline: datetime, tags: Mapping[str, str]
    ) -> None:
        """Give a snapshot of a group what one that is taken alone has from its birth: tags, name and deadline."""

    def group_of(self, region: str, snapshot: str) -> Group | None:
        """The group that a snapshot was begun in; None where it was taken alone."""
