"""What somebody has become: the policies that it holds by now, and its boundary, as they stand or as they were made."""

from __future__ import annotations

from dataclasses import dataclass, replace

from drkit.access.escalate.bits import of
from drkit.access.escalate.clauses import ALL_OF
from drkit.access.escalate.concern import Concern
from drkit.access.escalate.matching import Matching
from drkit.access.escalate.people import OWN, UNBOUNDED, Held, Person
from drkit.access.escalate.powers import Asking, Powers
from drkit.access.escalate.rights import Rights
from drkit.access.escalate.world import World
from drkit.access.evaluate.logic import YES

NEW = -1


@dataclass(frozen=True, slots=True)
class State:
    """Somebody as it is, or as it was made.

    Args:
        person: the number; `NEW` for a new principal with every right.
        limit: the number of the boundary's document, or `UNBOUNDED`.
    """

    person: int
    held: tuple[Held, ...]
    limit: int


class States:
    """All states by their numbers; the first are people as they are, with the same numbers."""

    def __init__(self, world: World) -> None:
        self.world, self.asking, self.concern = world, Asking(world), Concern(world)
        self.all: list[State] = []
        self._matching = Matching()
        self._numbers: dict[State, int] = {}
        self._rights: dict[tuple[object, ...], Rights] = {}
        self._powers: dict[Rights, Powers] = {}
        self._administrators: dict[Rights, int] = {}
        self._of: dict[int, Rights] = {}
        self._denying: dict[int, bool] = {}
        self._raised: dict[tuple[int, str], int] = {}
        self._freed: dict[tuple[int, int], int] = {}
        for person in world.people:
            self.number(State(person.number, person.held, person.limit))
        self.administrator = self.number(State(NEW, (), UNBOUNDED))
        self.free = of({each.number: YES for each in world.people if not self.limited(each.number)}).sure

    def number(self, state: State) -> int:
        """The number of a state."""
        known = self._numbers.setdefault(state, len(self.all))
        if known == len(self.all):
            self.all.append(state)
        return known

    def person(self, number: int) -> Person:
        """Whose state it is."""
        return self.world.people[self.all[number].person]

    def rights(self, number: int) -> Rights:
        """What a state allows; the same object for all that hold the same."""
        known = self._of.get(number)
        if known is None:
            known = self._of[number] = self._rights_of(number)
        return known

    def _rights_of(self, number: int) -> Rights:
        state, person = self.all[number], self.person(number)
        documents = frozenset(held.document for held in state.held)
        listed = [clause for each in sorted(documents) for clause in self.world.documents[each]]
        limits = None if state.limit == UNBOUNDED else self.world.documents[state.limit]
        personal = any(clause.personal for clause in (*listed, *(limits or ())))
        key = (person.account, documents, state.limit, state.person if personal else NEW)
        if key not in self._rights:
            self._rights[key] = Rights(self._matching, person, listed, limits)
        return self._rights[key]

    def powers(self, number: int) -> Powers:
        """What a state may do of the ways."""
        rights = self.rights(number)
        if rights not in self._powers:
            self._powers[rights] = self.asking.powers(rights)
        return self._powers[rights]

    def is_administrator(self, number: int) -> int:
        """Whether a state may do everything."""
        if number == self.administrator:
            return YES
        rights = self.rights(number)
        if rights not in self._administrators:
            self._administrators[rights] = self.asking.administrator(rights)
        return self._administrators[rights]

    def denies(self, document: int) -> bool:
        """Whether a document may deny anything that it surely says."""
        known = self._denying.get(document)
        if known is None:
            rules = [clause.rule for clause in self.world.documents[document]]
            known = self._denying[document] = any(rule.denies and not rule.allows for rule in rules)
        return known

    def raised(self, number: int, without: str = "") -> int:
        """A state with every right added; of a policy that is given up for it, what it denied is gone."""
        known = self._raised.get((number, without))
        if known is None:
            known = self._raised[number, without] = self._raise(number, without)
        return known

    def _raise(self, number: int, without: str) -> int:
        state = self.all[number]
        held = tuple(
            replace(each, document=self.world.allowing(each.document))
            if without and each.policy == without and self.denies(each.document)
            else each
            for each in state.held
        )
        if state.limit == UNBOUNDED and not any(self.denies(each.document) for each in held):
            return self.administrator
        dialect = self.person(number).account.dialect
        everything = Held("", OWN, self.world.document(dialect, ALL_OF[dialect]))
        return self.number(replace(state, held=held if everything in held else (*held, everything)))

    def unbound(self, number: int) -> int:
        """A state without its boundary."""
        return self.number(replace(self.all[number], limit=UNBOUNDED))

    def replaced(self, number: int, policy: str, document: int) -> int:
        """A state in which a policy has another text."""
        state = self.all[number]
        held = tuple(
            replace(each, document=document) if each.policy == policy else each for each in state.held
        )
        limit = (
            document if self.person(number).boundary == policy and state.limit != UNBOUNDED else state.limit
        )
        return self.number(State(state.person, held, limit))

    def freed(self, number: int, via: int) -> int:
        """A state without what the policies that come this way deny; what they allow stays."""
        known = self._freed.get((number, via))
        if known is None:
            known = self._freed[number, via] = self._free(number, via)
        return known

    def _free(self, number: int, via: int) -> int:
        state = self.all[number]
        held = tuple(
            replace(each, document=self.world.allowing(each.document)) if each.via == via else each
            for each in state.held
        )
        return self.number(replace(state, held=held))

    def joined(self, number: int, group: int) -> int:
        """What a group's policies come to for a state: with the boundary, and what the state's own policies deny."""
        state, theirs = self.all[number], self.all[group]
        denying = {each.document for each in state.held if self.denies(each.document)}
        own = tuple(Held("", OWN, self.world.denying(each)) for each in sorted(denying))
        return self.number(replace(theirs, held=(*theirs.held, *own), limit=state.limit))

    def as_it_is(self, number: int) -> bool:
        """Whether nobody changed a state."""
        return number < len(self.world.people)

    def limited(self, number: int) -> bool:
        """Whether a boundary or a deny limits what more policies would give."""
        state = self.all[number]
        return state.limit != UNBOUNDED or any(self.denies(each.document) for each in state.held)
