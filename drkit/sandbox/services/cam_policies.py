"""CAM 2019-01-16: custom policies and presets."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any

from drkit.sandbox.enforcement import known
from drkit.sandbox.services.cam_common import (
    BY_SYNTAX,
    CUSTOM,
    any_policy,
    custom_policy,
    description_of,
    kind_of,
    matching,
    paged,
    shown_tags,
    tags_of,
    times_of,
    wrong,
)
from drkit.sandbox.services.cam_documents import policy_document
from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.world.identity import Policy, Version

if TYPE_CHECKING:
    from collections.abc import Callable

    from drkit.sandbox.enforcement.known import Preset
    from drkit.sandbox.world.identity import Identity

ACTIONS = Actions("cam", "2019-01-16")
NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
POLICIES = 1500
LONGEST_DESCRIPTION = 300
FIRST = 20_000_001  # below it are presets, and the policies that accounts have at the start
MOST_AT_ONCE = 100


@ACTIONS.add("CreatePolicy", regional=False)
def create_policy(call: Call) -> dict[str, Any]:
    """Make a policy with a first version."""
    name, text = call.given("PolicyName"), call.given("PolicyDocument")
    check_name(call, name)
    identity = call.identity
    if len(identity.policies) >= POLICIES:
        raise ApiError(
            "FailedOperation.PolicyFull", f"The account has {POLICIES} policies, the most it can have."
        )
    version = Version(1, policy_document(text), call.now)
    number = FIRST + identity.next_number()
    policy = Policy(number, name, description(call), call.now, call.now, {1: version}, tags=tags_of(call))
    identity.policies[number] = policy
    return {"PolicyId": number}


def check_name(call: Call, name: str) -> None:
    """Raise where no policy can have this name, or another has it.

    Raises:
        ApiError: InvalidParameter.PolicyNameError or FailedOperation.PolicyNameInUse.
    """
    if not NAME.fullmatch(name):
        raise ApiError("InvalidParameter.PolicyNameError", f"The policy name `{name}` is not valid.")
    if call.identity.policy_named(name) is not None:
        raise ApiError("FailedOperation.PolicyNameInUse", f"The policy name `{name}` is in use.")


def description(call: Call, before: str = "") -> str:
    """What the call says about a policy.

    Raises:
        ApiError: it is too long.
    """
    text: str = call.given("Description", before)
    if len(text) > LONGEST_DESCRIPTION:
        code = "InvalidParameter.DescriptionLengthOverlimit"
        raise ApiError(code, f"The description has more than {LONGEST_DESCRIPTION} characters.")
    return text


@ACTIONS.add("UpdatePolicy", regional=False)
def update_policy(call: Call) -> dict[str, Any]:
    """Change the version in force, the description, or the name where the id is given too."""
    number, name = call.given("PolicyId"), call.given("PolicyName")
    if number is None and name is None:
        raise wrong("PolicyId", "")
    missing = "InvalidParameter.PolicyIdNotExist"
    by_name = call.identity.policy_named(name) if number is None else None
    policy = custom_policy(call, number if by_name is None else by_name, missing)
    if by_name is None and name not in {None, policy.name}:
        check_name(call, name)
        policy.name = name
    text = call.given("PolicyDocument")
    if text is not None:
        policy.versions[policy.default] = Version(policy.default, policy_document(text), call.now)
    policy.description = description(call, policy.description)
    policy.updated = call.now
    return {} if by_name is None else {"PolicyId": policy.id}


@ACTIONS.add("DeletePolicy", regional=False)
def delete_policy(call: Call) -> dict[str, Any]:
    """Delete policies, all of them or none, and with them whatever they were attached to or limited."""
    wanted = call.given("PolicyId")
    if len(wanted) > MOST_AT_ONCE:
        code = "InvalidParameter.OperatePoliciesOverLimit"
        raise ApiError(code, f"More than {MOST_AT_ONCE} policies at once.")
    for number in wanted:
        custom_policy(call, number)
    for number in wanted:
        forget(call.identity, number)
    return {}


def forget(identity: Identity, number: int) -> None:
    """Remove a policy from everywhere."""
    identity.policies.pop(number, None)
    for holder in identity.holders():
        holder.policies.pop(number, None)
        if holder.boundary == number:
            holder.boundary = None


@ACTIONS.add("GetPolicy", regional=False)
def get_policy(call: Call) -> dict[str, Any]:
    """One policy with its text in force."""
    policy = any_policy(call, call.given("PolicyId"))
    return {
        "PolicyDocument": policy.document,
        **times_of(policy),
        "PolicyName": policy.name,
        "Description": description_of(policy),
        "Type": kind_of(policy),
        "PresetAlias": None,
        "IsServiceLinkedRolePolicy": 0,
        "Tags": shown_tags(policy.tags) if isinstance(policy, Policy) else [],
    }


SCOPES: dict[str, Callable[[Identity], list[Policy | Preset]]] = {
    "All": lambda identity: [*identity.policies.values(), *known.presets().values()],
    "Local": lambda identity: list(identity.policies.values()),
    "QCS": lambda _: list(known.presets().values()),
}


@ACTIONS.add("ListPolicies", regional=False)
def list_policies(call: Call) -> dict[str, Any]:
    """The policies, without their texts."""
    scope = call.given("Scope", "All")
    if scope not in SCOPES:
        raise ApiError("InvalidParameter.ScopeError", f"The scope `{scope}` is not valid.")
    total, shown = paged(call, matching(call, SCOPES[scope](call.identity)))
    return {
        "TotalNum": total,
        "List": [show_policy(call.identity, one) for one in shown],
        "ServiceTypeList": [],
    }


def show_policy(identity: Identity, policy: Policy | Preset) -> dict[str, Any]:
    """A policy in a list, with the fields and the null of recorded answers."""
    users = sum(policy.id in user.policies for user in identity.users.values())
    others = chain(identity.groups.values(), identity.roles.values())
    return {
        "PolicyId": policy.id,
        "PolicyName": policy.name,
        "Type": kind_of(policy),
        "Description": description_of(policy),
        "CreateMode": BY_SYNTAX,
        "Attachments": users,
        "ServiceType": "",
        "IsAttached": None,
        "IsServiceLinkedPolicy": 0,
        "AttachEntityCount": users + sum(policy.id in holder.policies for holder in others),
        "AttachEntityBoundaryCount": sum(holder.boundary == policy.id for holder in identity.holders()),
        **times_of(policy),
        "Deactived": 0,
        "DeactivedDetail": [],
    }


def type_name(policy: Policy | Preset) -> str:
    """``User`` for a custom policy, ``QCS`` for a preset."""
    return "User" if kind_of(policy) == CUSTOM else "QCS"
