"""Elastic Block Store, API 2016-11-15 of EC2: volumes and snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from drkit.clouds.aws import attaching
from drkit.clouds.aws.attaching import DESCRIBE_VOLUMES
from drkit.clouds.aws.client import garbled
from drkit.clouds.aws.groups import create_group, grouped
from drkit.clouds.aws.machines import NAME_TAG, VERSION
from drkit.clouds.aws.paging import read_all
from drkit.clouds.aws.times import DELETE_AFTER_TAG, read_tag, read_time
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import tags_of, text, whole
from drkit.clouds.tencent.retry import Caller
from drkit.core.times import text_of
from drkit.ports.disks import Disk, Group, Snapshot, SnapshotState
from drkit.ports.errors import RefusedError

DESCRIBE_SNAPSHOTS = Call("ec2", VERSION, "DescribeSnapshots", powers=(Power.LOOK, Power.MAKE, Power.DESTROY))
DESCRIBE_SNAPSHOT_ATTRIBUTE = Call("ec2", VERSION, "DescribeSnapshotAttribute", powers=(Power.DESTROY,))
CREATE_SNAPSHOT = Call("ec2", VERSION, "CreateSnapshot", writes=True, powers=(Power.MAKE,))
CREATE_VOLUME = Call("ec2", VERSION, "CreateVolume", writes=True, powers=(Power.MAKE,))
DELETE_VOLUME = Call("ec2", VERSION, "DeleteVolume", writes=True, powers=(Power.DESTROY,))
DELETE_SNAPSHOT = Call("ec2", VERSION, "DeleteSnapshot", writes=True, powers=(Power.DESTROY,))
COPY_SNAPSHOT = Call("ec2", VERSION, "CopySnapshot", writes=True, powers=(Power.MAKE,))
# A deadline is a tag, and a tag can bring the end nearer: this is no business of those who make.
CREATE_TAGS = Call("ec2", VERSION, "CreateTags", writes=True, powers=(Power.DESTROY,))
DELETE_TAGS = Call("ec2", VERSION, "DeleteTags", writes=True, powers=(Power.DESTROY,))
VALUES = 100  # of one filter in one call; EC2 takes 200
STATES = {"completed": SnapshotState.GOOD, "pending": SnapshotState.CREATING}
ARCHIVE = "archive"  # a snapshot there takes up to three days to be restored before a disk can be made of it
MADE_STATES = frozenset({"available", "in-use"})
BUSY_STATES = frozenset({"creating", "deleting"})
# What DescribeSnapshots says of a copy: an id that no volume has (API reference, data type Snapshot).
NO_VOLUME = "vol-ffffffff"
# What Data Lifecycle Manager puts on what its policies make; nobody else can write a tag that begins so.
DLM_TAG = "aws:dlm:lifecycle-policy-id"
# Kinds that cannot be made without a number of operations a second; a disk of this kind needs none.
PROVISIONED, GENERAL = frozenset({"io1", "io2"}), "gp3"


class AwsDisks:
    """The disks port. Names are the tag ``Name``, which EC2 has instead of names.

    Args:
        lenders: the numbers of the accounts that this one is a vault for: what they lend to it is listed as well.
    """

    def __init__(self, caller: Caller, lenders: tuple[str, ...] = ()) -> None:
        self._caller = caller
        self._lenders = lenders

    def list_disks(self, region: str) -> tuple[Disk, ...]:
        """Every disk of the region."""
        return self._disks(region, {})

    def list_snapshots(self, region: str) -> tuple[Snapshot, ...]:
        """Every snapshot of the region that this account owns, and what is lent to it."""
        return (*self._snapshots(region, {}), *self._lent(region, {}))

    def get_snapshots(self, region: str, ids: Iterable[str]) -> tuple[Snapshot, ...]:
        """The named snapshots, a hundred a call; by a filter, which passes over what is not there."""
        return tuple(
            snapshot
            for some in _parts(ids)
            for look in (self._snapshots, self._lent)
            for snapshot in look(region, {"snapshot-id": some})
            if snapshot.id in some
        )

    def find_snapshots(self, region: str, disk: str, name: str) -> tuple[Snapshot, ...]:
        """The snapshots of one disk with exactly this name."""
        found = self._snapshots(region, {"volume-id": [disk], f"tag:{NAME_TAG}": [name]})
        # Stars and question marks in a filter's value stand for other characters.
        return tuple(each for each in found if each.disk == disk and each.name == name)

    def get_disks(self, region: str, ids: Iterable[str]) -> tuple[Disk, ...]:
        """The named disks, a hundred a call."""
        return tuple(
            disk
            for some in _parts(ids)
            for disk in self._disks(region, {"volume-id": some})
            if disk.id in some
        )

    def find_disks(self, region: str, name: str) -> tuple[Disk, ...]:
        """The disks with exactly this name."""
        found = self._disks(region, {f"tag:{NAME_TAG}": [name]})
        return tuple(disk for disk in found if disk.name == name)

    def snapshots_of(self, region: str, disk: str) -> tuple[Snapshot, ...]:
        """Every snapshot of one disk."""
        return tuple(each for each in self._snapshots(region, {"volume-id": [disk]}) if each.disk == disk)

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
        """CreateVolume, as large as the one that the snapshot was made of; its id.

        In place of io1 and io2 it is gp3: the others demand operations a second, which cost apart.
        """
        call = CREATE_VOLUME.at(region)
        answer = self._caller.call(
            call,
            {
                "AvailabilityZone": zone,
                "VolumeType": GENERAL if kind in PROVISIONED else kind,
                "SnapshotId": snapshot,
                "ClientToken": token,
                "TagSpecifications": tagged("volume", {**tags, NAME_TAG: name}),
            },
        )
        return id_of(call, answer, "VolumeId")

    def attach_disk(self, region: str, disk: str, host: str) -> None:
        """AttachVolume, under a name that is free on the host."""
        attaching.attach(self._caller, region, disk, host)

    def detach_disk(self, region: str, disk: str, host: str) -> None:
        """DetachVolume, which refuses where it hangs on another host than is named."""
        attaching.detach(self._caller, region, disk, host)

    def delete_disk(self, region: str, disk: str) -> None:
        """DeleteVolume, which leaves its snapshots and refuses one that is attached."""
        self._caller.call(DELETE_VOLUME.at(region), {"VolumeId": disk})

    def create_snapshot(
        self,
        region: str,
        disk: str,
        *,
        name: str,
        deadline: datetime,
        tags: Mapping[str, str],
        lendable: bool = False,  # noqa: ARG002 - EC2 knows one kind of snapshots
    ) -> str:
        """Begin a snapshot that bears its deadline; its id.

        EC2 knows no deadline: it stands in a tag, for what the account's owner has installed to act upon.
        """
        call = CREATE_SNAPSHOT.at(region)
        if deadline <= datetime.now(UTC):
            raise RefusedError(f"{call} of {disk}: the deadline has passed", code="DeadlinePassed")
        written = {**tags, NAME_TAG: name, DELETE_AFTER_TAG: text_of(deadline)}
        answer = self._caller.call(call, {"VolumeId": disk, "TagSpecifications": tagged("snapshot", written)})
        return id_of(call, answer, "SnapshotId")

    def copy_snapshot(self, region: str, snapshot: str, *, to: str, name: str) -> str:
        """CopySnapshot, which is asked of the region that it goes to; the id that it has there.

        The port gives it no deadline: it is permanent until somebody removes it.
        """
        call = COPY_SNAPSHOT.at(to)
        wanted = {
            "SourceRegion": region,
            "SourceSnapshotId": snapshot,
            "TagSpecifications": tagged("snapshot", {NAME_TAG: name}),
        }
        return id_of(call, self._caller.call(call, wanted), "SnapshotId")

    def find_copies(self, region: str, name: str) -> tuple[Snapshot, ...]:
        """The copied snapshots of the region with exactly this name."""
        found = self._snapshots(region, {f"tag:{NAME_TAG}": [name]})
        return tuple(each for each in found if each.copied and each.name == name)

    def delete_snapshot(self, region: str, snapshot: str) -> None:
        """DeleteSnapshot of a completed one that is shared with nobody.

        EC2 would accept the end of one that is not completed. Whom one is shared with is not in the list, so
        nobody who approved its end has seen it.
        """
        call = DELETE_SNAPSHOT.at(region)
        found = self.get_snapshots(region, [snapshot])
        if not found or found[0].state is not SnapshotState.GOOD:
            what = found[0].state.value if found else "not there"
            raise RefusedError(f"{call}: {snapshot} is {what}", code="NotGood")
        if self._is_shared(region, snapshot):
            raise RefusedError(f"{call}: {snapshot} is shared with another account", code="Shared")
        self._caller.call(call, {"SnapshotId": snapshot})

    def extend_snapshot(self, region: str, snapshot: str, deadline: datetime) -> None:
        """Another deadline is another value of the tag."""
        self.tag_snapshot(region, snapshot, DELETE_AFTER_TAG, text_of(deadline))

    def tag_snapshot(self, region: str, snapshot: str, key: str, value: str) -> None:
        """CreateTags, which overwrites."""
        wanted = {"Resources": [snapshot], "Tags": [{"Key": key, "Value": value}]}
        self._caller.call(CREATE_TAGS.at(region), wanted)

    def untag_snapshot(self, region: str, snapshot: str, key: str) -> None:
        """DeleteTags of one key, whatever its value."""
        self._caller.call(DELETE_TAGS.at(region), {"Resources": [snapshot], "Tags": [{"Key": key}]})

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
        """By CreateSnapshots; see `drkit.clouds.aws.groups`."""
        return create_group(self._caller, region, host, disks, name, deadline, tags)

    def find_groups(self, region: str, name: str) -> tuple[Group, ...]:
        """The groups of exactly this name."""
        found = self._snapshots(region, {f"tag:{NAME_TAG}": [name]})
        return grouped(each for each in found if each.name == name)

    def group_of(self, region: str, snapshot: str) -> Group | None:
        """What its tag says; the others of the group are not looked for."""
        return next(iter(grouped(self.get_snapshots(region, [snapshot]))), None)

    def adopt_snapshot(self, region: str, snapshot: str, **_more: object) -> None:
        """Refused: it has all that from its birth."""
        raise RefusedError(f"{snapshot} in {region} has its name and deadline from its birth", code="AtBirth")

    def _is_shared(self, region: str, snapshot: str) -> bool:
        call = DESCRIBE_SNAPSHOT_ATTRIBUTE.at(region)
        answer = self._caller.call(call, {"SnapshotId": snapshot, "Attribute": "createVolumePermission"})
        permissions = answer.get("CreateVolumePermissions")
        if not isinstance(permissions, list):
            raise garbled(call, "the answer says nothing of who may use it")
        return bool(permissions)

    def _disks(self, region: str, filters: Mapping[str, list[str]]) -> tuple[Disk, ...]:
        call = DESCRIBE_VOLUMES.at(region)
        items = read_all(self._caller, call, ("Volumes",), "VolumeId", _filtered(filters))
        return tuple(map(parse_disk, items))

    def _snapshots(self, region: str, filters: Mapping[str, list[str]]) -> tuple[Snapshot, ...]:
        call = DESCRIBE_SNAPSHOTS.at(region)
        wanted = {"OwnerIds": ["self"], **_filtered(filters)}
        items = read_all(self._caller, call, ("Snapshots",), "SnapshotId", wanted)
        return tuple(map(parse_snapshot, items))

    def _lent(self, region: str, filters: Mapping[str, list[str]]) -> tuple[Snapshot, ...]:
        """What the lenders let this account use by name: `self` leaves out what is public (DescribeSnapshots)."""
        if not self._lenders:
            return ()
        call = DESCRIBE_SNAPSHOTS.at(region)
        wanted = {"OwnerIds": list(self._lenders), "RestorableByUserIds": ["self"], **_filtered(filters)}
        items = read_all(self._caller, call, ("Snapshots",), "SnapshotId", wanted)
        return tuple(parse_snapshot(each)._replace(shared=True) for each in items)


def parse_disk(item: dict[str, Any]) -> Disk:
    """A volume of DescribeVolumes; fields may be extra or absent.

    Whether a host starts from one that is attached, it mostly does not say. Of several hosts the first is named.
    """
    tags, state = tags_of(item), text(item, "State")
    return Disk(
        id=text(item, "VolumeId"),
        name=tags.get(NAME_TAG, ""),
        zone=text(item, "AvailabilityZone"),
        state=state,
        busy=state in BUSY_STATES,
        can_snapshot=None,
        host=attaching.host_of(item),
        tags=tags,
        size=whole(item, "Size"),
        kind=text(item, "VolumeType"),
        system=attaching.is_system(item),
        made=state in MADE_STATES and not attaching.is_moving(item),
        created=read_time("ec2", "Volume", "CreateTime", item),
    )


def parse_snapshot(item: dict[str, Any]) -> Snapshot:
    """A snapshot of DescribeSnapshots; fields may be extra or absent.

    One without the tag of a deadline is permanent: EC2 removes none by itself. Whom it is shared with is not
    said; `AwsDisks.delete_snapshot` asks.
    """
    tags, disk = tags_of(item), text(item, "VolumeId")
    archived = text(item, "StorageTier") == ARCHIVE
    state = STATES.get(text(item, "State"), SnapshotState.OTHER)
    return Snapshot(
        id=text(item, "SnapshotId"),
        name=tags.get(NAME_TAG, ""),
        disk="" if disk == NO_VOLUME else disk,
        state=SnapshotState.OTHER if archived else state,
        created=read_time("ec2", "Snapshot", "StartTime", item),
        deadline=read_tag(tags, DELETE_AFTER_TAG),
        permanent=DELETE_AFTER_TAG not in tags,
        tags=tags,
        policy=tags.get(DLM_TAG, ""),
        copied=disk == NO_VOLUME,
    )


def _parts(ids: Iterable[str]) -> Iterable[list[str]]:
    wanted = sorted(ids)
    return (wanted[start : start + VALUES] for start in range(0, len(wanted), VALUES))


def _filtered(filters: Mapping[str, list[str]]) -> dict[str, Any]:
    listed = [{"Name": name, "Values": values} for name, values in filters.items()]
    return {"Filters": listed} if listed else {}


def tagged(kind: str, tags: Mapping[str, str]) -> list[dict[str, Any]]:
    """The argument by which a new thing of a kind is given tags."""
    return [
        {
            "ResourceType": kind,
            "Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())],
        }
    ]


def id_of(call: Call, answer: dict[str, Any], field: str) -> str:
    """The id of what was made.

    Raises:
        UncertainError: the answer has none.
    """
    if not (id_ := text(answer, field)):
        raise garbled(call, f"the answer has no {field}")
    return id_
