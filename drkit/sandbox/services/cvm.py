"""CVM 2017-03-12: hosts, regions, zones."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from drkit.sandbox.regions import REGIONS, region_name, zone_name
from drkit.sandbox.services.listing import Listing, page
from drkit.sandbox.services.table import Actions, Call, named
from drkit.sandbox.world.clock import zulu
from drkit.sandbox.world.things import SUBSCRIBED

if TYPE_CHECKING:
    from drkit.sandbox.world.model import Disk, Instance

ACTIONS = Actions("cvm", "2017-03-12")

INSTANCES: Listing[Instance] = Listing(
    ids="InstanceIds",
    id_form=re.compile(r"ins-[0-9a-z]{8,}"),
    identify=lambda one: one.id,
    attributes={
        "zone": lambda one: [one.zone],
        "project-id": lambda _: ["0"],
        "host-id": lambda _: [],
        "dedicated-cluster-id": lambda _: [],
        "vpc-id": lambda one: [one.vpc],
        "subnet-id": lambda one: [one.subnet],
        "instance-id": lambda one: [one.id],
        "uuid": lambda one: [one.uuid],
        "security-group-id": lambda one: one.security_groups,
        "instance-name": lambda one: [one.name],
        "instance-charge-type": lambda one: [one.charge],
        "instance-state": lambda one: [one.shown_state],
        "private-ip-address": lambda one: [one.private_address],
        "public-ip-address": lambda one: [one.public_address] if one.public_address else [],
        "ipv6-address": lambda _: [],
    },
    tags=lambda one: one.tags,
    malformed="InvalidInstanceId.Malformed",
    combined="InvalidParameter",
    too_many="InvalidParameterValue.LimitExceeded",
    too_many_values="InvalidFilterValue.LimitExceeded",
    maximum_values=5,
)


@ACTIONS.add("DescribeInstances", resources=[named("instance", "InstanceIds")])
def describe_instances(call: Call) -> dict[str, Any]:
    """The hosts of a region, newest first."""
    found = INSTANCES.select(call, call.resources.instances.values())
    found.sort(key=lambda one: (one.created, one.id), reverse=True)
    disks: defaultdict[str | None, list[Disk]] = defaultdict(list)
    for disk in call.resources.disks.values():
        if not disk.hidden:
            disks[disk.instance].append(disk)
    shown = page(call, found, "InvalidParameterValue.LimitExceeded")
    return {"TotalCount": len(found), "InstanceSet": [show_instance(one, disks[one.id]) for one in shown]}


@ACTIONS.add("DescribeInstancesStatus", resources=[named("instance", "InstanceIds")])
def describe_instances_status(call: Call) -> dict[str, Any]:
    """The states of the hosts of a region, newest first."""
    found = INSTANCES.select(call, call.resources.instances.values())
    found.sort(key=lambda one: (one.created, one.id), reverse=True)
    shown = page(call, found, "InvalidParameterValue.LimitExceeded")
    states = [{"InstanceId": one.id, "InstanceState": one.shown_state} for one in shown]
    return {"TotalCount": len(found), "InstanceStatusSet": states}


@ACTIONS.add("DescribeRegions", regional=False)
def describe_regions(call: Call) -> dict[str, Any]:
    """Every region."""
    regions = [
        {"Region": one.name, "RegionName": region_name(one, chinese=call.chinese), "RegionState": "AVAILABLE"}
        for one in REGIONS.values()
    ]
    return {"TotalCount": len(regions), "RegionSet": regions}


@ACTIONS.add("DescribeZones")
def describe_zones(call: Call) -> dict[str, Any]:
    """The zones of the region; sold out ones are UNAVAILABLE."""
    region = REGIONS[call.region]
    zones = [
        {
            "Zone": zone.name,
            "ZoneName": zone_name(region, zone, chinese=call.chinese),
            "ZoneId": zone.zone_id,
            "ZoneState": "UNAVAILABLE" if zone.sold_out else "AVAILABLE",
        }
        for zone in region.zones
    ]
    return {"TotalCount": len(zones), "ZoneSet": zones}


def show_instance(one: Instance, disks: list[Disk]) -> dict[str, Any]:
    """A host with the fields, the nulls among them, that real answers have."""
    system = next((show_disk(disk) for disk in disks if disk.usage == "SYSTEM_DISK"), None)
    off = one.shown_state in {"STOPPED", "SHUTDOWN"}
    return {
        "Placement": {"Zone": one.zone, "HostId": None, "ProjectId": 0},
        "InstanceId": one.id,
        "Uuid": one.uuid,
        "OperatorUin": "",
        "InstanceState": one.shown_state,
        "RestrictState": "PROTECTIVELY_ISOLATED" if one.recycled else "NORMAL",
        "InstanceType": one.type,
        "CPU": one.cpu,
        "Memory": one.memory,
        "InstanceName": one.name,
        "InstanceChargeType": one.charge,
        "SystemDisk": system,
        "DataDisks": [
            {**show_disk(disk), "DeleteWithInstance": disk.delete_with_instance}
            for disk in disks
            if disk.usage == "DATA_DISK"
        ],
        "PrivateIpAddresses": [one.private_address],
        "PublicIpAddresses": [one.public_address] if one.public_address else None,
        "IPv6Addresses": None,
        "InternetAccessible": {
            "InternetMaxBandwidthOut": 10 if one.public_address else 0,
            "InternetChargeType": "TRAFFIC_POSTPAID_BY_HOUR" if one.public_address else None,
        },
        "VirtualPrivateCloud": {"VpcId": one.vpc, "SubnetId": one.subnet, "AsVpcGateway": False},
        "SecurityGroupIds": one.security_groups,
        "LoginSettings": {"KeyIds": None},
        "ImageId": one.image,
        "OsName": "TencentOS Server 3.1 (TK4)",
        "DefaultLoginUser": "root",
        "DefaultLoginPort": 22,
        "RenewFlag": "NOTIFY_AND_MANUAL_RENEW" if one.charge == SUBSCRIBED else None,
        "CreatedTime": zulu(one.created),
        "ExpiredTime": zulu(one.expires) if one.expires else None,
        "Tags": [
            {"tagKey": key, "tagValue": value, "Key": key, "Value": value} for key, value in one.tags.items()
        ],
        "PlatformProjectId": None,
        "DisasterRecoverGroupId": "",
        "DedicatedClusterId": "",
        "CamRoleName": one.cam_role,
        "LatestOperation": one.operation or ("StopInstances" if off else None),
        "LatestOperationState": latest_state(one, off=off),
        "LatestOperationRequestId": None,
        "IsolatedSource": "MANMADE" if one.recycled else "NOTISOLATED",
        "HpcClusterId": "",
        "DisableApiTermination": one.protected,
        "RdmaIpAddresses": None,
        "LicenseType": "TencentCloud",
        "StopChargingMode": one.stopped_mode if off else "NOT_APPLICABLE",
    }


def latest_state(one: Instance, *, off: bool) -> str | None:
    """How the latest operation goes; none is known of a host that was only ever on."""
    if one.passing:
        return "OPERATING"
    return "SUCCESS" if one.operation or off else None


def show_disk(disk: Disk) -> dict[str, Any]:
    """A disk as its host's answer shows it."""
    return {
        "DiskType": disk.type,
        "DiskId": disk.id,
        "DiskSize": disk.size,
        "Encrypt": disk.encrypted,
        "KmsKeyId": None,
        "ThroughputPerformance": 0,
        "CdcId": None,
    }
