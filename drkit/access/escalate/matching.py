"""Which targets statements match, and requests of somebody of whom little is known: each asked once.

Nothing is known of the request but who calls: a condition on anything else may hold and may not, so that what it
allows is possible and what it denies is not sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from drkit.access.escalate.bits import NONE, Bits, of
from drkit.access.escalate.clauses import BOUNDARY_KEY, Clause
from drkit.access.escalate.people import Account, Person, Targets
from drkit.access.escalate.ways import GROUP
from drkit.access.evaluate import aws_requests, cam_requests
from drkit.access.evaluate.cam_resources import SEGMENTS, CamRequest
from drkit.access.evaluate.logic import NO
from drkit.access.evaluate.request import Request
from drkit.access.language.form import Dialect
from drkit.access.language.templates import Lookup, UndecidedError

Context = tuple[tuple[str, str], ...]
ABSENT: Any = ()  # a key that the request surely has not


def asked(person: Person, action: str, resource: str, context: Context) -> Request:
    """A request of somebody of which little is known; an empty value stands for a key that is not there."""
    raw: dict[str, Any] = {
        "principal": person.caller,
        "action": action,
        "resource": resource,
        "context": {**person.known, **{key: value for key, value in context if value}},
        "context_partial": True,
    }
    aws = person.account.dialect is Dialect.AWS
    made = aws_requests.request(raw, bounded=bool(person.boundary)) if aws else cam_requests.request(raw)
    for key, value in context:
        if not value:
            made.context.values[key.lower()] = ABSENT
    if person.kind == GROUP:
        made.lookup = partial(_of_a_member, made.lookup)
    return made


def _of_a_member(lookup: Lookup, name: str) -> str | None:
    """The value of a variable where some member of a group calls: nobody can say who.

    Raises:
        UndecidedError: it is the caller's number.
    """
    if name == "uin":
        raise UndecidedError
    return lookup(name)


class Matching:
    """Which targets clauses match, each asked once."""

    def __init__(self) -> None:
        self._resources: dict[tuple[Any, ...], Bits] = {}
        self._clauses: dict[tuple[Any, ...], Bits] = {}
        self._requests: dict[tuple[Any, ...], Request] = {}
        self._levels: dict[tuple[Clause, int], int] = {}

    def request(self, person: Person, action: str, resource: str, context: Context, *, own: bool) -> Request:
        """A request; those of people of whom nothing is asked are one for the account."""
        key = (person.account, person.number if own else -1, person.boundary != "", action, resource, context)
        known = self._requests.get(key)
        if known is None:
            known = self._requests[key] = asked(person, action, resource, context)
        return known

    def level(self, clause: Clause, request: Request) -> int:
        """Whether a clause matches a request as it is."""
        key = (clause, id(request))
        known = self._levels.get(key)
        if known is None:
            known = self._levels[key] = _one(clause, request)
        return known

    def matched(
        self, clause: Clause, request: Request, person: Person, targets: Targets, context: Context
    ) -> Bits:
        """The targets on which a clause matches a request."""
        caller = person.number if clause.personal else -1
        key = (clause, request.action, caller, person.account, id(targets), context)
        known = self._clauses.get(key)
        if known is None:
            level = clause.about(request.action)
            known = NONE
            if level != NO:
                where = self._on(clause, request, caller, person.account, targets).at_most(level)
                known = _conditions(clause, request, where, targets)
            self._clauses[key] = known
        return known

    def _on(self, clause: Clause, request: Request, caller: int, account: Account, targets: Targets) -> Bits:
        test = clause.rule.matchers.resources
        if test is None:
            return targets.all
        given = (request.passed, request.lists) if isinstance(request, CamRequest) else None
        key = (clause, caller, account, id(targets), given)
        known = self._resources.get(key)
        if known is None:
            found = {}
            for number in _candidates(clause, request, targets):
                _point(request, targets.names[number])
                level = test(request)
                if level != NO:
                    found[number] = level
            known = self._resources[key] = of(found)
        return known


def _candidates(clause: Clause, request: Request, targets: Targets) -> Sequence[int]:
    """The targets that a clause may match by how its resources begin."""
    everything = range(len(targets.names))
    if clause.patterns is None:
        return everything
    if not isinstance(request, CamRequest):
        if any(pattern.count(":") < SEGMENTS - 1 for pattern in clause.patterns):
            return everything  # what is cut short may mean what is below it
        return [number for pattern in clause.patterns for number in targets.beginning(pattern)]
    lasts = [pattern.strip().split(":", SEGMENTS - 1) for pattern in clause.patterns]
    if any(len(parts) != SEGMENTS or parts[0] != "qcs" or parts[-1] in {"", "*"} for parts in lasts):
        return everything  # not understood, or it may be matched by what names no thing, too
    return [number for parts in lasts for number in targets.ending(parts[-1])]


def _point(request: Request, resource: str) -> None:
    request.resource = resource
    if isinstance(request, CamRequest):
        parts = resource.split(":", SEGMENTS - 1)
        request.parts = parts if len(parts) == SEGMENTS else []
        if request.parts:  # another account's role is that account's
            request.account = parts[4].removeprefix("uin/") or request.caller.owner


def _conditions(clause: Clause, request: Request, where: Bits, targets: Targets) -> Bits:
    test = clause.rule.matchers.conditions
    if test is None or not where.possible:
        return where
    told = BOUNDARY_KEY in request.context.values or not request.action.startswith("iam:")
    if BOUNDARY_KEY not in clause.keys or not targets.boundaries or told:
        return where.at_most(test(request.context, request.lookup))
    made, rest = NONE, targets.all.possible
    for boundary, bits in targets.boundaries.items():
        request.context.values[BOUNDARY_KEY] = (boundary,) if boundary else ABSENT
        made |= (where & Bits(bits, bits)).at_most(test(request.context, request.lookup))
        rest &= ~bits
    del request.context.values[BOUNDARY_KEY]
    return made | (where & Bits(rest, rest)).at_most(test(request.context, request.lookup))


def _one(clause: Clause, request: Request) -> int:
    level = clause.about(request.action)
    matchers = clause.rule.matchers
    if matchers.resources is not None:
        level = min(level, matchers.resources(request))
    if level != NO and matchers.conditions is not None:
        level = min(level, matchers.conditions(request.context, request.lookup))
    return level
