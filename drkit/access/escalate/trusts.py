"""Who may take a role by its trust: people by name, everybody of an account, services, providers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from drkit.access.escalate.bits import Bits, of
from drkit.access.escalate.catalogue import ASSUME
from drkit.access.escalate.matching import asked
from drkit.access.escalate.people import Account, Person
from drkit.access.escalate.rights import Rights
from drkit.access.escalate.ways import ROLE
from drkit.access.escalate.world import World
from drkit.access.evaluate import aws_callers, aws_rules, cam_callers, cam_rules
from drkit.access.evaluate.layers import Found, Grade, Layer
from drkit.access.evaluate.logic import MAYBE, NO, YES
from drkit.access.language.documents import read_document, unread
from drkit.access.language.form import Dialect, Effect, Principal, Statement
from drkit.ports.identities import Role
from drkit.ports.unread import Unread

RESOURCE = {
    Dialect.AWS: partial(aws_rules.rules, place=aws_rules.Place.RESOURCE),
    Dialect.CAM: partial(cam_rules.rules, place=cam_rules.Place.RESOURCE),
}
WIDE = re.compile(r"\*|\?|:root$|^\d{12}$|uin/(\d+):uin/\1$|:groupid/|anonymous|anyone")
USUAL_OF_CAM = re.compile(r"qcs::cam::uin/\d+:(root|uin/\d+|roleName/[^*?]+)")
WILD = re.compile(r".[*?]|[*?].")
SESSION = re.compile(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/")
OF_THE_CALLER = ("aws:principalarn", "aws:username", "aws:userid")


@dataclass(eq=False)
class Trust:
    """The trust of roles of one account that have the same text.

    Args:
        layer: of its statements.
        named: whom it names, letter by letter.
        wide: whether it names more than single people.
        personal: whether it asks for something of each caller.
    """

    layer: Layer
    named: frozenset[str]
    wide: bool
    personal: bool

    def ask(self, person: Person, role: str) -> Found:
        """What it says of a caller."""
        request = asked(person, ASSUME, role, ())
        return self.layer.ask(request)

    def service(self, account: Account, name: str) -> int:
        """Whether it lets a service take the role."""
        return self._alone(account, aws_callers.Kind.SERVICE, cam_callers.Kind.SERVICE, name)

    def provider(self, account: Account, name: str) -> int:
        """Whether it lets people of a provider take the role; of which nobody can say more than that they may."""
        return min(MAYBE, self._alone(account, aws_callers.Kind.FEDERATED, cam_callers.Kind.FEDERATED, name))

    def _alone(self, account: Account, aws: aws_callers.Kind, cam: cam_callers.Kind, name: str) -> int:
        request = _outsider(account)
        is_aws = account.dialect is Dialect.AWS
        request.caller = aws_callers.Caller(aws, name) if is_aws else cam_callers.Caller(cam, name)
        best = NO
        for action in (ASSUME, "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"):
            request.action = action.lower() if is_aws else action
            found = self.layer.ask(request)
            if found.deny != YES:
                best = max(best, found.allow if found.deny == NO else min(found.allow, MAYBE))
        return best


def _outsider(account: Account) -> Any:
    number = account.number
    aws = account.dialect is Dialect.AWS
    caller = f"arn:aws:iam::{number}:root" if aws else f"qcs::cam::uin/{number}:root"
    person = Person(-1, account, "", "", "", caller, {}, None, "")
    return asked(person, ASSUME, "*", ())


def trust(dialect: Dialect, text: str | None) -> Trust:
    """The trust that a text is; None where nobody read it."""
    document = (
        unread(dialect, "trust", "nobody read this trust") if text is None else read_document(dialect, text)
    )
    layer = Layer(("trust", rule) for rule in RESOURCE[dialect](document))
    entries = [
        entry
        for statement in document.statements
        for entry in (*(statement.principals or ()), *(statement.not_principals or ()))
    ]
    values = [entry.value for entry in entries]
    unusual = dialect is Dialect.CAM and any(map(_unusual, entries))
    odd = bool(document.strange) or any(map(_odd, document.statements))
    personal = unusual or any(map(WILD.search, values)) or any(map(_of_some, document.statements))
    personal = personal or any(
        condition.key.strip().lower() in OF_THE_CALLER
        for statement in document.statements
        for condition in statement.conditions
    )
    wide = odd or unusual or any(WIDE.search(value) for value in values)
    return Trust(layer, frozenset(values), wide=wide, personal=personal)


def _unusual(entry: Principal) -> bool:
    """Whether an entry of CAM is neither one somebody nor an account, so that each has to be asked about."""
    alone = entry.kind in {"service", "federated"} or entry.value == "*"
    return not alone and not USUAL_OF_CAM.fullmatch(entry.value)


def _of_some(statement: Statement) -> bool:
    """Whether a statement leaves out some callers, so that each has to be asked about."""
    return statement.not_principals is not None or statement.effect is not Effect.ALLOW


def _odd(statement: Statement) -> bool:
    return bool(statement.strange) or statement.principals is None


class Trusts:
    """The trusts of all roles, and who may take which."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[tuple[Dialect, Account, str | None], Trust] = {}
        self._of = {person.number: self._trust(person) for person in world.people if person.kind == ROLE}
        self._sessions: dict[tuple[str, str], list[int]] = {}  # a session's ARN lacks its role's path
        for number in self._of:
            role = world.people[number]
            name = (role.account.number, role.id.rpartition("/")[2])
            self._sessions.setdefault(name, []).append(number)
        self._said: dict[tuple[Trust, int], Found] = {}
        self._named: dict[int, list[int]] = {}
        self._personal: dict[Account, list[int]] = {}
        for number, each in self._of.items():
            for caller in self._callers(each):
                self._named.setdefault(caller, []).append(number)
            if each.wide and each.personal:
                self._personal.setdefault(world.people[number].account, []).append(number)
        self._wide = {(a, b): self._handed(a, b) for a in world.accounts for b in world.accounts}

    def _trust(self, person: Person) -> Trust:
        assert isinstance(person.source, Role)
        said = person.source.trust
        if isinstance(said, Unread):
            self._world.unread.append(f"{person.id}: trust: {said.reason}")
        text = None if isinstance(said, Unread) else said
        key = (person.account.dialect, person.account, text)
        if key not in self._known:
            self._known[key] = trust(person.account.dialect, text)
        return self._known[key]

    def _callers(self, each: Trust) -> set[int]:
        """Those whom a trust names; who is gone is nobody."""
        found: set[int] = set()
        for value in each.named:
            session = SESSION.match(value)
            if session:
                found.update(self._sessions.get((session[2], session[3]), ()))
            elif value in self._world.by_id:
                found.add(self._world.by_id[value])
        return found

    def _handed(self, callers: Account, roles: Account) -> tuple[Bits, Bits]:
        """The roles of an account that trust everybody of another, and those that trust everybody there is."""
        handed: dict[int, int] = {}
        opened: dict[int, int] = {}
        targets = roles.targets[ROLE]
        if callers.dialect is not roles.dialect:
            return Bits(), Bits()
        somebody, known = _somebody(callers), {}
        for place, name in enumerate(targets.names):
            each = self._of[targets.first + place]
            if not each.wide or each.personal:
                continue
            if each not in known:
                known[each] = each.ask(somebody, name)
            found = known[each]
            if found.deny != YES:
                most = YES if found.deny == NO else MAYBE
                handed[place] = min(most, found.allow)
                opened[place] = min(most, found.grades[Grade.EVERYONE])
        return of(_some(handed)), of(_some(opened))

    def taken(self, person: Person, rights: Rights) -> Bits:
        """The roles that somebody may take, among everybody."""
        made = Bits()
        for account in self._world.accounts:
            if account.dialect is not person.account.dialect:
                continue
            targets = account.targets[ROLE]
            own = rights.on(ASSUME, targets)
            handed, opened = self._wide[person.account, account]
            found = own & handed
            if account is person.account and account.dialect is Dialect.AWS and opened.possible:
                found |= opened.without(rights.denied(ASSUME, targets))
            made |= targets.among_everybody(found)
        return made

    def taken_in_person(self, person: Person, rights: Rights) -> Bits:
        """The roles whose trusts say something of this one alone."""
        made: dict[int, int] = {}
        others = [number for account in self._personal.values() for number in account]
        for number in {*self._named.get(person.number, ()), *others} - {person.number}:
            role = self._world.people[number]
            if role.account.dialect is person.account.dialect:
                made[number] = self._level(person, rights, role)
        return of(_some(made))

    def _ask(self, each: Trust, person: Person, role: str) -> Found:
        """What a trust says of a caller, which is the same for every role that has it."""
        key = (each, person.number)
        if key not in self._said:
            self._said[key] = each.ask(person, role)
        return self._said[key]

    def _level(self, person: Person, rights: Rights, role: Person) -> int:
        targets = role.account.targets[ROLE]
        place = role.number - targets.first
        found = self._ask(self._of[role.number], person, targets.names[place])
        own = rights.on(ASSUME, targets).level(place)
        level = min(own, found.allow)
        if person.account.dialect is Dialect.AWS and role.account is person.account:
            denied = rights.denied(ASSUME, targets).level(place)
            by_name = max(found.grades[Grade.DIRECT], found.grades[Grade.EVERYONE])
            limited = min(found.grades[Grade.ROLE], rights.limit(ASSUME, targets).level(place))
            level = max(level, min(YES - denied, max(by_name, limited)))
        return min(level, YES - found.deny)

    def services(self, account: Account, names: tuple[str, ...]) -> Bits:
        """The roles of an account that one of some services may take, by their places."""
        return self._alone(account, lambda each: max(each.service(account, name) for name in names))

    def providers(self, account: Account, name: str) -> Bits:
        """The roles of an account that people of a provider may take, by their places."""
        return self._alone(account, lambda each: each.provider(account, name))

    def _alone(self, account: Account, level: Callable[[Trust], int]) -> Bits:
        targets, known, found = account.targets[ROLE], dict[Trust, int](), {}
        for place in range(len(targets.names)):
            each = self._of[targets.first + place]
            if each not in known:
                known[each] = level(each)
            found[place] = known[each]
        return of(_some(found))


def _some(levels: dict[int, int]) -> dict[int, int]:
    return {number: level for number, level in levels.items() if level != NO}


def _somebody(account: Account) -> Person:
    """A user of an account whom nobody names."""
    aws = account.dialect is Dialect.AWS
    caller = f"arn:aws:iam::{account.number}:user/drkit" if aws else f"qcs::cam::uin/{account.number}:uin/1"
    known = {"aws:PrincipalAccount": account.number} if aws else {}
    return Person(-1, account, "", caller, "", caller, known, None, "")
