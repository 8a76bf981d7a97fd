"""What has tags: things in six segments, ``qcs::cvm:ap-beijing:uin/100000000001:instance/ins-1``.

Source: documents 598/10606 (six segments), 651/89122 (which services), 651/13354 (what keys and values may be).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from drkit.sandbox.wire.errors import ApiError

if TYPE_CHECKING:
    from drkit.sandbox.services.table import Call
    from drkit.sandbox.world.model import Resources

SERVICE = "cvm"  # disks, snapshots and images too
FORM = re.compile(r"qcs:[^:]*:([a-z]+):([a-z0-9-]*):uin/([0-9]+):([A-Za-z]+)/([^:/\s]+)")
KEY_LENGTH, VALUE_LENGTH = 127, 255
CHARACTERS = re.compile(r"[\w \-+=.:/@()\[\]（）【】,;]*")  # noqa: RUF001 - documented so
RESERVED = ("qcs:", "tencent:")
AT_ONCE = 10
TAGS_A_RESOURCE = 50


class Tagged(Protocol):
    """Anything that has tags."""

    id: str
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A thing with the place where it is."""

    region: str
    kind: str
    thing: Tagged

    def name(self, account: str) -> str:
        """Its six segments."""
        return f"qcs::{SERVICE}:{self.region}:uin/{account}:{self.kind}/{self.thing.id}"


def everything(call: Call) -> Iterator[Found]:
    """All of the account's things that can have tags."""
    for region, held in call.account.regions.items():
        for kind, things in kinds(held, call).items():
            yield from (Found(region, kind, one) for one in things)


def kinds(held: Resources, call: Call) -> dict[str, list[Tagged]]:
    """The things of a region, by the word that stands for them in six segments."""
    return {
        "instance": list(held.instances.values()),
        "volume": [one for one in held.disks.values() if not one.hidden],
        "snapshot": list(held.snapshots(call.now)),
        "image": list(held.images.values()),
    }


def find(call: Call, name: str) -> Found | None:
    """The thing of these six segments, None where there is none.

    Raises:
        ApiError: these are no six segments, or those of another service or account.
    """
    match = FORM.fullmatch(name)
    if match is None:
        code = "InvalidParameterValue.ResourceDescriptionError"
        raise ApiError(code, f"`{name}` does not describe a resource.")
    service, region, account, kind, id_ = match.groups()
    if service != SERVICE:
        code = "InvalidParameter.UnsupportedService"
        raise ApiError(code, f"The sandbox has no resources of `{service}` that can have tags.")
    if account != call.account.uin:
        code = "AuthFailure.UnauthorizedOperation"
        raise ApiError(code, f"`{name}` belongs to another account.")
    held = call.account.regions.get(region)
    things = kinds(held, call).get(kind, []) if held else []
    return next((Found(region, kind, one) for one in things if one.id == id_), None)


def check_key(key: str) -> None:
    """Raise for what cannot be a tag key."""
    for obstacle, code in (
        (not key, "InvalidParameterValue.TagKeyEmpty"),
        (len(key) > KEY_LENGTH, "InvalidParameterValue.TagKeyLengthExceeded"),
        (not CHARACTERS.fullmatch(key), "InvalidParameterValue.TagKeyCharacterIllegal"),
        (key.startswith(RESERVED), "InvalidParameter.ReservedTagKey"),
    ):
        if obstacle:
            raise ApiError(code, f"`{key}` cannot be a tag key.")


def check_value(value: str) -> None:
    """Raise for what cannot be a tag value; empty it may be."""
    if len(value) > VALUE_LENGTH:
        raise ApiError("InvalidParameterValue.TagValueLengthExceeded", "A tag value is too long.")
    if not CHARACTERS.fullmatch(value):
        raise ApiError("InvalidParameterValue.TagValueCharacterIllegal", f"`{value}` cannot be a tag value.")


def check_keys(keys: list[str]) -> None:
    """Raise for keys that cannot be, of which one comes twice, or which are too many."""
    if len(keys) > AT_ONCE:
        raise ApiError("LimitExceeded.TagNumPerRequest", f"A request has at most {AT_ONCE} tags.")
    if len(set(keys)) < len(keys):
        raise ApiError("InvalidParameterValue.TagKeyDuplicate", "A tag key is given twice.")
    for key in keys:
        check_key(key)


def pairs(call: Call) -> list[tuple[str, str]]:
    """Every tag there is in the account: made by itself, or on a thing; sorted."""
    attached = {pair for one in everything(call) for pair in one.thing.tags.items()}
    made = {(key, value) for key, values in call.account.tags.items() for value in values}
    return sorted(attached | made)


def note(call: Call, key: str, value: str) -> None:
    """Remember a tag of the account; it stays when no thing has it any more."""
    values = call.account.tags.setdefault(key, [])
    if value not in values:
        values.append(value)
