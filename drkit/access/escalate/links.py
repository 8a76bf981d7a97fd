"""What one call, or a few, make of somebody who can act as several: the next state that it can come to.

The calls may be of one state and concern another: who can act as both has both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from drkit.access.escalate.bits import Bits, numbers, of, one
from drkit.access.escalate.people import OWN, UNBOUNDED, Account
from drkit.access.escalate.powers import Powers
from drkit.access.escalate.states import States
from drkit.access.escalate.ways import GROUP, USER, Gain, Way
from drkit.access.evaluate.logic import NO, YES


class Link(NamedTuple):
    """States that can be come to.

    Args:
        to: which, and how surely.
        about: whose state it changes; -1 where it is none of those.
        way: None for taking a role that trusts its caller.
        kind, place: what the first call is on; a place of -1 is that of the state come to.
    """

    to: Bits
    about: int
    account: Account
    way: Way | None
    kind: str = ""
    place: int = -1


def links(
    states: States, acting: Sequence[int], powers: Powers, *, changes_only: bool = False
) -> Iterator[Link]:
    """All that somebody can do with powers who can act as some states, given by their numbers.

    Args:
        states: all there are.
        acting: the numbers of the states that one can act as.
        powers: of all of them.
        changes_only: leave out whom the powers let somebody act as, whoever it is.
    """
    everybody = len(states.world.people)
    people = of(dict.fromkeys((number for number in acting if number < everybody), YES)).sure
    made = [number for number in acting if everybody <= number != states.administrator]
    for account, way, bits in powers.complete():
        if way.gain in CHANGES or way.gain is Gain.JOIN:
            concerned = _concerned(states, people, made, states.concern.people(account, way, bits.possible))
            if way.gain is Gain.JOIN:
                yield from _join(states, concerned, account, way, bits)
            else:
                for number in concerned:
                    yield from CHANGES[way.gain](states, number, account, way, bits)
        elif changes_only:
            continue
        elif way.gain is Gain.EVERYTHING:
            yield Link(one(states.administrator, bits.level(0)), -1, account, way, way.kind)
        else:
            yield Link(states.asking.led(account, way, bits), -1, account, way, way.kind)


def _concerned(states: States, people: int, made: Sequence[int], concerned: int) -> Iterator[int]:
    """The states whose people a call may change; first one that nothing limits, for that is the end of it."""
    hit = people & concerned
    free = hit & states.free
    if free:
        first = free & -free
        yield first.bit_length() - 1
        hit &= ~first
    yield from numbers(hit)
    for number in made:
        if concerned >> states.all[number].person & 1:
            yield number


def _made(state: int, about: int, account: Account, way: Way, place: int, level: int) -> Iterable[Link]:
    if level != NO and state != about:
        yield Link(one(state, level), about, account, way, way.kind, place)


def _place(states: States, number: int, account: Account, kind: str) -> int:
    """The place of a state's person among the targets of a kind; -1 where it is none."""
    person = states.person(number)
    return person.number - account.targets[kind].first if person.kind == kind else OWN


def _groups(states: States, number: int, account: Account) -> dict[int, int]:
    """The groups that a state is in, or is, by their places."""
    first = account.targets[GROUP].first
    found = {held.via - first: held.via for held in states.all[number].held if held.via != OWN}
    return {number - first: number} | found if states.person(number).kind == GROUP else found


def _raise(states: States, number: int, account: Account, way: Way, bits: Bits) -> Iterator[Link]:
    if way.kind == GROUP:
        for place in _groups(states, number, account):
            yield from _made(states.raised(number), number, account, way, place, bits.level(place))
        return
    place = _place(states, number, account, way.kind)
    if place != OWN and bits.level(place):
        yield from _made(states.raised(number), number, account, way, place, bits.level(place))


def _edit(states: States, number: int, account: Account, way: Way, bits: Bits) -> Iterator[Link]:
    for policy, place in _held(states, number, account):
        if not bits.level(place):
            continue
        made = states.raised(number, policy)
        yield from _made(made, number, account, way, place, bits.level(place))
    limit = account.policies.get(str(states.person(number).boundary))
    if limit is not None and states.all[number].limit != UNBOUNDED:
        yield from _made(states.unbound(number), number, account, way, limit, bits.level(limit))


def _revert(states: States, number: int, account: Account, way: Way, bits: Bits) -> Iterator[Link]:
    if not states.as_it_is(number):
        return  # one text at a time: what several give together is found from those who can act as all
    boundary = str(states.person(number).boundary)
    held = dict(_held(states, number, account))
    if boundary in account.policies and states.all[number].limit != UNBOUNDED:
        held[boundary] = account.policies[boundary]
    for policy, place in held.items():
        for document in account.others.get(policy, ()) if bits.level(place) else ():
            made = states.replaced(number, policy, document)
            yield from _made(made, number, account, way, place, bits.level(place))


def _held(states: States, number: int, account: Account) -> Iterator[tuple[str, int]]:
    """The policies that a state holds and that have a text of the account's own."""
    seen = {held.policy for held in states.all[number].held}
    return ((policy, account.policies[policy]) for policy in sorted(seen) if policy in account.policies)


def _join(states: States, acting: Iterable[int], account: Account, way: Way, bits: Bits) -> Iterator[Link]:
    """Groups that some user of those may be put into: if one is free of limits, what the others get is less."""
    targets, done = account.targets[GROUP], set[int]()
    users = [number for number in acting if states.person(number).kind == USER]
    free = next((number for number in users if not states.limited(number)), None)
    if free is not None:
        yield Link(targets.among_everybody(bits), free, account, way, way.kind)
        return
    for number in users:
        for place in numbers(bits.possible):
            made = states.joined(number, targets.first + place)
            if made not in done:
                done.add(made)
                yield from _made(made, number, account, way, place, bits.level(place))


def _unbind(states: States, number: int, account: Account, way: Way, bits: Bits) -> Iterator[Link]:
    place = _place(states, number, account, way.kind)
    if place != OWN and states.all[number].limit != UNBOUNDED:
        yield from _made(states.unbound(number), number, account, way, place, bits.level(place))


def _remove(states: States, number: int, account: Account, way: Way, bits: Bits) -> Iterator[Link]:
    if way.kind == GROUP:
        yield from _leave(states, number, account, way, bits)
        return
    place = _place(states, number, account, way.kind)
    if place != OWN and bits.level(place) and _denied(states, number, OWN):
        yield from _made(states.freed(number, OWN), number, account, way, place, bits.level(place))


def _leave(states: States, number: int, account: Account, way: Way, bits: Bits) -> Iterator[Link]:
    for place, group in _groups(states, number, account).items():
        if bits.level(place) and _denied(states, number, group):
            yield from _made(states.freed(number, group), number, account, way, place, bits.level(place))


def _denied(states: States, number: int, via: int) -> bool:
    return any(held.via == via and states.denies(held.document) for held in states.all[number].held)


Change = Callable[[States, int, Account, Way, Bits], Iterator[Link]]
CHANGES: dict[Gain, Change] = {
    Gain.RAISE: _raise,
    Gain.EDIT: _edit,
    Gain.REVERT: _revert,
    Gain.UNBIND: _unbind,
    Gain.REMOVE: _remove,
    Gain.LEAVE: _leave,
}
