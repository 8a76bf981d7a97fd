"""BH 2023-04-18: templates of dangerous commands.

Sources: CreateCmdTemplate (1025/86964), ModifyCmdTemplate (1025/98702), DescribeCmdTemplates (1025/86962),
DeleteCmdTemplates (1025/86963). Which codes they answer is not documented for each; these are of the common ones.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.wire.errors import ApiError, wrong_value
from drkit.sandbox.world.bastion import OWN, Template

ACTIONS = Actions("bh", "2023-04-18")
LONGEST_NAME = 32  # characters, none of them white
LONGEST_LIST = 32_768  # bytes
USUAL, MOST = 20, 200


@ACTIONS.add("CreateCmdTemplate")
def create(call: Call) -> dict[str, Any]:
    """Make a template; it holds nothing until a right of access names it."""
    bastion = call.resources.bastion
    name, commands = named(call), listed(call)
    refuse_known(call, name, 0)
    bastion.made += 1
    bastion.templates[bastion.made] = Template(bastion.made, name, commands)
    return {"Id": bastion.made}


@ACTIONS.add("ModifyCmdTemplate")
def modify(call: Call) -> dict[str, Any]:
    """Change its name and its commands."""
    template = existing(call, call.given("Id"))
    name, commands = named(call), listed(call)
    refuse_known(call, name, template.id)
    template.name, template.commands = name, commands
    return {}


@ACTIONS.add("DeleteCmdTemplates")
def delete(call: Call) -> dict[str, Any]:
    """Remove several, all or none."""
    found = [existing(call, one) for one in call.given("IdSet")]
    for template in found:
        call.resources.bastion.templates.pop(template.id, None)
    return {}


@ACTIONS.add("DescribeCmdTemplates")
def describe(call: Call) -> dict[str, Any]:
    """Templates by ids, by a part of the name, by type; there are none of the product's own here."""
    wanted, part = call.given("IdSet"), call.given("Name", "")
    types = [*call.given("TypeSet", []), *([call.given("Type")] if call.given("Type") is not None else [])]
    found = [
        one
        for one in call.resources.bastion.templates.values()
        if (wanted is None or one.id in wanted) and part in one.name and (not types or OWN in types)
    ]
    shown = [
        {"Id": one.id, "Name": one.name, "CmdList": one.commands, "Type": OWN} for one in page(call, found)
    ]
    return {"TotalCount": len(found), "CmdTemplateSet": shown}


def page(call: Call, found: list[Any]) -> list[Any]:
    """The page that is asked for: at most 200, 20 unless said."""
    offset, limit = call.given("Offset", 0), call.given("Limit", USUAL)
    if not 1 <= limit <= MOST:
        raise wrong_value("Limit", limit)
    return found[offset : offset + limit]


def named(call: Call) -> str:
    """The name that is given."""
    name: str = call.given("Name")
    if not 1 <= len(name) <= LONGEST_NAME or any(letter.isspace() for letter in name):
        raise wrong_value("Name", name)
    return name


def listed(call: Call) -> str:
    """The commands that are given, plain or in base64."""
    text: str = call.given("CmdList")
    if call.given("Encoding", 0) == 1:
        try:
            text = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise wrong_value("CmdList", "…") from None
    if not text.strip() or len(text.encode()) > LONGEST_LIST:
        raise wrong_value("CmdList", f"{text[:20]}…")
    return text


def existing(call: Call, number: int) -> Template:
    """The template of an id."""
    found = call.resources.bastion.templates.get(number)
    if found is None:
        raise ApiError("ResourceNotFound", f"There is no command template `{number}`.")
    return found


def refuse_known(call: Call, name: str, own: int) -> None:
    """Two of one name nobody could tell apart."""
    if any(one.name == name and one.id != own for one in call.resources.bastion.templates.values()):
        raise ApiError("InvalidParameterValue", f"There is a command template `{name}` already.")
