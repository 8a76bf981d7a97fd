"""Identities from GetAccountAuthorizationDetails (IAM, API 2010-05-08), as IAM answers and its command line prints.

Documents come as objects, or as text in which everything unusual is escaped; both are kept as JSON in lines, so that
a finding can name one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from drkit.clouds.tencent.fields import boolean, items_of, mapping, text, whole
from drkit.ports.identities import (
    Attachment,
    Group,
    Identities,
    Origin,
    Policy,
    Role,
    Root,
    User,
    Version,
    Workload,
)
from drkit.ports.unread import NOT_ASKED, Unread

NOT_TOLD = Unread("the authorization details do not tell it")
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
OF_AWS = ":iam::aws:"  # in the ARN of a policy that AWS wrote
LINKED = "/aws-service-role/"
COLONS = 5  # of an ARN, at least
INLINE = {"User": "UserPolicyList", "Group": "GroupPolicyList", "Role": "RolePolicyList"}


def identities_of(account: str, details: Any, resources: Any = None) -> Identities:
    """The identities of an account.

    Args:
        account: what to call it.
        details: the answer, with all pages in one; Unread where it could not be read.
        resources: what runs with which role, as contract's ``resources.json``; None where nobody said.
    """
    unread = _unread(details)
    if unread:
        return Identities(account, "aws", account, "", unread, unread, unread, unread, NOT_TOLD, _root())
    users, groups = items_of(details, "UserDetailList"), items_of(details, "GroupDetailList")
    roles = items_of(details, "RoleDetailList")
    return Identities(
        account=account,
        cloud="aws",
        number=_number(users, groups, roles) or account,
        app_id="",
        users=tuple(_user(item) for item in users),
        groups=tuple(_group(item, users) for item in groups),
        roles=tuple(_role(item) for item in roles),
        policies=(
            *(_managed(item) for item in items_of(details, "Policies")),
            *(
                each
                for kind, items in (("User", users), ("Group", groups), ("Role", roles))
                for item in items
                for each in _inline(kind, item)
            ),
        ),
        providers=NOT_TOLD,
        root=_root(),
        workloads=_workloads(resources),
    )


def _root() -> Root:
    return Root(NOT_TOLD, NOT_TOLD)


def _unread(details: Any) -> Unread | None:
    """Why nothing can be made of an answer; None where it is one."""
    if isinstance(details, Unread):
        return details
    if not isinstance(details, dict):
        return Unread("there are no authorization details")
    for name in LISTS:
        listed = details.get(name)
        if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
            return Unread(f"the authorization details have no {name}")
        if not all(text(item, "Arn") for item in listed):
            return Unread(f"an item of {name} has no Arn")
    if details.get("IsTruncated") is True:
        return Unread("the authorization details are cut: there are more pages")
    return None


def _number(*lists: list[dict[str, Any]]) -> str:
    return next(
        (
            text(item, "Arn").split(":")[4]
            for items in lists
            for item in items
            if text(item, "Arn").count(":") >= COLONS
        ),
        "",
    )


def moment(item: dict[str, Any], field: str) -> datetime | None:
    """A time with its zone, as botocore makes it of the answer, or as text; None where there is none."""
    value = item.get(field)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    try:
        return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else None
    except OverflowError:  # the first or the last day that a calendar has
        return None


def document(item: dict[str, Any], field: str) -> str | Unread:
    """A document as JSON in lines."""
    value = item.get(field)
    if isinstance(value, dict):
        return json.dumps(value, indent=2, ensure_ascii=False)
    if isinstance(value, str):
        return unquote(value) if value.startswith("%7B") else value
    return Unread(f"there is no {field}")


def _attachments(kind: str, item: dict[str, Any]) -> tuple[Attachment, ...] | Unread:
    managed, arn = item.get("AttachedManagedPolicies"), text(item, "Arn")
    if not isinstance(managed, list) or not isinstance(item.get(INLINE[kind], []), list):
        return Unread(f"the authorization details do not tell the policies of {arn}")
    inline = (Attachment(policy.id) for policy in _inline(kind, item))
    return (
        *(Attachment(text(each, "PolicyArn")) for each in items_of(item, "AttachedManagedPolicies")),
        *inline,
    )


def _inline(kind: str, item: dict[str, Any]) -> Iterator[Policy]:
    for each in items_of(item, INLINE[kind]):
        name = text(each, "PolicyName")
        yield Policy(f"{text(item, 'Arn')}#{name}", name, Origin.INLINE, "", document(each, "PolicyDocument"))


def _boundary(item: dict[str, Any]) -> str:
    return text(mapping(item, "PermissionsBoundary"), "PermissionsBoundaryArn")


def _user(item: dict[str, Any]) -> User:
    return User(
        id=text(item, "Arn"),
        name=text(item, "UserName"),
        created=moment(item, "CreateDate"),
        console=NOT_TOLD,
        second_factor=NOT_TOLD,
        policies=_attachments("User", item),
        boundary=_boundary(item),
        keys=NOT_TOLD,
        last_login=NOT_TOLD,
    )


def _group(item: dict[str, Any], users: list[dict[str, Any]]) -> Group:
    name = text(item, "GroupName")
    groups = [(text(user, "Arn"), user.get("GroupList")) for user in users]
    members: tuple[str, ...] | Unread = tuple(
        arn for arn, listed in groups if isinstance(listed, list) and name in listed
    )
    if not all(isinstance(listed, list) for _, listed in groups):
        members = Unread("the authorization details do not tell the groups of every user")
    return Group(text(item, "Arn"), name, members, _attachments("Group", item))


def _role(item: dict[str, Any]) -> Role:
    arn = text(item, "Arn")
    return Role(
        id=arn,
        name=text(item, "RoleName"),
        resource=arn,
        trust=document(item, "AssumeRolePolicyDocument"),
        policies=_attachments("Role", item),
        boundary=_boundary(item),
        created=moment(item, "CreateDate"),
        linked=LINKED in arn,
        session=whole(item, "MaxSessionDuration"),
        last_used=moment(mapping(item, "RoleLastUsed"), "LastUsedDate"),
    )


def _managed(item: dict[str, Any]) -> Policy:
    arn, force = text(item, "Arn"), text(item, "DefaultVersionId")
    versions = items_of(item, "PolicyVersionList")
    texts = {
        text(each, "VersionId"): document(each, "Document")
        for each in versions
        if boolean(each, "IsDefaultVersion") is not None or text(each, "VersionId")
    }
    missing = Unread("the authorization details do not hold the version in force")
    return Policy(
        arn,
        text(item, "PolicyName"),
        Origin.PRESET if OF_AWS in arn else Origin.CUSTOM,
        force,
        texts.get(force, missing),
        tuple(Version(id_, held) for id_, held in texts.items() if id_ != force),
        moment(item, "CreateDate"),
        moment(item, "UpdateDate"),
    )


def _workloads(resources: Any) -> tuple[Workload, ...] | Unread:
    if isinstance(resources, Unread):
        return resources
    if resources is None:
        return NOT_ASKED
    if not isinstance(resources, dict):
        return Unread("resources.json is no object")
    return tuple(
        Workload(str(kind), text(item, "id"), text(item, "role"))
        for kind in sorted(resources)
        for item in items_of(resources, kind)
    )
