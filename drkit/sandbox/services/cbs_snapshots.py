"""CBS 2017-03-12: snapshots."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cbs_disks import show_placement, show_tags
from drkit.sandbox.services.listing import Listing, ordered, page
from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.wire import errors
from drkit.sandbox.world.clock import naive_beijing
from drkit.sandbox.world.model import Snapshot

if TYPE_CHECKING:
    from drkit.sandbox.world.model import Disk

ACTIONS = Actions("cbs", "2017-03-12")
SNAPSHOTS_A_DISK = 64
TOO_MANY = "ResourceUnavailable.DiskSnapshotChainTooLarge"
NAME_LENGTH = 60
SHORTEST_LIFE = timedelta(days=1)
USAGES = frozenset({"SYSTEM_DISK", "DATA_DISK"})
DISK_IDS_A_FILTER = 10


def listing(now: datetime) -> Listing[Snapshot]:
    """The filters of DescribeSnapshots; the state of a snapshot depends on the time."""
    return Listing(
        ids="SnapshotIds",
        id_form=re.compile(r"snap-[0-9a-z]{8,}"),
        identify=lambda one: one.id,
        attributes={
            "snapshot-id": lambda one: [one.id],
            "snapshot-name": lambda one: [one.name],
            "snapshot-state": lambda one: [one.state(now)],
            "disk-usage": lambda one: [one.disk_usage],
            "project-id": lambda _: ["0"],
            "disk-id": lambda one: [one.disk],
            "zone": lambda one: [one.zone],
            "encrypt": lambda one: ["TRUE" if one.encrypted else "FALSE"],
            "snapshot-type": lambda _: ["PRIVATE_SNAPSHOT"],
        },
    )


@ACTIONS.add("DescribeSnapshots")
def describe_snapshots(call: Call) -> dict[str, Any]:
    """The snapshots of a region, newest first unless told."""
    for condition in call.given("Filters", []):
        if condition["Name"] == "disk-id" and len(condition["Values"]) > DISK_IDS_A_FILTER:
            raise errors.ApiError("InvalidParameterValue", "The filter `disk-id` takes at most 10 values.")
    found = listing(call.now).select(call, call.resources.snapshots(call.now))
    found = ordered(call, found, {"CREATE_TIME": lambda one: (one.created, one.id)})
    return {
        "TotalCount": len(found),
        "SnapshotSet": [show_snapshot(one, call.now) for one in page(call, found)],
    }


@ACTIONS.add("CreateSnapshot")
def create_snapshot(call: Call) -> dict[str, Any]:
    """Begin a snapshot of a disk; it is CREATING at first."""
    for unavailable in ("DiskBackupId", "LocalSnap"):
        if call.given(unavailable):
            raise errors.not_emulated(f"the parameter `{unavailable}` of CreateSnapshot")
    disk = snapshotable(call)
    snapshot = Snapshot(
        id=call.world.new_id("snap"),
        name=name(call),
        disk=disk.id,
        disk_usage=usage(call, disk),
        disk_size=disk.size,
        zone=disk.zone,
        created=call.now,
        deadline=deadline(call),
        encrypted=disk.encrypted,
        creation=call.world.creation,
        tags={tag["Key"]: tag["Value"] for tag in call.given("Tags", [])},
    )
    call.resources.add_snapshot(snapshot)
    return {"SnapshotId": snapshot.id}


def snapshotable(call: Call) -> Disk:
    """The disk of the call.

    Raises:
        ApiError: there is none, or none that can have a snapshot made now.
    """
    wanted = call.given("DiskId")
    if wanted is None:
        raise errors.missing_parameter("DiskId")
    disk = call.resources.disks.get(wanted)
    if disk is None:
        raise errors.ApiError("InvalidDiskId.NotFound", f"The disk `{wanted}` is not found.")
    snapshots = call.resources.snapshots_of(wanted, call.now)
    creating = any(one.state(call.now) == "CREATING" for one in snapshots)
    full = len(snapshots) >= SNAPSHOTS_A_DISK
    for obstacle, code, why in (
        (not disk.snapshot_ability, "InvalidDisk.NotSupportSnapshot", "does not support snapshots"),
        (disk.rollback_percent is not None, "ResourceInUse.DiskRollbacking", "is being rolled back"),
        (creating, "InvalidDisk.SnapshotCreating", "has a snapshot that is being created"),
        (full, TOO_MANY, f"has {SNAPSHOTS_A_DISK} snapshots, the most it can have"),
    ):
        if obstacle:
            raise errors.ApiError(code, f"The disk `{wanted}` {why}.")
    return disk


def name(call: Call) -> str:
    """The name of the new snapshot, at most 60 characters."""
    wanted: str = call.given("SnapshotName", "未命名" if call.chinese else "Unnamed")
    if len(wanted) > NAME_LENGTH:
        raise errors.wrong_value("SnapshotName", wanted)
    return wanted


def usage(call: Call, disk: Disk) -> str:
    """A data snapshot may be made of a system disk, to be shared."""
    wanted: str = call.given("DiskUsage", disk.usage)
    if wanted not in USAGES:
        raise errors.wrong_value("DiskUsage", wanted)
    return wanted


def deadline(call: Call) -> datetime | None:
    """When the snapshot will be deleted: ISO 8601 in UTC, at least a day away."""
    text = call.given("Deadline")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise errors.wrong_value("Deadline", text) from None
    if moment.utcoffset() != timedelta(0) or moment < call.now + SHORTEST_LIFE:
        raise errors.wrong_value("Deadline", text)
    return moment.astimezone(UTC)


def show_snapshot(one: Snapshot, now: datetime) -> dict[str, Any]:
    """A snapshot as the documented example shows it; the policy's id only where a policy made it."""
    shown = {
        "Tags": show_tags(one.tags),
        "Placement": show_placement(one.zone),
        "CopyFromRemote": False,
        "IsPermanent": one.deadline is None,
        "DiskUsage": one.disk_usage,
        "DeadlineTime": naive_beijing(one.deadline) if one.deadline else "",
        "Percent": one.percent(now),
        "SnapshotId": one.id,
        "ShareReference": 0,
        "SnapshotType": "PRIVATE_SNAPSHOT",
        "DiskSize": one.disk_size,
        "DiskId": one.disk,
        "SnapshotName": one.name,
        "Images": [],
        "CopyingToRegions": [],
        "Encrypt": one.encrypted,
        "CreateTime": naive_beijing(one.created),
        "TimeStartShare": "",
        "ImageCount": 0,
        "SnapshotState": one.state(now),
    }
    return {**shown, "AutoSnapshotPolicyId": one.policy} if one.policy else shown
