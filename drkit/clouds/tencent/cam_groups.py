"""Cloud Access Management, API 2019-01-16: groups, roles, and who from outside says who people are."""

from __future__ import annotations

from typing import Any

from drkit.clouds.tencent.cam_lists import clean, identifier, read_pages, unless_refused
from drkit.clouds.tencent.cam_policies import attachments
from drkit.clouds.tencent.cam_users import boundary
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import items_of, text, whole
from drkit.clouds.tencent.retry import Caller
from drkit.clouds.tencent.times import moment
from drkit.ports.errors import UncertainError
from drkit.ports.identities import Group, Provider, Role
from drkit.ports.unread import Unread

VERSION = "2019-01-16"
LIST_GROUPS = Call("cam", VERSION, "ListGroups", powers=(Power.LOOK,))
LIST_MEMBERS = Call("cam", VERSION, "ListUsersForGroup", powers=(Power.LOOK,))
LIST_POLICIES_OF_GROUP = Call("cam", VERSION, "ListAttachedGroupPolicies", powers=(Power.LOOK,))
DESCRIBE_ROLES = Call("cam", VERSION, "DescribeRoleList", powers=(Power.LOOK,))
LIST_POLICIES_OF_ROLE = Call("cam", VERSION, "ListAttachedRolePolicies", powers=(Power.LOOK,))
GET_BOUNDARY = Call("cam", VERSION, "GetRolePermissionBoundary", powers=(Power.LOOK,))
LIST_PROVIDERS = Call("cam", VERSION, "ListSAMLProviders", powers=(Power.LOOK,))
LINKED = "system"  # the RoleType of a role that a service made for itself; others are "user"


def read_groups(api: Caller) -> tuple[Group, ...]:
    """Every group with its members.

    Raises:
        CloudError: they cannot be listed. What of one of them cannot be read is Unread in its place.
    """
    items = read_pages(api, LIST_GROUPS, "GroupInfo", "GroupId")
    return tuple(_group(api, identifier(item, "GroupId"), text(item, "GroupName")) for item in items)


def _group(api: Caller, id_: str, name: str) -> Group:
    if not id_.isdecimal():
        unread = Unread(f"{LIST_GROUPS}: a group has no id that is a number")
        return Group(id_, name, unread, unread)
    members = unless_refused(lambda: read_pages(api, LIST_MEMBERS, "UserInfo", "Uin", {"GroupId": int(id_)}))
    policies = unless_refused(
        lambda: read_pages(api, LIST_POLICIES_OF_GROUP, "List", "PolicyId", {"TargetGroupId": int(id_)})
    )
    return Group(
        id_,
        name,
        members
        if isinstance(members, Unread)
        else tuple(sorted(identifier(item, "Uin") for item in members)),
        policies if isinstance(policies, Unread) else attachments(policies),
    )


def read_roles(api: Caller, number: str) -> tuple[Role, ...]:
    """Every role.

    Args:
        api: makes the calls.
        number: the account's.

    Raises:
        CloudError: they cannot be listed. What of one of them cannot be read is Unread in its place.
    """
    items = read_pages(api, DESCRIBE_ROLES, "List", "RoleId")
    return tuple(_role(api, item, number) for item in sorted(items, key=lambda each: text(each, "RoleName")))


def _role(api: Caller, item: dict[str, Any], number: str) -> Role:
    id_, name, trust = identifier(item, "RoleId"), text(item, "RoleName"), item.get("PolicyDocument")
    policies = unless_refused(
        lambda: read_pages(api, LIST_POLICIES_OF_ROLE, "List", "PolicyId", {"RoleId": id_})
    )
    return Role(
        id=name,
        name=name,
        resource=f"qcs::cam::uin/{number}:roleName/{name}",
        trust=clean(trust)
        if isinstance(trust, str)
        else Unread(f"{DESCRIBE_ROLES}: a role has no PolicyDocument"),
        policies=policies if isinstance(policies, Unread) else attachments(policies),
        boundary=unless_refused(lambda: boundary(api, GET_BOUNDARY, {"RoleId": id_})),
        created=moment("cam", "Role", "AddTime", item),
        linked=text(item, "RoleType") == LINKED,
        session=whole(item, "SessionDuration"),
    )


def read_providers(api: Caller) -> tuple[Provider, ...]:
    """Every SAML provider; ListSAMLProviders has no pages.

    Raises:
        CloudError: they cannot be listed.
    """
    answer = api.call(LIST_PROVIDERS, {})
    total, items = answer.get("TotalCount"), items_of(answer, "SAMLProviderSet")
    if total != len(items):
        raise UncertainError(f"{LIST_PROVIDERS}: the list has not as many items as it says", code="Garbled")
    return tuple(Provider(text(item, "Name"), text(item, "Name"), "saml") for item in items)
