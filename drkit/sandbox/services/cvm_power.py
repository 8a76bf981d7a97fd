"""CVM 2017-03-12: hosts are started, stopped, restarted, set up anew, named and protected, and end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cbs_create import LARGEST, prolonged
from drkit.sandbox.services.cbs_things import passing, where
from drkit.sandbox.services.cvm_hosts import chosen, host_named, refuse_unless
from drkit.sandbox.services.cvm_images import image_to_use
from drkit.sandbox.services.table import Actions, Call, named
from drkit.sandbox.wire.errors import ApiError, missing_parameter, not_emulated, wrong_value
from drkit.sandbox.world.events import pass_instance
from drkit.sandbox.world.things import IN_RECYCLE_BIN, PAY_AS_YOU_GO, SUBSCRIBED

if TYPE_CHECKING:
    from datetime import datetime

    from drkit.sandbox.world.things import Instance

ACTIONS = Actions("cvm", "2017-03-12")
HOSTS = [named("instance", "InstanceIds")]
STOP_TYPES = frozenset({"SOFT", "SOFT_FIRST", "HARD"})
STOPPED_MODES = frozenset({"KEEP_CHARGING", "STOP_CHARGING"})


def change(call: Call, hosts: list[Instance], state: str, becomes: str) -> dict[str, Any]:
    """Put hosts into a state that ends by itself."""
    for host in hosts:
        host.operation = call.action
        pass_instance(call.world, where(call), host, passing(call, state, becomes=becomes))
    return {}


@ACTIONS.add("StartInstances", resources=HOSTS)
def start_instances(call: Call) -> dict[str, Any]:
    """Start hosts that are STOPPED, all of them or none."""
    hosts = chosen(call)
    refuse_unless(hosts, "STOPPED")
    return change(call, hosts, "STARTING", "RUNNING")


@ACTIONS.add("StopInstances", resources=HOSTS)
def stop_instances(call: Call) -> dict[str, Any]:
    """Stop hosts that are RUNNING, all of them or none."""
    hosts = chosen(call)
    check_stop_type(call, "ForceStop")
    mode = call.given("StoppedMode", "KEEP_CHARGING")
    if mode not in STOPPED_MODES:
        raise wrong_value("StoppedMode", mode)
    refuse_unless(hosts, "RUNNING")
    for host in hosts:
        host.stopped_mode = mode
    return change(call, hosts, "STOPPING", "STOPPED")


@ACTIONS.add("RebootInstances", resources=HOSTS)
def reboot_instances(call: Call) -> dict[str, Any]:
    """Restart hosts that are RUNNING, all of them or none."""
    hosts = chosen(call)
    check_stop_type(call, "ForceReboot")
    refuse_unless(hosts, "RUNNING")
    return change(call, hosts, "REBOOTING", "RUNNING")


def check_stop_type(call: Call, deprecated: str) -> None:
    """How to stop is said in one way; both together are refused."""
    wanted = call.given("StopType")
    if wanted is not None and call.given(deprecated) is not None:
        raise ApiError("InvalidParameterCombination", f"`StopType` and `{deprecated}` exclude each other.")
    if wanted is not None and wanted not in STOP_TYPES:
        raise wrong_value("StopType", wanted)


@ACTIONS.add("TerminateInstances", resources=HOSTS)
def terminate_instances(call: Call) -> dict[str, Any]:
    """Return hosts, all of them or none (the action's documentation).

    A pay-as-you-go host is TERMINATING and gone. A subscribed one goes to the recycle bin, SHUTDOWN, for seven
    days (document 213/4931), and is gone when it is returned once more from there.
    """
    hosts = chosen(call)
    for host in hosts:
        if host.protected:
            code = "UnsupportedOperation.InstancesProtected"
            raise ApiError(code, f"The instance `{host.id}` is protected against termination.")
    refuse_unless(hosts, "RUNNING", "STOPPED", "SHUTDOWN")
    if len({host.charge for host in hosts}) > 1:
        code = "UnsupportedOperation.InstanceMixedPricingModel"
        raise ApiError(code, "The instances are not all charged in the same way.")
    for host in hosts:
        if host.charge == PAY_AS_YOU_GO or host.recycled:
            change(call, [host], "TERMINATING", "TERMINATED")
        else:
            recycle(call, host)
    return {}


def recycle(call: Call, host: Instance) -> None:
    """Put a host, and the subscribed data disks that the call names, into the recycle bin."""
    host.state, host.recycled, host.operation = "SHUTDOWN", call.now, call.action
    call.world.foresee(call.now + IN_RECYCLE_BIN, "release instance", *where(call), host.id)
    for disk in call.resources.disks_of(host.id):
        if call.given("ReleasePrepaidDataDisks") and disk.portable and disk.charge != PAY_AS_YOU_GO:
            disk.instance, disk.recycled = None, call.now
            call.world.foresee(call.now + IN_RECYCLE_BIN, "release disk", *where(call), disk.id)


@ACTIONS.add("RenewInstances", resources=HOSTS)
def renew_instances(call: Call) -> dict[str, Any]:
    """Pay for subscribed hosts for longer; those in the recycle bin come back out of it, stopped."""
    hosts = chosen(call)
    refuse_unless(hosts, "RUNNING", "STOPPED", "SHUTDOWN")
    prepaid = call.given("InstanceChargePrepaid")
    if prepaid is None:
        raise missing_parameter("InstanceChargePrepaid")
    for host in hosts:
        if host.charge != SUBSCRIBED:
            code = "UnsupportedOperation.InstanceChargeType"
            raise ApiError(code, f"The instance `{host.id}` is not subscribed to.")
    untils = [prolonged(call, host.expires or call.now, prepaid["Period"], "InvalidPeriod") for host in hosts]
    for host, until in zip(hosts, untils, strict=True):
        renew(call, host, until)
    return {}


def renew(call: Call, host: Instance, until: datetime) -> None:
    """Let a host, its system disk and, unless that is not wanted, its other subscribed disks last until a time."""
    host.expires, host.operation = until, call.action
    if host.recycled:
        host.recycled, host.state = None, "STOPPED"
    with_data = call.given("RenewPortableDataDisk", default=True)
    for disk in call.resources.disks_of(host.id):
        if disk.charge == SUBSCRIBED and (with_data or not disk.portable):
            disk.expires = until


ATTRIBUTES = ("InstanceName", "SecurityGroups", "DisableApiTermination", "CamRoleName", "HostName")
UNAVAILABLE = ("UserData", "EnableJumboFrame")
NAME_LENGTH = 60


@ACTIONS.add("ModifyInstancesAttribute", resources=HOSTS)
def modify_instances_attribute(call: Call) -> dict[str, Any]:
    """Change one attribute of hosts, all of them or none."""
    for one in UNAVAILABLE:
        if call.given(one) is not None:
            raise not_emulated(f"the parameter `{one}` of ModifyInstancesAttribute")
    hosts = chosen(call)
    given = [one for one in ATTRIBUTES if call.given(one) is not None]
    if not given:
        raise missing_parameter("InstanceName")
    if len(given) > 1:
        raise ApiError("InvalidParameterValue", f"Only one of {', '.join(given)} can be changed at once.")
    value = call.given(given[0])
    if given[0] == "InstanceName" and len(value) > NAME_LENGTH:
        raise wrong_value("InstanceName", value, "InvalidInstanceName.TooLong")
    refuse_unless(hosts, "RUNNING", "STOPPED")
    for host in hosts:
        modify(host, given[0], value)
        host.operation = call.action
    if given[0] == "HostName" and call.given("AutoReboot", default=True):
        running = [host for host in hosts if host.state == "RUNNING"]
        change(call, running, "REBOOTING", "RUNNING")
    return {}


def modify(host: Instance, attribute: str, value: Any) -> None:
    """Change one attribute of a host."""
    match attribute:
        case "InstanceName":
            host.name = value
        case "SecurityGroups":
            host.security_groups = list(value)
        case "DisableApiTermination":
            host.protected = value
        case "CamRoleName":
            host.cam_role = value
        case "HostName":
            host.host_name = value


@ACTIONS.add("ResetInstance", resources=[named("instance", "InstanceId")])
def reset_instance(call: Call) -> dict[str, Any]:
    """Set up the system of a host anew: its system disk is emptied, its data disks stay."""
    host = host_named(call, call.given("InstanceId"))
    refuse_unless([host], "RUNNING", "STOPPED")
    image = image_to_use(call, call.given("ImageId", host.image))
    target = (call.given("SystemDisk") or {}).get("DiskSize")
    system = next((disk for disk in call.resources.disks_of(host.id) if not disk.portable), None)
    if system and target is not None:
        if not system.size <= target <= LARGEST:
            raise wrong_value("SystemDisk.DiskSize", target)
        system.size = target
    host.image = image
    return change(call, [host], "REBOOTING", "RUNNING")
