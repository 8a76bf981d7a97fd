"""CVM 2017-03-12: images are shared with other accounts, and copied to other regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drkit.sandbox.regions import REGIONS
from drkit.sandbox.services.cbs_copy import copy_to
from drkit.sandbox.services.cvm_images import own_image
from drkit.sandbox.services.table import Actions, Call, named
from drkit.sandbox.wire.errors import ApiError, not_emulated, wrong_value
from drkit.sandbox.world.clock import zulu
from drkit.sandbox.world.things import Image

if TYPE_CHECKING:
    from drkit.sandbox.world.model import Account

ACTIONS = Actions("cvm", "2017-03-12")
ACCOUNTS_AN_IMAGE = 500


@ACTIONS.add("ModifyImageSharePermission", resources=[named("image", "ImageId")])
def modify_image_share_permission(call: Call) -> dict[str, Any]:
    """Share an image with other root accounts of the same region, or stop that."""
    image = own_image(call, call.given("ImageId"))
    if image.state(call.now) != "NORMAL":
        raise ApiError("InvalidParameterValue.InvalidImageState", f"`{image.id}` is not NORMAL.")
    others = [other_account(call, one) for one in call.given("AccountIds")]
    permission = call.given("Permission")
    if permission not in {"SHARE", "CANCEL"}:
        raise wrong_value("Permission", permission)
    if permission == "SHARE" and len({*image.shared_with, *(one.uin for one in others)}) > ACCOUNTS_AN_IMAGE:
        raise ApiError("OverQuota", f"An image is shared with at most {ACCOUNTS_AN_IMAGE} accounts.")
    for other in others:
        shared = other.regions[call.region].shared
        if permission == "SHARE":
            image.shared_with.setdefault(other.uin, call.now)
            shared[image.id] = call.account.uin
        else:
            image.shared_with.pop(other.uin, None)
            shared.pop(image.id, None)
    return {}


def other_account(call: Call, wanted: str) -> Account:
    """Another root account.

    Raises:
        ApiError: there is none, or it is the caller's own.
    """
    found = call.world.accounts.get(wanted)
    if found is None:
        raise ApiError("InvalidAccountId.NotFound", f"The account `{wanted}` is not found.")
    if found is call.account:
        raise ApiError("InvalidAccountIs.YourSelf", "An image is not shared with its own account.")
    return found


@ACTIONS.add("DescribeImageSharePermission", resources=[named("image", "ImageId")])
def describe_image_share_permission(call: Call) -> dict[str, Any]:
    """Whom an image is shared with."""
    image = own_image(call, call.given("ImageId"))
    return {
        "SharePermissionSet": [
            {"CreatedTime": zulu(since), "AccountId": account} for account, since in image.shared_with.items()
        ]
    }


@ACTIONS.add("SyncImages", resources=[named("image", "ImageIds")])
def sync_images(call: Call) -> dict[str, Any]:
    """Copy an own image to other regions, by copies of its snapshots."""
    for unavailable in ("Encrypt", "KmsKeyId"):
        if call.given(unavailable):
            raise not_emulated(f"the parameter `{unavailable}` of SyncImages")
    wanted = call.given("ImageIds", [])
    if len(wanted) != 1:
        raise ApiError("InvalidImageId.TooLarge", "One image is copied at a time.")
    image = own_image(call, wanted[0])
    if image.state(call.now) != "NORMAL":
        raise ApiError("InvalidImageId.IncorrectState", f"`{image.id}` is {image.state(call.now)}.")
    regions = list(dict.fromkeys(call.given("DestinationRegions")))
    for region in regions:
        if region not in REGIONS or region == call.region:
            raise wrong_value("DestinationRegions", region, "InvalidParameterValue.InvalidRegion")
    if call.given("DryRun"):
        return {"ImageSet": []}
    made = [{"ImageId": copied(call, image, region), "Region": region} for region in regions]
    return {"ImageSet": made if call.given("ImageSetRequired") else []}


def copied(call: Call, image: Image, region: str) -> str:
    """Begin a copy of an image in a region; its id."""
    title = call.given("ImageName", image.name)
    sources = [call.resources.snapshot(one, call.now) for one in image.snapshots]
    copy = Image(
        id=call.world.new_id("img"),
        name=title,
        description=image.description,
        created=call.now,
        size=image.size,
        creator=image.creator,
        snapshots=[copy_to(call, one, region, title).id for one in sources if one],
        creation=call.world.creation,
        copied_from=call.region,
    )
    call.account.regions[region].images[copy.id] = copy
    return copy.id
