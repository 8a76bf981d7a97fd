"""CAM 2019-01-16: the second factor that users need to log in and for sensitive operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cam_common import user_of
from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.world.identity import User

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTIONS = Actions("cam", "2019-01-16")
FACTORS = ("Phone", "Token", "Stoken", "Wechat", "Custom")
OFFSITE = {"VerifyFlag": 0, "NotifyPhone": 1, "NotifyEmail": 1, "NotifyWechat": 1, "Tips": 0}


@ACTIONS.add("DescribeSafeAuthFlagColl", regional=False)
def describe_safe_auth_flag_coll(call: Call) -> dict[str, Any]:
    """The factors of a user; all 0 where it has none."""
    user = user_of(call, "SubUin")
    return show(user.login_flag, user.action_flag)


@ACTIONS.add("DescribeSafeAuthFlag", regional=False)
def describe_safe_auth_flag(call: Call) -> dict[str, Any]:
    """The factors of the caller; those of the root are not kept."""
    user = call.identity.users.get(call.caller.user)
    return show(user.login_flag, user.action_flag) if user else show({}, {})


def show(login: Mapping[str, int], action: Mapping[str, int]) -> dict[str, Any]:
    """The flags, with the fields of the recorded answer and the one that the specification has since got."""
    return {
        "LoginFlag": {name: login.get(name, 0) for name in FACTORS},
        "ActionFlag": {name: action.get(name, 0) for name in FACTORS},
        "OffsiteFlag": dict(OFFSITE),
        "PromptTrust": 0,
    }


@ACTIONS.add("SetMfaFlag", regional=False)
def set_mfa_flag(call: Call) -> dict[str, Any]:
    """Say which factors a user needs; flags that are left out stay."""
    user = user_of(call, "OpUin")
    login, action = call.given("LoginFlag", {}), call.given("ActionFlag", {})
    for flags in (login, action):
        check(user, flags)
    user.login_flag = {**user.login_flag, **given(login)}
    user.action_flag = {**user.action_flag, **given(action)}
    return {}


def given(flags: Mapping[str, int | None]) -> dict[str, int]:
    """The flags that are not null."""
    return {name: value for name, value in flags.items() if value is not None}


def check(user: User, flags: Mapping[str, int | None]) -> None:
    """Raise for a factor that the user cannot have.

    Raises:
        ApiError: it has no telephone, or no WeChat, which nobody here has.
    """
    if flags.get("Phone") and not user.phone:
        raise ApiError("FailedOperation.UserNotBindPhone", "The user has bound no telephone.")
    if flags.get("Wechat"):
        raise ApiError("FailedOperation.UserNotBindWechat", "The user has bound no WeChat.")
