"""What a call tells the conditions of policies (598/10608): where it comes from, when, about what, with which tags."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from drkit.sandbox.enforcement import known
from drkit.sandbox.world.things import Disk, Instance

if TYPE_CHECKING:
    from drkit.sandbox.services.table import Call

    Key = Callable[[Call, str], Sequence[str] | None]

ADDRESS = "127.0.0.1"  # the sandbox listens nowhere else


class Tagged(Protocol):
    """Anything that has tags."""

    tags: dict[str, str]


def circumstances(call: Call, resource: str) -> Callable[[str], Sequence[str] | None]:
    """The values that a call has for the keys of conditions; None where it has no such key."""

    def seen(key: str) -> Sequence[str] | None:
        return KEYS[key](call, resource) if key in KEYS else None

    return seen


def touched(call: Call, resource: str) -> tuple[str, Tagged | None]:
    """The type of a resource of the caller's account, and the thing itself, None where there is none."""
    owner, _, thing = resource.rpartition(":")
    kind, _, name = thing.partition("/")
    if kind not in TAGGED or not owner.endswith(f":uin/{call.caller.account}"):
        return "", None
    return kind, TAGGED[kind](call, name)


def resource_tags(call: Call, resource: str) -> list[str] | None:
    """The tags of a resource as ``key&value``, None where it has none."""
    _, found = touched(call, resource)
    return [f"{key}&{value}" for key, value in found.tags.items()] or None if found else None


def zone(call: Call, resource: str) -> list[str] | None:
    """The zone of a disk or host, or the one in which it is to be made."""
    kind, found = touched(call, resource)
    if isinstance(found, Disk | Instance):
        return [found.zone]
    return wanted(call.given("Placement", {}), "Zone") if kind in {"volume", "instance"} else None


def type_of(kind: str, parameter: str) -> Key:
    """The type of a disk or host, or that of which it is to be made."""

    def seen(call: Call, resource: str) -> list[str] | None:
        its_kind, found = touched(call, resource)
        if its_kind != kind:
            return None
        return [found.type] if isinstance(found, Disk | Instance) else wanted(call.parameters, parameter)

    return seen


def wanted(given: Mapping[str, Any], name: str) -> list[str] | None:
    """What a call says about what it makes, None where it does not say."""
    value = given.get(name)
    return [value] if isinstance(value, str) else None


def snapshot_or_like(call: Call, name: str) -> Tagged | None:
    """A snapshot, or a group of them or an automatic policy, which go by the same type (362/34220)."""
    held = call.resources
    return held.snapshot(name, call.now) or held.groups.get(name) or held.policies.get(name)


# Where things are whose tags a condition may ask for, by the type in the name of a resource.
TAGGED: Mapping[str, Callable[[Call, str], Tagged | None]] = {
    "instance": lambda call, name: call.resources.instances.get(name),
    "volume": lambda call, name: call.resources.disks.get(name),
    "image": lambda call, name: call.resources.images.get(name),
    "snapshot": snapshot_or_like,
    "uin": lambda call, name: call.identity.users.get(name),
    "roleName": lambda call, name: call.identity.roles.get(name),
}


def request_tags(call: Call) -> list[str] | None:
    """The tags that a call gives, as ``key&value``; None where it gives none."""
    return [f"{key}&{value}" for key, value in given_tags(call)] or None


def given_tags(call: Call) -> Iterable[tuple[str, str]]:
    """The tags that a call gives: to what it makes, or to what there is; CVM has them by type of resource."""
    specified = [tag for one in call.given("TagSpecification", []) for tag in one.get("Tags") or []]
    rows: list[dict[str, Any]] = [*call.given("Tags", []), *call.given("ReplaceTags", []), *specified]
    for tag in rows:
        key = tag.get("Key") or tag.get("TagKey")
        if key:
            yield key, tag.get("Value") or tag.get("TagValue") or ""


KEYS: Mapping[str, Key] = {
    "qcs:current_time": lambda call, _: [call.now.isoformat()],
    "qcs:ip": lambda _, __: [ADDRESS],
    "qcs:mfa": lambda call, _: [str(int(call.caller.mfa))],
    "qcs:read_only_action": lambda call, _: [str(int(known.reads(call.service, call.action)))],
    "qcs:except_cam_finance": lambda call, _: [
        str(int(known.is_neither_cam_nor_finance(call.service, call.action)))
    ],
    "qcs:resource_tag": resource_tags,
    "qcs:request_tag": lambda call, _: request_tags(call),
    "sts:external_id": lambda call, _: wanted(call.parameters, "ExternalId"),
    "cvm:region": lambda call, _: [call.region] if call.regional else None,
    "cvm:zone": zone,
    "cvm:disk_type": type_of("volume", "DiskType"),
    "cvm:instance_type": type_of("instance", "InstanceType"),
}
