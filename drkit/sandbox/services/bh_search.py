"""BH 2023-04-18: sessions and commands that went through the bastion, searched.

Sources: SearchSession (1025/112711), SearchCommand (1025/112715). Times are ISO 8601 with a zone; those of answers
are written in UTC+8, as the examples have them.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.bh_templates import page
from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.wire.errors import missing_parameter, wrong_value
from drkit.sandbox.world.bastion import BLOCKED
from drkit.sandbox.world.clock import BEIJING

if TYPE_CHECKING:
    from drkit.sandbox.world.bastion import Session, Typed

ACTIONS = Actions("bh", "2023-04-18")


@ACTIONS.add("SearchSession")
def search_session(call: Call) -> dict[str, Any]:
    """Sessions of a time and a kind, the latest first, or the one of an id."""
    bastion = call.resources.bastion
    if (wanted := call.given("Id")) is not None:
        found = [one for one in bastion.sessions.values() if one.id == wanted]
    else:
        begin, end, kind = moment(call, "StartTime"), moment(call, "EndTime"), call.given("Kind")
        if begin is None or kind is None:
            raise missing_parameter("StartTime" if begin is None else "Kind")
        found = [
            one
            for one in bastion.sessions.values()
            if begin <= one.began <= (end or call.now) and one.kind == kind and fits(call, one)
        ]
    found.sort(key=lambda one: one.began, reverse=True)
    return {"TotalCount": len(found), "SessionSet": [shown_session(call, one) for one in page(call, found)]}


@ACTIONS.add("SearchCommand")
def search_command(call: Call) -> dict[str, Any]:
    """Commands of a time, the latest first; ``Cmd`` is a part of them."""
    begin, end = moment(call, "StartTime"), moment(call, "EndTime")
    assert begin is not None
    part, actions = text_of(call), call.given("AuditAction", [])
    found = [
        one
        for one in call.resources.bastion.typed
        if begin <= one.at <= (end or call.now)
        and part in one.text
        and (not actions or one.action in actions)
        and fits(call, call.resources.bastion.sessions[one.session])
    ]
    found.sort(key=lambda one: one.at, reverse=True)
    return {"TotalCount": len(found), "Commands": [shown_command(call, one) for one in page(call, found)]}


def fits(call: Call, one: Session) -> bool:
    """Whether a session is among those that are described."""
    values = {
        "UserName": one.user,
        "RealName": one.name,
        "Account": one.account,
        "InstanceId": one.instance,
        "DeviceName": one.host,
        "PrivateIp": one.address,
        "FromIp": one.source,
        "Status": one.status,
    }
    return all(call.given(name) in (None, value) for name, value in values.items())


def moment(call: Call, name: str) -> datetime | None:
    """A time that is given; one without a zone is none."""
    text = call.given(name)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise wrong_value(name, text) from None
    if found.tzinfo is None:
        raise wrong_value(name, text)
    return found


def text_of(call: Call) -> str:
    """The command that is looked for."""
    text: str = call.given("Cmd", "")
    if call.given("Encoding", 0) != 1:
        return text
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise wrong_value("Cmd", "…") from None


def stamp(at: datetime) -> str:
    """A time of an answer."""
    return at.astimezone(BEIJING).isoformat(timespec="seconds")


def shown_session(call: Call, one: Session) -> dict[str, Any]:
    """A session, as it is answered."""
    typed = [each for each in call.resources.bastion.typed if each.session == one.id]
    return {
        "Id": one.id,
        "UserName": one.user,
        "RealName": one.name,
        "Account": one.account,
        "StartTime": stamp(one.began),
        "EndTime": stamp(one.ended),
        "Size": 0,
        "InstanceId": one.instance,
        "DeviceName": one.host,
        "PrivateIp": one.address,
        "PublicIp": "",
        "FromIp": one.source,
        "Duration": (one.ended - one.began).total_seconds(),
        "Count": len(typed),
        "DangerCount": sum(each.action == BLOCKED for each in typed),
        "Status": one.status,
        "ApCode": "",
        "Protocol": "SSH",
    }


def shown_command(call: Call, one: Typed) -> dict[str, Any]:
    """A command, as it is answered."""
    session = call.resources.bastion.sessions[one.session]
    return {
        "Time": stamp(one.at),
        "UserName": session.user,
        "RealName": session.name,
        "InstanceId": session.instance,
        "DeviceName": session.host,
        "PublicIp": "",
        "PrivateIp": session.address,
        "Cmd": one.text,
        "Action": one.action,
        "Sid": session.id,
        "TimeOffset": int((one.at - session.began).total_seconds() * 1000),
        "Account": session.account,
        "FromIp": session.source,
        "SessionTime": stamp(session.began),
    }
