"""Accounts for the tests of escalation, made step by step."""

from __future__ import annotations

import json
from typing import Any

from deciding import allow, aws, cam, may

from drkit.access.escalate.escalated import Escalated, escalated
from drkit.access.escalate.ways import GROUP, POLICY, ROLE, USER
from drkit.access.language.form import Dialect
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
from drkit.ports.unread import Unread

NUMBER = {Dialect.AWS: "111122223333", Dialect.CAM: "100000000001"}
EVERYTHING = {Dialect.AWS: aws(may()), Dialect.CAM: cam(allow())}


def name(dialect: Dialect, kind: str, who: str, number: str = "") -> str:
    """Somebody, or a policy, as policies name it."""
    number = number or NUMBER[dialect]
    if dialect is Dialect.AWS:
        return f"arn:aws:iam::{number}:{kind}/{who}"
    kinds = {USER: "uin", ROLE: "roleName", GROUP: "groupid", POLICY: "policyid"}
    return f"qcs::cam::uin/{number}:{kinds[kind]}/{who}"


class Estate:
    """One account, made step by step."""

    def __init__(self, dialect: Dialect = Dialect.AWS, number: str = "") -> None:
        self.dialect, self.number = dialect, number or NUMBER[dialect]
        self.users: list[User] = []
        self.groups: list[Group] = []
        self.roles: list[Role] = []
        self.policies: list[Policy] = []
        self.workloads: list[Workload] | Unread = []

    def id(self, kind: str, who: str) -> str:
        return name(self.dialect, kind, who, self.number) if self.dialect is Dialect.AWS else who

    def resource(self, kind: str, who: str) -> str:
        return name(self.dialect, kind, who, self.number)

    def policy(self, who: str, document: Any, origin: Origin = Origin.CUSTOM, others: Any = ()) -> str:
        key = self.id(POLICY, who)
        text = document if isinstance(document, Unread) else json.dumps(document)
        versions = tuple(Version(str(n), json.dumps(each)) for n, each in enumerate(others))
        self.policies.append(Policy(key, who, origin, "v9", text, versions))
        return key

    def _held(self, who: str, own: Any, policies: tuple[str, ...]) -> tuple[Attachment, ...]:
        listed = [self.policy(f"of-{who}", own, Origin.INLINE)] if own is not None else []
        return tuple(Attachment(each) for each in (*listed, *policies))

    def user(self, who: str, own: Any = None, *policies: str, boundary: str = "", **more: Any) -> str:
        fields = {"console": True, "second_factor": False, **more}
        held = self._held(who, own, policies)
        self.users.append(
            User(self.id(USER, who), who, None, policies=held, boundary=boundary, keys=(), **fields)
        )
        return self.resource(USER, who)

    def role(self, who: str, trust: Any, own: Any = None, *policies: str, boundary: str = "") -> str:
        text = trust if isinstance(trust, Unread) else json.dumps(trust)
        held = self._held(who, own, policies)
        resource = self.resource(ROLE, who)
        self.roles.append(Role(self.id(ROLE, who), who, resource, text, held, boundary))
        return resource

    def group(self, who: str, members: Any, own: Any = None, *policies: str) -> str:
        held = self._held(who, own, policies)
        listed = members if isinstance(members, Unread) else tuple(self.id(USER, each) for each in members)
        self.groups.append(Group(self.id(GROUP, who), who, listed, held))
        return self.resource(GROUP, who)

    def trust(self, *whom: str, service: str = "") -> dict[str, Any]:
        if self.dialect is Dialect.AWS:
            principal = {"Service": service} if service else {"AWS": list(whom)}
            return aws({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
        principal = {"service": service} if service else {"qcs": list(whom)}
        return cam({"effect": "allow", "principal": principal, "action": "name/sts:AssumeRole"})

    def facts(self) -> Identities:
        workloads = self.workloads if isinstance(self.workloads, Unread) else tuple(self.workloads)
        return Identities(
            account=self.number,
            cloud="aws" if self.dialect is Dialect.AWS else "tencent",
            number=self.number,
            app_id="",
            users=tuple(self.users),
            groups=tuple(self.groups),
            roles=tuple(self.roles),
            policies=tuple(self.policies),
            providers=(),
            root=Root((), second_factor=True),
            workloads=workloads,
        )


def look(*estates: Estate) -> dict[str, Escalated]:
    found = escalated([estate.facts() for estate in estates])
    return {each.id: each for each in found.principals}


def allowing(dialect: Dialect, actions: list[str], resource: Any = "*", **more: Any) -> dict[str, Any]:
    return (
        aws(may(actions, resource, **more))
        if dialect is Dialect.AWS
        else cam(allow(actions, resource, **more))
    )
