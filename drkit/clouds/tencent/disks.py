"""Cloud Block Storage, API 2017-03-12: disks and snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import boolean, items_of, mapping, tags_of, text, whole
from drkit.clouds.tencent.groups import adoption, create_group, find_groups
from drkit.clouds.tencent.paging import PAGE, read_all
from drkit.clouds.tencent.retry import Caller
from drkit.clouds.tencent.tags import tag, untag
from drkit.clouds.tencent.times import read_time
from drkit.core.text import harmless
from drkit.ports.disks import Disk, Group, Snapshot, SnapshotState
from drkit.ports.errors import RefusedError, UncertainError

VERSION = "2017-03-12"
DESCRIBE_DISKS = Call("cbs", VERSION, "DescribeDisks", powers=(Power.LOOK, Power.MAKE, Power.DESTROY))
DESCRIBE_SNAPSHOTS = Call("cbs", VERSION, "DescribeSnapshots", powers=(Power.LOOK, Power.MAKE, Power.DESTROY))
CREATE_SNAPSHOT = Call("cbs", VERSION, "CreateSnapshot", writes=True, powers=(Power.MAKE,))
CREATE_DISKS = Call("cbs", VERSION, "CreateDisks", writes=True, powers=(Power.MAKE,))
ATTACH_DISKS = Call("cbs", VERSION, "AttachDisks", writes=True, powers=(Power.DESTROY,))
DETACH_DISKS = Call("cbs", VERSION, "DetachDisks", writes=True, powers=(Power.DESTROY,))
TERMINATE_DISKS = Call("cbs", VERSION, "TerminateDisks", writes=True, powers=(Power.DESTROY,))
DELETE_SNAPSHOTS = Call("cbs", VERSION, "DeleteSnapshots", writes=True, powers=(Power.DESTROY,))
COPY_SNAPSHOT = Call("cbs", VERSION, "CopySnapshotCrossRegions", writes=True, powers=(Power.MAKE,))
MODIFY_SNAPSHOT_ATTRIBUTE = Call(
    "cbs", VERSION, "ModifySnapshotAttribute", writes=True, powers=(Power.DESTROY,)
)
STATES = {
    "NORMAL": SnapshotState.GOOD,
    "CREATING": SnapshotState.CREATING,
    # One that is a copy is on its way from its region, or being checked there (CBS data types, Snapshot).
    "COPYING_FROM_REMOTE": SnapshotState.CREATING,
    "CHECKING_COPIED": SnapshotState.CREATING,
}
# Disk states (CBS data types, Disk.DiskState) in which a snapshot cannot be begun.
USAGES = {"SYSTEM_DISK": True, "DATA_DISK": False}
# A new disk is whole when it is in one of these (CreateDisks, document 362/16312).
MADE_STATES = frozenset({"UNATTACHED", "ATTACHED"})
BUSY_STATES = frozenset({"ROLLBACKING", "TORECYCLE", "DUMPING", "EXPANDING"})


class TencentDisks:
    """The disks port."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list_disks(self, region: str) -> tuple[Disk, ...]:
        """Every disk of the region."""
        items = read_all(self._caller, DESCRIBE_DISKS.at(region), "DiskSet", "DiskId")
        return tuple(parse_disk(item) for item in items)

    def list_snapshots(self, region: str) -> tuple[Snapshot, ...]:
        """Every snapshot of the region."""
        return self._snapshots(region, {})

    def get_snapshots(self, region: str, ids: Iterable[str]) -> tuple[Snapshot, ...]:
        """The named snapshots, a hundred a call."""
        return tuple(
            snapshot
            for some in _parts(ids)
            for snapshot in self._snapshots(region, {"Filters": [{"Name": "snapshot-id", "Values": some}]})
            if snapshot.id in some
        )

    def find_snapshots(self, region: str, disk: str, name: str) -> tuple[Snapshot, ...]:
        """The snapshots of one disk with exactly this name."""
        filters = [{"Name": "disk-id", "Values": [disk]}, {"Name": "snapshot-name", "Values": [name]}]
        return tuple(
            snapshot
            for snapshot in self._snapshots(region, {"Filters": filters})
            # The cloud may match names loosely.
            if snapshot.disk == disk and snapshot.name == name
        )

    def get_disks(self, region: str, ids: Iterable[str]) -> tuple[Disk, ...]:
        """The named disks, a hundred a call."""
        return tuple(
            disk for some in _parts(ids) for disk in self._disks(region, "disk-id", some) if disk.id in some
        )

    def find_disks(self, region: str, name: str) -> tuple[Disk, ...]:
        """The disks with exactly this name."""
        # The cloud may match names loosely.
        return tuple(disk for disk in self._disks(region, "disk-name", [name]) if disk.name == name)

    def snapshots_of(self, region: str, disk: str) -> tuple[Snapshot, ...]:
        """Every snapshot of one disk."""
        filters = [{"Name": "disk-id", "Values": [disk]}]
        return tuple(each for each in self._snapshots(region, {"Filters": filters}) if each.disk == disk)

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
        """CreateDisks of one (362/16312), as large as the disk that the snapshot was made of; its id."""
        answer = self._caller.call(
            CREATE_DISKS.at(region),
            {
                "Placement": {"Zone": zone},
                "DiskChargeType": "POSTPAID_BY_HOUR",
                "DiskType": kind,
                "DiskCount": 1,
                "DiskName": name,
                "SnapshotId": snapshot,
                "ClientToken": token,
                "Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())],
            },
        )
        match answer.get("DiskIdSet"):
            case [str(id_)] if id_:
                return id_
        raise UncertainError(f"cbs:CreateDisks from {snapshot}: the answer names no disk", code="Garbled")

    def attach_disk(self, region: str, disk: str, host: str) -> None:
        """AttachDisks of one (362/16313); the disk is ATTACHING for a while."""
        self._caller.call(ATTACH_DISKS.at(region), {"DiskIds": [disk], "InstanceId": host})

    def detach_disk(self, region: str, disk: str, host: str) -> None:
        """DetachDisks of one (362/16316): where it hangs on another host than is named, the cloud refuses."""
        self._caller.call(DETACH_DISKS.at(region), {"DiskIds": [disk], "InstanceId": host})

    def delete_disk(self, region: str, disk: str) -> None:
        """TerminateDisks of one (362/16321), which leaves its snapshots unless it is told otherwise."""
        self._caller.call(TERMINATE_DISKS.at(region), {"DiskIds": [disk], "DeleteSnapshot": 0})

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
        """Begin a snapshot; its id.

        `DiskUsage` is there to make a data disk's snapshot of a system disk, "to be shared" (362/15648).
        """
        answer = self._caller.call(
            CREATE_SNAPSHOT.at(region),
            {
                "DiskId": disk,
                "SnapshotName": name,
                "Deadline": deadline.astimezone(UTC).isoformat(timespec="seconds"),
                "Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())],
                **({"DiskUsage": "DATA_DISK"} if lendable else {}),
            },
        )
        if not (id_ := text(answer, "SnapshotId")):
            raise UncertainError(
                f"cbs:CreateSnapshot of {disk}: the answer names no snapshot", code="Garbled"
            )
        return id_

    def copy_snapshot(self, region: str, snapshot: str, *, to: str, name: str) -> str:
        """CopySnapshotCrossRegions to one region (362/68848), which takes no deadline and no tags; the copy's id.

        The call may succeed and its one region refuse; that stands in the region's own answer.
        """
        wanted = {"SnapshotId": snapshot, "DestinationRegions": [to], "SnapshotName": name}
        call = COPY_SNAPSHOT.at(region)
        results = items_of(self._caller.call(call, wanted), "SnapshotCopyResultSet")
        answer = next((each for each in results if text(each, "DestinationRegion") == to), {})
        code, id_ = text(answer, "Code"), text(answer, "SnapshotId")
        told = f"{call} of {snapshot} to {to}"
        if code == "Success" and id_:
            return id_
        if code in ("", "Success") or code.startswith("InternalError"):
            raise UncertainError(f"{told}: the answer names no copy", code=code or "Garbled")
        raise RefusedError(f"{told}: {code}: {harmless(text(answer, 'Message'))}", code=code)

    def find_copies(self, region: str, name: str) -> tuple[Snapshot, ...]:
        """The copied snapshots of the region with exactly this name."""
        filters = [{"Name": "snapshot-name", "Values": [name]}]
        found = self._snapshots(region, {"Filters": filters})
        # The cloud may match names loosely.
        return tuple(each for each in found if each.copied and each.name == name)

    def delete_snapshot(self, region: str, snapshot: str) -> None:
        """DeleteSnapshots of one (362/15645): only a NORMAL one; images made of it are never deleted with it."""
        self._caller.call(DELETE_SNAPSHOTS.at(region), {"SnapshotIds": [snapshot]})

    def extend_snapshot(self, region: str, snapshot: str, deadline: datetime) -> None:
        """ModifySnapshotAttribute of one (362/15650); a deadline counts only where it is said not to be permanent."""
        self._caller.call(
            MODIFY_SNAPSHOT_ATTRIBUTE.at(region),
            {
                "SnapshotId": snapshot,
                "IsPermanent": False,
                "Deadline": deadline.astimezone(UTC).isoformat(timespec="seconds"),
            },
        )

    def tag_snapshot(self, region: str, snapshot: str, key: str, value: str) -> None:
        """By the service of tags; see `drkit.clouds.tencent.tags`."""
        tag(self._caller, region, f"snapshot/{snapshot}", key, value)

    def untag_snapshot(self, region: str, snapshot: str, key: str) -> None:
        """By the service of tags."""
        untag(self._caller, region, f"snapshot/{snapshot}", key)

    def create_group(
        self,
        region: str,
        host: str,  # noqa: ARG002 - the disks say which
        disks: Iterable[str],
        *,
        name: str,
        deadline: datetime,  # noqa: ARG002 - the cloud takes none: `adopt_snapshot`
        tags: Mapping[str, str],
    ) -> str:
        """By a snapshot group; see `drkit.clouds.tencent.groups`."""
        return create_group(self._caller, region, disks, name, tags)

    def find_groups(self, region: str, name: str) -> tuple[Group, ...]:
        """The groups of exactly this name."""
        found = find_groups(self._caller, region, "snapshot-group-name", name, self.get_snapshots)
        # The cloud may match names loosely.
        return tuple(each for each in found if each.name == name)

    def group_of(self, region: str, snapshot: str) -> Group | None:
        """The group that has it."""
        found = find_groups(self._caller, region, "snapshot-id", snapshot, self.get_snapshots)
        return next((each for each in found if snapshot in {one.id for one in each.snapshots}), None)

    def adopt_snapshot(
        self, region: str, snapshot: str, *, name: str, deadline: datetime, tags: Mapping[str, str]
    ) -> None:
        """The tags first: until it has its name, whoever looks knows that there is something to do."""
        for key, value in sorted(tags.items()):
            self.tag_snapshot(region, snapshot, key, value)
        self._caller.call(MODIFY_SNAPSHOT_ATTRIBUTE.at(region), adoption(snapshot, name, deadline))

    def _disks(self, region: str, name: str, values: list[str]) -> tuple[Disk, ...]:
        filters = {"Filters": [{"Name": name, "Values": values}]}
        items = read_all(self._caller, DESCRIBE_DISKS.at(region), "DiskSet", "DiskId", filters)
        return tuple(parse_disk(item) for item in items)

    def _snapshots(self, region: str, parameters: Mapping[str, Any]) -> tuple[Snapshot, ...]:
        call = DESCRIBE_SNAPSHOTS.at(region)
        items = read_all(self._caller, call, "SnapshotSet", "SnapshotId", parameters)
        return tuple(parse_snapshot(item) for item in items)


def _parts(ids: Iterable[str]) -> Iterable[list[str]]:
    wanted = sorted(ids)
    return (wanted[start : start + PAGE] for start in range(0, len(wanted), PAGE))


def parse_disk(item: dict[str, Any]) -> Disk:
    """A disk of DescribeDisks; fields may be extra, null or absent."""
    state = text(item, "DiskState")
    return Disk(
        id=text(item, "DiskId"),
        name=text(item, "DiskName"),
        zone=text(mapping(item, "Placement"), "Zone"),
        state=state,
        busy=state in BUSY_STATES
        or boolean(item, "Rollbacking") is True
        or boolean(item, "Migrating") is True,
        can_snapshot=boolean(item, "SnapshotAbility"),
        host=text(item, "InstanceId"),
        tags=tags_of(item),
        size=whole(item, "DiskSize"),
        kind=text(item, "DiskType"),
        system=USAGES.get(text(item, "DiskUsage")),
        made=state in MADE_STATES,
        created=read_time("cbs", "Disk", "CreateTime", item),
    )


def parse_snapshot(item: dict[str, Any]) -> Snapshot:
    """A snapshot of DescribeSnapshots; fields may be extra, null or absent."""
    return Snapshot(
        id=text(item, "SnapshotId"),
        name=text(item, "SnapshotName"),
        disk=text(item, "DiskId"),
        state=STATES.get(text(item, "SnapshotState"), SnapshotState.OTHER),
        created=read_time("cbs", "Snapshot", "CreateTime", item),
        deadline=read_time("cbs", "Snapshot", "DeadlineTime", item),
        permanent=boolean(item, "IsPermanent") is True,
        shared=_is_shared(item),
        tags=tags_of(item),
        policy=text(item, "AutoSnapshotPolicyId"),
        copied=boolean(item, "CopyFromRemote") is True,
    )


def _is_shared(item: dict[str, Any]) -> bool:
    """Whether it is shared with another account, or is one that another account shares (CBS data types)."""
    references = item.get("ShareReference")
    shared_out = isinstance(references, int) and references > 0
    return shared_out or text(item, "SnapshotType") == "SHARED_SNAPSHOT"
