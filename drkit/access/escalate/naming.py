"""People and things of an account as policies name them, and what is known of a caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drkit.access.escalate.people import Account, Person
from drkit.access.escalate.ways import GROUP, USER
from drkit.access.language.documents import read_document
from drkit.access.language.form import Dialect
from drkit.ports.identities import Group, Role, User
from drkit.ports.unread import Unread

IS_PROVIDER = "-provider/"


def id_of(account: Account, kind: str, source: User | Role | Group) -> str:
    """Somebody as results name it."""
    if account.dialect is Dialect.AWS:
        return source.id
    if isinstance(source, Role):
        return source.resource
    return f"qcs::cam::uin/{account.number}:{'uin' if kind == USER else 'groupid'}/{source.id}"


def member(account: Account) -> str:
    """Some user of an account."""
    aws = account.dialect is Dialect.AWS
    return f"arn:aws:iam::{account.number}:user/drkit" if aws else f"qcs::cam::uin/{account.number}:uin/1"


def resource_of(person: Person) -> str:
    """Somebody as the thing that a call is on."""
    return person.source.resource if isinstance(person.source, Role) else person.id


def known_of(account: Account, kind: str, source: User | Role | Group) -> Mapping[str, Any]:
    """The condition keys of a caller (reference_policies_condition-keys)."""
    if account.dialect is Dialect.CAM:
        return {}
    if kind == GROUP:  # some member of it calls
        return {"aws:PrincipalAccount": account.number}
    name = source.name if kind == USER else []  # no list is a key that a role surely has not
    return {"aws:PrincipalArn": source.id, "aws:PrincipalAccount": account.number, "aws:username": name}


def policy_resource(account: Account, policy: str) -> str:
    """A policy as the thing that a call is on."""
    return policy if account.dialect is Dialect.AWS else f"qcs::cam::uin/{account.number}:policyid/{policy}"


def providers(account: Account) -> list[str]:
    """The providers that roles trust, as their trusts name them: of others it does not matter who they are."""
    roles = () if isinstance(account.source.roles, Unread) else account.source.roles
    texts = {role.trust for role in roles if isinstance(role.trust, str)}
    found = {
        entry.value
        for text in texts
        if IS_PROVIDER in text
        for statement in read_document(account.dialect, text).statements
        for entry in statement.principals or ()
        if IS_PROVIDER in entry.value
    }
    return sorted(found)


FORMS = {"cvm_instances": "cvm::uin/{owner}:instance/{id}", "tke_clusters": "tke::uin/{owner}:cluster/{id}"}


def workload_resource(account: Account, kind: str, workload: str) -> str:
    """What runs with a role as the thing that a call is on."""
    if account.dialect is Dialect.AWS or workload.startswith("qcs:"):
        return workload
    form = FORMS.get(kind, "scf::uin/{owner}:" + "{id}")
    return "qcs::" + form.format(owner=account.number, id=workload)
