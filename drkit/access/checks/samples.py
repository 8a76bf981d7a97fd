"""Accounts to show what checks find: everything in order, but for what a sample says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from drkit.access.known import Around, People
from drkit.ports.identities import (
    Activity,
    Attachment,
    Identities,
    Key,
    Origin,
    Policy,
    Role,
    Root,
    Trail,
    User,
)

AT = datetime(2026, 11, 22, tzinfo=UTC)
LONG_AGO = AT - timedelta(days=400)
OWNER = "100000000001"
AROUND = Around(
    AT, {"production": "production", "test": "test"}, People(frozenset({"ann", "bob"}), frozenset())
)
SEEN = Activity(AT - timedelta(days=89), (), ())


def account(**changes: Any) -> Identities:
    """An account in which there is nobody, and a trail is kept."""
    empty = Identities(
        account="production",
        cloud="tencent",
        number=OWNER,
        app_id="1250000000",
        users=(),
        groups=(),
        roles=(),
        policies=(),
        providers=(),
        root=Root((), second_factor=True),
        trails=(Trail("1", "all", active=True, whole=True, to="bucket"),),
        activity=SEEN,
    )
    return replace(empty, **changes)


def user(**changes: Any) -> User:
    """A user of a program, without a key."""
    plain = User(
        id="100000000101",
        name="ann",
        created=LONG_AGO,
        console=False,
        second_factor=True,
        policies=(),
        boundary="",
        keys=(),
    )
    return replace(plain, **changes)


def key(**changes: Any) -> Key:
    """A key that is new and in use."""
    return replace(
        Key("AKID1", active=True, created=AT - timedelta(days=10), last_used=AT - timedelta(days=1)),
        **changes,
    )


def role(trust: dict[str, Any], **changes: Any) -> Role:
    """A role."""
    made = Role("backup", "backup", f"qcs::cam::uin/{OWNER}:roleName/backup", json.dumps(trust), (), "")
    return replace(made, **changes)


def policy(*statements: dict[str, Any], id: str = "1", name: str = "p") -> Policy:  # noqa: A002 - the field's name
    """A custom policy of CAM."""
    text = json.dumps({"version": "2.0", "statement": list(statements)})
    return Policy(id, name, Origin.CUSTOM, "1", text)


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    """A statement that allows."""
    return {"effect": "allow", "action": action, "resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    """A statement that denies."""
    return {"effect": "deny", "action": action, "resource": resource, **more}


def having(*policies: Policy, **changes: Any) -> Identities:
    """An account of one user who has these policies."""
    attached = tuple(Attachment(each.id) for each in policies)
    return account(users=(user(policies=attached, **changes),), policies=policies)
