"""Whom a role trusts: the principals of its document (598/10604)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drkit.sandbox.circumstances import circumstances
from drkit.sandbox.enforcement.documents import parse_trust
from drkit.sandbox.enforcement.patterns import EVERYTHING, action_fits
from drkit.sandbox.world.identity import Kind

if TYPE_CHECKING:
    from drkit.sandbox.enforcement.documents import Statement
    from drkit.sandbox.services.table import Call

ACTION = "sts:AssumeRole"
ANYONE = "qcs::cam::anyone:anyone"
# How a principal may be written.
FORMS = (
    re.compile(
        r"qcs::cam::uin/[0-9]+:(root|(uin|groupid)/[0-9]+|role(Name)?/[\w+=,.@-]+|saml-provider/[\w+=,.@-]+)"
    ),
    re.compile(r"qcs::cam::(anyone:anyone|anonymous:anonymous)"),
)


def trusts(document: str, call: Call) -> bool:
    """Whether a role's document lets the caller assume the role; a deny that is about the caller wins."""
    about = [one for one in parse_trust(document).statements if concerns(one, call)]
    return any(one.allow for one in about) and all(one.allow for one in about)


def concerns(statement: Statement, call: Call) -> bool:
    """Whether a statement is about this caller, about assuming a role, and about these circumstances."""
    wide = statement.allow
    seen = circumstances(call, EVERYTHING)
    return (
        any(action_fits(pattern, ACTION, wide=wide) for pattern in statement.actions)
        and not ways(call).isdisjoint(statement.principals.get("qcs", ()))
        and all(one.holds(seen, {}, wide=wide) for one in statement.conditions)
    )


def ways(call: Call) -> set[str]:
    """The names under which the caller may be trusted; the root stands for everybody of its account."""
    caller = call.caller
    account = f"qcs::cam::uin/{caller.account}"
    found = {f"{account}:root", ANYONE}
    if caller.kind is Kind.ROLE:
        return found | {f"{account}:roleName/{caller.name}", f"{account}:role/{caller.user}"}
    groups = {f"{account}:groupid/{group.id}" for group in call.identity.groups_of(caller.user)}
    return found | groups | {f"{account}:uin/{caller.user}"}
