"""CBS 2017-03-12: disks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.listing import Listing, ordered, page
from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.world.clock import naive_beijing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drkit.sandbox.world.model import Disk, Instance, Resources

ACTIONS = Actions("cbs", "2017-03-12")
NEVER = "0000-00-00 00:00:00"  # how a pay-as-you-go resource says that it does not run out


def listing(instances: Mapping[str, Instance]) -> Listing[Disk]:
    """The filters of DescribeDisks; some look at the host that a disk is attached to."""

    def host(look: Callable[[Instance], list[str]]) -> Callable[[Disk], list[str]]:
        return lambda disk: [
            found for one in [instances.get(disk.instance or "")] if one for found in look(one)
        ]

    return Listing(
        ids="DiskIds",
        id_form=re.compile(r"disk-[0-9a-z]{8,}"),
        identify=lambda disk: disk.id,
        attributes={
            "disk-usage": lambda disk: [disk.usage],
            "disk-charge-type": lambda _: ["POSTPAID_BY_HOUR"],
            "portable": lambda disk: ["TRUE" if disk.usage == "DATA_DISK" else "FALSE"],
            "project-id": lambda _: ["0"],
            "disk-id": lambda disk: [disk.id],
            "disk-name": lambda disk: [disk.name],
            "disk-type": lambda disk: [disk.type],
            "disk-state": lambda disk: [disk.state],
            "instance-id": lambda disk: [disk.instance] if disk.instance else [],
            "zone": lambda disk: [disk.zone],
            "instance-ip-address": host(lambda one: [one.private_address, one.public_address or ""]),
            "instance-name": host(lambda one: [one.name]),
            "dedicated-cluster-id": lambda _: [],
            "cluster-group-id": lambda _: [],
        },
        tags=lambda disk: disk.tags,
    )


@ACTIONS.add("DescribeDisks")
def describe_disks(call: Call) -> dict[str, Any]:
    """The disks of a region, newest first unless told."""
    resources = call.resources
    found = listing(resources.instances).select(call, resources.disks.values())
    # A pay-as-you-go disk has no deadline, so both orders come down to the time of creation.
    by_creation = lambda disk: (disk.created, disk.id)  # noqa: E731 - the two entries of the table below
    found = ordered(call, found, {"CREATE_TIME": by_creation, "DEADLINE": by_creation})
    with_policies = bool(call.given("ReturnBindAutoSnapshotPolicy", default=False))
    shown = [show_disk(call, resources, disk, with_policies=with_policies) for disk in page(call, found)]
    return {"TotalCount": len(found), "DiskSet": shown}


def show_disk(call: Call, resources: Resources, disk: Disk, *, with_policies: bool) -> dict[str, Any]:
    """A disk with the fields, the nulls among them, that real answers have."""
    snapshots = resources.snapshots_of(disk.id, call.now)
    attached = disk.instance is not None
    return {
        "DeleteWithInstance": disk.usage == "SYSTEM_DISK",
        "RenewFlag": "NOTIFY_AND_MANUAL_RENEW",
        "LatestOperationState": "",
        "DiskType": disk.type,
        "DiskBackupQuota": 0,
        "DiskState": disk.state,
        "SnapshotCount": len(snapshots),
        "DiskBackupCount": 0,
        "AutoRenewFlagError": False,
        "Rollbacking": disk.rollback_percent is not None,
        "InstanceIdList": [disk.instance] if attached else [],
        "Encrypt": disk.encrypted,
        "Tags": show_tags(disk.tags),
        "DiskName": disk.name,
        "BackupDisk": False,
        "DeleteSnapshot": 0,
        "InstanceId": disk.instance or "",
        "DifferDaysOfDeadline": 0,
        "ThroughputPerformance": 0,
        "Migrating": False,
        "InstanceType": "CVM" if attached else "",
        "DiskId": disk.id,
        "LastAttachInsId": disk.instance,
        "SnapshotSize": sum(one.disk_size * 1024 for one in snapshots),
        "Placement": show_placement(disk.zone),
        "IsReturnable": not attached,
        "DeadlineTime": NEVER,
        "Attached": attached,
        "ReturnFailCode": 3 if attached else 0,
        "DiskSize": disk.size,
        "MigratePercent": 0,
        "DiskUsage": disk.usage,
        "ErrorPrompt": "",
        "Portable": disk.usage == "DATA_DISK",
        "DiskChargeType": "POSTPAID_BY_HOUR",
        "SnapshotAbility": disk.snapshot_ability,
        "DeadlineError": False,
        "LatestOperationRequestId": "",
        "RollbackPercent": disk.rollback_percent or 0,
        "AutoSnapshotPolicyIds": [] if with_policies else None,
        "LatestOperation": "",
        "Shareable": False,
        "CreateTime": naive_beijing(disk.created),
    }


def show_placement(zone: str) -> dict[str, Any]:
    """Where a disk or a snapshot is."""
    return {
        "CageId": "",
        "CdcId": "",
        "Zone": zone,
        "ProjectName": "Default Project",
        "ProjectId": 0,
        "CdcName": "",
        "DedicatedClusterId": None,
    }


def show_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as CBS writes them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
