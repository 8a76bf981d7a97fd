"""Cloud Access Management, API 2019-01-16: users, with their keys, factors, policies and limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from drkit.clouds.tencent.cam_lists import identifier, read_pages, unless_refused
from drkit.clouds.tencent.cam_policies import attachments
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import items_of, mapping, text
from drkit.clouds.tencent.retry import Caller
from drkit.clouds.tencent.times import moment
from drkit.ports.errors import UncertainError
from drkit.ports.identities import Attachment, Key, User
from drkit.ports.unread import Unread

VERSION = "2019-01-16"
LIST_USERS = Call("cam", VERSION, "ListUsers", powers=(Power.LOOK,))
LIST_POLICIES_OF_USER = Call("cam", VERSION, "ListAttachedUserPolicies", powers=(Power.LOOK,))
GET_BOUNDARY = Call("cam", VERSION, "GetUserPermissionBoundary", powers=(Power.LOOK,))
GET_FACTORS = Call("cam", VERSION, "DescribeSafeAuthFlagColl", powers=(Power.LOOK,))
LIST_KEYS = Call("cam", VERSION, "ListAccessKeys", powers=(Power.LOOK,))
GET_LAST_USED = Call("cam", VERSION, "GetSecurityLastUsed", powers=(Power.LOOK,))
DESCRIBE_SUB_ACCOUNTS = Call("cam", VERSION, "DescribeSubAccounts", powers=(Power.LOOK,))
IDS, UINS = 10, 50  # at most in one call of GetSecurityLastUsed (SecretIdList), and of DescribeSubAccounts
ACTIVE = {"Active": True, "Inactive": False}


def read_users(api: Caller) -> tuple[User, ...]:
    """Every user; ListUsers has no pages.

    Raises:
        CloudError: they cannot be listed. What of one of them cannot be read is Unread in its place.
    """
    answer = api.call(LIST_USERS, {})
    if not isinstance(answer.get("Data"), list):
        raise UncertainError(f"{LIST_USERS}: the answer has no Data", code="Garbled")
    items = items_of(answer, "Data")
    if not all(identifier(item, "Uin").isdecimal() for item in items):
        raise UncertainError(f"{LIST_USERS}: an item has no Uin", code="Garbled")
    logins = _logins(api, [identifier(item, "Uin") for item in items])
    return tuple(
        _user(api, item, logins) for item in sorted(items, key=lambda each: int(identifier(each, "Uin")))
    )


def _user(api: Caller, item: dict[str, Any], logins: Mapping[str, datetime | None] | Unread) -> User:
    uin = identifier(item, "Uin")
    console = item.get("ConsoleLogin")
    return User(
        id=uin,
        name=text(item, "Name"),
        created=moment("cam", "User", "CreateTime", item),
        console=bool(console) if isinstance(console, int) else None,
        second_factor=unless_refused(lambda: _second_factor(api, uin)),
        policies=unless_refused(lambda: _policies(api, uin)),
        boundary=unless_refused(lambda: boundary(api, GET_BOUNDARY, {"TargetUin": int(uin)})),
        keys=unless_refused(lambda: read_keys(api, uin)),
        last_login=logins if isinstance(logins, Unread) else logins.get(uin),
    )


def _policies(api: Caller, uin: str) -> tuple[Attachment, ...]:
    return attachments(read_pages(api, LIST_POLICIES_OF_USER, "List", "PolicyId", {"TargetUin": int(uin)}))


def boundary(api: Caller, call: Call, whose: Mapping[str, Any]) -> str:
    """The id of the policy that limits somebody; empty where nothing does.

    Raises:
        CloudError: it cannot be read.
    """
    answer = api.call(call, whose)
    if "PolicyId" not in answer:
        raise UncertainError(f"{call}: the answer has no PolicyId", code="Garbled")
    found = identifier(answer, "PolicyId")
    return "" if found == "0" else found


def _second_factor(api: Caller, uin: str) -> bool:
    """Whether logging in asks for any second factor (LoginFlag)."""
    answer = api.call(GET_FACTORS, {"SubUin": int(uin)})
    flags = mapping(answer, "LoginFlag")
    if not flags:
        raise UncertainError(f"{GET_FACTORS}: the answer has no LoginFlag", code="Garbled")
    return any(value == 1 for value in flags.values())


def read_keys(api: Caller, uin: str) -> tuple[Key, ...]:
    """The lasting keys of a user.

    Raises:
        CloudError: they cannot be listed.
    """
    answer = api.call(LIST_KEYS, {"TargetUin": int(uin)})
    if not isinstance(answer.get("AccessKeys"), list):
        raise UncertainError(f"{LIST_KEYS}: the answer has no AccessKeys", code="Garbled")
    items = items_of(answer, "AccessKeys")
    used = unless_refused(lambda: _last_used(api, [text(item, "AccessKeyId") for item in items]))
    return tuple(_key(item, used) for item in items)


def _key(item: dict[str, Any], used: Mapping[str, datetime | None] | Unread) -> Key:
    id_ = text(item, "AccessKeyId")
    missing = Unread("GetSecurityLastUsed did not name this key")
    return Key(
        id=id_,
        active=ACTIVE.get(text(item, "Status")),
        created=moment("cam", "AccessKey", "CreateTime", item),
        last_used=used if isinstance(used, Unread) else used.get(id_, missing),
        description=text(item, "Description"),
    )


def _last_used(api: Caller, ids: list[str]) -> dict[str, datetime | None]:
    found: dict[str, datetime | None] = {}
    for first in range(0, len(ids), IDS):
        answer = api.call(GET_LAST_USED, {"SecretIdList": ids[first : first + IDS]})
        for row in items_of(answer, "SecretIdLastUsedRows"):
            found[text(row, "SecretId")] = moment("cam", "AccessKey", "LastUsedDate", row)
    return found


def _logins(api: Caller, uins: list[str]) -> dict[str, datetime | None] | Unread:
    def read() -> dict[str, datetime | None]:
        found = {}
        for first in range(0, len(uins), UINS):
            wanted = [int(uin) for uin in uins[first : first + UINS]]
            answer = api.call(DESCRIBE_SUB_ACCOUNTS, {"FilterSubAccountUin": wanted})
            for item in items_of(answer, "SubAccounts"):
                found[identifier(item, "Uin")] = moment("cam", "SubAccount", "LastLoginTime", item)
        return found

    return unless_refused(read)
