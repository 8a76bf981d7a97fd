"""CAM 2019-01-16: what its actions have in common. Limits: 598/10609."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from drkit.sandbox.enforcement import known
from drkit.sandbox.wire import errors
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.world.clock import naive_beijing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from drkit.sandbox.enforcement.known import Preset
    from drkit.sandbox.services.table import Call, Touch
    from drkit.sandbox.world.identity import Group, Policy, Role, User

    Thing = TypeVar("Thing")

CUSTOM, PRESET = 1, 2
MOST_ROWS = 200
BY_SYNTAX = 2  # a policy that was written, not clicked together
NOBODY = "ResourceNotFound.UserNotExist"
PRESETS_SINCE = "2016-06-02 19:40:09"


def stamp(moment: datetime) -> str:
    """A time of CAM: it bears no zone, and is believed to be UTC+8."""
    return naive_beijing(moment)


def wrong(name: str, value: object) -> ApiError:
    """A parameter that CAM does not take."""
    return errors.wrong_value(name, value, "InvalidParameter.ParamError")


def paged(call: Call, things: Iterable[Thing]) -> tuple[int, list[Thing]]:
    """How many there are, and those of the page: ``Page`` from 1 and ``Rp`` rows, both at most 200."""
    everything = list(things)
    page, rows = call.given("Page", 1), call.given("Rp", 20)
    for name, value in (("Page", page), ("Rp", rows)):
        if not 1 <= value <= MOST_ROWS:
            raise wrong(name, value)
    return len(everything), everything[(page - 1) * rows : page * rows]


def matching(call: Call, things: Iterable[Thing]) -> list[Thing]:
    """The things whose name holds the ``Keyword``, where one is given."""
    keyword = call.given("Keyword", "")
    return [one for one in things if keyword.lower() in getattr(one, "name", "").lower()]


def user_of(call: Call, parameter: str, code: str = NOBODY) -> User:
    """The user whose UIN a parameter holds.

    Raises:
        ApiError: there is none.
    """
    uin = call.given(parameter)
    user = call.identity.users.get(str(uin))
    if user is None:
        raise ApiError(code, f"The user `{uin}` does not exist.")
    return user


def user_named(call: Call) -> User:
    """The user whose ``Name`` is given.

    Raises:
        ApiError: there is none.
    """
    user = call.identity.user_named(call.given("Name"))
    if user is None:
        raise ApiError(NOBODY, f"The user `{call.given('Name')}` does not exist.")
    return user


def group_of(call: Call, number: int, code: str = "ResourceNotFound.GroupNotExist") -> Group:
    """The group of an id.

    Raises:
        ApiError: there is none.
    """
    group = call.identity.groups.get(number)
    if group is None:
        raise ApiError(code, f"The group `{number}` does not exist.")
    return group


def role_of(call: Call, identifier: str = "RoleId", name: str = "RoleName") -> Role:
    """The role that one of two parameters names.

    Raises:
        ApiError: neither is given, or there is no such role.
    """
    by_id, by_name = call.given(identifier), call.given(name)
    if by_id is None and by_name is None:
        raise wrong(identifier, "")
    identity = call.identity
    role = identity.role_by_id(str(by_id)) if by_id is not None else identity.roles.get(by_name)
    if role is None:
        raise ApiError("InvalidParameter.RoleNotExist", f"The role `{by_id or by_name}` does not exist.")
    return role


def roles_named(identifier: str = "RoleId", name: str = "RoleName") -> Touch:
    """The role of a call, as policies name it; all of them where the call names none that exists."""

    def touch(call: Call) -> Sequence[str]:
        try:
            return [f"roleName/{role_of(call, identifier, name).name}"]
        except ApiError:
            return ["roleName/*"]

    return touch


def users_named(parameter: str) -> Touch:
    """The user of a call, as policies name it: the caller where the parameter is left out."""
    return lambda call: [f"uin/{call.given(parameter, call.caller.user)}"]


def custom_policy(call: Call, number: int, code: str = "ResourceNotFound.PolicyIdNotFound") -> Policy:
    """A policy that can be changed.

    Raises:
        ApiError: there is none.
    """
    policy = call.identity.policies.get(number)
    if policy is None:
        raise ApiError(code, f"The custom policy `{number}` does not exist.")
    return policy


def any_policy(call: Call, number: int, code: str = "ResourceNotFound.PolicyIdNotFound") -> Policy | Preset:
    """A policy of either kind.

    Raises:
        ApiError: there is none.
    """
    found = call.identity.policies.get(number) or known.presets().get(number)
    if found is None:
        raise ApiError(code, f"The policy `{number}` does not exist.")
    return found


def kind_of(policy: Policy | Preset) -> int:
    """1 for a custom policy, 2 for a preset."""
    return PRESET if isinstance(policy, known.Preset) else CUSTOM


def times_of(policy: Policy | Preset) -> dict[str, str]:
    """When a policy was made and changed."""
    if isinstance(policy, known.Preset):
        return {"AddTime": PRESETS_SINCE, "UpdateTime": PRESETS_SINCE}
    return {"AddTime": stamp(policy.created), "UpdateTime": stamp(policy.updated)}


def description_of(policy: Policy | Preset) -> str:
    """What somebody wrote about it."""
    return "" if isinstance(policy, known.Preset) else policy.description


def tags_of(call: Call) -> dict[str, str]:
    """The tags that a call gives."""
    return {tag["Key"]: tag["Value"] for tag in call.given("Tags", [])}


def shown_tags(tags: dict[str, str]) -> list[dict[str, Any]]:
    """Tags as CAM writes them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
