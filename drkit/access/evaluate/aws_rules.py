"""Statements of AWS compiled into rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum, auto

from drkit.access.evaluate.aws_operators import RULES
from drkit.access.evaluate.aws_principals import not_principals, principals
from drkit.access.evaluate.conditions import compile_conditions
from drkit.access.evaluate.layers import Grades, Matchers, Rule, of_unread
from drkit.access.evaluate.logic import MAYBE, YES
from drkit.access.evaluate.patterns import actions, negated, resources
from drkit.access.evaluate.request import Request
from drkit.access.language.form import Document, Effect, Statement
from drkit.access.language.saying import label

VARIABLES_SINCE = "2012-10-17"


class Place(Enum):
    """Where a document is attached, as far as its statements mean something else there."""

    IDENTITY = auto()  # no Principal, a Resource
    RESOURCE = auto()  # a Principal; trust policies have no Resource
    ENDPOINT = auto()  # a Principal, mostly ``*``


def rules(document: Document, place: Place) -> Iterable[Rule]:
    """The rules of a document; one that was not read may do everything."""
    if document.strange:
        yield of_unread("; ".join(document.strange))
    variables = document.version == VARIABLES_SINCE
    for statement in document.statements:
        yield _rule(statement, place, variables=variables)


def _rule(statement: Statement, place: Place, *, variables: bool) -> Rule:
    surely = not statement.strange and _fits(statement, place)
    return Rule(
        label(statement),
        denies=statement.effect is not Effect.ALLOW,
        allows=statement.effect is not Effect.DENY,
        ceiling=YES if surely else MAYBE,
        actions=_actions(statement),
        make=lambda: Matchers(
            _resources(statement, variables=variables),
            _principals(statement, place),
            compile_conditions(RULES, statement.conditions, variables=variables),
        ),
    )


def _fits(statement: Statement, place: Place) -> bool:
    """Whether a statement has the elements that its place asks for."""
    has_principal = statement.principals is not None or statement.not_principals is not None
    has_resource = statement.resources is not None or statement.not_resources is not None
    if place is Place.IDENTITY:
        return has_resource and not has_principal
    return has_principal or place is Place.ENDPOINT


def _actions(statement: Statement) -> Callable[[str], int] | None:
    if statement.actions is not None:
        return None if "*" in statement.actions else actions(statement.actions)
    return negated(actions(statement.not_actions)) if statement.not_actions is not None else None


def _resources(statement: Statement, *, variables: bool) -> Callable[[Request], int] | None:
    if statement.resources is not None:
        return resources(statement.resources, variables=variables, negate=False)
    if statement.not_resources is not None:
        return resources(statement.not_resources, variables=variables, negate=True)
    return None


def _principals(statement: Statement, place: Place) -> Callable[[Request], Grades] | None:
    if place is Place.IDENTITY:
        return None
    if statement.principals is not None:
        return principals(statement.principals)
    return not_principals(statement.not_principals) if statement.not_principals is not None else None
