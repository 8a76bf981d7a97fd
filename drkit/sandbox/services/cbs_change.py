"""CBS 2017-03-12: disks grow, change their attributes, and end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cbs_create import LARGEST, PERIODS, delete_snapshots, prolonged
from drkit.sandbox.services.cbs_things import disk_named, ids, is_creating, name, passing, where
from drkit.sandbox.services.table import Actions, Call, named
from drkit.sandbox.wire.errors import ApiError, missing_parameter, not_emulated, wrong_value
from drkit.sandbox.world.events import pass_disk, remove_disk
from drkit.sandbox.world.things import IN_RECYCLE_BIN, PAY_AS_YOU_GO, SUBSCRIBED

if TYPE_CHECKING:
    from drkit.sandbox.world.things import Disk

ACTIONS = Actions("cbs", "2017-03-12")
AT_ONCE = 100
INITIALIZED_AT_ONCE = 20
RENEWALS = ("NOTIFY_AND_AUTO_RENEW", "NOTIFY_AND_MANUAL_RENEW", "DISABLE_NOTIFY_AND_MANUAL_RENEW")
DISKS = [named("volume", "DiskIds")]


@ACTIONS.add("TerminateDisks", resources=DISKS)
def terminate_disks(call: Call) -> dict[str, Any]:
    """Return disks, all of them or none (document 362/16321).

    A pay-as-you-go disk is gone at once. A subscribed one goes to the recycle bin for seven days, and is gone
    when it is returned once more from there.
    """
    wanted = [disk_named(call, one, "InvalidParameterValue") for one in ids(call, "DiskIds", AT_ONCE)]
    with_snapshots = delete_snapshots(call)
    for disk in wanted:
        refuse_terminating(disk)
    for disk in wanted:
        disk.delete_snapshots = disk.delete_snapshots or with_snapshots
        if disk.charge == PAY_AS_YOU_GO or disk.recycled:
            remove_disk(call.resources, disk)
        else:
            disk.recycled = call.now
            call.world.foresee(call.now + IN_RECYCLE_BIN, "release disk", *where(call), disk.id)
    return {}


def refuse_terminating(disk: Disk) -> None:
    """Raise with the documented code for a disk that cannot be returned now."""
    if not disk.portable:
        raise ApiError("ResourceUnavailable.NotSupported", f"The disk `{disk.id}` is not elastic.")
    if disk.passing:
        raise ApiError("ResourceBusy", f"The disk `{disk.id}` is {disk.state}.")
    if disk.instance:
        raise ApiError("ResourceUnavailable.NotSupported", f"The disk `{disk.id}` is attached.")


@ACTIONS.add("ResizeDisk", resources=[named("volume", "DiskId")])
def resize_disk(call: Call) -> dict[str, Any]:
    """Let an elastic disk grow; it is EXPANDING meanwhile."""
    wanted = call.given("DiskId")
    if wanted is None:
        raise missing_parameter("DiskId")
    disk, target = disk_named(call, wanted), call.given("DiskSize")
    if not disk.portable:
        raise ApiError("InvalidDisk.NotSupported", f"The disk `{disk.id}` is not elastic.")
    if disk.passing or disk.recycled:
        raise ApiError("InvalidDisk.Busy", f"The disk `{disk.id}` is {disk.state}.")
    if is_creating(call, disk):
        raise ApiError("ResourceUnavailable.SnapshotCreating", f"A snapshot of `{disk.id}` is being created.")
    if not disk.size < target <= LARGEST:
        raise wrong_value("DiskSize", target)
    pass_disk(call.world, where(call), disk, passing(call, "EXPANDING", size=target))
    return {}


@ACTIONS.add("ModifyDiskAttributes", resources=DISKS)
def modify_disk_attributes(call: Call) -> dict[str, Any]:
    """Change name, project, or whether disks die with their host; of all disks or none."""
    for unavailable in ("DiskType", "BurstPerformanceOperation", "Portable"):
        if call.given(unavailable) is not None:
            raise not_emulated(f"the parameter `{unavailable}` of ModifyDiskAttributes")
    wanted = [disk_named(call, one) for one in ids(call, "DiskIds", AT_ONCE)]
    new_name = name(call, "DiskName") if call.given("DiskName") is not None else None
    project, with_instance = call.given("ProjectId"), call.given("DeleteWithInstance")
    if new_name is None and project is None and with_instance is None:
        raise missing_parameter("DiskName")
    for disk in wanted:
        refuse_attributes(disk, project, with_instance)
    for disk in wanted:
        disk.name = disk.name if new_name is None else new_name
        disk.project = disk.project if project is None else project
        disk.delete_with_instance = disk.delete_with_instance if with_instance is None else with_instance
    return {}


def refuse_attributes(disk: Disk, project: int | None, with_instance: bool | None) -> None:  # noqa: FBT001
    """Raise for a disk whose attributes cannot become these."""
    if project is not None and not disk.portable:
        raise ApiError("InvalidDisk.NotSupported", f"The project of `{disk.id}` is that of its instance.")
    if with_instance is not None and (disk.charge != PAY_AS_YOU_GO or not disk.portable):
        raise ApiError("InvalidDisk.NotSupported", f"`{disk.id}` is no pay-as-you-go data disk.")
    if disk.recycled:
        raise ApiError("ResourceUnavailable.NotSupported", f"The disk `{disk.id}` is {disk.state}.")


@ACTIONS.add("RenewDisk", resources=[named("volume", "DiskId")])
def renew_disk(call: Call) -> dict[str, Any]:
    """Pay for a subscribed disk for longer; one in the recycle bin comes back out of it."""
    disk = disk_named(call, call.given("DiskId"))
    if disk.charge != SUBSCRIBED or disk.expires is None:
        raise ApiError("InvalidDisk.NotSupported", f"The disk `{disk.id}` is not subscribed to.")
    if not disk.portable:
        raise ApiError("InvalidDisk.NotPortable", f"The disk `{disk.id}` is renewed with its instance.")
    disk.expires = prolonged(call, disk.expires, call.given("DiskChargePrepaid")["Period"])
    disk.recycled = None
    return {}


@ACTIONS.add("ModifyDisksRenewFlag", resources=DISKS)
def modify_disks_renew_flag(call: Call) -> dict[str, Any]:
    """Whether subscriptions go on by themselves."""
    flag, months = call.given("RenewFlag"), call.given("AutoRenewPeriod")
    if flag not in RENEWALS:
        raise wrong_value("RenewFlag", flag)
    if months is not None and months not in PERIODS:
        raise wrong_value("AutoRenewPeriod", months)
    for disk in [disk_named(call, one) for one in ids(call, "DiskIds", AT_ONCE)]:
        disk.renew = flag
    return {}


@ACTIONS.add("InitializeDisks", resources=DISKS)
def initialize_disks(call: Call) -> dict[str, Any]:
    """Set detached data disks back to what they were when they were made; the sandbox holds no data to lose."""
    for one in ids(call, "DiskIds", INITIALIZED_AT_ONCE):
        disk = disk_named(call, one, "InvalidParameterValue")
        gone = disk.made_from and call.resources.snapshot(disk.made_from, call.now) is None
        if disk.state != "UNATTACHED" or disk.shareable or gone:
            raise ApiError("ResourceBusy", f"The disk `{disk.id}` cannot be initialized.")
    return {}
