"""CAM 2019-01-16: permissions boundaries, which limit users and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cam_common import (
    BY_SYNTAX,
    any_policy,
    kind_of,
    role_of,
    roles_named,
    user_of,
    users_named,
)
from drkit.sandbox.services.table import Actions, Call

if TYPE_CHECKING:
    from drkit.sandbox.world.identity import Holder

ACTIONS = Actions("cam", "2019-01-16")
NOBODY = "InvalidParameter.UserNotExist"
THE_USER = (users_named("TargetUin"),)
THE_ROLE = (roles_named(),)


def put(call: Call, holder: Holder) -> dict[str, Any]:
    """Limit somebody by a policy, in place of the one before."""
    holder.boundary = any_policy(call, call.given("PolicyId"), "InvalidParameter.PolicyIdNotExist").id
    return {}


def lift(holder: Holder) -> dict[str, Any]:
    """Let somebody be without a limit."""
    holder.boundary = None
    return {}


def show(call: Call, holder: Holder) -> dict[str, Any]:
    """The limit of somebody, nulls where there is none."""
    if holder.boundary is None:
        names = ("PolicyId", "PolicyName", "PolicyDocument", "PolicyType", "CreateMode")
        return dict.fromkeys(names)
    policy = any_policy(call, holder.boundary)
    return {
        "PolicyId": policy.id,
        "PolicyName": policy.name,
        "PolicyDocument": policy.document,
        "PolicyType": kind_of(policy),
        "CreateMode": BY_SYNTAX,
    }


@ACTIONS.add("PutUserPermissionsBoundary", regional=False, resources=THE_USER)
def put_user_permissions_boundary(call: Call) -> dict[str, Any]:
    """Limit a user."""
    return put(call, user_of(call, "TargetUin", NOBODY))


@ACTIONS.add("DeleteUserPermissionsBoundary", regional=False, resources=THE_USER)
def delete_user_permissions_boundary(call: Call) -> dict[str, Any]:
    """Lift the limit of a user."""
    return lift(user_of(call, "TargetUin", NOBODY))


@ACTIONS.add("GetUserPermissionBoundary", regional=False)
def get_user_permission_boundary(call: Call) -> dict[str, Any]:
    """The limit of a user."""
    return show(call, user_of(call, "TargetUin", "InvalidParameter.ParamError"))


@ACTIONS.add("PutRolePermissionsBoundary", regional=False, resources=THE_ROLE)
def put_role_permissions_boundary(call: Call) -> dict[str, Any]:
    """Limit a role."""
    return put(call, role_of(call))


@ACTIONS.add("DeleteRolePermissionsBoundary", regional=False, resources=THE_ROLE)
def delete_role_permissions_boundary(call: Call) -> dict[str, Any]:
    """Lift the limit of a role."""
    return lift(role_of(call))


@ACTIONS.add("GetRolePermissionBoundary", regional=False)
def get_role_permission_boundary(call: Call) -> dict[str, Any]:
    """The limit of a role."""
    return show(call, role_of(call))
