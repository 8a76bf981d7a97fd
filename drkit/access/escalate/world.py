"""Everybody of all accounts under one number each, with the documents that they hold, each once.

The users of an account have numbers in a row, and so its roles and its groups, so that a set of an account's users
is a set of everybody by a shift.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drkit.access.escalate.clauses import Clause, clauses, preset
from drkit.access.escalate.naming import (
    id_of,
    known_of,
    member,
    policy_resource,
    providers,
    resource_of,
    workload_resource,
)
from drkit.access.escalate.people import OWN, UNBOUNDED, Account, Held, Person, Targets
from drkit.access.escalate.ways import GROUP, POLICY, PROVIDER, ROLE, USER
from drkit.access.evaluate import aws_callers, cam_callers
from drkit.access.language.form import Dialect
from drkit.ports.identities import Attachment, Group, Identities, Origin, Policy, Role, User
from drkit.ports.unread import Unread

DIALECTS = {"aws": Dialect.AWS, "tencent": Dialect.CAM}


class World:
    """Everybody, and the documents that they hold, each once."""

    def __init__(self, accounts: Sequence[Identities]) -> None:
        self.accounts: list[Account] = []
        self.people: list[Person] = []
        self.documents: list[tuple[Clause, ...]] = []
        self.unread: list[str] = []
        self._numbers: dict[tuple[Dialect, Any], int] = {}
        self._allowing: dict[int, int] = {}
        self._denying: dict[int, int] = {}
        for each in accounts:
            if each.cloud in DIALECTS:
                self._add(Account(DIALECTS[each.cloud], each.number, each))
            else:
                self.unread.append(f"{each.account}: nobody knows the policies of {each.cloud}")
        self.by_id = {person.id: person.number for person in self.people}

    def document(self, dialect: Dialect, raw: Any) -> int:
        """The number of a document; None stands for one that nobody read."""
        key = (dialect, raw if isinstance(raw, str) or raw is None else repr(raw))
        if key not in self._numbers:
            self._numbers[key] = self.keep(clauses(dialect, raw))
        return self._numbers[key]

    def keep(self, made: tuple[Clause, ...]) -> int:
        """Take a document of clauses."""
        self.documents.append(made)
        return len(self.documents) - 1

    def allowing(self, document: int) -> int:
        """The number of a document without what it denies."""
        if document not in self._allowing:
            made = tuple(clause for clause in self.documents[document] if clause.rule.allows)
            self._allowing[document] = self.keep(made)
            self._allowing[len(self.documents) - 1] = len(self.documents) - 1
        return self._allowing[document]

    def denying(self, document: int) -> int:
        """The number of a document without what it allows."""
        if document not in self._denying:
            made = tuple(clause for clause in self.documents[document] if not clause.rule.allows)
            self._denying[document] = self.keep(made)
        return self._denying[document]

    def _add(self, account: Account) -> None:
        self.accounts.append(account)
        source = account.source
        groups = self._read(account, "groups", source.groups)
        users = self._read(account, "users", source.users)
        roles = self._read(account, "roles", source.roles)
        documents = _Documents(self, account)
        made: dict[str, list[Person]] = {}
        for kind, things in ((GROUP, groups), (USER, users), (ROLE, roles)):
            made[kind] = [self._person(account, kind, each) for each in things]
            for person, each in zip(made[kind], things, strict=True):
                person.held = documents.held(each.policies, OWN)
                if kind == USER and isinstance(source.groups, Unread):
                    person.held += documents.held(source.groups, OWN)  # what its groups hold, nobody read
                person.limit = documents.limit(person.boundary)
        self._join(made)
        for kind, people in made.items():
            first = people[0].number if people else 0
            targets = Targets([resource_of(person) for person in people], first)
            for place, person in enumerate(people):
                if isinstance(person.boundary, str):
                    targets.boundaries[person.boundary] = (
                        targets.boundaries.get(person.boundary, 0) | 1 << place
                    )
            account.targets[kind] = targets
        self._things(
            account,
            documents,
            {each.id: person.number for each, person in zip(roles, made[ROLE], strict=True)},
        )

    def _read(self, account: Account, kind: str, read: Any) -> tuple[Any, ...]:
        if isinstance(read, Unread):
            self.unread.append(f"{account.source.account}: {kind}: {read.reason}")
            return ()
        return tuple(read)

    def _person(self, account: Account, kind: str, source: User | Role | Group) -> Person:
        boundary = "" if isinstance(source, Group) else source.boundary
        person_id = id_of(account, kind, source)
        person = Person(
            number=len(self.people),
            account=account,
            kind=kind,
            id=person_id,
            name=source.name,
            caller=member(account) if kind == GROUP else self._caller(account, person_id),
            known=known_of(account, kind, source),
            source=source,
            boundary=boundary,
        )
        self.people.append(person)
        for what, value in (("policies", source.policies), ("boundary", boundary)):
            if isinstance(value, Unread):
                self.unread.append(f"{person_id}: {what}: {value.reason}")
        return person

    def _caller(self, account: Account, person: str) -> str:
        """A person as a caller; some user of the account where its name is none of a caller."""
        try:
            (aws_callers if account.dialect is Dialect.AWS else cam_callers).caller(person)
        except ValueError as error:
            self.unread.append(f"{person}: {error}")
            return member(account)
        return person

    def _join(self, made: dict[str, list[Person]]) -> None:
        """Members of groups hold the groups' policies; whose members nobody read may be everybody's group."""
        by_source = {person.source.id: person for person in made[USER] if person.source is not None}
        for group in made[GROUP]:
            assert isinstance(group.source, Group)
            if isinstance(group.source.members, Unread):
                self.unread.append(f"{group.id}: members: {group.source.members.reason}")
                continue
            for each_id in group.source.members:
                person = by_source.get(each_id)
                if person is not None:
                    theirs = tuple(Held(each.policy, group.number, each.document) for each in group.held)
                    person.held += theirs

    def _things(self, account: Account, documents: _Documents, roles: Mapping[str, int]) -> None:
        """Policies, providers and workloads."""
        source = account.source
        policies = [each for each in documents.by_id.values() if each.origin is Origin.CUSTOM]
        account.policies = {each.id: place for place, each in enumerate(policies)}
        account.targets[POLICY] = Targets([policy_resource(account, each.id) for each in policies])
        account.others = {each.id: documents.others(each) for each in policies}
        account.targets[PROVIDER] = Targets(providers(account))
        if isinstance(source.workloads, Unread):
            self.unread.append(f"{source.account}: workloads: {source.workloads.reason}")
            return
        account.runs = {}
        names: dict[str, list[str]] = {}
        for workload in source.workloads:
            names.setdefault(workload.kind, []).append(workload_resource(account, workload.kind, workload.id))
            account.runs.setdefault(workload.kind, []).append(roles.get(workload.role, OWN))
        account.targets |= {kind: Targets(listed) for kind, listed in names.items()}


class _Documents:
    """The texts of an account's policies, by their ids."""

    def __init__(self, world: World, account: Account) -> None:
        self._world, self._account = world, account
        read = account.source.policies
        self.by_id: dict[str, Policy] = {}
        if isinstance(read, Unread):
            world.unread.append(f"{account.source.account}: policies: {read.reason}")
        else:
            self.by_id = {each.id: each for each in read}
        for each in self.by_id.values():
            if isinstance(each.document, Unread):
                world.unread.append(f"{each.id}: {each.document.reason}")

    def held(self, attached: tuple[Attachment, ...] | Unread, via: int) -> tuple[Held, ...]:
        """What somebody holds by attachments; not read is a policy that nobody read."""
        if isinstance(attached, Unread):
            return (Held("", via, self.of("")),)
        return tuple(Held(each.policy, via, self.of(each.policy)) for each in attached)

    def limit(self, boundary: str | Unread) -> int:
        """The document of a boundary, or `UNBOUNDED`."""
        return UNBOUNDED if boundary == "" else self.of("" if isinstance(boundary, Unread) else boundary)

    def of(self, policy: str) -> int:
        """The document of a policy."""
        dialect = self._account.dialect
        known = self.by_id.get(policy)
        if known is None:
            return self._world.document(dialect, preset(dialect, policy))
        text = known.document
        if isinstance(text, Unread):
            text = preset(dialect, known.name if dialect is Dialect.CAM else known.id)
        return self._world.document(dialect, text)

    def others(self, policy: Policy) -> list[int]:
        """The texts that could be put in force; where nobody read which there are, one that nobody read."""
        if isinstance(policy.others, Unread):
            return [self._world.document(self._account.dialect, None)]
        dialect = self._account.dialect
        texts = [None if isinstance(each.document, Unread) else each.document for each in policy.others]
        return [self._world.document(dialect, text) for text in texts]
