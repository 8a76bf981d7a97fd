"""A request of CAM from the fields of a line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from drkit.access.catalogue import cam
from drkit.access.evaluate.cam_actions import plain
from drkit.access.evaluate.cam_callers import Caller, caller
from drkit.access.evaluate.cam_resources import SEGMENTS, CamRequest, passed
from drkit.access.evaluate.context import Context
from drkit.access.language.templates import UndecidedError

TAG_LISTS = ("qcs:resource_tag", "qcs:request_tag")
NONE_KNOWN: dict[str, str] = {}
APP_IDS = "app_ids"  # {UIN: APPID}, where a request or its policies name accounts by APPID


def request(raw: dict[str, Any]) -> CamRequest:
    """The request of a line.

    Raises:
        ValueError: its principal or its resource is none.
    """
    context = Context(raw.get("context") or {}, partial=bool(raw.get("context_partial")), fold=False)
    who = caller(raw.get("principal"))
    app_ids = _app_ids(raw, who)
    parts = _parts(raw["resource"])
    account = _account(raw, parts, app_ids) or who.owner
    action = plain(raw["action"])
    _tell_tags(context)
    _tell_about(action, context)
    return CamRequest(
        action=action,
        resource=raw["resource"],
        caller=who,
        account=account,
        context=context,
        lookup=partial(_variable, who, context, app_ids),
        parts=parts,
        app_id=_app_id(parts, account, app_ids),
        passed=passed(action),
    )


def _parts(resource: str) -> list[str]:
    if resource == "*":
        return []
    parts = resource.split(":", SEGMENTS - 1)
    if len(parts) != SEGMENTS or parts[0] != "qcs":
        raise ValueError("the resource is neither * nor of six segments")
    if parts[2] == "cos" and "/" not in parts[5]:
        parts[5] += "/"  # a bucket; its policies write bucket-appid/ and bucket-appid/*
    return parts


def _app_ids(raw: Mapping[str, Any], who: Caller) -> dict[str, str]:
    given = raw.get(APP_IDS)
    if given is None and not who.app_id:
        return NONE_KNOWN
    made = {str(uin): str(app_id) for uin, app_id in given.items()} if isinstance(given, dict) else {}
    if who.app_id and who.owner:
        made.setdefault(who.owner, who.app_id)
    return made


def _account(raw: Mapping[str, Any], parts: list[str], app_ids: Mapping[str, str]) -> str:
    """The UIN of the resource's owner; empty where nobody said."""
    said = raw.get("resource_account")
    if said is not None:
        return str(said).removeprefix("uin/")
    if not parts:
        return ""
    kind, _, number = parts[4].partition("/")
    if kind == "uin":
        return number
    return next((uin for uin, app_id in app_ids.items() if kind == "uid" and app_id == number), "")


def _app_id(parts: list[str], account: str, app_ids: Mapping[str, str]) -> str:
    if parts and parts[4].startswith("uid/"):
        return parts[4].removeprefix("uid/")
    return app_ids.get(account, "")


def _variable(who: Caller, context: Context, app_ids: Mapping[str, str], name: str) -> str:
    """``${uin}``, ``${owner_uin}``, ``${app_id}`` (598/10607): of the caller, or what the context says of it.

    Raises:
        UndecidedError: it has no value here, or the name is none of CAM's.
    """
    own = {
        "uin": who.name if who.name.isdecimal() else "",
        "owner_uin": who.owner,
        "app_id": who.app_id or app_ids.get(who.owner, ""),
    }
    if name not in own:
        raise UndecidedError
    value = own[name] or context.one(name) or context.one(f"qcs:{name}")
    if not value:
        raise UndecidedError
    return value


def _tell_tags(context: Context) -> None:
    """``qcs:resource_tag/key`` from the list of ``key&value``, where the context has that alone."""
    for name in TAG_LISTS:
        for pair in context.values.get(name) or ():
            key, separator, value = pair.partition("&")
            if separator:
                context.values.setdefault(f"{name}/{key}", (value,))


def _tell_about(action: str, context: Context) -> None:
    """The two keys that say something of the action itself and not of the request (598/105584)."""
    for key, told in (
        ("qcs:read_only_action", cam.reads),
        ("qcs:except_cam_finance", cam.except_cam_finance),
    ):
        if key not in context.values:
            known = told(action)
            context.values[key] = None if known is None else ("1" if known else "0",)
