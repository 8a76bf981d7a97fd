"""A request of AWS from the fields of a line."""

from __future__ import annotations

from typing import Any

from drkit.access.evaluate.aws_callers import ARN_PARTS, Caller, Kind, caller
from drkit.access.evaluate.context import Context
from drkit.access.evaluate.request import Request
from drkit.access.language.templates import Lookup, UndecidedError

PRINCIPAL_ARN = "aws:principalarn"
RESOURCE_ACCOUNT = "aws:resourceaccount"


def request(raw: dict[str, Any], *, bounded: bool) -> Request:
    """The request of a line.

    Raises:
        ValueError: its principal is none.
    """
    context = Context(raw.get("context") or {}, partial=bool(raw.get("context_partial")), fold=True)
    who = _with_path(caller(raw.get("principal")), context)
    return Request(
        action=raw["action"].lower(),
        resource=raw["resource"],
        caller=who,
        account=_account(raw, context),
        context=context,
        lookup=_lookup(context),
        bounded=bounded,
    )


def _with_path(who: Caller, context: Context) -> Caller:
    """A session whose role's ARN the context tells, which has the path that its own ARN lacks."""
    own = context.one(PRINCIPAL_ARN)
    if who.kind is not Kind.SESSION or own is None or ":role/" not in own:
        return who
    path = own.partition(":role/")[2]
    if path.rpartition("/")[2] != who.role or "/" not in path:
        return who
    return Caller(Kind.SESSION, who.name, who.account, path)


def _account(raw: dict[str, Any], context: Context) -> str:
    said = raw.get("resource_account")
    if said is not None:
        return str(said)
    parts = raw["resource"].split(":", ARN_PARTS - 1)
    if len(parts) == ARN_PARTS and parts[4].isdecimal():
        return str(parts[4])
    return context.one(RESOURCE_ACCOUNT) or ""


def _lookup(context: Context) -> Lookup:
    """The values of variables: condition keys that have one value."""

    def lookup(name: str) -> str | None:
        key = name.lower()
        if key not in context.values and context.partial:
            raise UndecidedError
        return context.one(key)

    return lookup
