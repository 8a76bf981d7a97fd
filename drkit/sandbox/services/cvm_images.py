"""CVM 2017-03-12: images, made of hosts or snapshots, and deleted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cbs_things import images_of, tags
from drkit.sandbox.services.cvm_hosts import host_named, refuse_unless
from drkit.sandbox.services.table import Actions, Call, named
from drkit.sandbox.wire.errors import ApiError, wrong_value
from drkit.sandbox.world.things import Image, Snapshot

if TYPE_CHECKING:
    from drkit.sandbox.world.things import Disk

ACTIONS = Actions("cvm", "2017-03-12")
PUBLIC = {  # id: name, platform
    "img-sandbox0": ("TencentOS Server 3.1 (TK4)", "TencentOS"),
    "img-sandbox1": ("Ubuntu Server 24.04 LTS 64bit", "Ubuntu"),
    "img-sandbox2": ("Debian 12.4 64bit", "Debian"),
}
NAME_LENGTH, DESCRIPTION_LENGTH = 60, 256
IMAGES_A_REGION = 500
FORM = re.compile(r"img-[0-9a-z]{8,}")


def custom(call: Call) -> dict[str, Image]:
    """The account's own images in the region, and those shared with it."""
    found = dict(call.resources.images)
    for one, owner in call.resources.shared.items():
        held = call.world.accounts[owner].regions[call.region].images if owner in call.world.accounts else {}
        if one in held:
            found[one] = held[one]
    return found


def own_image(call: Call, wanted: str) -> Image:
    """An image of the account in the region.

    Raises:
        ApiError: there is none.
    """
    if not FORM.fullmatch(wanted):
        raise wrong_value("ImageId", wanted, "InvalidImageId.Malformed")
    found = call.resources.images.get(wanted)
    if found is None:
        raise ApiError("InvalidImageId.NotFound", f"The image `{wanted}` is not found.")
    return found


def image_to_use(call: Call, wanted: str) -> str:
    """An image that a host can be made of.

    Raises:
        ApiError: there is none, or it is not finished.
    """
    if wanted in PUBLIC:
        return wanted
    if not FORM.fullmatch(wanted):
        raise wrong_value("ImageId", wanted, "InvalidImageId.Malformed")
    found = custom(call).get(wanted)
    if found is None:
        raise ApiError("InvalidImageId.NotFound", f"The image `{wanted}` is not found.")
    if found.state(call.now) != "NORMAL":
        raise ApiError("InvalidParameterValue.InvalidImageState", f"`{wanted}` is {found.state(call.now)}.")
    return wanted


@ACTIONS.add("CreateImage", resources=[named("instance", "InstanceId")])
def create_image(call: Call) -> dict[str, Any]:
    """Begin an image of a host's disks, by new snapshots of them, or of snapshots that exist."""
    title, description = texts(call)
    of_host = call.given("InstanceId") is not None
    if of_host == bool(call.given("SnapshotIds", [])):
        raise ApiError(
            "InvalidParameter.SpecifyOneParameter", "Either `InstanceId` or `SnapshotIds` is needed."
        )
    if len(call.resources.images) >= IMAGES_A_REGION:
        raise ApiError("ImageQuotaLimitExceeded", f"A region has at most {IMAGES_A_REGION} images.")
    tags, sources = tags_of(call), disks_to_use(call) if of_host else snapshots_to_use(call)
    if call.given("DryRun"):
        return {"ImageId": ""}
    parts = [one if isinstance(one, Snapshot) else snapshot_for(call, one, title) for one in sources]
    system = next(one for one in parts if one.disk_usage == "SYSTEM_DISK")
    image = Image(
        id=call.world.new_id("img"),
        name=title,
        description=description,
        created=call.now,
        size=system.disk_size,
        creator=call.caller.user,
        snapshots=[one.id for one in parts],
        creation=call.world.creation,
        tags=tags,
    )
    call.resources.images[image.id] = image
    return {"ImageId": image.id}


def texts(call: Call) -> tuple[str, str]:
    """Name and description of the new image.

    Raises:
        ApiError: one is too long, or the name is taken.
    """
    title, description = call.given("ImageName"), call.given("ImageDescription", "")
    for name, value, most in (
        ("ImageName", title, NAME_LENGTH),
        ("ImageDescription", description, DESCRIPTION_LENGTH),
    ):
        if len(value) > most:
            raise wrong_value(name, value, "InvalidParameterValue.TooLarge")
    if any(one.name == title for one in call.resources.images.values()):
        raise ApiError("InvalidImageName.Duplicate", f"There is an image `{title}` already.")
    return title, description


def tags_of(call: Call, kind: str = "image") -> dict[str, str]:
    """The tags that a call gives to new things of a kind."""
    specifications = call.given("TagSpecification", [])
    wanted = [tag for one in specifications if one["ResourceType"] == kind for tag in one["Tags"]]
    return tags(wanted, "InvalidParameterValue.TagQuotaLimitExceeded")


def disks_to_use(call: Call) -> list[Disk]:
    """The system disk of the host and those data disks that are named.

    Raises:
        ApiError: there is no such host, or a disk is not its own.
    """
    host = host_named(call, call.given("InstanceId"))
    refuse_unless([host], "RUNNING", "STOPPED", "SHUTDOWN")
    held = call.resources.disks_of(host.id)
    system, wanted = [one for one in held if not one.portable], call.given("DataDiskIds", [])
    if {one.id for one in system} & set(wanted):
        raise ApiError("InvalidParameter.DataDiskIdContainsRootDisk", "A data disk is the system disk.")
    data = {one.id: one for one in held if one.portable}
    for one in wanted:
        if one not in data:
            code = "InvalidParameter.DataDiskNotBelongSpecifiedInstance"
            raise ApiError(code, f"The disk `{one}` is not attached to the instance.")
    found = system + [data[one] for one in dict.fromkeys(wanted)]
    if any(one.state == "ROLLBACKING" for one in found):
        raise ApiError("ResourceInUse.DiskRollbacking", "A disk is being rolled back.")
    if not system:
        raise ApiError("InvalidInstance.NotSupported", f"The instance `{host.id}` has no cloud system disk.")
    return found


def snapshot_for(call: Call, disk: Disk, title: str) -> Snapshot:
    """A new snapshot of a disk, for an image."""
    made = Snapshot(
        id=call.world.new_id("snap"),
        name=title,
        disk=disk.id,
        disk_usage=disk.usage,
        disk_size=disk.size,
        zone=disk.zone,
        created=call.now,
        encrypted=disk.encrypted,
        creation=call.world.creation,
    )
    call.resources.add_snapshot(made)
    return made


def snapshots_to_use(call: Call) -> list[Snapshot]:
    """The snapshots that are named: one of a system disk, finished.

    Raises:
        ApiError: they are not.
    """
    found = []
    for one in dict.fromkeys(call.given("SnapshotIds")):
        snapshot = call.resources.snapshot(one, call.now)
        if snapshot is None:
            raise ApiError("InvalidParameter.SnapshotNotFound", f"The snapshot `{one}` is not found.")
        if snapshot.state(call.now) != "NORMAL":
            raise ApiError("ResourceUnavailable.SnapshotCreating", f"The snapshot `{one}` is not NORMAL.")
        found.append(snapshot)
    systems = sum(one.disk_usage == "SYSTEM_DISK" for one in found)
    if systems == 0:
        raise ApiError("InvalidParameter.SystemSnapshotNotFound", "No snapshot is of a system disk.")
    if systems > 1:
        raise ApiError("InvalidParameter.DuplicateSystemSnapshots", "Several snapshots are of system disks.")
    return found


@ACTIONS.add("DeleteImages", resources=[named("image", "ImageIds")])
def delete_images(call: Call) -> dict[str, Any]:
    """Delete images, all of them or none; where that is asked for, their snapshots too, unless others need them."""
    wanted = call.given("ImageIds", [])
    if not wanted:
        raise wrong_value("ImageIds", "[]", "InvalidParameterValue.InvalidImageId")
    images = [own_image(call, one) for one in dict.fromkeys(wanted)]
    for image in images:
        if image.shared_with:
            raise ApiError("InvalidImageId.InShared", f"The image `{image.id}` is shared.")
        if image.state(call.now) != "NORMAL":
            raise ApiError("InvalidImageId.IncorrectState", f"`{image.id}` is {image.state(call.now)}.")
    if call.given("DryRun"):
        return {}
    for image in images:
        del call.resources.images[image.id]
        for one in image.snapshots if call.given("DeleteBindedSnap") else []:
            snapshot = call.resources.snapshot(one, call.now)
            if snapshot and not snapshot.shared_with and not images_of(call, one):
                call.resources.remove_snapshot(snapshot)
    return {}
