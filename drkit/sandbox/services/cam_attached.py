"""CAM 2019-01-16: which policies are attached to what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cam_common import (
    BY_SYNTAX,
    any_policy,
    description_of,
    group_of,
    kind_of,
    matching,
    paged,
    role_of,
    stamp,
    user_of,
    wrong,
)
from drkit.sandbox.services.cam_policies import type_name
from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.wire.errors import ApiError

if TYPE_CHECKING:
    from datetime import datetime

    from drkit.sandbox.enforcement.known import Preset
    from drkit.sandbox.world.identity import Group, Holder, Policy, User

ACTIONS = Actions("cam", "2019-01-16")
EVERYWAY, DIRECTLY, BY_GROUP = 0, 1, 2
USER, GROUP, ROLE = 1, 2, 3
ENTITIES = {"All": (USER, GROUP, ROLE), "User": (USER,), "Group": (GROUP,), "Role": (ROLE,)}


def attached(call: Call, holder: Holder) -> list[Policy | Preset]:
    """The policies of a user, a group or a role."""
    return [any_policy(call, number) for number in holder.policies]


@ACTIONS.add("ListAttachedUserPolicies", regional=False)
def list_attached_user_policies(call: Call) -> dict[str, Any]:
    """The policies of a user, without those of its groups."""
    return listed(call, user_of(call, "TargetUin", "InvalidParameter.ParamError"))


@ACTIONS.add("ListAttachedGroupPolicies", regional=False)
def list_attached_group_policies(call: Call) -> dict[str, Any]:
    """The policies of a group."""
    return listed(call, group_of(call, call.given("TargetGroupId"), "InvalidParameter.ParamError"))


def listed(call: Call, holder: Holder) -> dict[str, Any]:
    """A page of policies as the lists of users and groups show them."""
    total, shown = paged(call, matching(call, attached(call, holder)))
    return {"TotalNum": total, "List": [show_attached(call, one, holder.policies[one.id]) for one in shown]}


def show_attached(call: Call, policy: Policy | Preset, since: datetime) -> dict[str, Any]:
    """A policy of a user or a group; nobody keeps who attached it."""
    return {
        "PolicyId": policy.id,
        "PolicyName": policy.name,
        "AddTime": stamp(since),
        "CreateMode": BY_SYNTAX,
        "PolicyType": type_name(policy),
        "Remark": description_of(policy),
        "OperateOwnerUin": call.caller.account,
        "OperateUin": call.caller.account,
        "OperateUinType": 0,
        "Deactived": 0,
        "DeactivedDetail": [],
    }


@ACTIONS.add("ListAttachedRolePolicies", regional=False)
def list_attached_role_policies(call: Call) -> dict[str, Any]:
    """The policies of a role."""
    role, kind = role_of(call), call.given("PolicyType")
    if kind not in {None, "User", "QCS"}:
        raise wrong("PolicyType", kind)
    found = [one for one in matching(call, attached(call, role)) if kind in {None, type_name(one)}]
    total, shown = paged(call, found)
    rows = [
        {
            "PolicyId": one.id,
            "PolicyName": one.name,
            "AddTime": stamp(role.policies[one.id]),
            "PolicyType": type_name(one),
            "CreateMode": BY_SYNTAX,
            "Deactived": 0,
            "DeactivedDetail": [],
            "Description": description_of(one),
        }
        for one in shown
    ]
    return {"TotalNum": total, "List": rows}


@ACTIONS.add("ListAttachedUserAllPolicies", regional=False)
def list_attached_user_all_policies(call: Call) -> dict[str, Any]:
    """The policies of a user, its own and those that it has by groups."""
    user, way, kind = user_of(call, "TargetUin"), call.given("AttachType"), call.given("StrategyType")
    if way not in {EVERYWAY, DIRECTLY, BY_GROUP}:
        raise wrong("AttachType", way)
    groups = call.identity.groups_of(user.uin) if way != DIRECTLY else []
    own = user.policies if way != BY_GROUP else {}
    numbers = dict.fromkeys([*own, *(number for group in groups for number in group.policies)])
    policies = matching(call, (any_policy(call, number) for number in numbers))
    total, shown = paged(call, [one for one in policies if kind in {None, kind_of(one)}])
    return {"TotalNum": total, "PolicyList": [show_of_user(one, user, groups) for one in shown]}


def show_of_user(policy: Policy | Preset, user: User, groups: list[Group]) -> dict[str, Any]:
    """A policy of a user with the groups that it comes by; numbers are text here."""
    through = [group for group in groups if policy.id in group.policies]
    since = [holder.policies[policy.id] for holder in (user, *through) if policy.id in holder.policies]
    return {
        "PolicyId": str(policy.id),
        "PolicyName": policy.name,
        "Description": description_of(policy),
        "AddTime": stamp(min(since)),
        "StrategyType": str(kind_of(policy)),
        "CreateMode": str(BY_SYNTAX),
        "Groups": [{"GroupId": group.id, "GroupName": group.name} for group in through],
        "Deactived": 0,
        "DeactivedDetail": [],
    }


@ACTIONS.add("ListEntitiesForPolicy", regional=False)
def list_entities_for_policy(call: Call) -> dict[str, Any]:
    """The users, groups and roles that have a policy."""
    kinds = call.given("EntityFilter", "All")
    if kinds not in ENTITIES:
        raise ApiError("InvalidParameter.EntityFilterError", f"The filter `{kinds}` is not valid.")
    number = any_policy(call, call.given("PolicyId"), "InvalidParameter.PolicyIdError").id
    found = [row for row in entities(call, number) if row["RelatedType"] in ENTITIES[kinds]]
    total, shown = paged(call, found)
    return {"TotalNum": total, "List": shown}


def entities(call: Call, policy: int) -> list[dict[str, Any]]:
    """Everything that has a policy, as rows."""
    identity = call.identity
    rows: list[tuple[int, str, str, int, Holder]] = []
    rows += [(USER, str(one.uid), one.name, int(one.uin), one) for one in identity.users.values()]
    rows += [(GROUP, str(one.id), one.name, 0, one) for one in identity.groups.values()]
    rows += [(ROLE, one.id, one.name, 0, one) for one in identity.roles.values()]
    return [
        {
            "Id": id_,
            "Name": name,
            "Uin": uin,
            "RelatedType": kind,
            "AttachmentTime": stamp(holder.policies[policy]),
        }
        for kind, id_, name, uin, holder in rows
        if policy in holder.policies
    ]
