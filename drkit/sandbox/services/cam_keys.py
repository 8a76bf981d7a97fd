"""CAM 2019-01-16: access keys."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cam_common import stamp, users_named, wrong
from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.wire import errors
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.world.identity import Key, Kind
from drkit.sandbox.world.keys import new_key_pair

if TYPE_CHECKING:
    from datetime import date

ACTIONS = Actions("cam", "2019-01-16")
KEYS_A_USER = 2  # no page that was found names the limit
MOST_IDS = 10
DESCRIPTION = re.compile(r"[\w+=,.@:/-]{0,1024}")
STATES = {"Active": True, "Inactive": False}
TARGET = (users_named("TargetUin"),)


@ACTIONS.add("CreateAccessKey", regional=False, resources=TARGET)
def create_access_key(call: Call) -> dict[str, Any]:
    """Make a key pair; the key is shown this once."""
    target = target_of(call)
    description = call.given("Description", "")
    if not DESCRIPTION.fullmatch(description):
        raise wrong("Description", description)
    key = make_key(call, target, description)
    return {"AccessKey": {**show(key), "SecretAccessKey": key.secret_key}}


def make_key(call: Call, user: str, description: str) -> Key:
    """A key pair of a user.

    Raises:
        ApiError: it has two.
    """
    if len(keys_of(call, user)) >= KEYS_A_USER:
        raise ApiError("OperationDenied.AccessKeyOverLimit", f"A user has {KEYS_A_USER} access keys at most.")
    key = Key(*new_key_pair(), user, call.now, description=description)
    call.identity.keys[key.secret_id] = key
    return key


def keys_of(call: Call, user: str) -> list[Key]:
    """The lasting keys of a user."""
    return [one for one in call.identity.keys.values() if one.user == user]


def target_of(call: Call) -> str:
    """The UIN whose keys a call is about: the caller's, unless told.

    Raises:
        ApiError: there is nobody, or it is the root, whose keys no user touches.
    """
    target = str(call.given("TargetUin", call.caller.user))
    if target == call.caller.account:
        if call.caller.kind is not Kind.ROOT:
            raise ApiError("OperationDenied.SubUin", "A sub-user cannot touch the keys of the root account.")
        return target
    if target not in call.identity.users:
        raise ApiError("InvalidParameter.UserNotExist", f"The user `{target}` does not exist.")
    return target


def key_of(call: Call) -> Key:
    """The key that a call is about.

    Raises:
        ApiError: there is none, or it is another user's.
    """
    target, secret_id = target_of(call), call.given("AccessKeyId")
    key = call.identity.keys.get(secret_id)
    if key is None:
        raise ApiError("ResourceNotFound.SecretNotExist", f"The access key `{secret_id}` does not exist.")
    if key.user != target:
        raise ApiError("OperationDenied.UinNotMatch", "The access key belongs to another user.")
    return key


@ACTIONS.add("UpdateAccessKey", regional=False, resources=TARGET)
def update_access_key(call: Call) -> dict[str, Any]:
    """Switch a key on or off."""
    wanted = call.given("Status")
    if wanted not in STATES:
        raise wrong("Status", wanted)
    key_of(call).active = STATES[wanted]
    return {}


@ACTIONS.add("DeleteAccessKey", regional=False, resources=TARGET)
def delete_access_key(call: Call) -> dict[str, Any]:
    """Delete a key for good."""
    del call.identity.keys[key_of(call).secret_id]
    return {}


@ACTIONS.add("ListAccessKeys", regional=False, resources=TARGET)
def list_access_keys(call: Call) -> dict[str, Any]:
    """The keys of a user."""
    return {"AccessKeys": [show(one) for one in keys_of(call, target_of(call))]}


@ACTIONS.add("GetSecurityLastUsed", regional=False)
def get_security_last_used(call: Call) -> dict[str, Any]:
    """The day on which keys were last used; it is known a day late."""
    wanted = call.given("SecretIdList")
    if len(wanted) > MOST_IDS:
        raise errors.ApiError("InvalidParameter", f"`SecretIdList` holds more than {MOST_IDS} values.")
    return {"SecretIdLastUsedRows": [last_used(call, secret_id) for secret_id in wanted]}


def last_used(call: Call, secret_id: str) -> dict[str, Any]:
    """One row; null for a key that was never used before today, or is nobody's."""
    key = call.identity.keys.get(secret_id)
    day = key.used_before(call.now.date()) if key else None
    return {
        "SecretId": secret_id,
        "LastUsedDate": day.isoformat() if day else None,
        "LastSecretUsedDate": milliseconds(day) if day else None,
    }


def milliseconds(day: date) -> int:
    """The beginning of a day as a Unix time in milliseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def show(key: Key) -> dict[str, Any]:
    """A key without its secret."""
    return {
        "AccessKeyId": key.secret_id,
        "Status": "Active" if key.active else "Inactive",
        "CreateTime": stamp(key.created),
        "Description": key.description,
    }
