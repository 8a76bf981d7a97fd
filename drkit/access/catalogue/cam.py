"""What is known of CAM's actions; unknown stays unknown."""

from __future__ import annotations

import gzip
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

import orjson

from drkit.access.catalogue import CAM_LEVELS, CAM_NAMES

# Names that change something by their first word; what begins otherwise nobody can tell from its name.
WRITING = [
    "Add",
    "Allocate",
    "Apply",
    "Assign",
    "Associate",
    "Attach",
    "Batch",
    "Bind",
    "Cancel",
    "Clean",
    "Clear",
    "Close",
    "Complete",
    "Copy",
    "Create",
    "Delete",
    "Destroy",
    "Detach",
    "Disable",
    "Disassociate",
    "Enable",
    "Grant",
    "Import",
    "Initiate",
    "Invoke",
    "Isolate",
    "Modify",
    "Offline",
    "Open",
    "Post",
    "Put",
    "Reboot",
    "Release",
    "Remove",
    "Renew",
    "Replace",
    "Reset",
    "Resize",
    "Restart",
    "Restore",
    "Revoke",
    "Run",
    "Set",
    "Start",
    "Stop",
    "Switch",
    "Terminate",
    "Unassign",
    "Unbind",
    "Update",
    "Upgrade",
    "Upload",
]
READ_OR_NOT = frozenset(
    {"sts:AssumeRole"}
)  # listed under read operations; whether ReadOnlyAccess has it nobody says


class Level(StrEnum):
    """How an action is authorised."""

    RESOURCE = "resource"
    OPERATION = "operation"  # CAM is given * as the resource (213/77373)
    UNKNOWN = "unknown"
    CONFLICT = "conflict"  # the pages disagree
    CONFLICT_EXAMPLE = "conflict-example"  # and one of them shows a policy that names a resource


@cache
def _data() -> Any:
    return orjson.loads(gzip.decompress(CAM_LEVELS.read_bytes()))


@cache
def _levels() -> dict[str, dict[str, Level]]:
    return {
        service: {name: Level(level) for level, names in known["actions"].items() for name in names}
        for service, known in _data()["services"].items()
    }


@cache
def names() -> dict[str, list[str]]:
    """All actions of API 3.0 by service."""
    read: dict[str, list[str]] = orjson.loads(gzip.decompress(CAM_NAMES.read_bytes()))
    return read


@cache
def _aliases() -> dict[str, list[str]]:
    """Services that are authorised under another's prefix, by that prefix."""
    made: dict[str, list[str]] = {}
    for service, known in _data()["services"].items():
        for prefix in known["prefixes"]:
            if prefix != service:
                made.setdefault(prefix, []).append(service)
    return made


@lru_cache(maxsize=65536)
def level_of(service: str, name: str) -> Level:
    """How an action is authorised; its service may be that of the API or the prefix of its policies."""
    levels = _levels()
    for each in (service, *_aliases().get(service, ())):
        if name in levels.get(each, {}):
            return levels[each][name]
    known = _data()["services"].get(service)
    return Level(known["default"]) if known else Level.UNKNOWN


def prefixes(service: str) -> tuple[str, ...]:
    """The prefixes that policies surely name an action by."""
    known = _data()["services"].get(service)
    return tuple(known["prefixes"]) if known else (service,)


def other_prefixes(service: str, name: str) -> tuple[str, ...]:
    """The prefixes that policies may name it by too; no page says whether they count."""
    known = _data()["services"].get(service)
    own = (service,) if known and service not in known["prefixes"] else ()
    others = () if name in _levels().get(service, {}) else _aliases().get(service, ())
    return (*own, *(each for each in others if name in _levels()[each]))


@lru_cache(maxsize=65536)
def reads(action: str) -> bool | None:
    """Whether ``qcs:read_only_action`` holds for an action; None where its name does not tell (598/105584)."""
    name = action.partition(":")[2]
    if action in READ_OR_NOT:
        return None
    if name.startswith(tuple(_data()["reading"])):
        return True
    return False if name.startswith(tuple(WRITING)) else None


@lru_cache(maxsize=65536)
def except_cam_finance(action: str) -> bool | None:
    """Whether ``qcs:except_cam_finance`` holds for an action.

    It holds for five actions of CAM too, and a sixth whose name begins with CreateR (598/105584).
    """
    service, _, name = action.partition(":")
    if service == "finance":
        return False
    if service != "cam" or name in _data()["resource_full_cam"]:
        return True
    return None if name.startswith("CreateR") else False


def preset(name: str) -> Any:
    """The document of a preset policy; None where its text is not documented."""
    return _data()["presets"].get(name)


def general_policies() -> Any:
    """The document that every user carries."""
    return _data()["general"]
