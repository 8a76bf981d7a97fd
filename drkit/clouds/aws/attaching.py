"""Volumes of EBS are attached to hosts and detached from them, API 2016-11-15 of EC2.

AttachVolume wants the name of a device that no other volume of the host has. The guest does not go by it: on the
Nitro System it sees NVMe disks whose serial is the volume's id (EBS User Guide, "Map Amazon EBS volumes to NVMe
device names").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drkit.clouds.aws.machines import VERSION
from drkit.clouds.aws.paging import read_all
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import boolean, items_of, text
from drkit.clouds.tencent.retry import Caller
from drkit.ports.errors import RefusedError

DESCRIBE_VOLUMES = Call("ec2", VERSION, "DescribeVolumes", powers=(Power.LOOK, Power.MAKE, Power.DESTROY))
ATTACH_VOLUME = Call("ec2", VERSION, "AttachVolume", writes=True, powers=(Power.DESTROY,))
DETACH_VOLUME = Call("ec2", VERSION, "DetachVolume", writes=True, powers=(Power.DESTROY,))
# What is recommended for volumes (EC2 User Guide, "Device names for volumes on Amazon EC2 instances"). A host starts
# from none of these: /dev/sda1 and /dev/xvda are reserved for that; /dev/sdb to /dev/sde may be the machine's own.
NAMES = tuple(f"/dev/sd{letter}" for letter in "fghijklmnop")
TRIES = 4  # names that others may take between the look and the call
# EC2 names no code of its own for that: it is one of many values that are not accepted.
INVALID, TAKEN = "InvalidParameterValue", "already in use"
# States of an attachment (API reference, data type VolumeAttachment): nothing hangs there; it is about to, or to end.
GONE, MOVING = "detached", frozenset({"attaching", "detaching", "busy"})


def attach(caller: Caller, region: str, disk: str, host: str) -> None:
    """Begin to attach a volume to a host of the same zone, under the first name that is free there.

    Whoever takes the same name at the same time makes EC2 refuse it; then the next one is asked for.

    Raises:
        CloudError: EC2 refuses; no name is free (`NoDeviceName`).
    """
    call = ATTACH_VOLUME.at(region)
    for name in free_names(volumes_of(caller, region, host))[:TRIES]:
        try:
            caller.call(call, {"VolumeId": disk, "InstanceId": host, "Device": name})
        except RefusedError as error:
            if not _is_taken(error):
                raise
        else:
            return
    raise RefusedError(
        f"{call}: no name of a device is free for {disk} on {host}",
        code="NoDeviceName",
        hint="detach what hangs there and nobody needs, or name another drill host",
    )


def detach(caller: Caller, region: str, disk: str, host: str) -> None:
    """Begin to detach a volume from a host; from another than is named, EC2 refuses. It is never forced."""
    caller.call(DETACH_VOLUME.at(region), {"VolumeId": disk, "InstanceId": host})


def volumes_of(caller: Caller, region: str, host: str) -> list[dict[str, Any]]:
    """What hangs on a host, or is on its way to or from there."""
    wanted = {"Filters": [{"Name": "attachment.instance-id", "Values": [host]}]}
    return read_all(caller, DESCRIBE_VOLUMES.at(region), ("Volumes",), "VolumeId", wanted)


def free_names(volumes: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The names that none of these volumes has, in their order.

    To a host /dev/sdf, /dev/sdf1 and /dev/xvdf may be one place, and EC2 does not compare them.
    """
    attachments = [each for volume in volumes for each in items_of(dict(volume), "Attachments")]
    taken = {_place(text(each, "Device")) for each in attachments}
    return tuple(name for name in NAMES if _place(name) not in taken)


def _place(name: str) -> str:
    """A name without what hosts do not agree upon: xvdf of /dev/sdf1."""
    return name.rpartition("/")[2].rstrip("0123456789").replace("sd", "xvd", 1)


def _is_taken(error: RefusedError) -> bool:
    return error.code == INVALID and TAKEN in error.message


def attachments_of(item: dict[str, Any]) -> list[dict[str, Any]]:
    """The attachments of a volume that are not over."""
    return [each for each in items_of(item, "Attachments") if text(each, "State") != GONE]


def host_of(item: dict[str, Any]) -> str:
    """The host that a volume hangs on, or is on its way to or from; of several the first, empty where there is none.

    For what a service runs, EC2 names a resource and no host (API reference, data type VolumeAttachment).
    """
    names = ("InstanceId", "AssociatedResource")
    hosts = sorted(text(each, name) for each in attachments_of(item) for name in names)
    return next(filter(None, hosts), "")


def is_moving(item: dict[str, Any]) -> bool:
    """Whether a volume is on its way to a host or from it."""
    return any(text(each, "State") in MOVING for each in attachments_of(item))


def is_system(item: dict[str, Any]) -> bool | None:
    """Whether a host starts from a volume: surely not where it hangs nowhere, or as what was attached later does.

    Otherwise DescribeVolumes does not say.
    """
    return False if all(map(_was_attached_later, attachments_of(item))) else None


def _was_attached_later(attachment: dict[str, Any]) -> bool:
    """Whether it bears a name that is for volumes, and does not end with its host, as a root volume usually does."""
    ends = boolean(attachment, "DeleteOnTermination")
    return text(attachment, "Device") in NAMES and ends is False
