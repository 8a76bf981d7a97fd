"""CVM 2017-03-12: images listed: own ones, shared ones, and those that everybody has."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cvm_images import FORM, PUBLIC, custom
from drkit.sandbox.services.listing import Listing, page
from drkit.sandbox.services.table import Actions, Call, named
from drkit.sandbox.world.clock import zulu

if TYPE_CHECKING:
    from drkit.sandbox.world.things import Image

ACTIONS = Actions("cvm", "2017-03-12")
PUBLIC_SIZE = 20  # GiB

IMAGES: Listing[tuple[str, Image | None]] = Listing(
    ids="ImageIds",
    id_form=FORM,
    identify=lambda one: one[0],
    attributes={
        "image-id": lambda one: [one[0]],
        "image-name": lambda one: [one[1].name if one[1] else PUBLIC[one[0]][0]],
        "platform": lambda one: ["" if one[1] else PUBLIC[one[0]][1]],
        "image-type": lambda one: ["PRIVATE_IMAGE" if one[1] else "PUBLIC_IMAGE"],
    },
    tags=lambda one: one[1].tags if one[1] else {},
    malformed="InvalidImageId.Malformed",
    combined="InvalidParameter.InvalidParameterCoexistImageIdsFilters",
    too_many="InvalidParameterValue.LimitExceeded",
    too_many_values="InvalidFilterValue.LimitExceeded",
    maximum_values=5,
)


@ACTIONS.add("DescribeImages", resources=[named("image", "ImageIds")])
def describe_images(call: Call) -> dict[str, Any]:
    """Own, shared and public images, newest first and the public ones last."""
    held = custom(call)
    own = sorted(held.items(), key=lambda one: (one[1].created, one[0]), reverse=True)
    everything = [*own, *((one, None) for one in PUBLIC)]
    attributes = {**IMAGES.attributes, "image-type": lambda one: [image_type(call, one)]}
    listing = dataclasses.replace(IMAGES, attributes=attributes)
    found = listing.select(call, everything)
    shown = page(call, found, "InvalidParameterValue.InvalidParameterValueLimit")
    return {"TotalCount": len(found), "ImageSet": [show_image(call, *one) for one in shown]}


def image_type(call: Call, one: tuple[str, Image | None]) -> str:
    """Whose it is."""
    if one[1] is None:
        return "PUBLIC_IMAGE"
    return "SHARED_IMAGE" if one[0] in call.resources.shared else "PRIVATE_IMAGE"


def show_image(call: Call, id_: str, image: Image | None) -> dict[str, Any]:
    """An image as the documented example shows it."""
    kind = image_type(call, (id_, image))
    title, platform = PUBLIC.get(id_, PUBLIC["img-sandbox0"])
    parts = [call.resources.snapshot(one, call.now) for one in image.snapshots] if image else []
    return {
        "ImageId": id_,
        "OsName": title,
        "ImageType": kind,
        "CreatedTime": zulu(image.created) if image else "2023-01-01T00:00:00Z",
        "ImageName": image.name if image else title,
        "ImageDescription": image.description if image else title,
        "ImageSize": image.size if image else PUBLIC_SIZE,
        "Architecture": "x86_64",
        "ImageState": image.state(call.now) if image else "NORMAL",
        "Platform": platform,
        "ImageCreator": image.creator if image else "tencent",
        "ImageSource": "CREATE_IMAGE" if image else "OFFICIAL",
        "SyncPercent": 100 if image and image.copied_from else None,
        "IsSupportCloudinit": True,
        "SnapshotSet": [
            {"SnapshotId": one.id, "DiskUsage": one.disk_usage, "DiskSize": one.disk_size}
            for one in parts
            if one
        ],
        "Tags": [{"Key": key, "Value": value} for key, value in image.tags.items()] if image else [],
        "LicenseType": "TencentCloud",
    }
