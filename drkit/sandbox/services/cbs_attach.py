"""CBS 2017-03-12: disks come to hosts and leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cbs_things import disk_named, ids, passing, where
from drkit.sandbox.services.table import Actions, Call, named
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.world.events import pass_disk
from drkit.sandbox.world.things import PAY_AS_YOU_GO

if TYPE_CHECKING:
    from drkit.sandbox.world.things import Disk, Instance

ACTIONS = Actions("cbs", "2017-03-12")
AT_ONCE = 10
DISKS_AN_INSTANCE = 20  # elastic ones (document 362/5145)
TOUCHES = [named("volume", "DiskIds"), named("instance", "InstanceId")]


@ACTIONS.add("AttachDisks", resources=TOUCHES)
def attach_disks(call: Call) -> dict[str, Any]:
    """Attach disks to a host, all of them or none."""
    host = host_named(call, call.given("InstanceId"))
    wanted = [disk_named(call, one) for one in ids(call, "DiskIds", AT_ONCE)]
    for disk in wanted:
        refuse_attaching(disk, host)
    held = sum(disk.portable for disk in call.resources.disks_of(host.id))
    if held + len(wanted) > DISKS_AN_INSTANCE:
        raise ApiError(
            "LimitExceeded.InstanceAttachedDisk",
            f"An instance has at most {DISKS_AN_INSTANCE} elastic disks.",
        )
    for disk in wanted:
        disk.instance = disk.last_instance = host.id
        if call.given("DeleteWithInstance") and disk.charge == PAY_AS_YOU_GO:
            disk.delete_with_instance = True
        pass_disk(call.world, where(call), disk, passing(call, "ATTACHING"))
    return {}


@ACTIONS.add("DetachDisks", resources=TOUCHES)
def detach_disks(call: Call) -> dict[str, Any]:
    """Detach disks of one host, all of them or none."""
    wanted = [disk_named(call, one) for one in ids(call, "DiskIds", AT_ONCE)]
    if len({disk.instance for disk in wanted}) > 1:
        raise ApiError("InvalidParameterValue", "The disks are not attached to the same instance.")
    for disk in wanted:
        refuse_immovable(disk)
        if disk.state != "ATTACHED":
            raise ApiError("ResourceUnavailable.NotSupported", f"The disk `{disk.id}` is {disk.state}.")
        if call.given("InstanceId", disk.instance) != disk.instance:
            raise ApiError("InvalidParameterValue", f"The disk `{disk.id}` is attached to another instance.")
    for disk in wanted:
        pass_disk(call.world, where(call), disk, passing(call, "DETACHING"))
    return {}


@ACTIONS.add("DescribeInstancesDiskNum", resources=[named("instance", "InstanceIds")])
def describe_instances_disk_num(call: Call) -> dict[str, Any]:
    """How many data disks hosts have, and how many they may have."""
    known = call.resources.instances
    details = [
        {
            "InstanceId": one,
            "AttachedDiskCount": sum(disk.portable for disk in call.resources.disks_of(one)),
            "MaxAttachCount": DISKS_AN_INSTANCE,
        }
        for one in ids(call, "InstanceIds", 100)
        if one in known
    ]
    return {"AttachDetail": details}


def host_named(call: Call, wanted: str) -> Instance:
    """A host of the region that can be given disks.

    Raises:
        ApiError: there is none, or it is not in a state for that.
    """
    found = call.resources.instances.get(wanted)
    if found is None:
        raise ApiError("InvalidInstanceId.NotFound", f"The instance `{wanted}` is not found.")
    if found.shown_state not in {"RUNNING", "STOPPED"}:
        raise ApiError("InvalidInstance.NotSupported", f"The instance `{wanted}` is {found.shown_state}.")
    return found


def refuse_attaching(disk: Disk, host: Instance) -> None:
    """Raise with the documented code for a disk that cannot be attached to a host now."""
    refuse_immovable(disk)
    for obstacle, code, why in (
        (disk.state == "ATTACHED", "ResourceUnavailable.Attached", "is attached already"),
        (disk.passing is not None, "ResourceBusy", f"is {disk.state}"),
        (disk.state != "UNATTACHED", "ResourceUnavailable.NotSupported", f"is {disk.state}"),
        (disk.zone != host.zone, "ResourceUnavailable.ZoneNotMatch", "is in another zone"),
    ):
        if obstacle:
            raise ApiError(code, f"The disk `{disk.id}` {why}.")


def refuse_immovable(disk: Disk) -> None:
    """Raise for a disk that is no elastic one."""
    if not disk.portable:
        raise ApiError("InvalidDisk.NotPortable", f"The disk `{disk.id}` is not elastic.")
