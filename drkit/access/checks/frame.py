"""What a check is made of, and what several of them ask of a statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from drkit.access.language.form import Dialect, Document, Effect, Statement
from drkit.core.verdicts import Severity

EVERYTHING = frozenset({"*", "*:*"})
LONGEST_EVERYTHING = len("name/*:*")


@dataclass(frozen=True, slots=True)
class Check:
    """A check.

    Args:
        id: as findings carry it.
        confidence: ``certain``, or ``likely`` where something is assumed.
        fix: what to do.
    """

    id: str
    severity: Severity
    confidence: str
    fix: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that a check found: the statement, None for the whole document, and what was seen."""

    statement: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that a check found in an account.

    Args:
        subject: the id of what it is about.
        why: what was seen.
        policy: the id of a policy that makes it so, with the statement; empty where none does.
        account: the account's name.
    """

    account: str
    subject: str
    why: str
    policy: str = ""
    statement: int | None = None


@dataclass(frozen=True, slots=True)
class Unsure:
    """What a check could not judge: where, and why."""

    where: str
    why: str


def allows(document: Document) -> Iterable[Statement]:
    """The statements that allow, or may."""
    return (each for each in document.statements if each.effect is not Effect.DENY)


def denies(document: Document) -> Iterable[Statement]:
    """The statements that surely deny."""
    return (each for each in document.statements if each.effect is Effect.DENY and not each.strange)


def plain(action: str) -> str:
    """An action without the ``name/`` of CAM."""
    return action.strip().removeprefix("name/")


def every_resource(statement: Statement) -> bool:
    """Whether a statement is about every resource."""
    return "*" in (statement.resources or ())


def is_everything(document: Document, action: str) -> bool:
    """Whether an action pattern is every action of the language."""
    if len(action) > LONGEST_EVERYTHING and len(action.strip()) > LONGEST_EVERYTHING:
        return False  # nearly every one
    return plain(action) == "*" or (document.dialect is Dialect.CAM and plain(action) in EVERYTHING)
