"""Documents compiled into layers: what the identity holds, its boundary, an organization's level, the resource's own.

A statement becomes a `Rule`. Which rules of a layer are about an action is found once for each action.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from drkit.access.evaluate.conditions import Decide
from drkit.access.evaluate.logic import MAYBE, NO, YES
from drkit.access.evaluate.request import Request

MOST_ACTIONS = 4096  # remembered for one layer; beyond it, it begins anew
POSSIBLY = "possibly: "


class Grade(IntEnum):
    """How a principal element means the caller; it matters for what the resource's policy grants."""

    ACCOUNT = 0  # the caller's account, which has to hand it on
    ROLE = 1  # the caller's role: boundary and session limit it
    DIRECT = 2  # the caller itself
    EVERYONE = 3


Grades = tuple[int, int, int, int]
NOBODY: Grades = (NO, NO, NO, NO)
SURELY: Grades = (NO, NO, YES, NO)
PERHAPS: Grades = (NO, NO, MAYBE, NO)


@dataclass(frozen=True, slots=True)
class Matchers:
    """What of a statement has to match besides its action; None matches everything."""

    resources: Callable[[Any], int] | None
    principals: Callable[[Any], Grades] | None
    conditions: Decide | None


ANYTHING = Matchers(None, None, None)


class Rule:
    """A compiled statement.

    Args:
        label: where it stands in its document.
        denies, allows: both where nobody knows its effect.
        ceiling: MAYBE where something in it was not understood, so that it never surely matches.
        actions: the test for an action; None matches every one.
        make: compiles the rest, once an action matched: most statements are never asked further.
    """

    __slots__ = ("_make", "_matchers", "actions", "allows", "ceiling", "denies", "label")

    def __init__(
        self,
        label: str,
        *,
        denies: bool,
        allows: bool,
        ceiling: int,
        actions: Callable[[str], int] | None,
        make: Callable[[], Matchers],
    ) -> None:
        self.label, self.denies, self.allows, self.ceiling = label, denies, allows, ceiling
        self.actions, self._make = actions, make
        self._matchers: Matchers | None = None

    @property
    def matchers(self) -> Matchers:
        """The rest of the statement."""
        if self._matchers is None:
            self._matchers = self._make()
        return self._matchers


def of_unread(why: str) -> Rule:
    """What stands for a document that was not understood: it may allow everything, and may deny it."""
    return Rule(why, denies=True, allows=True, ceiling=MAYBE, actions=None, make=lambda: ANYTHING)


@dataclass(slots=True)
class Found:
    """What a layer says of a request.

    Args:
        grades: whether an allow matches, by how it means the caller; a layer without principals speaks to it directly.
        denying, allowing: the statements that match, in words.
        deny: whether a deny matches.
    """

    grades: list[int]
    denying: list[str]
    allowing: list[str]
    deny: int = NO

    @property
    def allow(self) -> int:
        """Whether any allow matches."""
        return max(self.grades)


NOTHING = Found([NO, NO, NO, NO], [], [])  # what a layer says that is not there; nobody writes to it


class Layer:
    """The statements of one or more documents that are asked together.

    Args:
        rules: with the place of their document, for the reader of an answer.
    """

    __slots__ = ("_about", "rules")

    def __init__(self, rules: Iterable[tuple[str, Rule]]) -> None:
        self.rules = list(rules)
        self._about: dict[str, list[tuple[str, Rule, int, Matchers]]] = {}

    def about(self, action: str) -> list[tuple[str, Rule, int, Matchers]]:
        """The rules that an action may match, each with whether it surely does."""
        known = self._about.get(action)
        if known is None:
            known = []
            for place, rule in self.rules:
                level = min(rule.ceiling, YES if rule.actions is None else rule.actions(action))
                if level != NO:
                    known.append((f"{place} {rule.label}", rule, level, rule.matchers))
            if len(self._about) >= MOST_ACTIONS:
                self._about.clear()
            self._about[action] = known
        return known

    def ask(self, request: Request) -> Found:
        """What the layer says of a request."""
        about = self._about.get(request.action)
        if about is None:
            about = self.about(request.action)
        if not about:
            return NOTHING
        found = Found([NO, NO, NO, NO], [], [])
        for label, rule, level, matchers in about:
            surely = level
            if matchers.resources is not None:
                matched = matchers.resources(request)
                if matched == NO:
                    continue
                surely = min(surely, matched)
            grades = SURELY if matchers.principals is None else matchers.principals(request)
            if grades is NOBODY:
                continue
            if matchers.conditions is not None:
                matched = matchers.conditions(request.context, request.lookup)
                if matched == NO:
                    continue
                surely = min(surely, matched)
            _note(found, rule, label, surely, grades)
        return found


def _note(found: Found, rule: Rule, label: str, level: int, grades: Grades) -> None:
    surely = level if grades is SURELY else min(level, max(grades))
    words = label if surely == YES else POSSIBLY + label
    if rule.denies:
        found.deny = max(found.deny, surely)
        found.denying.append(words)
    if not rule.allows:
        return
    found.allowing.append(words)
    if grades is SURELY:
        found.grades[Grade.DIRECT] = max(found.grades[Grade.DIRECT], level)
        return
    for grade, matched in enumerate(grades):
        found.grades[grade] = max(found.grades[grade], min(level, matched))
