"""Whom a change concerns: the holders of a policy, the members of a group, who is bounded, who is denied things."""

from __future__ import annotations

from collections.abc import Iterable

from drkit.access.escalate.bits import numbers
from drkit.access.escalate.people import OWN, UNBOUNDED, Account
from drkit.access.escalate.ways import GROUP, POLICY, USER, Gain, Way
from drkit.access.escalate.world import World


class Concern:
    """Sets of people, by what may be done to them."""

    def __init__(self, world: World) -> None:
        self._bounded = self._denied = 0
        self._members: dict[int, int] = {}
        self._holders: dict[tuple[Account, int], int] = {}
        self._known: dict[tuple[Account, str, int], int] = {}
        for person in world.people:
            own, account = 1 << person.number, person.account
            self._bounded |= own if person.limit != UNBOUNDED else 0
            policies = {held.policy for held in person.held} | {str(person.boundary)}
            for policy in policies & account.policies.keys():
                key = (account, account.policies[policy])
                self._holders[key] = self._holders.get(key, 0) | own
            for group in {held.via for held in person.held} - {OWN}:
                self._members[group] = self._members.get(group, 0) | own
            documents = {held.document for held in person.held}
            if any(clause.rule.denies for each in documents for clause in world.documents[each]):
                self._denied |= own

    def people(self, account: Account, way: Way, places: int) -> int:
        """Those whom a way may concern whose first call is allowed on things at some places."""
        if way.gain is Gain.JOIN:
            users = account.targets[USER]
            return users.all.possible << users.first
        key = (account, way.kind, places)
        if key not in self._known:
            self._known[key] = self._of(account, way.kind, places)
        found = self._known[key]
        if way.gain is Gain.UNBIND:
            return found & self._bounded
        return found & self._denied if way.gain in {Gain.REMOVE, Gain.LEAVE} else found

    def _of(self, account: Account, kind: str, places: int) -> int:
        if kind == POLICY:
            return _union(self._holders.get((account, place), 0) for place in numbers(places))
        first = account.targets[kind].first
        if kind == GROUP:
            return places << first | _union(self._members.get(first + place, 0) for place in numbers(places))
        return places << first


def _union(sets: Iterable[int]) -> int:
    made = 0
    for each in sets:
        made |= each
    return made
