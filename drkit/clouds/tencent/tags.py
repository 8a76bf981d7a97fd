"""The service of tags, API 2018-08-13: tags are put on things that are there, and taken off."""

from __future__ import annotations

from typing import Any

from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import items_of, text
from drkit.clouds.tencent.identity import TencentIdentity
from drkit.clouds.tencent.retry import Caller
from drkit.ports.errors import RefusedError

VERSION = "2018-08-13"
# The role that destroys alone has them: whoever may put any tag on anything fits the conditions of others' policies.
TAG_RESOURCES = Call("tag", VERSION, "TagResources", writes=True, powers=(Power.DESTROY,))
UNTAG_RESOURCES = Call("tag", VERSION, "UnTagResources", writes=True, powers=(Power.DESTROY,))


def tag(caller: Caller, region: str, thing: str, key: str, value: str) -> None:
    """TagResources of one thing (651/46533), such as ``snapshot/snap-1``; a key that it has gets the new value.

    Raises:
        CloudError: it is not known to bear it.
    """
    wanted = {
        "ResourceList": [_named(caller, region, thing)],
        "Tags": [{"TagKey": key, "TagValue": value}],
    }
    _refuse_failed(TAG_RESOURCES, thing, caller.call(TAG_RESOURCES, wanted))


def untag(caller: Caller, region: str, thing: str, key: str) -> None:
    """UnTagResources of one thing (651/46532); raises as `tag`."""
    wanted = {"ResourceList": [_named(caller, region, thing)], "TagKeys": [key]}
    _refuse_failed(UNTAG_RESOURCES, thing, caller.call(UNTAG_RESOURCES, wanted))


def _named(caller: Caller, region: str, thing: str) -> str:
    """Its six segments (598/10606); disks and snapshots stand there as things of cvm."""
    return f"qcs::cvm:{region}:uin/{TencentIdentity(caller).caller().account}:{thing}"


def _refuse_failed(call: Call, thing: str, answer: dict[str, Any]) -> None:
    """What fails alone stands in an answer that is no error."""
    for failed in items_of(answer, "FailedResources"):
        code = text(failed, "Code") or "Failed"
        raise RefusedError(f"{call} of {thing}: {code}: {text(failed, 'Message')}", code=code)
