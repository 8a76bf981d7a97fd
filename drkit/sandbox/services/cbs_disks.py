"""CBS 2017-03-12: disks."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import orjson

from drkit.sandbox.services.listing import Listing, ordered, page
from drkit.sandbox.services.table import Actions, Call, named
from drkit.sandbox.world.clock import naive_beijing
from drkit.sandbox.world.things import SUBSCRIBED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from drkit.sandbox.world.model import Disk, Instance, Resources

ACTIONS = Actions("cbs", "2017-03-12")
NEVER = "0000-00-00 00:00:00"  # how a pay-as-you-go resource says that it does not run out
# What the answer about a disk is made of, besides its tags, policies and snapshots.
SHOWN = attrgetter(
    *(
        "name",
        "zone",
        "type",
        "size",
        "instance",
        "recycled",
        "snapshot_ability",
        "encrypted",
        "charge",
        "expires",
    ),
    *(
        "renew",
        "project",
        "shareable",
        "throughput",
        "delete_with_instance",
        "delete_snapshots",
        "last_instance",
    ),
)


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
            "disk-charge-type": lambda disk: [disk.charge],
            "portable": lambda disk: ["TRUE" if disk.portable else "FALSE"],
            "project-id": lambda disk: [str(disk.project)],
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


@ACTIONS.add("DescribeDisks", resources=[named("volume", "DiskIds")])
def describe_disks(call: Call) -> dict[str, Any]:
    """The disks of a region, newest first unless told."""
    resources = call.resources
    there = [one for one in resources.disks.values() if one.passing is None or not one.hidden]
    found = listing(resources.instances).select(call, there)
    # A pay-as-you-go disk has no deadline, so it is ordered by the time of its creation.
    by_creation = attrgetter("created", "id")
    by_deadline = lambda disk: (disk.expires or disk.created, disk.id)  # noqa: E731 - an entry of the table below
    found = ordered(call, found, {"CREATE_TIME": by_creation, "DEADLINE": by_deadline})
    bound = bindings(resources) if call.given("ReturnBindAutoSnapshotPolicy", default=False) else None
    resources.expire(call.now)
    shown = [rendered(resources, disk, bound, call.now) for disk in page(call, found)]
    return {"TotalCount": len(found), "DiskSet": shown}


def bindings(resources: Resources) -> dict[str, list[str]]:
    """The policies that each disk is bound to."""
    found: dict[str, list[str]] = {}
    for policy in resources.policies.values():
        for disk in policy.disks:
            found.setdefault(disk, []).append(policy.id)
    return found


def rendered(
    resources: Resources, disk: Disk, bound: dict[str, list[str]] | None, now: datetime
) -> orjson.Fragment:
    """A disk as the JSON of the answer, made anew only when something of it has changed."""
    policies = None if bound is None else bound.get(disk.id, [])
    if disk.passing or disk.charge == SUBSCRIBED:  # a percentage, or days, that pass
        return orjson.Fragment(orjson.dumps(show_disk(resources, disk, policies, now)))
    made_of = (SHOWN(disk), disk.tags, policies, resources.revisions.get(disk.id))
    if disk._rendered is None or disk._rendered[0] != made_of:  # noqa: SLF001 - this is what it is for
        content = orjson.dumps(show_disk(resources, disk, policies, now))
        key = (made_of[0], dict(disk.tags), policies and list(policies), made_of[3])
        disk._rendered = key, orjson.Fragment(content)  # noqa: SLF001
    return disk._rendered[1]  # noqa: SLF001


def show_disk(resources: Resources, disk: Disk, policies: list[str] | None, now: datetime) -> dict[str, Any]:
    """A disk with the fields, the nulls among them, that real answers have."""
    snapshots = resources.snapshots_by_disk.get(disk.id, {}).values()
    attached = disk.instance is not None and disk.state != "ATTACHING"
    rolling = disk.passing if disk.state == "ROLLBACKING" else None
    return {
        "DeleteWithInstance": disk.delete_with_instance or not disk.portable,
        "RenewFlag": disk.renew,
        "LatestOperationState": "",
        "DiskType": disk.type,
        "DiskBackupQuota": 0,
        "DiskState": disk.state,
        "SnapshotCount": len(snapshots),
        "DiskBackupCount": 0,
        "AutoRenewFlagError": False,
        "Rollbacking": rolling is not None,
        "InstanceIdList": [disk.instance] if attached else [],
        "Encrypt": disk.encrypted,
        "Tags": show_tags(disk.tags),
        "DiskName": disk.name,
        "BackupDisk": False,
        "DeleteSnapshot": int(disk.delete_snapshots),
        "InstanceId": disk.instance or "",
        "DifferDaysOfDeadline": (disk.expires - now).days if disk.expires else 0,
        "ThroughputPerformance": disk.throughput,
        "Migrating": False,
        "InstanceType": "CVM" if attached else "",
        "DiskId": disk.id,
        "LastAttachInsId": disk.instance or disk.last_instance,
        "SnapshotSize": sum(one.disk_size * 1024 for one in snapshots),
        "Placement": {**show_placement(disk.zone), "ProjectId": disk.project},
        "IsReturnable": not attached,
        "DeadlineTime": naive_beijing(disk.expires) if disk.expires else NEVER,
        "Attached": attached,
        "ReturnFailCode": 3 if attached else 0,
        "DiskSize": disk.size,
        "MigratePercent": 0,
        "DiskUsage": disk.usage,
        "ErrorPrompt": "",
        "Portable": disk.portable,
        "DiskChargeType": disk.charge,
        "SnapshotAbility": disk.snapshot_ability,
        "DeadlineError": False,
        "LatestOperationRequestId": "",
        "RollbackPercent": rolling.percent(now) if rolling else 0,
        "AutoSnapshotPolicyIds": policies,
        "LatestOperation": "",
        "Shareable": disk.shareable,
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
