"""What a set of policies within a boundary allows, asked for many targets at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_

from drkit.access.escalate.bits import NONE, Bits
from drkit.access.escalate.catalogue import asked_of
from drkit.access.escalate.clauses import Clause
from drkit.access.escalate.examples import fitting, usual
from drkit.access.escalate.matching import Context, Matching
from drkit.access.escalate.people import Person, Targets
from drkit.access.evaluate.logic import MAYBE, NO, YES
from drkit.access.evaluate.request import Request
from drkit.access.language.form import Dialect

POINTED = {Dialect.AWS: "*:", Dialect.CAM: "qcs::::*:"}  # no example is written so


class Rights:
    """What somebody may do.

    Args:
        person: who calls; of many that hold the same, one.
        clauses: of its policies.
        limits: of its boundary; None without one.
    """

    def __init__(
        self,
        matching: Matching,
        person: Person,
        clauses: Sequence[Clause],
        limits: Sequence[Clause] | None,
    ) -> None:
        self._matching, self.person = matching, person
        self.clauses, self.limits = clauses, limits
        self._anything: dict[tuple[str, Context], int] = {}
        self._personal = any(clause.personal for clause in (*clauses, *(limits or ())))
        self.keys = frozenset[str]().union(*(each.keys for each in (*clauses, *(limits or ()))))
        self.mask = reduce(or_, (each.mask for each in clauses if each.rule.allows), 0)
        if limits is not None:
            self.mask &= reduce(or_, (each.mask for each in limits if each.rule.allows), 0)

    def may(self, action: str) -> bool:
        """Whether any clause allows an action of a way at all."""
        return bool(self.mask >> asked_of(self.person.account.dialect)[action] & 1)

    def _name(self, action: str) -> str:
        return action.lower() if self.person.account.dialect is Dialect.AWS else action

    def on(self, action: str, targets: Targets, context: Context = ()) -> Bits:
        """The targets on which an action is allowed."""
        if not targets.names or not self.may(action):
            return NONE
        request = self._request(action, context)
        found = self._side(self.clauses, request, targets, context)
        if self.limits is None or not found.possible:
            return found
        return found & self._side(self.limits, request, targets, context)

    def limit(self, action: str, targets: Targets) -> Bits:
        """The targets on which the boundary allows an action: all without one."""
        if self.limits is None or not targets.names:
            return targets.all
        return self._side(self.limits, self._request(action, ()), targets, ())

    def denied(self, action: str, targets: Targets) -> Bits:
        """The targets on which an action is denied, by its policies or its boundary."""
        if not targets.names:
            return NONE
        request = self._request(action, ())
        made = NONE
        for clause in (*self.clauses, *(self.limits or ())):
            if clause.rule.denies:
                made |= self._matching.matched(clause, request, self.person, targets, ())
        return made

    def _side(self, clauses: Sequence[Clause], request: Request, targets: Targets, context: Context) -> Bits:
        allowed, denied = NONE, NONE
        for clause in clauses:
            if not clause.about(request.action):
                continue
            matched = self._matching.matched(clause, request, self.person, targets, context)
            if clause.rule.allows:
                allowed |= matched
            if clause.rule.denies:
                denied |= matched
        return allowed.without(denied)

    def anything(self, action: str, context: Context = ()) -> int:
        """Whether an action is allowed on anything at all, be it something that is not there yet."""
        key = (action, context)
        if key not in self._anything:
            self._anything[key] = self._find(action, context) if self.may(action) else NO
        return self._anything[key]

    def _find(self, action: str, context: Context) -> int:
        best = NO
        about = [each for each in self.clauses if each.about(self._name(action))]
        limits = self.limits and [each for each in self.limits if each.about(self._name(action))]
        for resource in self._examples(action):
            request = self._matching.request(self.person, action, resource, context, own=self._personal)
            level = self._level(about, request)
            if level != NO and limits is not None:
                level = min(level, self._level(limits, request))
            best = max(best, level)
            if best == YES:
                break
        return best

    def _level(self, clauses: Sequence[Clause], request: Request) -> int:
        """What clauses that are about the action come to."""
        allow = deny = NO
        for clause in clauses:
            level = self._matching.level(clause, request)
            allow = max(allow, level) if clause.rule.allows else allow
            deny = max(deny, level) if clause.rule.denies else deny
        if deny == YES or allow == NO:
            return NO
        return MAYBE if deny == MAYBE else allow

    def _request(self, action: str, context: Context) -> Request:
        """A request that is pointed at one target after the other."""
        usual = POINTED[self.person.account.dialect]
        return self._matching.request(self.person, action, usual, context, own=self._personal)

    def _examples(self, action: str) -> Iterator[str]:
        """Things that the clauses and the boundary may allow an action on, each once."""
        things = usual(self.person.account, action)
        yield from things
        seen, name = set(things), self._name(action)
        own = str(self.person.known.get("aws:username") or self.person.caller.rpartition("/")[2])
        for clause in (*self.clauses, *(self.limits or ())):
            patterns = clause.patterns if clause.rule.allows else clause.besides
            if patterns and clause.about(name):
                for pattern in patterns:
                    made = set(fitting(pattern, things[0], own)) - seen
                    seen |= made
                    yield from sorted(made)
