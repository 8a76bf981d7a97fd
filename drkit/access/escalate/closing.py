"""Who can come to hold every right: a fixpoint over all states.

Twice, with what is surely so and with what may be. Each time: from the administrators backwards along the links,
which gives the shortest ways; then, for those who are not among them, all that they can come to act as, whose powers
together may make a further link; until there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from drkit.access.escalate.bits import NONE, Bits, numbers
from drkit.access.escalate.catalogue import ASSUME, WAYS
from drkit.access.escalate.links import Link, links
from drkit.access.escalate.people import Account
from drkit.access.escalate.powers import Powers
from drkit.access.escalate.states import States
from drkit.access.escalate.ways import GROUP, ROLE, USER, Gain, Way
from drkit.access.escalate.world import World
from drkit.access.evaluate.logic import MAYBE, NO, YES
from drkit.ports.identities import Group
from drkit.ports.unread import Unread

ACTING = frozenset({Gain.BECOME, Gain.PASS, Gain.CODE, Gain.PROVE, Gain.EVERYBODY})


@dataclass(slots=True)
class Reach:
    """What somebody can come to act as, as a set of states, and the powers of all of them."""

    states: int
    powers: Powers
    size: int = 0


NOWHERE = Reach(0, Powers())


def _size(reach: Reach) -> int:
    return reach.size


@dataclass(frozen=True, slots=True)
class _Shared:
    """What somebody gets of those that it can act as, whoever it is itself."""

    reach: Reach
    acting: tuple[int, ...]
    links: tuple[Link, ...]
    to: Bits


class Closing:
    """The links between states, and who can come to hold every right.

    Args:
        distance: of each state, how many links it is from every right; one for each level of sureness.
        next: of each state, the next one on a shortest way.
    """

    def __init__(self, world: World) -> None:
        self.states = States(world)
        self.to: list[Bits] = []
        self.links: list[list[tuple[tuple[Link, ...], tuple[int, ...]]]] = []
        self.distance: dict[int, dict[int, int]] = {YES: {}, MAYBE: {}}
        self.next: dict[int, dict[int, int]] = {YES: {}, MAYBE: {}}
        self._known: dict[int, dict[int, _Shared]] = {YES: {}, MAYBE: {}}
        self._last: dict[int, dict[int, tuple[int, Reach]]] = {YES: {}, MAYBE: {}}
        self._changed = 0
        self._perhaps_members = _perhaps_members(world)
        self._to_unread = {
            account.number: [way for way in WAYS[account.dialect] if _of_somebody_unread(account, way)]
            for account in world.accounts
        }
        self._grow()
        for mode in (YES, MAYBE):
            self._settle(mode)

    def _grow(self) -> None:
        """Find what each state can do by itself, also the states that this makes."""
        while len(self.to) < len(self.states.all):
            number = len(self.to)
            self.to.append(NONE)
            self.links.append([])
            if number == self.states.administrator:
                continue
            person, powers = self.states.person(number), self.states.powers(number)
            self._add(number, Link(powers.taken, -1, person.account, None, "role"))
            in_person = self.states.asking.trusts.taken_in_person(person, self.states.rights(number))
            self._add(number, Link(in_person, -1, person.account, None, "role"))
            for link in self._hidden(number):
                self._add(number, link)
            if person.kind == USER:
                groups = self._perhaps_members.get(person.account.number, 0)
                self._add(number, Link(Bits(0, groups), -1, person.account, None, GROUP))
            if self.states.is_administrator(number) != YES:
                for link in links(self.states, [number], powers):
                    self._add(number, link)

    def _hidden(self, number: int) -> Iterator[Link]:
        """Where nobody read who there is, somebody with every right may be there whom one can act as."""
        rights, to = self.states.rights(number), Bits(0, 1 << self.states.administrator)
        for account in self.states.world.accounts:
            if account.dialect is not rights.person.account.dialect:
                continue
            if isinstance(account.source.roles, Unread) and rights.may(ASSUME):
                yield Link(to, -1, account, None, ROLE)
            if account is not rights.person.account:
                continue
            for way in self._to_unread[account.number]:
                if rights.may(way.action):
                    yield Link(to, -1, account, way, way.kind)

    def _add(self, number: int, link: Link, acting: tuple[int, ...] = ()) -> bool:
        """Take a link; whether it leads anywhere that the state did not lead to."""
        if not self._leads(number, link.to):
            return False
        self.links[number].append(((link,), acting))
        return True

    def _leads(self, number: int, to: Bits) -> bool:
        own = self.to[number]
        if not to.sure & ~own.sure and not to.possible & ~own.possible:
            return False
        self.to[number] = own | to
        self._changed |= 1 << number
        return True

    def _settle(self, mode: int) -> None:
        while True:
            self._grow()
            self._backwards(mode)
            if not self._together(mode):
                return

    def _side(self, number: int, mode: int) -> int:
        return self.to[number].sure if mode == YES else self.to[number].possible

    def _backwards(self, mode: int) -> None:
        """The shortest ways to every right."""
        distance, following = self.distance[mode], self.next[mode]
        distance.clear()
        following.clear()
        left = []
        for number in range(len(self.to)):
            if self.states.is_administrator(number) >= mode:
                distance[number] = 0
            else:
                left.append(number)
        level, front = 0, _set(distance)
        while front:
            level += 1
            found, rest = [], []
            for number in left:
                onward = self._side(number, mode) & front
                if onward:
                    following[number] = (onward & -onward).bit_length() - 1
                    found.append(number)
                else:
                    rest.append(number)
            distance.update(dict.fromkeys(found, level))
            left, front = rest, _set(dict.fromkeys(found))

    def _together(self, mode: int) -> bool:
        """Links that those who reach no right yet get from several states at once; whether there are any."""
        sides: dict[int, Reach] = {}
        single: dict[int, Reach] = {}
        known, last = self._known[mode], self._last[mode]
        before, self._changed, changed = self._changed, 0, False
        for number in range(len(self.to)):
            side = self._side(number, mode) & ~(1 << number)
            if number in self.distance[mode] or not side:
                continue
            if number in last and last[number][0] == side:
                reach = last[number][1]
                if not reach.states & (before | self._changed):
                    single[number] = reach
                    continue  # nothing is new since this was asked
            if side not in sides:
                sides[side] = self.reach(side, mode, single)
            reach = single[number] = sides[side]
            same = number in last and last[number][1].states == reach.states
            last[number] = (side, reach)
            if same:
                continue
            if reach.states not in known:
                known[reach.states] = self._shared(reach, mode)
            changed = self._join(number, known[reach.states], mode) or changed
        return changed

    def _shared(self, reach: Reach, mode: int) -> _Shared:
        """What those whom somebody can act as have of each other."""
        acting = tuple(numbers(reach.states))
        found, to = [], NONE
        for link in links(self.states, acting, reach.powers):
            capped = link._replace(to=link.to.at_most(mode))
            if capped.to.possible & ~to.possible or capped.to.sure & ~to.sure:
                to |= capped.to
                found.append(capped)
            if to.level(self.states.administrator) >= mode:
                break  # there is no more to come to
        return _Shared(reach, acting, tuple(found), to)

    def _join(self, number: int, theirs: _Shared, mode: int) -> bool:
        """What one gets of those that it can act as: theirs, theirs with its own, and its own with theirs."""
        changed = self._leads(number, theirs.to)
        if changed:
            self.links[number].append((theirs.links, theirs.acting))
        if theirs.to.level(self.states.administrator) >= mode:
            return changed
        for link in self._with_own(number, theirs):
            changed = self._add(number, link._replace(to=link.to.at_most(mode)), theirs.acting) or changed
            if link.to.level(self.states.administrator) >= mode:
                break
        return changed

    def _with_own(self, number: int, theirs: _Shared) -> Iterator[Link]:
        own = self.states.powers(number)
        every = Powers()
        every.add(own)
        every.add(theirs.reach.powers)
        yield from links(self.states, [number], every, changes_only=True)
        if every != theirs.reach.powers:
            yield from links(self.states, (number, *theirs.acting), every.touched(own))

    def reach(self, side: int, mode: int, known: Mapping[int, Reach] | None = None) -> Reach:
        """All that can be come to from some states, with them.

        Args:
            side: the states.
            mode: how surely.
            known: what single states come to, as far as that was asked before.
        """
        seen, left, largest = 0, side, NOWHERE
        while left:
            seen |= left
            onward = 0
            for number in numbers(left):
                whole = known.get(number) if known else None
                if whole is None:
                    onward |= self._side(number, mode)
                else:
                    seen |= whole.states
                    largest = max(whole, largest, key=_size)
            left = onward & ~seen
        powers = Powers()
        powers.add(largest.powers)
        rest = seen & ~largest.states & ~(1 << self.states.administrator)
        for own in {id(own): own for own in map(self.states.powers, numbers(rest))}.values():
            powers.add(own)
        return Reach(seen, powers, seen.bit_count())

    def link(self, number: int, to: int, mode: int) -> tuple[Link, tuple[int, ...]]:
        """The first link from a state to another."""
        for listed, acting in self.links[number]:
            for link in listed:
                if link.to.level(to) >= mode:
                    return link, acting
        raise LookupError(to)

    def performer(self, link: Link, number: int, acting: tuple[int, ...], to: int) -> int:
        """Which of those that somebody can act as makes a call."""
        if link.way is None or not acting:
            return number
        for each in (number, *acting):
            for account, way, bits in _alone(self.states.powers(each)):
                if way is link.way and account is link.account and self._hits(link, way_bits=bits, to=to):
                    return each
        return number

    def _hits(self, link: Link, way_bits: Bits, to: int) -> bool:
        if link.about < 0:
            assert link.way is not None
            if link.way.gain is Gain.EVERYTHING:
                return bool(way_bits.possible)
            return self.states.asking.led(link.account, link.way, way_bits).level(to) != NO
        return link.place < 0 or way_bits.level(link.place) != NO

    def chain(self, number: int, to: int, mode: int) -> Iterator[tuple[int, int]]:
        """The links from a state to another that it can come to, as pairs."""
        came = {number: number}
        front = [number]
        while front and to not in came:
            after = []
            for each in front:
                for onward in numbers(self._side(each, mode)):
                    if onward not in came:
                        came[onward] = each
                        after.append(onward)
            front = after
        steps = []
        while to != number and to in came:
            steps.append((came[to], to))
            to = came[to]
        return reversed(steps)


def _of_somebody_unread(account: Account, way: Way) -> bool:
    """Whether a way makes its caller somebody of a kind that nobody read."""
    if way.gain in {Gain.PASS, Gain.CODE, Gain.PROVE} or way.kind == ROLE:
        return way.gain in ACTING and isinstance(account.source.roles, Unread)
    return way.gain in ACTING and isinstance(account.source.users, Unread)


def _alone(powers: Powers) -> Iterator[tuple[Account, Way, Bits]]:
    for (account, number), bits in powers.firsts.items():
        yield account, WAYS[account.dialect][number], bits


def _set(wanted: dict[int, int] | dict[int, None]) -> int:
    made = bytearray(max(wanted, default=0) // 8 + 1)
    for number in wanted:
        made[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(made, "little")


def _perhaps_members(world: World) -> dict[str, int]:
    """The groups whose members nobody read, by account: everybody there may be in them."""
    made: dict[str, int] = {}
    for person in world.people:
        if isinstance(person.source, Group) and isinstance(person.source.members, Unread):
            number = person.account.number
            made[number] = made.get(number, 0) | 1 << person.number
    return made
