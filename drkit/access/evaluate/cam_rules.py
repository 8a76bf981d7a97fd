"""Statements of CAM compiled into rules."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from typing import Any

from drkit.access.evaluate.cam_actions import EVERYTHING, actions, plain
from drkit.access.evaluate.cam_operators import RULES
from drkit.access.evaluate.cam_principals import principals
from drkit.access.evaluate.cam_resources import resources
from drkit.access.evaluate.conditions import compile_conditions
from drkit.access.evaluate.layers import Matchers, Rule, of_unread
from drkit.access.evaluate.logic import MAYBE, YES
from drkit.access.language.form import Document, Effect, Statement
from drkit.access.language.saying import label

TAGS = "qcs:resource_tag"


class Place(Enum):
    """Where a document is attached; its owner is whom an empty account segment means."""

    IDENTITY = auto()  # the caller's root account
    RESOURCE = auto()  # the owner of the bucket or role; there is a principal, and a trust has no resource
    ORGANIZATION = auto()  # whichever account it is


OWNERS = {
    Place.IDENTITY: lambda request: request.caller.owner,
    Place.RESOURCE: lambda request: request.account,
    Place.ORGANIZATION: lambda _request: "",
}


def rules(document: Document, place: Place) -> Iterable[Rule]:
    """The rules of a document; one that was not read may do everything."""
    if document.strange:
        yield of_unread("; ".join(document.strange))
    for statement in document.statements:
        yield _rule(statement, place)


def _rule(statement: Statement, place: Place) -> Rule:
    denies = statement.effect is not Effect.ALLOW
    fits = statement.resources is not None or place is Place.RESOURCE
    fits = fits and (statement.principals is not None or place is not Place.RESOURCE)
    return Rule(
        label(statement),
        denies=denies,
        allows=statement.effect is not Effect.DENY,
        ceiling=YES if fits and not statement.strange else MAYBE,
        actions=_actions(statement, denies=denies),
        make=lambda: Matchers(
            _resources(statement, place, denies=denies),
            None if statement.principals is None else principals(statement.principals, denies=denies),
            compile_conditions(RULES, statement.conditions, variables=True),
        ),
    )


def _actions(statement: Statement, *, denies: bool) -> Any:
    if statement.actions is None or EVERYTHING & set(map(plain, statement.actions)):
        return None
    return actions(statement.actions, denies=denies)


def _resources(statement: Statement, place: Place, *, denies: bool) -> Any:
    tagged = any(condition.key.startswith(TAGS) for condition in statement.conditions)
    if statement.resources is None or ("*" in statement.resources and not (tagged and denies)):
        return None
    return resources(
        statement.resources,
        OWNERS[place],
        denies=denies,
        always_named=place is Place.RESOURCE,
        tagged=tagged,
    )
