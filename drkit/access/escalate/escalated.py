"""What each principal can come to hold, with the shortest way there: `escalated` is a pure function of facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drkit.access.escalate.bits import numbers, one
from drkit.access.escalate.catalogue import ASSUME, PASSING
from drkit.access.escalate.closing import Closing
from drkit.access.escalate.links import Link
from drkit.access.escalate.people import Person
from drkit.access.escalate.ways import GROUP, Gain, Way
from drkit.access.escalate.world import World
from drkit.access.evaluate.logic import MAYBE, YES
from drkit.ports.identities import Identities

ADMINISTRATOR = "administrator"
MEMBER = "member of a group that nobody could read"
MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class Step:
    """One call on the way.

    Args:
        actor: who makes it.
        action: the call.
        on: the thing that it is on; empty for something new.
        to: whom it makes the actor: a principal, or ``administrator``.
        further: the calls that are needed too.
        source: what tells that this leads on.
    """

    actor: str
    action: str
    on: str
    to: str
    further: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Escalated:
    """A principal.

    Args:
        id: the ARN, or of CAM the six segments.
        administrator: whether it can come to hold every right.
        certain: whether that is sure; else it hangs on what nobody could decide.
        path: the shortest way; empty for who holds every right already.
        acts_as: whom it can come to act as, where it is no administrator; at most a hundred.
    """

    id: str
    account: str
    kind: str
    administrator: bool
    certain: bool
    path: tuple[Step, ...] = ()
    acts_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Escalation:
    """All principals, and what could not be read: of that, every right was assumed."""

    principals: tuple[Escalated, ...]
    unread: tuple[str, ...]


def escalated(accounts: Sequence[Identities]) -> Escalation:
    """What each user and role of some accounts can come to hold."""
    world = World(accounts)
    telling = _Telling(Closing(world))
    people = [person for person in world.people if person.kind != GROUP]
    return Escalation(tuple(map(telling.principal, people)), tuple(dict.fromkeys(world.unread)))


class _Telling:
    """Says what was found."""

    def __init__(self, closing: Closing) -> None:
        self._closing, self._states = closing, closing.states
        self._reached: dict[int, int] = {}

    def principal(self, person: Person) -> Escalated:
        """What one can come to hold."""
        number = person.number
        mode = next((mode for mode in (YES, MAYBE) if number in self._closing.distance[mode]), None)
        account = person.account.source.account
        if mode is None:
            acts_as = self._acts_as(number)
            return Escalated(
                person.id, account, person.kind, administrator=False, certain=True, acts_as=acts_as
            )
        return Escalated(
            person.id,
            account,
            person.kind,
            administrator=True,
            certain=mode == YES,
            path=tuple(self._path(number, mode)),
        )

    def _acts_as(self, number: int) -> tuple[str, ...]:
        side = self._closing.to[number].possible
        if side not in self._reached:
            self._reached[side] = self._closing.reach(side, MAYBE).states
        found = {self._states.person(each).id for each in numbers(self._reached[side])}
        return tuple(sorted(found - {self._states.person(number).id})[:MOST_NAMED])

    def _path(self, number: int, mode: int) -> list[Step]:
        made = []
        following = self._closing.next[mode]
        while number in following:
            made += self._steps(number, following[number], mode)
            number = following[number]
        return made

    def _steps(self, number: int, to: int, mode: int) -> list[Step]:
        """One link, and before it how its caller, and the one whom it is about, are come to."""
        link, acting = self._closing.link(number, to, mode)
        caller = self._closing.performer(link, number, acting, to)
        made = []
        for needed in {caller: None, link.about: None} if acting else {}:
            if needed >= 0 and needed != number:
                for before, after in self._closing.chain(number, needed, mode):
                    made += self._steps(before, after, mode) if (before, after) != (number, to) else []
        return [*made, self._step(link, caller, to)]

    def _step(self, link: Link, caller: int, to: int) -> Step:
        states = self._states
        every_right = states.is_administrator(to) != 0 and (link.about >= 0 or to == states.administrator)
        target = ADMINISTRATOR if every_right else states.person(to).id
        actor = states.person(caller).id
        if link.way is None:
            action = MEMBER if link.kind == GROUP else ASSUME
            return Step(actor, action, target, target)
        further = link.way.further
        if link.way.gain is Gain.PASS and link.way.passing:
            further = (PASSING[link.account.dialect], *further)
        return Step(actor, link.way.action, self._on(link, caller, to), target, further, link.way.source)

    def _on(self, link: Link, caller: int, to: int) -> str:
        targets = link.account.targets.get(link.kind)
        if targets is None:
            return ""
        place = link.place if link.place >= 0 else to - targets.first
        if link.way is not None and link.way.gain in {Gain.CODE, Gain.PROVE}:
            place = self._thing(link, link.way, caller, to)
        return targets.names[place] if 0 <= place < len(targets.names) else ""

    def _thing(self, link: Link, way: Way, caller: int, to: int) -> int:
        """The place of the workload, or the provider, through which a call makes its caller a role."""
        asking = self._states.asking
        for account, each, bits in self._states.powers(caller).complete():
            if each is way and account is link.account:
                for place in numbers(bits.possible):
                    if asking.led(account, way, one(place, bits.level(place))).level(to):
                        return place
        return -1
