"""Plain scalars → text, numbers, true, false and null, by the YAML 1.2 core schema (YAML 1.2.2 §10.3.2).

A scalar that a reader of YAML 1.1 (https://yaml.org/type/) or PyYAML takes for something else is refused,
whatever field it stands in: the same file is read by editors, linters and people who know either version.
"""

from __future__ import annotations

import re

from drkit.core.configuration.ambiguity import difference, inexact

Scalar = str | int | float | bool | None

EXACT = 2**53  # beyond it a double, and so JSON elsewhere, no longer holds every whole number
_SHORT = 20  # characters; every longer number is beyond it

_MEANING: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

_NUMBER_START = frozenset("+-.0123456789")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"(?:[-+]?[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?")


class Refused(ValueError):  # noqa: N818 - the scalar is refused; its sentence is the message
    """The scalar means different things to different readers; the message says how to write it."""


def resolve(text: str) -> Scalar:
    """The value of a plain (unquoted) scalar.

    Raises:
        Refused: YAML 1.1 reads it differently, or the number is too large to be exact.
    """
    if text in _MEANING:
        return _MEANING[text]
    if said := difference(text):
        raise Refused(said)
    return _number_or_text(text) if text[0] in _NUMBER_START else text


def _number_or_text(text: str) -> Scalar:
    if _DECIMAL.fullmatch(text):
        # int() of very many digits is refused by Python itself, and no such number is exact.
        return int(_exact(text, int(text) if len(text) < _SHORT else EXACT + 1))
    if _HEXADECIMAL.fullmatch(text):
        return int(_exact(text, int(text, 16)))
    if _FLOAT.fullmatch(text):
        return _exact(text, float(text))
    return text


def _exact(text: str, number: float) -> float:
    if abs(number) > EXACT:
        raise Refused(inexact(text))
    return number
