"""CBS 2017-03-12: the snapshots of a region, those among them that other accounts share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cbs_disks import show_placement, show_tags
from drkit.sandbox.services.cbs_things import date_of, images_of, shared_snapshot
from drkit.sandbox.services.listing import Listing, ordered, page
from drkit.sandbox.services.table import Actions, Call, named
from drkit.sandbox.wire import errors
from drkit.sandbox.world.clock import naive_beijing

if TYPE_CHECKING:
    from drkit.sandbox.world.things import Snapshot

ACTIONS = Actions("cbs", "2017-03-12")
DISK_IDS_A_FILTER = 10
FREE = 50.0  # GiB, of the documented example


def listing(call: Call) -> Listing[Snapshot]:
    """The filters of DescribeSnapshots; the state of a snapshot depends on the time."""
    return Listing(
        ids="SnapshotIds",
        id_form=re.compile(r"snap-[0-9a-z]{8,}"),
        identify=lambda one: one.id,
        attributes={
            "snapshot-id": lambda one: [one.id],
            "snapshot-name": lambda one: [one.name],
            "snapshot-state": lambda one: [one.state(call.now)],
            "disk-usage": lambda one: [one.disk_usage],
            "project-id": lambda _: ["0"],
            "disk-id": lambda one: [one.disk],
            "zone": lambda one: [one.zone],
            "encrypt": lambda one: ["TRUE" if one.encrypted else "FALSE"],
            "snapshot-type": lambda one: [snapshot_type(call, one)],
        },
    )


def snapshot_type(call: Call, one: Snapshot) -> str:
    """Whose it is."""
    return "SHARED_SNAPSHOT" if one.id in call.resources.shared else "PRIVATE_SNAPSHOT"


@ACTIONS.add("DescribeSnapshots", resources=[named("snapshot", "SnapshotIds")])
def describe_snapshots(call: Call) -> dict[str, Any]:
    """The snapshots of a region, newest first unless told."""
    for condition in call.given("Filters", []):
        if condition["Name"] == "disk-id" and len(condition["Values"]) > DISK_IDS_A_FILTER:
            raise errors.ApiError("InvalidParameterValue", "The filter `disk-id` takes at most 10 values.")
    found = listing(call).select(call, visible(call))
    found = ordered(call, found, {"CREATE_TIME": lambda one: (one.created, one.id)})
    return {
        "TotalCount": len(found),
        "SnapshotSet": [show_snapshot(call, one) for one in page(call, found)],
    }


def visible(call: Call) -> list[Snapshot]:
    """The account's own snapshots and those that are shared with it."""
    shared = [shared_snapshot(call, one) for one in call.resources.shared]
    return call.resources.snapshots(call.now) + [one for one in shared if one]


def show_snapshot(call: Call, one: Snapshot) -> dict[str, Any]:
    """A snapshot as the documented example shows it; the policy's id only where a policy made it."""
    private = snapshot_type(call, one) == "PRIVATE_SNAPSHOT"
    images = images_of(call, one.id)
    since = min(one.shared_with.values(), default=None)
    shown = {
        "Tags": show_tags(one.tags) if private else [],
        "Placement": show_placement(one.zone),
        "CopyFromRemote": one.copied_from is not None,
        "IsPermanent": one.deadline is None,
        "DiskUsage": one.disk_usage,
        "DeadlineTime": naive_beijing(one.deadline) if one.deadline else "",
        "Percent": one.percent(call.now),
        "SnapshotId": one.id,
        "ShareReference": len(one.shared_with) if private else 0,
        "SnapshotType": snapshot_type(call, one),
        "DiskSize": one.disk_size,
        "DiskId": one.disk,
        "SnapshotName": one.name,
        "Images": [{"ImageId": id_, "ImageName": title} for id_, title in images],
        "CopyingToRegions": [region for region, until in one.copying_to.items() if call.now < until],
        "Encrypt": one.encrypted,
        "CreateTime": naive_beijing(one.created),
        "TimeStartShare": date_of(since) if since else "",
        "ImageCount": len(images),
        "SnapshotState": one.state(call.now),
    }
    return {**shown, "AutoSnapshotPolicyId": one.policy} if one.policy else shown


@ACTIONS.add("DescribeSnapshotOverview")
@ACTIONS.add("GetSnapOverview")
def describe_snapshot_overview(call: Call) -> dict[str, Any]:
    """How many snapshots there are, and how large: each counted at the size of its disk."""
    own = call.resources.snapshots(call.now)
    total = float(sum(one.disk_size for one in own))
    return {
        "TotalNums": len(own),
        "TotalSize": total,
        "FreeQuota": FREE,
        "RealTradeSize": max(0.0, total - FREE),
    }
