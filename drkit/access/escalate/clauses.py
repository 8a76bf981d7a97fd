"""Policies as clauses: compiled statements, and what has to be known to ask each only once for many principals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from drkit.access.catalogue import cam as catalogue
from drkit.access.escalate.catalogue import asked_of
from drkit.access.evaluate import aws_rules, cam_rules
from drkit.access.evaluate.layers import Rule, of_unread
from drkit.access.evaluate.logic import YES
from drkit.access.language.documents import read_document
from drkit.access.language.form import Dialect, Document, Statement

COMPILE: dict[Dialect, Callable[[Document], Iterable[Rule]]] = {
    Dialect.AWS: partial(aws_rules.rules, place=aws_rules.Place.IDENTITY),
    Dialect.CAM: partial(cam_rules.rules, place=cam_rules.Place.IDENTITY),
}
VARIABLE = "${"
OF_THE_CALLER = frozenset({"aws:username", "aws:principalarn", "aws:userid"})
BOUNDARY_KEY = "iam:permissionsboundary"


@dataclass(eq=False, slots=True)
class Clause:
    """A statement.

    Args:
        patterns: the resources that it names; None where it is not held to any.
        besides: the resources that it leaves out, where it names all others.
        personal: whether it says something else of each caller.
        keys: the condition keys that it asks for, in lower case.
        mask: which of the actions that ways ask for it may be about.
    """

    rule: Rule
    patterns: tuple[str, ...] | None
    personal: bool
    keys: frozenset[str]
    mask: int = 0
    besides: tuple[str, ...] = ()
    _levels: dict[str, int] = field(default_factory=dict)

    def about(self, action: str) -> int:
        """Whether it is about an action."""
        known = self._levels.get(action)
        if known is None:
            rule = self.rule
            known = min(rule.ceiling, YES if rule.actions is None else rule.actions(action))
            self._levels[action] = known
        return known


UNREAD = "nobody read this policy"
ALL_OF = {
    Dialect.AWS: {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    },
    Dialect.CAM: {"version": "2.0", "statement": [{"effect": "allow", "action": "*", "resource": "*"}]},
}
KNOWN_OF_AWS = frozenset({"arn:aws:iam::aws:policy/AdministratorAccess"})


def clauses(dialect: Dialect, raw: Any) -> tuple[Clause, ...]:
    """The clauses of a document; None stands for one that nobody read."""
    if raw is None:
        return (_clause(dialect, of_unread(UNREAD), None),)
    document = read_document(dialect, raw)
    statements: list[Statement | None] = [*([None] if document.strange else []), *document.statements]
    return tuple(
        _clause(dialect, rule, statement)
        for rule, statement in zip(COMPILE[dialect](document), statements, strict=True)
    )


def _clause(dialect: Dialect, rule: Rule, statement: Statement | None) -> Clause:
    if statement is None:
        return Clause(rule, None, personal=False, keys=frozenset(), mask=_mask(dialect, rule))
    keys = frozenset(condition.key.strip().lower() for condition in statement.conditions)
    texts = [*(statement.resources or ()), *(statement.not_resources or ())]
    texts += [str(value) for condition in statement.conditions for value in condition.values]
    personal = any(VARIABLE in text for text in texts) or bool(keys & OF_THE_CALLER)
    mask, besides = _mask(dialect, rule), statement.not_resources or ()
    return Clause(rule, statement.resources, personal=personal, keys=keys, mask=mask, besides=besides)


def _mask(dialect: Dialect, rule: Rule) -> int:
    made = 0
    for action, number in asked_of(dialect).items():
        name = action.lower() if dialect is Dialect.AWS else action
        if rule.actions is None or rule.actions(name):
            made |= 1 << number
    return made


def preset(dialect: Dialect, name: str) -> Any:
    """The document of a policy that comes with the cloud; None where its text is not known."""
    if dialect is Dialect.AWS:
        return ALL_OF[dialect] if name in KNOWN_OF_AWS else None
    return catalogue.preset(name)
