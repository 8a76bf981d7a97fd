"""Elastic Block Store: snapshots of several volumes of one host at one moment.

CreateSnapshots (API reference of EC2) takes an instance and what to leave out, and tags for all that it makes: name and
deadline are there at birth. EC2 has no word for the group; a tag stands for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from drkit.clouds.aws.client import garbled
from drkit.clouds.aws.machines import NAME_TAG, VERSION
from drkit.clouds.aws.paging import read_all
from drkit.clouds.aws.times import DELETE_AFTER_TAG
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import items_of, mapping, text
from drkit.clouds.tencent.retry import Caller
from drkit.core.times import text_of
from drkit.ports.disks import Group, Snapshot
from drkit.ports.errors import RefusedError
from drkit.ports.scratch import GROUP_TAG

CREATE_SNAPSHOTS = Call("ec2", VERSION, "CreateSnapshots", writes=True, powers=(Power.MAKE,))
DESCRIBE_HOST = Call("ec2", VERSION, "DescribeInstances", powers=(Power.MAKE,))
LEFT_OUT = 40  # data volumes that one call can leave out (data type InstanceSpecification)


def create_group(
    caller: Caller,
    region: str,
    host: str,
    disks: Iterable[str],
    name: str,
    deadline: datetime,
    tags: Mapping[str, str],
) -> str:
    """Begin snapshots of some volumes of a host; what the group's tag says.

    Raises:
        CloudError: they are not known to have begun; not all of the volumes hang on the host, perhaps.
    """
    call = CREATE_SNAPSHOTS.at(region)
    if deadline <= datetime.now(UTC):
        raise RefusedError(f"{call} of {host}: the deadline has passed", code="DeadlinePassed")
    wanted = {
        "InstanceSpecification": _specification(caller, region, host, frozenset(disks)),
        "TagSpecifications": [
            {
                "ResourceType": "snapshot",
                "Tags": [
                    {"Key": key, "Value": value}
                    for key, value in sorted(
                        {**tags, NAME_TAG: name, DELETE_AFTER_TAG: text_of(deadline)}.items()
                    )
                ],
            }
        ],
    }
    if not items_of(caller.call(call, wanted), "Snapshots"):
        raise garbled(call, "the answer names no snapshot")
    return tags[GROUP_TAG]


def _specification(caller: Caller, region: str, host: str, disks: frozenset[str]) -> dict[str, Any]:
    """The host, and which of its volumes to leave out: the call cannot be told which to take."""
    call = DESCRIBE_HOST.at(region)
    filters = {"Filters": [{"Name": "instance-id", "Values": [host]}]}
    read = read_all(caller, call, ("Reservations", "Instances"), "InstanceId", filters)
    # Whoever answers a reservation whole tells of the hosts that were started with it, too.
    items = [item for item in read if text(item, "InstanceId") == host]
    volumes = {
        text(mapping(each, "Ebs"), "VolumeId"): text(each, "DeviceName")
        for item in items
        for each in items_of(item, "BlockDeviceMappings")
    }
    if missing := sorted(disks - volumes.keys()):
        raise RefusedError(f"{', '.join(missing)} in {region} does not hang on {host}", code="NotAttached")
    roots = {text(item, "RootDeviceName") for item in items}
    others = sorted(volumes.keys() - disks)
    data = [each for each in others if volumes[each] not in roots]
    if len(data) > LEFT_OUT:
        told = f"{CREATE_SNAPSHOTS} of {host} cannot leave out {len(data)} volumes"
        raise RefusedError(told, code="TooManyLeftOut")
    return {
        "InstanceId": host,
        "ExcludeBootVolume": len(data) < len(others),
        **({"ExcludeDataVolumeIds": data} if data else {}),
    }


def grouped(snapshots: Iterable[Snapshot]) -> tuple[Group, ...]:
    """Groups, by their tag, of snapshots that bear it."""
    found: dict[str, list[Snapshot]] = {}
    for snapshot in snapshots:
        if id_ := snapshot.tags.get(GROUP_TAG):
            found.setdefault(id_, []).append(snapshot)
    return tuple(Group(id_, some[0].name, tuple(some)) for id_, some in sorted(found.items()))
