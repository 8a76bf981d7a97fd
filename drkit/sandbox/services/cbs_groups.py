"""CBS 2017-03-12: snapshot groups: disks of one host at one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drkit.sandbox.services import cbs_apply, cbs_snapshot_life
from drkit.sandbox.services.cbs_things import disk_named, ids, images_of, name, tags
from drkit.sandbox.services.listing import page
from drkit.sandbox.services.table import Actions, Call, every, named
from drkit.sandbox.wire.errors import ApiError, missing_parameter, wrong_value
from drkit.sandbox.world.clock import offset_utc
from drkit.sandbox.world.things import SnapshotGroup

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from drkit.sandbox.world.things import Disk, Snapshot

ACTIONS = Actions("cbs", "2017-03-12")
DISKS_A_GROUP = 21  # as many as a host has
# What CreateSnapshotGroup says (its error codes) where CreateSnapshot says something else.
CODES = {
    "InvalidDisk.NotSupportSnapshot": "InvalidDisk.NotSupported",
    "InvalidDisk.Busy": "ResourceInUse",
    cbs_snapshot_life.TOO_MANY: "ResourceUnavailable.NotSupported",
}


@ACTIONS.add("CreateSnapshotGroup", resources=[named("volume", "DiskIds")])
def create_snapshot_group(call: Call) -> dict[str, Any]:
    """Begin snapshots of disks of one host, named after the group: ``name_0``, ``name_1`` (document 362/116249).

    The tags are the group's. Whether its snapshots get them too is not documented: here they do not, so that nobody
    relies on it.
    """
    wanted = ids(call, "DiskIds", DISKS_A_GROUP, "InvalidParameter")
    disks = [groupable(call, one) for one in wanted]
    if len({disk.instance for disk in disks}) > 1 or disks[0].instance is None:
        raise ApiError("InvalidParameter", "The disks have to be attached to one instance.")
    title = name(call, "SnapshotGroupName")
    group = SnapshotGroup(call.world.new_id("csnap"), title, call.now, call.now, [])
    group.tags = tags(call.given("Tags", []), "InvalidParameterValue")
    for number, disk in enumerate(disks):
        made = cbs_snapshot_life.begin(call, disk, f"{title}_{number}", group=group.id)
        made.tags = {}
        group.snapshots.append(made.id)
    call.resources.groups[group.id] = group
    return {"SnapshotGroupId": group.id}


def groupable(call: Call, wanted: str) -> Disk:
    """The disk of this id.

    Raises:
        ApiError: there is none, or none that can have a snapshot made now; by the codes of groups.
    """
    try:
        return cbs_snapshot_life.snapshotable(call, wanted)
    except ApiError as error:
        raise ApiError(CODES.get(error.code, error.code), error.message) from None


@ACTIONS.add("DescribeSnapshotGroups", resources=[every("snapshot")])
def describe_snapshot_groups(call: Call) -> dict[str, Any]:
    """The groups of a region, newest first."""
    conditions = [(attribute(call, one["Name"]), set(one["Values"])) for one in call.given("Filters", [])]
    found = [
        group
        for group in call.resources.groups.values()
        if all(values & set(of(group)) for of, values in conditions)
    ]
    found.sort(key=lambda one: (one.created, one.id), reverse=True)
    shown = [show_group(call, one) for one in page(call, found, "InvalidParameter")]
    return {"TotalCount": len(found), "SnapshotGroupSet": shown}


def attribute(call: Call, wanted: str) -> Callable[[SnapshotGroup], Collection[str]]:
    """What a filter looks at.

    Raises:
        ApiError: there is no such filter.
    """
    known: dict[str, Callable[[SnapshotGroup], Collection[str]]] = {
        "snapshot-group-id": lambda one: [one.id],
        "snapshot-group-state": lambda one: [state(call, one)],
        "snapshot-group-name": lambda one: [one.name],
        "snapshot-id": lambda one: one.snapshots,
    }
    if wanted not in known:
        raise ApiError("InvalidFilter", f"The specified filter `{wanted}` is not supported.")
    return known[wanted]


def members(call: Call, group: SnapshotGroup) -> list[Snapshot]:
    """The snapshots of a group."""
    found = [call.resources.snapshot(one, call.now) for one in group.snapshots]
    return [one for one in found if one]


def state(call: Call, group: SnapshotGroup) -> str:
    """ROLLBACKING or CREATING while one of its snapshots is."""
    states = {one.state(call.now) for one in members(call, group)}
    return next((one for one in ("ROLLBACKING", "CREATING") if one in states), "NORMAL")


def show_group(call: Call, group: SnapshotGroup) -> dict[str, Any]:
    """A group as the documented example shows it."""
    found = members(call, group)
    images = {pair for one in found for pair in images_of(call, one.id)}
    return {
        "SnapshotGroupId": group.id,
        "SnapshotGroupType": "NORMAL",
        "ContainRootSnapshot": any(one.disk_usage == "SYSTEM_DISK" for one in found),
        "SnapshotIdSet": group.snapshots,
        "SnapshotGroupState": state(call, group),
        "Percent": min((one.percent(call.now) for one in found), default=100),
        "SnapshotGroupName": group.name,
        "CreateTime": offset_utc(group.created),
        "ModifyTime": offset_utc(group.modified),
        "Images": [{"ImageId": id_, "ImageName": title} for id_, title in sorted(images)],
        "ImageCount": len(images),
        "IsPermanent": True,
        "DeadlineTime": None,
        "AutoSnapshotPolicyId": None,
    }


def group_named(call: Call, wanted: str) -> SnapshotGroup:
    """A group of the region that nothing is happening to.

    Raises:
        ApiError: there is none, or its state is in the way.
    """
    found = call.resources.groups.get(wanted)
    if found is None:
        raise wrong_value("SnapshotGroupId", wanted, "InvalidParameter")
    if state(call, found) != "NORMAL":
        raise ApiError("UnsupportedOperation.StateError", f"The group `{wanted}` is {state(call, found)}.")
    return found


@ACTIONS.add("DeleteSnapshotGroup", resources=[named("snapshot", "SnapshotGroupId")])
def delete_snapshot_group(call: Call) -> dict[str, Any]:
    """Delete groups with all their snapshots, or nothing."""
    wanted = [one for one in (call.given("SnapshotGroupId"), *call.given("SnapshotGroupIds", [])) if one]
    if not wanted:
        raise missing_parameter("SnapshotGroupId")
    groups = [group_named(call, one) for one in dict.fromkeys(wanted)]
    doomed = [one for group in groups for one in members(call, group)]
    cbs_snapshot_life.delete(call, doomed, with_images=bool(call.given("DeleteBindImages", default=False)))
    return {}


@ACTIONS.add("ApplySnapshotGroup", resources=[named("snapshot", "SnapshotGroupId")])
def apply_snapshot_group(call: Call) -> dict[str, Any]:
    """Set disks back to the snapshots of a group; those that are attached have to be so to one host."""
    group = group_named(call, call.given("SnapshotGroupId"))
    cbs_apply.check_automatic(call)
    pairs = [chosen(call, group, one) for one in call.given("ApplyDisks")]
    if not pairs:
        raise wrong_value("ApplyDisks", "[]", "InvalidParameter")
    hosts = {disk.instance for _, disk in pairs if disk.instance}
    if len(hosts) > 1:
        code = "UnsupportedOperation.SnapshotGroupDiskAttachMultiInstance"
        raise ApiError(code, "The disks are attached to several instances.")
    for host in hosts:
        on = call.resources.instances[host].shown_state != "STOPPED"
        if on and not call.given("AutoStopInstance"):
            raise ApiError("UnsupportedOperation.StateError", f"The instance `{host}` is not stopped.")
    for snapshot, disk in pairs:
        cbs_apply.stop_host(call, disk)
        cbs_apply.roll_back(call, snapshot, disk)
    return {}


def chosen(call: Call, group: SnapshotGroup, pair: dict[str, str]) -> tuple[Snapshot, Disk]:
    """A snapshot of the group and the disk that it is of.

    Raises:
        ApiError: it is not of the group, or not of the disk.
    """
    disk = disk_named(call, pair["DiskId"], "InvalidParameter")
    snapshot = next((one for one in members(call, group) if one.id == pair["SnapshotId"]), None)
    if snapshot is None or snapshot.disk != disk.id or disk.passing or disk.recycled:
        raise wrong_value("ApplyDisks", pair["SnapshotId"], "InvalidParameter")
    return snapshot, disk
