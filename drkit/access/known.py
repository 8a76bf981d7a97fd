"""What is known of an account: its identities with their policies read, each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from drkit.access.language.documents import read_document, unread
from drkit.access.language.form import Dialect, Document
from drkit.ports.identities import Attachment, Group, Identities, Policy, Role, User
from drkit.ports.unread import Unread

Holder = User | Role
Thing = TypeVar("Thing")
NO_ROSTER = Unread("nobody says who works here: the estate has no roster")
DIALECTS = {"tencent": Dialect.CAM, "aws": Dialect.AWS}


@dataclass(frozen=True, slots=True)
class Held:
    """A policy that somebody has, by himself or by a group."""

    policy: str
    document: Document
    group: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Who works here, by the names under which users are made.

    Args:
        here: in lower case.
        left: who did once and does no more.
    """

    here: frozenset[str]
    left: frozenset[str]


@dataclass(frozen=True, slots=True)
class Around:
    """What a check knows beside the accounts.

    Args:
        at: the moment as of which is judged.
        environments: of each account, by its name.
        people: Unread where nobody said who works here.
    """

    at: datetime
    environments: dict[str, str] = field(default_factory=dict)
    people: People | Unread = NO_ROSTER


class Known:
    """One account."""

    def __init__(self, identities: Identities) -> None:
        self.identities = identities
        self.name = identities.account
        self.dialect = DIALECTS[identities.cloud]
        self.policies: dict[str, Policy] = {each.id: each for each in listed(identities.policies)}
        self.documents = {each.id: self._read(each.name, each.document) for each in self.policies.values()}
        self.trusts = {role.id: self._read(role.name, role.trust) for role in listed(identities.roles)}
        self._groups = _by_member(listed(identities.groups))

    def _read(self, name: str, text: str | Unread) -> Document:
        if isinstance(text, Unread):
            return unread(self.dialect, name, text.reason)
        return read_document(self.dialect, text, name)

    def document(self, policy: str) -> Document:
        """A policy's document; one of which nothing is known where it was not read."""
        found = self.documents.get(policy)
        return found or unread(self.dialect, policy, f"the policy {policy} was not read")

    def holders(self) -> tuple[Holder, ...]:
        """Users, then roles, as far as they were read."""
        return (*listed(self.identities.users), *listed(self.identities.roles))

    def held(self, holder: Holder) -> Iterator[Held]:
        """The policies that somebody has, as far as they were read."""
        yield from (Held(each.policy, self.document(each.policy)) for each in _policies(holder))
        for group in self._groups.get(holder.id, ()) if isinstance(holder, User) else ():
            for each in _policies(group):
                yield Held(each.policy, self.document(each.policy), group.name)

    def unread(self) -> Iterator[tuple[str, str]]:
        """What could not be read: where, and why. Policies that were not understood are told apart."""
        found = self.identities
        for kind in ("users", "groups", "roles", "policies", "providers", "trails", "activity", "app_id"):
            if isinstance(read := getattr(found, kind), Unread):
                yield f"{self.name}/{kind}", read.reason
        of_users = ("console", "second_factor", "policies", "boundary", "keys")
        yield from self._of("users", listed(found.users), of_users)
        yield from self._of("groups", listed(found.groups), ("members", "policies"))
        yield from self._of("roles", listed(found.roles), ("trust", "policies", "boundary"))
        yield from self._of("policies", listed(found.policies), ("document", "others"))

    def _of(
        self, kind: str, things: Iterable[User | Group | Role | Policy], names: Iterable[str]
    ) -> Iterator[tuple[str, str]]:
        """What of things was not read; where it is so of many for one reason, told once."""
        found: dict[tuple[str, str], list[str]] = {}
        for thing in things:
            for name in names:
                if isinstance(read := getattr(thing, name), Unread):
                    found.setdefault((name, read.reason), []).append(thing.id)
        for (name, reason), ids in found.items():
            more = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
            yield f"{self.name}/{kind}/{ids[0]}{more} {name}", reason


def listed(read: tuple[Thing, ...] | Unread) -> tuple[Thing, ...]:
    """The things that were read; none where they were not, which somebody else tells."""
    return () if isinstance(read, Unread) else read


def _policies(holder: Holder | Group) -> tuple[Attachment, ...]:
    return listed(holder.policies)


def _by_member(groups: Iterable[Group]) -> dict[str, list[Group]]:
    found: dict[str, list[Group]] = {}
    for group in groups:
        for member in listed(group.members):
            found.setdefault(member, []).append(group)
    return found
