"""BH, API 2023-04-18: what people did through the managed bastion, and the templates of commands that it holds.

SearchSession (1025/112711) and SearchCommand (1025/112715) tell of one region, at most 200 at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import items_of, text
from drkit.clouds.tencent.retry import Caller
from drkit.ports.errors import UncertainError

VERSION = "2023-04-18"
SEARCH_SESSION = Call("bh", VERSION, "SearchSession", powers=(Power.LOOK,))
SEARCH_COMMAND = Call("bh", VERSION, "SearchCommand", powers=(Power.LOOK,))
DESCRIBE_TEMPLATES = Call("bh", VERSION, "DescribeCmdTemplates", powers=(Power.MAKE,))
CREATE_TEMPLATE = Call("bh", VERSION, "CreateCmdTemplate", writes=True, powers=(Power.MAKE,))
PAGE = 200
MOST = 20_000  # of one region; beyond that nobody reads them, and they cannot be counted whole
KINDS = (1, 2, 3, 4)  # terminals, desktops, files, databases
BLOCKED = 2


@dataclass(frozen=True, slots=True)
class Typed:
    """A command that somebody typed.

    Args:
        user: as the bastion calls him.
        blocked: the bastion held it.
    """

    user: str
    host: str
    text: str
    at: str
    blocked: bool


@dataclass(frozen=True, slots=True)
class Bastion:
    """What one region's bastion knows of a time."""

    sessions: Mapping[str, int]
    typed: tuple[Typed, ...]


def look(api: Caller, region: str, since: datetime, until: datetime) -> Bastion:
    """The sessions of each user, counted, and every command.

    Raises:
        CloudError, AccountError: they cannot be read, or not whole.
    """
    window = {
        "StartTime": since.isoformat(timespec="seconds"),
        "EndTime": until.isoformat(timespec="seconds"),
    }
    sessions: dict[str, int] = {}
    for kind in KINDS:
        for each in _all(api, SEARCH_SESSION.at(region), "SessionSet", {**window, "Kind": kind}):
            user = text(each, "UserName")
            sessions[user] = sessions.get(user, 0) + 1
    typed = [_typed(each) for each in _all(api, SEARCH_COMMAND.at(region), "Commands", window)]
    return Bastion(sessions, tuple(typed))


def push(api: Caller, region: str, templates: Mapping[str, str]) -> tuple[str, ...]:
    """Make the templates of commands that are not there yet, by their names (1025/86964); the names of those.

    Raises:
        UncertainError: one of a name is there with other commands. CloudError, AccountError: as `look`.
    """
    listed = _all(api, DESCRIBE_TEMPLATES.at(region), "CmdTemplateSet", {})
    there = {text(each, "Name"): each.get("CmdList") for each in listed}
    for name, commands in templates.items():
        if there.get(name, commands) != commands:
            raise UncertainError(
                f"the template {name} in {region} has other commands than its name says", code="Other"
            )
    missing = tuple(name for name in templates if name not in there)
    for name in missing:
        api.call(CREATE_TEMPLATE.at(region), {"Name": name, "CmdList": templates[name]})
    return missing


def _typed(each: dict[str, Any]) -> Typed:
    host = text(each, "DeviceName") or text(each, "InstanceId")
    return Typed(
        text(each, "UserName"), host, text(each, "Cmd"), text(each, "Time"), each.get("Action") == BLOCKED
    )


def _all(api: Caller, call: Call, key: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every item; of a time that is over none is added while it is read."""
    found: list[dict[str, Any]] = []
    while True:
        answer = api.call(call, {**parameters, "Offset": len(found), "Limit": PAGE})
        total, page = answer.get("TotalCount"), items_of(answer, key)
        if type(total) is not int or len(found) + len(page) > total:
            raise UncertainError(f"{call}: the answer has no TotalCount, or another", code="Garbled")
        found += page
        if len(found) == total:
            return found
        if not page or total > MOST:
            raise UncertainError(f"{call}: {total} are more than can be read", code="TooMuch")
