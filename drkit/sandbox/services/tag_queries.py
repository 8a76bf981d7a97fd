"""Tag 2018-08-13: which tags there are, and what has them."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Any, TypeVar

from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.services.tag_things import SERVICE, everything, find, pairs
from drkit.sandbox.wire.errors import ApiError, wrong_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from drkit.sandbox.services.tag_things import Tagged

ACTIONS = Actions("tag", "2018-08-13")
PAGE, LARGEST_PAGE = 15, 1000
TOKEN_PAGE = 50
RESOURCES_AT_ONCE, LARGEST_RESOURCE_PAGE = 10, 200
FILTERS, VALUES_A_FILTER = 6, 10
IDS_AT_ONCE = 50

Item = TypeVar("Item")


def paged(call: Call, found: list[Item], field: str, show: Callable[[Item], Any]) -> dict[str, Any]:
    """The part of a list that ``Offset`` and ``Limit`` ask for; the offset is a multiple of the limit."""
    offset, limit = call.given("Offset", 0), call.given("Limit", PAGE)
    if not 1 <= limit <= LARGEST_PAGE or offset % limit:
        raise ApiError("FailedOperation", "`Limit` is between 1 and 1000, `Offset` a multiple of it.")
    shown = [show(one) for one in found[offset : offset + limit]]
    return {"TotalCount": len(found), "Offset": offset, "Limit": limit, field: shown}


def turned(
    call: Call, found: list[Item], field: str, show: Callable[[Item], Any], largest: int = LARGEST_PAGE
) -> dict[str, Any]:
    """The part of a list after the one whose token is given; the token says how many came before."""
    token, most = call.given("PaginationToken", ""), call.given("MaxResults", TOKEN_PAGE)
    if not 1 <= most <= largest:
        raise wrong_value("MaxResults", most, "InvalidParameter")
    begin = position(token)
    end = begin + most
    following = base64.urlsafe_b64encode(f"after {end}".encode()).decode() if end < len(found) else ""
    return {"PaginationToken": following, field: [show(one) for one in found[begin:end]]}


def position(token: str) -> int:
    """What a token stands for.

    Raises:
        ApiError: it was not given out here.
    """
    if not token:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token.encode()).decode().partition(" ")
        if word == "after" and number.isascii() and number.isdigit():
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise ApiError("InvalidParameter.PaginationTokenInvalid", "The pagination token is not valid.")


def show_tag(pair: tuple[str, str]) -> dict[str, str]:
    """A tag as the service shows it."""
    return {"TagKey": pair[0], "TagValue": pair[1], "Category": "Custom"}


def of_keys(call: Call, keys: list[str] | None) -> list[tuple[str, str]]:
    """The account's tags of these keys; of all where none are given."""
    return [pair for pair in pairs(call) if not keys or pair[0] in keys]


@ACTIONS.add("DescribeTags", regional=False)
def describe_tags(call: Call) -> dict[str, Any]:
    """The account's tags; one is named by key and value, or several by their keys."""
    key, value = call.given("TagKey"), call.given("TagValue")
    keys = call.given("TagKeys") or ([key] if key is not None else None)
    found = [pair for pair in of_keys(call, keys) if value is None or pair[1] == value]
    attached = {pair for one in everything(call) for pair in one.thing.tags.items()}
    return paged(
        call, found, "Tags", lambda pair: {**show_tag(pair), "CanDelete": 0 if pair in attached else 1}
    )


@ACTIONS.add("DescribeTagKeys", regional=False)
def describe_tag_keys(call: Call) -> dict[str, Any]:
    """The keys of the account's tags."""
    return paged(call, list(dict.fromkeys(key for key, _ in pairs(call))), "Tags", str)


@ACTIONS.add("DescribeTagValues", regional=False)
def describe_tag_values(call: Call) -> dict[str, Any]:
    """The values that keys have."""
    return paged(call, of_keys(call, wanted_keys(call)), "Tags", show_tag)


@ACTIONS.add("GetTags", regional=False)
def get_tags(call: Call) -> dict[str, Any]:
    """The account's tags, page after page."""
    return turned(call, of_keys(call, call.given("TagKeys")), "Tags", show_tag)


@ACTIONS.add("GetTagKeys", regional=False)
def get_tag_keys(call: Call) -> dict[str, Any]:
    """The keys of the account's tags, page after page."""
    return turned(call, list(dict.fromkeys(key for key, _ in pairs(call))), "TagKeys", str)


@ACTIONS.add("GetTagValues", regional=False)
def get_tag_values(call: Call) -> dict[str, Any]:
    """The values that keys have, page after page."""
    return turned(call, of_keys(call, wanted_keys(call)), "Tags", show_tag)


def wanted_keys(call: Call) -> list[str]:
    """The keys that are asked for, at least one."""
    keys: list[str] = call.given("TagKeys")
    if not keys:
        raise wrong_value("TagKeys", "[]", "InvalidParameter")
    return keys


@ACTIONS.add("GetResources", regional=False)
def get_resources(call: Call) -> dict[str, Any]:
    """Things by their names or by their tags; every filter has to fit. Without both, all that have tags."""
    names = call.given("ResourceList")
    if names and len(names) > RESOURCES_AT_ONCE:
        raise ApiError("LimitExceeded.ResourceNumPerRequest", "Too many resources are named.")
    named = [one for one in (find(call, name) for name in names) if one] if names else None
    things = [one for one in everything(call) if one.thing.tags] if named is None else named
    found = [one for one in things if fits(call, one.thing)]

    def show(one: Any) -> dict[str, Any]:
        tags = [show_tag(pair) for pair in one.thing.tags.items()]
        return {"Resource": one.name(call.account.uin), "Tags": tags}

    if names:
        return {"PaginationToken": "", "ResourceTagMappingList": [show(one) for one in found]}
    return turned(call, found, "ResourceTagMappingList", show, LARGEST_RESOURCE_PAGE)


def fits(call: Call, thing: Tagged) -> bool:
    """Whether a thing has the tags that every filter asks for; of several values one is enough."""
    filters = call.given("TagFilters", [])
    if len(filters) > FILTERS or any(len(one.get("TagValue") or []) > VALUES_A_FILTER for one in filters):
        raise ApiError("LimitExceeded.TagNumPerRequest", "There are too many filters, or values in one.")
    return all(
        one["TagKey"] in thing.tags
        and (not one.get("TagValue") or thing.tags[one["TagKey"]] in one["TagValue"])
        for one in filters
    )


@ACTIONS.add("DescribeResourcesByTags", regional=False)
def describe_resources_by_tags(call: Call) -> dict[str, Any]:
    """Things that have all of the tags, of a service, a region, a kind or an id where that is asked for."""
    if len(call.given("TagFilters")) > FILTERS:
        raise ApiError("InvalidParameterValue.TagFiltersLengthExceeded", "There are too many filters.")
    if not call.given("TagFilters"):
        raise ApiError("InvalidParameterValue.TagFilters", "A filter is needed.")
    found = [
        one
        for one in everything(call)
        if fits(call, one.thing)
        and call.given("ServiceType", SERVICE) == SERVICE
        and call.given("ResourceRegion", one.region) == one.region
        and call.given("ResourcePrefix", one.kind) == one.kind
        and call.given("ResourceId", one.thing.id) == one.thing.id
    ]
    return paged(
        call,
        found,
        "Rows",
        lambda one: {
            "ResourceRegion": one.region,
            "ServiceType": SERVICE,
            "ResourcePrefix": one.kind,
            "ResourceId": one.thing.id,
            "Tags": [show_tag(pair) for pair in one.thing.tags.items()],
        },
    )


@ACTIONS.add("DescribeResourceTagsByResourceIds", regional=False)
def describe_resource_tags_by_resource_ids(call: Call) -> dict[str, Any]:
    """The tags of things of one kind in one region, a row for each tag."""
    ids = call.given("ResourceIds")
    if not 1 <= len(ids) <= IDS_AT_ONCE:
        raise wrong_value("ResourceIds", len(ids), "InvalidParameterValue.ResourceIdInvalid")
    if call.given("ServiceType") != SERVICE:
        raise wrong_value(
            "ServiceType", call.given("ServiceType"), "InvalidParameterValue.ServiceTypeInvalid"
        )
    rows = [
        (one.thing.id, pair)
        for one in everything(call)
        if one.thing.id in ids
        and one.kind == call.given("ResourcePrefix")
        and one.region == call.given("ResourceRegion")
        for pair in one.thing.tags.items()
    ]
    return paged(call, rows, "Tags", show_row)


def show_row(row: tuple[str, tuple[str, str]]) -> dict[str, str]:
    """One tag of one thing."""
    id_, pair = row
    return {
        **show_tag(pair),
        "ResourceId": id_,
        "TagKeyMd5": hashlib.md5(pair[0].encode(), usedforsecurity=False).hexdigest(),
        "TagValueMd5": hashlib.md5(pair[1].encode(), usedforsecurity=False).hexdigest(),
        "ServiceType": SERVICE,
    }
