"""What a set of policies within a boundary allows, asked for many targets at once.

Nothing is known of the request but who calls: a condition on anything else may hold and may not, so that what it
allows is possible and what it denies is not sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from drkit.access.escalate.bits import NONE, Bits, of
from drkit.access.escalate.catalogue import asked_of
from drkit.access.escalate.clauses import BOUNDARY_KEY, VARIABLE, Clause
from drkit.access.escalate.people import Account, Person, Targets
from drkit.access.evaluate import aws_requests, cam_requests
from drkit.access.evaluate.cam_resources import SEGMENTS, CamRequest
from drkit.access.evaluate.logic import MAYBE, NO, YES
from drkit.access.evaluate.request import Request
from drkit.access.language.form import Dialect

Context = tuple[tuple[str, str], ...]
PLACEHOLDER = "drkit"
REGION = {Dialect.AWS: "us-east-1", Dialect.CAM: "ap-guangzhou"}
POINTED = {Dialect.AWS: "*:", Dialect.CAM: "qcs::::*:"}  # no example is written so
ABSENT: Any = ()  # a key that the request surely has not
IDENTITIES = (
    ("user/", ("User", "AccessKey", "LoginProfile", "MFADevice")),
    ("role/", ("Role",)),
    ("group/", ("Group",)),
)


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
    return made


def default(account: Account, action: str) -> str:
    """A thing that an action may be on, as good as any."""
    service = action.partition(":")[0]
    if account.dialect is Dialect.AWS:
        region = "" if service == "iam" else REGION[Dialect.AWS]
        kind = next((kind for kind, words in IDENTITIES if any(word in action for word in words)), "")
        return f"arn:aws:{service}:{region}:{account.number}:{kind}{PLACEHOLDER}"
    return f"qcs::{service}:{REGION[Dialect.CAM]}:uin/{account.number}:{PLACEHOLDER}/{PLACEHOLDER}"


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
        passed = request.passed if isinstance(request, CamRequest) else None
        key = (clause, caller, account, id(targets), passed)
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
    if clause.patterns is None:
        return range(len(targets.names))
    if not isinstance(request, CamRequest):
        return [number for pattern in clause.patterns for number in targets.beginning(pattern)]
    lasts = [pattern.strip().split(":", SEGMENTS - 1)[SEGMENTS - 1 :] for pattern in clause.patterns]
    if any(not last or last[0] in {"", "*"} for last in lasts):
        return range(len(targets.names))  # may be matched by what names no thing, too
    return [number for [last] in lasts for number in targets.ending(last)]


def _point(request: Request, resource: str) -> None:
    request.resource = resource
    if isinstance(request, CamRequest):
        request.parts = resource.split(":", SEGMENTS - 1)


def _conditions(clause: Clause, request: Request, where: Bits, targets: Targets) -> Bits:
    test = clause.rule.matchers.conditions
    if test is None or not where.possible:
        return where
    if BOUNDARY_KEY not in clause.keys or not targets.boundaries or BOUNDARY_KEY in request.context.values:
        return where.at_most(test(request.context, request.lookup))
    made, rest = NONE, targets.all.possible
    for boundary, bits in targets.boundaries.items():
        request.context.values[BOUNDARY_KEY] = (boundary,) if boundary else ABSENT
        made |= (where & Bits(bits, bits)).at_most(test(request.context, request.lookup))
        rest &= ~bits
    del request.context.values[BOUNDARY_KEY]
    return made | (where & Bits(rest, rest)).at_most(test(request.context, request.lookup))


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
        for resource in self._examples(action):
            request = self._matching.request(self.person, action, resource, context, own=self._personal)
            level = self._level(self.clauses, request)
            if self.limits is not None:
                level = min(level, self._level(self.limits, request))
            best = max(best, level)
            if best == YES:
                break
        return best

    def _level(self, clauses: Sequence[Clause], request: Request) -> int:
        allow = deny = NO
        for clause in clauses:
            level = self._matching.level(clause, request) if clause.about(request.action) else NO
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
        """Things that the clauses allow an action on, one for each pattern."""
        usual = default(self.person.account, action)
        yield usual
        name = self._name(action)
        for clause in self.clauses:
            if clause.rule.allows and clause.about(name):
                for pattern in clause.patterns or ():
                    made = _example(pattern, usual, self.person.known)
                    if made:
                        yield made


def _example(pattern: str, usual: str, known: Mapping[str, Any]) -> str:
    """A thing that a pattern matches, if it is one of the action's service and kind."""
    if pattern == "*":
        return ""
    name = str(known.get("aws:username") or PLACEHOLDER)
    text = re.sub(r"\$\{[^}]*\}", name, pattern) if VARIABLE in pattern else pattern
    parts, own = text.split(":", SEGMENTS - 1), usual.split(":", SEGMENTS - 1)
    if len(parts) != SEGMENTS:
        return ""
    filled = [
        PLACEHOLDER if part == "*" and place == SEGMENTS - 1 else part for place, part in enumerate(parts)
    ]
    for place in range(1, SEGMENTS - 1):
        if filled[place] in {"", "*"}:
            filled[place] = own[place]
    resource = ":".join(filled).replace("*", PLACEHOLDER).replace("?", "x")
    kind = own[-1].partition("/")[0] if own[0] == "arn" and "/" in own[-1] else ""
    fits = filled[2] == own[2] and (not kind or resource.split(":", SEGMENTS - 1)[-1].startswith(kind + "/"))
    return resource if fits or own[0] == "qcs" else ""


def _one(clause: Clause, request: Request) -> int:
    level = clause.about(request.action)
    matchers = clause.rule.matchers
    if matchers.resources is not None:
        level = min(level, matchers.resources(request))
    if level != NO and matchers.conditions is not None:
        level = min(level, matchers.conditions(request.context, request.lookup))
    return level
