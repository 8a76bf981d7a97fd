"""CBS 2017-03-12: snapshots are copied to other regions, and shared with other accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drkit.sandbox.regions import REGIONS, region_name
from drkit.sandbox.services.cbs_things import ids, name, own_snapshot
from drkit.sandbox.services.table import Actions, Call, named
from drkit.sandbox.wire.errors import ApiError, missing_parameter, wrong_value
from drkit.sandbox.world.clock import naive_beijing
from drkit.sandbox.world.things import Snapshot

if TYPE_CHECKING:
    from drkit.sandbox.world.model import Account

ACTIONS = Actions("cbs", "2017-03-12")
ACCOUNTS_A_SNAPSHOT = 50


@ACTIONS.add("CopySnapshotCrossRegions", resources=[named("snapshot", "SnapshotId")])
def copy_snapshot_cross_regions(call: Call) -> dict[str, Any]:
    """Begin a copy in each region; each region answers for itself.

    The copy has a new id, no disk, and is COPYING_FROM_REMOTE in its region until it is there.
    """
    wanted = call.given("SnapshotId")
    if wanted is None:
        raise missing_parameter("SnapshotId")
    source = own_snapshot(call, wanted)
    if source.state(call.now) != "NORMAL":
        raise ApiError("ResourceBusy", f"The snapshot `{source.id}` is {source.state(call.now)}.")
    regions = ids(call, "DestinationRegions", len(REGIONS), "InvalidParameterValue")
    default = f"Copied {source.id} from {region_name(REGIONS[call.region], chinese=call.chinese)}"
    title = name(call, "SnapshotName", default[:60])
    return {"SnapshotCopyResultSet": [result(call, source, region, title) for region in regions]}


def result(call: Call, source: Snapshot, region: str, title: str) -> dict[str, Any]:
    """What one region answers."""
    try:
        refuse_copying(call, source, region)
    except ApiError as error:
        return {
            "SnapshotId": "",
            "DestinationRegion": region,
            "Code": error.code,
            "Message": error.message,
        }
    copied = copy_to(call, source, region, title)
    return {"SnapshotId": copied.id, "DestinationRegion": region, "Code": "Success", "Message": ""}


def refuse_copying(call: Call, source: Snapshot, region: str) -> None:
    """Raise with the documented code for a region that a snapshot cannot be copied to now."""
    if region not in REGIONS or region == call.region:
        raise wrong_value("DestinationRegions", region)
    if call.now < source.copying_to.get(region, call.now):
        raise ApiError("ResourceInUse.CopySnapshotConflict", f"A copy to {region} is being made.")


def copy_to(call: Call, source: Snapshot, region: str, title: str) -> Snapshot:
    """Begin a copy in a region, in whichever zone of it."""
    copied = Snapshot(
        id=call.world.new_id("snap"),
        name=title,
        disk="",
        disk_usage=source.disk_usage,
        disk_size=source.disk_size,
        zone=next(zone.name for zone in REGIONS[region].zones if not zone.sold_out),
        created=call.now,
        encrypted=source.encrypted,
        creation=call.world.creation,
        copied_from=call.region,
    )
    call.account.regions[region].add_snapshot(copied)
    source.copying_to[region] = call.now + call.world.creation
    return copied


@ACTIONS.add("ModifySnapshotsSharePermission", resources=[named("snapshot", "SnapshotIds")])
def modify_snapshots_share_permission(call: Call) -> dict[str, Any]:
    """Share data snapshots with accounts of the same region, or stop that (the action's documentation)."""
    wanted = [
        own_snapshot(call, one)
        for one in ids(call, "SnapshotIds", 100, "InvalidParameter")  # as many as others take
    ]
    others = [other_account(call, one) for one in ids(call, "AccountIds", 50, "InvalidParameter")]
    if call.given("Permission") == "SHARE":
        for snapshot in wanted:
            refuse_sharing(call, snapshot, others)
        share(call, wanted, others)
    elif call.given("Permission") == "CANCEL":
        cancel(call, wanted, others)
    else:
        raise wrong_value("Permission", call.given("Permission"), "InvalidParameter")
    return {}


def other_account(call: Call, wanted: str) -> Account:
    """Another root account.

    Raises:
        ApiError: there is none, or it is the caller's own.
    """
    found = call.world.accounts.get(wanted)
    if found is None or found is call.account:
        raise wrong_value("AccountIds", wanted, "InvalidParameter")
    return found


def refuse_sharing(call: Call, snapshot: Snapshot, others: list[Account]) -> None:
    """Raise with the documented code for a snapshot that cannot be shared."""
    if snapshot.disk_usage != "DATA_DISK" or snapshot.encrypted or snapshot.state(call.now) != "NORMAL":
        raise ApiError("InvalidSnapshot.NotSupported", f"The snapshot `{snapshot.id}` cannot be shared.")
    if len({*snapshot.shared_with, *(one.uin for one in others)}) > ACCOUNTS_A_SNAPSHOT:
        raise ApiError("ResourceInsufficient.OverQuota", f"`{snapshot.id}` is shared with too many accounts.")


def share(call: Call, wanted: list[Snapshot], others: list[Account]) -> None:
    """Let accounts make disks of snapshots."""
    for snapshot in wanted:
        for other in others:
            snapshot.shared_with.setdefault(other.uin, call.now)
            other.regions[call.region].shared[snapshot.id] = call.account.uin


def cancel(call: Call, wanted: list[Snapshot], others: list[Account]) -> None:
    """Let accounts no longer see snapshots."""
    for snapshot in wanted:
        for other in others:
            snapshot.shared_with.pop(other.uin, None)
            other.regions[call.region].shared.pop(snapshot.id, None)


@ACTIONS.add("DescribeSnapshotSharePermission", resources=[named("snapshot", "SnapshotId")])
def describe_snapshot_share_permission(call: Call) -> dict[str, Any]:
    """Whom a snapshot is shared with."""
    found = call.resources.snapshot(call.given("SnapshotId"), call.now)
    if found is None:
        raise wrong_value("SnapshotId", call.given("SnapshotId"))
    return {
        "SharePermissionSet": [
            {"CreatedTime": naive_beijing(since), "AccountId": account}
            for account, since in found.shared_with.items()
        ]
    }
