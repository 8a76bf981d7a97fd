"""The one form that CAM and AWS documents are read into.

Whatever a document holds that its language does not have, or not in this shape, stands under ``strange`` in
plain words. An evaluator takes a strange statement as one that may match and may not, so that nothing that
was not understood ever makes an answer safe.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Dialect(StrEnum):
    """Whose language a document is written in."""

    CAM = "cam"
    AWS = "aws"


class Effect(StrEnum):
    """What a statement does where it matches."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Principal:
    """One entry of a principal element.

    Args:
        kind: in lower case: ``aws``, ``service``, ``federated``, ``canonicaluser``, ``qcs``; ``*`` for everybody.
        value: as it is written.
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator with one key and its values, as they are written."""

    operator: str
    key: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; an element that is not there is None.

    Args:
        index: its place in the document, from 0.
        effect: None where it says neither allow nor deny.
        strange: what was not understood; empty where all was.
    """

    index: int
    sid: str
    effect: Effect | None
    actions: tuple[str, ...] | None = None
    not_actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    not_resources: tuple[str, ...] | None = None
    principals: tuple[Principal, ...] | None = None
    not_principals: tuple[Principal, ...] | None = None
    conditions: tuple[Condition, ...] = ()
    strange: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A policy.

    Args:
        name: of the policy, empty where nobody said.
        version: of its language, as it is written; empty where nobody said.
        strange: why nothing can be said about the document as a whole; its statements are then not complete.
    """

    dialect: Dialect
    name: str
    version: str
    statements: tuple[Statement, ...] = ()
    strange: tuple[str, ...] = ()
