"""The credential report of IAM: passwords, second factors and keys of every user and of the root.

IAM User Guide, "Get credential reports for your AWS account": a CSV with one row a user and ``<root_account>``;
``N/A`` and ``no_information`` where there is nothing; it is made anew at most every four hours.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from drkit.clouds.aws.client import garbled
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.retry import Caller
from drkit.ports.errors import UncertainError
from drkit.ports.identities import Key, Root, User
from drkit.ports.unread import Unread

VERSION = "2010-05-08"
GENERATE = Call("iam", VERSION, "GenerateCredentialReport", powers=(Power.LOOK,))
GET = Call("iam", VERSION, "GetCredentialReport", powers=(Power.LOOK,))
ROOT = "<root_account>"
COMPLETE = "COMPLETE"
ASKED = 20  # times that the report is asked for; it is made within seconds
KEYS = ("1", "2")
Row = Mapping[str, str]


def read_report(api: Caller, home: str) -> dict[str, Row]:
    """The rows by ARN; the root's under `ROOT`.

    Raises:
        CloudError: there is no report that can be read.
    """
    for _ in range(ASKED):
        if api.call(GENERATE.at(home), {}).get("State") == COMPLETE:
            break
    else:
        raise UncertainError(f"{GENERATE}: it is not made yet", code="Slow")
    content = api.call(GET.at(home), {}).get("Content")
    if not isinstance(content, bytes):
        raise garbled(GET, "the answer has no Content")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8", "replace"))))
    if not rows or not all("user" in row and "arn" in row for row in rows):
        raise garbled(GET, "the report has no users")
    return {ROOT if row["user"] == ROOT else row["arn"]: row for row in rows}


def root_of(rows: Mapping[str, Row] | Unread) -> Root:
    """What the report says of the root."""
    if isinstance(rows, Unread):
        return Root(rows, rows)
    if ROOT not in rows:
        unread = Unread("the credential report has no row of the root")
        return Root(unread, unread)
    row = rows[ROOT]
    return Root(_keys(row, ROOT), row.get("mfa_active") == "true")


def with_row(user: User, rows: Mapping[str, Row] | Unread) -> User:
    """A user with what the report says of it."""
    if isinstance(rows, Unread):
        return replace(user, console=rows, second_factor=rows, keys=rows, last_login=rows)
    row = rows.get(user.id)
    if row is None:
        unread = Unread("the credential report, made up to four hours ago, does not have this user")
        return replace(user, console=unread, second_factor=unread, keys=unread, last_login=unread)
    return replace(
        user,
        console=row.get("password_enabled") == "true",
        second_factor=row.get("mfa_active") == "true",
        keys=_keys(row, user.name),
        last_login=_moment(row.get("password_last_used")),
    )


def _keys(row: Row, name: str) -> tuple[Key, ...]:
    """The keys that there are; the report does not name their ids."""
    return tuple(
        Key(
            f"{name}#{number}",
            row.get(f"access_key_{number}_active") == "true",
            _moment(row.get(f"access_key_{number}_last_rotated")),
            _moment(row.get(f"access_key_{number}_last_used_date")),
        )
        for number in KEYS
        if _moment(row.get(f"access_key_{number}_last_rotated"))
        or row.get(f"access_key_{number}_active") == "true"
    )


def _moment(stamp: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(stamp or "")
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
