"""CBS 2017-03-12: a snapshot is applied to the disk it was made of; the disk is ROLLBACKING meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cbs_things import disk_named, is_creating, own_snapshot, passing, where
from drkit.sandbox.services.table import Actions, Call, named
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.world.events import pass_disk

if TYPE_CHECKING:
    from drkit.sandbox.world.things import Disk, Snapshot

ACTIONS = Actions("cbs", "2017-03-12")


@ACTIONS.add("ApplySnapshot", resources=[named("snapshot", "SnapshotId"), named("volume", "DiskId")])
def apply_snapshot(call: Call) -> dict[str, Any]:
    """Set a disk back to a snapshot of itself.

    An elastic disk has to be detached, the host of any other off, unless the call asks for the host to be
    stopped (the action's documentation).
    """
    snapshot = own_snapshot(call, call.given("SnapshotId"))
    disk = disk_named(call, call.given("DiskId"))
    check_automatic(call)
    refuse_unfit(call, snapshot, disk)
    refuse_in_use(call, disk)
    stop_host(call, disk)
    roll_back(call, snapshot, disk)
    return {}


def check_automatic(call: Call) -> None:
    """A host can be started automatically only if it was stopped automatically."""
    if call.given("AutoStartInstance") and not call.given("AutoStopInstance"):
        raise ApiError("InvalidParameterValue", "`AutoStartInstance` needs `AutoStopInstance`.")


def refuse_unfit(call: Call, snapshot: Snapshot, disk: Disk) -> None:
    """Raise with the documented code for a snapshot that cannot be applied to a disk."""
    state = snapshot.state(call.now)
    for obstacle, code, why in (
        (state == "CREATING", "ResourceUnavailable.SnapshotCreating", "the snapshot is being created"),
        (state != "NORMAL", "ResourceBusy", f"the snapshot is {state}"),
        (snapshot.disk != disk.id, "InvalidParameterValue", "the snapshot is of another disk"),
        (disk.state == "ROLLBACKING", "ResourceInUse.DiskRollbacking", "the disk is being rolled back"),
        (disk.passing is not None, "InvalidDisk.Busy", f"the disk is {disk.state}"),
        (disk.recycled is not None, "ResourceUnavailable.NotSupported", "the disk is in the recycle bin"),
        (is_creating(call, disk), "InvalidDisk.SnapshotCreating", "a snapshot of the disk is being created"),
        (snapshot.disk_size > disk.size, "InvalidParameter.DiskSizeNotMatch", "the disk is too small"),
    ):
        if obstacle:
            raise ApiError(code, f"`{snapshot.id}` cannot be applied to `{disk.id}`: {why}.")


def refuse_in_use(call: Call, disk: Disk) -> None:
    """Raise for a disk whose host works with it."""
    host = call.resources.instances.get(disk.instance or "")
    if host is None or call.given("AutoStopInstance"):
        return
    if disk.portable:
        raise ApiError("InvalidDisk.Busy", f"The disk `{disk.id}` is attached.")
    if host.shown_state != "STOPPED":
        raise ApiError("InvalidInstance.NotSupported", f"The instance `{host.id}` is {host.shown_state}.")


def stop_host(call: Call, disk: Disk) -> None:
    """Stop the host of a disk, where the call asks for that."""
    host = call.resources.instances.get(disk.instance or "")
    if host and call.given("AutoStopInstance"):
        host.passing, host.state, host.operation = None, "STOPPED", "StopInstances"


def roll_back(call: Call, snapshot: Snapshot, disk: Disk) -> None:
    """Begin; when the disk is done, its host is on again where the call asks for that."""
    becomes = "RUNNING" if call.given("AutoStartInstance") else ""
    rolling = passing(call, "ROLLBACKING", becomes=becomes)
    snapshot.applied_until = rolling.ends
    pass_disk(call.world, where(call), disk, rolling)
