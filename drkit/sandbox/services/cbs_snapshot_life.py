"""CBS 2017-03-12: snapshots are made, kept for longer or shorter, and deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cbs_snapshots import listing
from drkit.sandbox.services.cbs_things import images_of, name, own_snapshot, tags
from drkit.sandbox.services.table import Actions, Call, every, named
from drkit.sandbox.wire import errors
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.world.policies import SNAPSHOTS_A_DISK
from drkit.sandbox.world.things import Snapshot

if TYPE_CHECKING:
    from drkit.sandbox.world.things import Disk

ACTIONS = Actions("cbs", "2017-03-12")
TOO_MANY = "ResourceUnavailable.DiskSnapshotChainTooLarge"
SHORTEST_LIFE = timedelta(days=1)
LATEST = datetime(9999, 1, 1, tzinfo=UTC)  # a calendar ends, and UTC+8 is ahead
USAGES = frozenset({"SYSTEM_DISK", "DATA_DISK"})
IN_SHARED = "UnsupportedOperation.SnapHasShared"
IN_IMAGE = "UnsupportedOperation.SnapshotHasBindedImage"


@ACTIONS.add("CreateSnapshot", resources=[named("volume", "DiskId"), every("snapshot")])
def create_snapshot(call: Call) -> dict[str, Any]:
    """Begin a snapshot of a disk; it is CREATING at first."""
    for unavailable in ("DiskBackupId", "LocalSnap"):
        if call.given(unavailable):
            raise errors.not_emulated(f"the parameter `{unavailable}` of CreateSnapshot")
    wanted = call.given("DiskId")
    if wanted is None:
        raise errors.missing_parameter("DiskId")
    snapshot = begin(call, snapshotable(call, wanted), name(call, "SnapshotName"), deadline(call))
    return {"SnapshotId": snapshot.id}


def begin(
    call: Call, disk: Disk, title: str, until: datetime | None = None, group: str | None = None
) -> Snapshot:
    """A snapshot of a disk that was found fit for it."""
    snapshot = Snapshot(
        id="",
        name=title,
        disk=disk.id,
        disk_usage=usage(call, disk),
        disk_size=disk.size,
        zone=disk.zone,
        created=call.now,
        deadline=until,
        encrypted=disk.encrypted,
        creation=call.world.creation,
        tags=tags(call.given("Tags", []), "InvalidParameterValue"),
        group=group,
    )
    snapshot.id = call.world.new_id("snap")
    call.resources.add_snapshot(snapshot)
    return snapshot


def snapshotable(call: Call, wanted: str) -> Disk:
    """The disk of this id.

    Raises:
        ApiError: there is none, or none that can have a snapshot made now.
    """
    disk = call.resources.disks.get(wanted)
    if disk is None or disk.hidden:
        raise ApiError("InvalidDiskId.NotFound", f"The disk `{wanted}` is not found.")
    snapshots = call.resources.snapshots_of(wanted, call.now)
    creating = any(one.state(call.now) == "CREATING" for one in snapshots)
    full = len(snapshots) >= SNAPSHOTS_A_DISK
    for obstacle, code, why in (
        (not disk.snapshot_ability, "InvalidDisk.NotSupportSnapshot", "does not support snapshots"),
        (disk.state == "ROLLBACKING", "ResourceInUse.DiskRollbacking", "is being rolled back"),
        (disk.passing is not None, "InvalidDisk.Busy", f"is {disk.state}"),
        (disk.recycled is not None, "ResourceUnavailable.NotSupported", "is in the recycle bin"),
        (creating, "InvalidDisk.SnapshotCreating", "has a snapshot that is being created"),
        (full, TOO_MANY, f"has {SNAPSHOTS_A_DISK} snapshots, the most it can have"),
    ):
        if obstacle:
            raise ApiError(code, f"The disk `{wanted}` {why}.")
    return disk


def usage(call: Call, disk: Disk) -> str:
    """A data snapshot may be made of a system disk, to be shared."""
    wanted: str = call.given("DiskUsage", disk.usage)
    if wanted not in USAGES:
        raise errors.wrong_value("DiskUsage", wanted)
    return wanted


def deadline(call: Call, shortest: timedelta = SHORTEST_LIFE) -> datetime | None:
    """When a snapshot will be deleted: ISO 8601 in UTC, some time away."""
    text = call.given("Deadline")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise errors.wrong_value("Deadline", text) from None
    if moment.utcoffset() != timedelta(0) or not call.now + shortest <= moment < LATEST:
        raise errors.wrong_value("Deadline", text)
    return moment.astimezone(UTC)


@ACTIONS.add("DeleteSnapshots", resources=[named("snapshot", "SnapshotIds")])
def delete_snapshots(call: Call) -> dict[str, Any]:
    """Delete snapshots, all of them or none; only those that are NORMAL can be (document 362/15645)."""
    wanted: list[str] = call.given("SnapshotIds")
    listing(call).check_ids(wanted)
    doomed = [own_snapshot(call, one) for one in dict.fromkeys(wanted)]
    delete(call, doomed, with_images=bool(call.given("DeleteBindImages", default=False)))
    return {}


def delete(call: Call, doomed: list[Snapshot], *, with_images: bool) -> None:
    """Delete snapshots, and the images that are made of them where that is wanted.

    Raises:
        ApiError: one of them cannot be deleted; then none is.
    """
    for one in doomed:
        refuse_deleting(call, one, with_images=with_images)
    for one in doomed:
        for image, _ in images_of(call, one.id):
            del call.resources.images[image]
        call.resources.remove_snapshot(one)


def refuse_deleting(call: Call, one: Snapshot, *, with_images: bool) -> None:
    """Raise with the documented code for a snapshot that cannot be deleted now."""
    state = one.state(call.now)
    images = images_of(call, one.id)
    shared_images = any(call.resources.images[image].shared_with for image, _ in images)
    for obstacle, code, why in (
        (state == "CREATING", "ResourceUnavailable.SnapshotCreating", "is being created"),
        (state != "NORMAL", "ResourceBusy", f"is {state}"),
        (any(call.now < until for until in one.copying_to.values()), "ResourceBusy", "is being copied"),
        (bool(one.shared_with), IN_SHARED, "is shared with other accounts"),
        (bool(images) and (shared_images or not with_images), IN_IMAGE, "is part of an image"),
    ):
        if obstacle:
            raise ApiError(code, f"The snapshot `{one.id}` {why}.")


@ACTIONS.add("ModifySnapshotAttribute", resources=[named("snapshot", "SnapshotId")])
def modify_snapshot_attribute(call: Call) -> dict[str, Any]:
    """Name a snapshot, let it stay for good, or give it another deadline (document 362/15650)."""
    snapshot = own_snapshot(call, call.given("SnapshotId"))
    permanent = call.given("IsPermanent")
    until = None if permanent else deadline(call, timedelta())
    title = name(call, "SnapshotName") if call.given("SnapshotName") is not None else snapshot.name
    if permanent is None and until is None and call.given("SnapshotName") is None:
        raise errors.missing_parameter("SnapshotName")
    if permanent is False and until is None:
        raise errors.missing_parameter("Deadline")
    if until:
        refuse_mortality(call, snapshot)
        snapshot.deadline = until
        call.resources.note_deadline(snapshot)
    elif permanent:
        snapshot.deadline = None
    snapshot.name = title
    return {}


def refuse_mortality(call: Call, snapshot: Snapshot) -> None:
    """Raise for a snapshot that others depend on: it cannot be given a deadline."""
    if snapshot.shared_with:
        raise ApiError(IN_SHARED, f"The snapshot `{snapshot.id}` is shared with other accounts.")
    if images_of(call, snapshot.id):
        raise ApiError(IN_IMAGE, f"The snapshot `{snapshot.id}` is part of an image.")
