"""Elastic Compute Cloud, API 2016-11-15: regions, hosts and the volumes they name."""

from __future__ import annotations

from typing import Any

from drkit.clouds.aws.client import garbled
from drkit.clouds.aws.paging import read_all
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import items_of, mapping, tags_of, text
from drkit.clouds.tencent.retry import Caller
from drkit.ports.machines import Host, Volume

VERSION = "2016-11-15"
DESCRIBE_REGIONS = Call("ec2", VERSION, "DescribeRegions", powers=(Power.LOOK,))
DESCRIBE_INSTANCES = Call("ec2", VERSION, "DescribeInstances", powers=(Power.LOOK,))
USABLE = frozenset({"opt-in-not-required", "opted-in"})
NAME_TAG = "Name"
# It is listed for about an hour after its end, without volumes (User Guide, "Terminate instances").
ENDED = "terminated"


class AwsMachines:
    """The machines port.

    Args:
        home: a region of the account's partition, which knows all of its regions.
    """

    def __init__(self, caller: Caller, home: str) -> None:
        self._caller = caller
        self._home = home

    def list_regions(self) -> tuple[str, ...]:
        """The regions that the account can use (DescribeRegions, those that are not opted in left out)."""
        call = DESCRIBE_REGIONS.at(self._home)
        regions = tuple(
            text(item, "RegionName")
            for item in items_of(self._caller.call(call, {}), "Regions")
            if text(item, "OptInStatus") in USABLE
        )
        if not regions:
            raise garbled(call, "the answer names no region")
        return regions

    def list_hosts(self, region: str) -> tuple[Host, ...]:
        """Every host of the region."""
        call = DESCRIBE_INSTANCES.at(region)
        items = read_all(self._caller, call, ("Reservations", "Instances"), "InstanceId")
        return tuple(host for host in map(parse_host, items) if host.state != ENDED)


def parse_host(item: dict[str, Any]) -> Host:
    """A host of DescribeInstances; fields may be extra or absent."""
    tags = tags_of(item)
    return Host(
        id=text(item, "InstanceId"),
        name=tags.get(NAME_TAG, ""),
        zone=text(mapping(item, "Placement"), "AvailabilityZone"),
        state=text(mapping(item, "State"), "Name"),
        volumes=_volumes(item),
        tags=tags,
    )


def _volumes(item: dict[str, Any]) -> tuple[Volume, ...]:
    """The volumes that it names; one that starts from the physical machine's disk has a local one beside them."""
    named = tuple(
        Volume(disk=text(mapping(entry, "Ebs"), "VolumeId"), local=False)
        for entry in items_of(item, "BlockDeviceMappings")
    )
    local = text(item, "RootDeviceType") == "instance-store"
    return (*named, Volume(disk="", local=True)) if local else named
