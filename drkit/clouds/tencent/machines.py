"""Cloud Virtual Machine, API 2017-03-12: regions, hosts and the volumes they name."""

from __future__ import annotations

from typing import Any

from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import items_of, mapping, tags_of, text
from drkit.clouds.tencent.paging import read_all
from drkit.clouds.tencent.retry import Caller
from drkit.ports.errors import UncertainError
from drkit.ports.machines import Host, Volume

VERSION = "2017-03-12"
DESCRIBE_REGIONS = Call("cvm", VERSION, "DescribeRegions", powers=(Power.LOOK,))
DESCRIBE_INSTANCES = Call("cvm", VERSION, "DescribeInstances", powers=(Power.LOOK,))


class TencentMachines:
    """The machines port."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list_regions(self) -> tuple[str, ...]:
        """The regions that the account can use (DescribeRegions, RegionState AVAILABLE)."""
        answer = self._caller.call(DESCRIBE_REGIONS, {})
        regions = tuple(
            text(item, "Region")
            for item in items_of(answer, "RegionSet")
            if text(item, "RegionState") == "AVAILABLE"
        )
        if not regions:
            raise UncertainError("cvm:DescribeRegions: the answer names no region", code="Garbled")
        return regions

    def list_hosts(self, region: str) -> tuple[Host, ...]:
        """Every host of the region."""
        call = DESCRIBE_INSTANCES.at(region)
        return tuple(parse_host(item) for item in read_all(self._caller, call, "InstanceSet", "InstanceId"))


def parse_host(item: dict[str, Any]) -> Host:
    """A host of DescribeInstances; fields may be extra, null or absent."""
    # A host without a system disk there is not: where none is named, a volume is that nobody can judge.
    volumes = [mapping(item, "SystemDisk")]
    return Host(
        id=text(item, "InstanceId"),
        name=text(item, "InstanceName"),
        zone=text(mapping(item, "Placement"), "Zone"),
        state=text(item, "InstanceState"),
        volumes=tuple(_volume(volume) for volume in volumes + _data_disks(item)),
        tags=tags_of(item),
    )


def _data_disks(item: dict[str, Any]) -> list[dict[str, Any]]:
    """The data disks; what is neither null nor an object counts as a volume that nobody can judge."""
    value = item.get("DataDisks")
    if value is None:
        return []
    return [
        entry if isinstance(entry, dict) else {} for entry in (value if isinstance(value, list) else [value])
    ]


def _volume(item: dict[str, Any]) -> Volume:
    # LOCAL_BASIC, LOCAL_SSD, LOCAL_NVME, LOCAL_PRO: on the physical machine (CVM data types, SystemDisk).
    return Volume(disk=text(item, "DiskId"), local=text(item, "DiskType").startswith("LOCAL_"))
