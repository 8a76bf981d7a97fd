"""CAM 2019-01-16: policies attached to users, groups and roles, and taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cam_common import any_policy, group_of, role_of, roles_named, user_of, wrong
from drkit.sandbox.services.cam_common import users_named as users
from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.wire.errors import ApiError

if TYPE_CHECKING:
    from drkit.sandbox.world.identity import Holder

ACTIONS = Actions("cam", "2019-01-16")
POLICIES_AN_IDENTITY = 200  # 598/10609


def attach(call: Call, holder: Holder, policy: int) -> dict[str, Any]:
    """Attach a policy; attaching it again changes nothing."""
    if policy not in holder.policies and len(holder.policies) >= POLICIES_AN_IDENTITY:
        most = POLICIES_AN_IDENTITY
        raise ApiError("InvalidParameter.AttachmentFull", f"It has {most} policies, the most it can have.")
    holder.policies.setdefault(policy, call.now)
    return {}


def detach(holder: Holder, policy: int) -> dict[str, Any]:
    """Take a policy away; one that is not attached is no error."""
    holder.policies.pop(policy, None)
    return {}


def policy_of(call: Call) -> int:
    """The policy whose id is given."""
    return any_policy(call, call.given("PolicyId")).id


@ACTIONS.add("AttachUserPolicy", regional=False)
def attach_user_policy(call: Call) -> dict[str, Any]:
    """Attach a policy to a user."""
    return attach(call, user_of(call, "AttachUin"), policy_of(call))


@ACTIONS.add("DetachUserPolicy", regional=False, resources=(users("DetachUin"),))
def detach_user_policy(call: Call) -> dict[str, Any]:
    """Take a policy from a user."""
    return detach(user_of(call, "DetachUin"), policy_of(call))


@ACTIONS.add("AttachGroupPolicy", regional=False)
def attach_group_policy(call: Call) -> dict[str, Any]:
    """Attach a policy to a group, and so to all its members."""
    return attach(call, group_of(call, call.given("AttachGroupId")), policy_of(call))


@ACTIONS.add("DetachGroupPolicy", regional=False)
def detach_group_policy(call: Call) -> dict[str, Any]:
    """Take a policy from a group."""
    return detach(group_of(call, call.given("DetachGroupId")), policy_of(call))


@ACTIONS.add("AttachRolePolicy", regional=False)
def attach_role_policy(call: Call) -> dict[str, Any]:
    """Attach a policy to a role."""
    return attach(call, role_of(call, "AttachRoleId", "AttachRoleName"), policy_of_role_call(call))


@ACTIONS.add("DetachRolePolicy", regional=False, resources=(roles_named("DetachRoleId", "DetachRoleName"),))
def detach_role_policy(call: Call) -> dict[str, Any]:
    """Take a policy from a role."""
    return detach(role_of(call, "DetachRoleId", "DetachRoleName"), policy_of_role_call(call))


def policy_of_role_call(call: Call) -> int:
    """The policy, by its id or by its name.

    Raises:
        ApiError: neither is given, or there is none.
    """
    number, name = call.given("PolicyId"), call.given("PolicyName")
    if number is None and name is None:
        raise wrong("PolicyId", "")
    if number is None:
        number = call.identity.policy_named(name) or 0
    return any_policy(call, number, "InvalidParameter.PolicyIdNotExist").id
