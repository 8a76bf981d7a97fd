"""What somebody may do of the ways, all of them: which calls, on what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from drkit.access.escalate.bits import NONE, Bits, numbers, of
from drkit.access.escalate.catalogue import (
    ANYTHING,
    ASSUME,
    PASSING,
    PROBES,
    RUNS,
    WAYS,
    further,
    ways_by_action,
)
from drkit.access.escalate.examples import PLACEHOLDER
from drkit.access.escalate.matching import Context
from drkit.access.escalate.people import OWN, Account
from drkit.access.escalate.rights import Rights
from drkit.access.escalate.trusts import Trusts
from drkit.access.escalate.ways import NOTHING, PROVIDER, ROLE, USER, Gain, Way, When
from drkit.access.escalate.world import World
from drkit.access.evaluate.logic import MAYBE, NO, YES
from drkit.ports.identities import User

POLICY_KEY, LIMIT_KEY = "iam:PolicyARN", "iam:PermissionsBoundary"
EVERY_RIGHT = "arn:aws:iam::aws:policy/AdministratorAccess"
# Policies that are, or lead to, every right: a condition may leave out one of them.
ATTACHABLE = (EVERY_RIGHT, "arn:aws:iam::aws:policy/IAMFullAccess")
ATTACHED: Context = ((POLICY_KEY, EVERY_RIGHT),)
NO_POLICY: Context = ((POLICY_KEY, ""),)  # only attaching and detaching say which policy
NEW: Context = ((LIMIT_KEY, ""),)  # the mark of a new principal


def contexts(account: Account, action: str, rights: Rights) -> tuple[tuple[Context, int], ...]:
    """What a call would say of the policy that is attached, each with how surely it gives every right.

    One of the account's own may give it too, where only such may be attached.
    """
    if ":Attach" in action:
        if POLICY_KEY.lower() not in rights.keys:
            return ((ATTACHED, YES),)
        own: Context = ((POLICY_KEY, f"arn:aws:iam::{account.number}:policy/{PLACEHOLDER}"),)
        return (*((((POLICY_KEY, policy),), YES) for policy in ATTACHABLE), (own, MAYBE))
    return (((), YES),) if ":Detach" in action else ((NO_POLICY, YES),)


def anywhere(rights: Rights, action: str, more: Context = ()) -> int:
    """Whether a call is allowed on anything, with a policy that gives every right where it attaches one."""
    listed = contexts(rights.person.account, action, rights)
    return max(min(most, rights.anything(action, (*context, *more))) for context, most in listed)


@dataclass(slots=True)
class Powers:
    """Calls by account and way.

    Args:
        firsts: the targets of the first call, by their places among the targets of its kind; for PASS the roles.
        haves: the further calls that are allowed on anything.
        taken: the roles that may be taken, among everybody.
    """

    firsts: dict[tuple[Account, int], Bits] = field(default_factory=dict)
    haves: dict[Account, Bits] = field(default_factory=dict)
    taken: Bits = NONE

    def add(self, other: Powers) -> None:
        """Take another's powers too."""
        for way, bits in other.firsts.items():
            self.firsts[way] = self.firsts.get(way, NONE) | bits
        for account, haves in other.haves.items():
            self.haves[account] = self.haves.get(account, NONE) | haves

    def touched(self, other: Powers) -> Powers:
        """The ways among these to which another adds a call."""
        adding = {account: haves.possible for account, haves in other.haves.items() if haves.possible}
        firsts = {
            key: bits
            for key, bits in self.firsts.items()
            if key in other.firsts or _calls(key) & adding.get(key[0], 0)
        }
        return Powers(firsts, self.haves)

    def complete(self) -> Iterable[tuple[Account, Way, Bits]]:
        """The ways of which every call is there."""
        for (account, number), bits in self.firsts.items():
            way = WAYS[account.dialect][number]
            index, haves = further(account.dialect), self.haves.get(account, NONE)
            level = min((haves.level(index[call]) for call in way.further), default=YES)
            if level != NO and bits.possible:
                yield account, way, bits.at_most(level)


def _calls(key: tuple[Account, int]) -> int:
    """The further calls of a way, as a set."""
    index = further(key[0].dialect)
    return sum(1 << index[call] for call in WAYS[key[0].dialect][key[1]].further)


class Asking:
    """Finds powers and administrators."""

    def __init__(self, world: World) -> None:
        self.world, self.trusts = world, Trusts(world)
        self._services: dict[tuple[Account, tuple[str, ...]], Bits] = {}
        self._users: dict[tuple[Account, When], Bits] = {}

    def administrator(self, rights: Rights) -> int:
        """Whether somebody may do everything: an action that no service has, and grant everything to others."""
        anything = rights.anything(ANYTHING)
        if anything == NO:
            return NO
        granting = PROBES[rights.person.account.dialect]
        return min(anything, max(anywhere(rights, action) for action in granting))

    def powers(self, rights: Rights) -> Powers:
        """All that somebody may do."""
        account = rights.person.account
        made = Powers(taken=self.trusts.taken(rights.person, rights))
        for action, ways in ways_by_action(account.dialect).items():
            if action != ASSUME and rights.may(action):
                for number, way in ways:
                    bits = self._first(account, way, rights).at_most(YES if way.certain else MAYBE)
                    if bits.possible:
                        made.firsts[account, number] = bits
        calls = {
            number: anywhere(rights, call, NEW)
            for call, number in further(account.dialect).items()
            if rights.may(call)
        }
        made.haves[account] = of({number: level for number, level in calls.items() if level != NO})
        return made

    def _first(self, account: Account, way: Way, rights: Rights) -> Bits:
        if way.needs and self._missing(account, way.needs):
            return NONE
        if way.gain is Gain.PASS:
            return self._passed(account, way, rights)
        if way.gain is Gain.CODE and account.runs is None:  # nobody read what runs there: something may
            level = min(MAYBE, rights.anything(way.action))
            return of({0: level} if level != NO else {})
        if way.kind == NOTHING:
            return of({0: level} if (level := anywhere(rights, way.action, NEW)) != NO else {})
        targets = account.targets.get(way.kind)
        if targets is None:
            return NONE
        limit: Context = (
            ((LIMIT_KEY, EVERY_RIGHT),) if way.gain is Gain.UNBIND and ":Put" in way.action else ()
        )
        found = NONE
        for context, most in contexts(account, way.action, rights):
            found |= rights.on(way.action, targets, (*context, *limit)).at_most(most)
        return found if way.when is When.ALWAYS else found & self._of_whom(account, way.when)

    def _missing(self, account: Account, kind: str) -> bool:
        return account.runs is not None and kind not in account.runs

    def _passed(self, account: Account, way: Way, rights: Rights) -> Bits:
        level = rights.anything(way.action)
        if level == NO:
            return NONE
        roles = self._served(account, way.services).at_most(level)
        if not way.passing or not roles.possible:
            return roles
        context = (("iam:PassedToService", way.services[0]),)
        return roles & rights.on(PASSING[account.dialect], account.targets[ROLE], context)

    def _served(self, account: Account, services: tuple[str, ...]) -> Bits:
        """The roles that a service may take."""
        key = (account, services)
        if key not in self._services:
            self._services[key] = self.trusts.services(account, services)
        return self._services[key]

    def _of_whom(self, account: Account, when: When) -> Bits:
        """The users of whom a way holds; where nobody knows, it may."""
        key = (account, when)
        if key not in self._users:
            targets = account.targets[USER]
            people = self.world.people[targets.first : targets.first + len(targets.names)]
            levels = {place: _holds(person.source, when) for place, person in enumerate(people)}
            self._users[key] = of({place: level for place, level in levels.items() if level != NO})
        return self._users[key]

    def led(self, account: Account, way: Way, bits: Bits) -> Bits:
        """Whom a way lets somebody act as, among everybody."""
        targets = account.targets
        if way.gain is Gain.CODE and account.runs is None:
            roles = self._served(account, RUNS[account.dialect][way.kind])
            return targets[ROLE].among_everybody(roles.at_most(bits.level(0)))
        if way.gain is Gain.CODE:
            return self._run(account.runs or {}, way.kind, bits)
        if way.gain is Gain.PROVE:
            return targets[ROLE].among_everybody(self._proven(account, bits))
        if way.gain is Gain.EVERYBODY:
            return targets[USER].among_everybody(targets[USER].all.at_most(bits.level(0)))
        return targets[way.kind].among_everybody(bits)

    def _run(self, runs: dict[str, list[int]], kind: str, bits: Bits) -> Bits:
        roles = runs.get(kind, [])
        found: dict[int, int] = {}
        for place in numbers(bits.possible):
            if roles[place] != OWN:
                found[roles[place]] = max(found.get(roles[place], NO), bits.level(place))
        return of(found)

    def _proven(self, account: Account, bits: Bits) -> Bits:
        made = NONE
        for place in numbers(bits.possible):
            name = account.targets[PROVIDER].names[place]
            made |= self.trusts.providers(account, name).at_most(bits.level(place))
        return made


def _holds(source: object, when: When) -> int:
    assert isinstance(source, User)
    value = source.console if when in {When.CONSOLE, When.NO_CONSOLE} else source.second_factor
    if not isinstance(value, bool):
        return MAYBE
    return YES if value == (when in {When.CONSOLE, When.SECOND_FACTOR}) else NO
