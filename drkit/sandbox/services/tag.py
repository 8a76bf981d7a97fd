"""Tag 2018-08-13: tags are put on things and taken off."""

from __future__ import annotations

from typing import Any

from drkit.sandbox.services import tag_things
from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.services.tag_things import AT_ONCE, TAGS_A_RESOURCE, Found, check_keys, find, note
from drkit.sandbox.wire.errors import ApiError, wrong_value

ACTIONS = Actions("tag", "2018-08-13")


@ACTIONS.add("TagResources", regional=False)
def tag_resources(call: Call) -> dict[str, Any]:
    """Put tags on several things; what fails is told of, the rest is done."""
    tags = {one["TagKey"]: one["TagValue"] for one in call.given("Tags")}
    check_keys([one["TagKey"] for one in call.given("Tags")])
    for value in tags.values():
        tag_things.check_value(value)
    failed = []
    for name, found in named_things(call):
        if found is None:
            failed.append(not_there(name))
        elif len({**found.thing.tags, **tags}) > TAGS_A_RESOURCE:
            failed.append(too_many(name))
        else:
            put(call, found, tags)
    return {"FailedResources": failed}


@ACTIONS.add("UnTagResources", regional=False)
def untag_resources(call: Call) -> dict[str, Any]:
    """Take tags off several things; a thing without the tag is no failure."""
    keys = call.given("TagKeys")
    check_keys(keys)
    failed = []
    for name, found in named_things(call):
        if found is None:
            failed.append(not_there(name))
        else:
            take(found, keys)
    return {"FailedResources": failed}


@ACTIONS.add("ModifyResourceTags", regional=False)
def modify_resource_tags(call: Call) -> dict[str, Any]:
    """Put tags on one thing and take others off."""
    new = {one["TagKey"]: one["TagValue"] for one in call.given("ReplaceTags", [])}
    old = [one["TagKey"] for one in call.given("DeleteTags", [])]
    if not new and not old:
        raise ApiError("InvalidParameter.Tag", "`ReplaceTags` or `DeleteTags` is needed.")
    if set(new) & set(old):
        raise ApiError("InvalidParameterValue.DeleteTagsParamError", "A tag is both replaced and deleted.")
    check_keys([*new, *old])
    for value in new.values():
        tag_things.check_value(value)
    found = find(call, call.given("Resource"))
    if found is None:
        raise wrong_value(
            "Resource", call.given("Resource"), "InvalidParameterValue.ResourceDescriptionError"
        )
    if len({**found.thing.tags, **new}) > TAGS_A_RESOURCE:
        raise ApiError(
            "LimitExceeded.ResourceAttachedTags", f"A resource has at most {TAGS_A_RESOURCE} tags."
        )
    put(call, found, new)
    take(found, old)
    return {}


@ACTIONS.add("CreateTag", regional=False)
def create_tag(call: Call) -> dict[str, Any]:
    """Make a tag that is on nothing yet."""
    key, value = call.given("TagKey"), call.given("TagValue")
    tag_things.check_key(key)
    tag_things.check_value(value)
    if (key, value) in tag_things.pairs(call):
        raise ApiError("ResourceInUse.TagDuplicate", f"The tag `{key}={value}` exists already.")
    note(call, key, value)
    return {}


@ACTIONS.add("DeleteTag", regional=False)
def delete_tag(call: Call) -> dict[str, Any]:
    """Forget a tag that is on nothing."""
    key, value = call.given("TagKey"), call.given("TagValue")
    if any(one.thing.tags.get(key) == value for one in tag_things.everything(call)):
        raise ApiError("FailedOperation.TagAttachedResource", f"The tag `{key}={value}` is in use.")
    if value not in call.account.tags.get(key, []):
        raise ApiError("ResourceNotFound.TagNonExist", f"There is no tag `{key}={value}`.")
    call.account.tags[key].remove(value)
    return {}


def named_things(call: Call) -> list[tuple[str, Found | None]]:
    """The things that the call names, None where there is none.

    Raises:
        ApiError: too many are named, or something that is no resource.
    """
    names = call.given("ResourceList")
    if not names:
        raise wrong_value("ResourceList", "[]", "InvalidParameter")
    if len(names) > AT_ONCE:
        raise ApiError("LimitExceeded.ResourceNumPerRequest", f"A request has at most {AT_ONCE} resources.")
    return [(name, find(call, name)) for name in dict.fromkeys(names)]


def put(call: Call, found: Found, tags: dict[str, str]) -> None:
    """Put tags on a thing; a key that it has gets the new value."""
    found.thing.tags.update(tags)
    for key, value in tags.items():
        note(call, key, value)


def take(found: Found, keys: list[str]) -> None:
    """Take tags off a thing."""
    for key in keys:
        found.thing.tags.pop(key, None)


def not_there(name: str) -> dict[str, str]:
    """What is told of a thing that does not exist."""
    return {"Resource": name, "Code": "ResourceNotFound", "Message": "The resource does not exist."}


def too_many(name: str) -> dict[str, str]:
    """What is told of a thing that has enough tags."""
    return {
        "Resource": name,
        "Code": "LimitExceeded.ResourceAttachedTags",
        "Message": "It has too many tags.",
    }
