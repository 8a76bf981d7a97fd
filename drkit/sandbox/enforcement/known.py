"""What is known of actions: the level at which each is authorised, whether it reads, how a refusal is said.

The tables are generated (`generate`) from the pages on the actions that support CAM (598/69872 and its
neighbours, 213/77373) and the error codes that each action documents.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
UNKNOWN = "or"
DENIED = "UnauthorizedOperation"
# Reads, by the names that most of them begin with (598/105584).
READING = (
    *("BatchGet", "BatchQuery", "Check", "Compare", "Describe", "Download", "Export", "Get", "Inquire"),
    *("Inquiry", "List", "Query", "Search", "Validate", "Verify", "View"),
)
# The pages list it among the reads, and do not say whether the preset that allows reads allows it.
READS_TOO = frozenset({"sts:AssumeRole"})
# What the preset "resources only" allows of CAM nevertheless; the page's list goes on beyond what is legible.
ALLOWED_OF_CAM = frozenset(
    {"AddSubAccount", "AddUserToGroup", "CreateCollApiKey", "CreateGroup", "CreateProjectKey"}
)
# The service that policies name, where it is another than the API's (362/34221).
PREFIXES = {"cbs": "cvm"}


@dataclass(frozen=True, slots=True)
class Preset:
    """A policy of Tencent Cloud's own; ``sure`` where a page prints its text."""

    id: int
    name: str
    document: str
    sure: bool


def names(service: str, action: str) -> tuple[str, ...]:
    """An action's name in policies, and others by which an allow may mean it."""
    prefix = PREFIXES.get(service, service)
    return (f"{prefix}:{action}",) if prefix == service else (f"{prefix}:{action}", f"{service}:{action}")


@functools.cache
def level(service: str, action: str) -> str:
    """``o`` for operation-level, ``r`` for resource-level, ``or`` where it may be either."""
    known = table("levels.json").get(service, {"default": UNKNOWN, "actions": {}})
    found: str = known["actions"].get(action, known["default"])
    return found


@functools.cache
def denied_code(service: str, action: str) -> str:
    """The error code of a refusal."""
    known = table("denials.json").get(service, {"default": DENIED, "actions": {}})
    found: str = known["actions"].get(action, known["default"])
    return found


def reads(service: str, action: str) -> bool:
    """Whether an action counts as one that only reads (``qcs:read_only_action``)."""
    return action.startswith(READING) or f"{service}:{action}" in READS_TOO


def is_neither_cam_nor_finance(service: str, action: str) -> bool:
    """What ``qcs:except_cam_finance`` tells."""
    return service not in {"cam", "finance"} or (service == "cam" and action in ALLOWED_OF_CAM)


@functools.cache
def presets() -> dict[int, Preset]:
    """The preset policies by id; where no page names one, the id is made up."""
    return {
        one["id"]: Preset(one["id"], one["name"], json.dumps(one["document"]), one["sure"])
        for one in table("presets.json")
    }


@functools.cache
def table(name: str) -> Any:
    """One table of ``data``."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))
