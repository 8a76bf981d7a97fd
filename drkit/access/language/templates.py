"""Texts with variables in them, as they stand in resources and condition values.

AWS: ``${key}``, ``${key, 'default'}``, and ``${*}``, ``${?}``, ``${$}`` for the characters themselves, only in
documents of version 2012-10-17 (reference_policies_variables). CAM: ``${uin}``, ``${owner_uin}`` and
``${app_id}`` (598/10607).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from drkit.access.language.glob import Parts

VARIABLE = re.compile(r"\$\{([^{}]*)\}")
DEFAULT = re.compile(r"\s*([^\s,]+)\s*,\s*'([^']*)'\s*", re.DOTALL)
CHARACTERS = frozenset("*?$")

Lookup = Callable[[str], "str | None"]


class UnresolvedError(Exception):
    """A variable that has no value in this request."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class UndecidedError(Exception):
    """A variable whose value this request has, but nobody here knows."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A place for a value of the request."""

    name: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """Text, some of it literal, and variables between."""

    pieces: tuple[tuple[bool, str] | Variable, ...]

    def resolve(self, lookup: Lookup) -> Parts:
        """The text with the request's values in it, which are literal.

        Raises:
            UnresolvedError: one has no value and no default.
        """
        return tuple(_value(piece, lookup) if isinstance(piece, Variable) else piece for piece in self.pieces)

    @property
    def beginning(self) -> str:
        """The text that every value leaves as it is: up to the first variable or wildcard."""
        first = self.pieces[0]
        if isinstance(first, Variable) or first[0]:
            return ""
        return re.split(r"[*?]", first[1], maxsplit=1)[0]

    def widest(self) -> Parts:
        """The text with a star for each variable: what it does not match, no value could make it match."""
        return tuple((False, "*") if isinstance(piece, Variable) else piece for piece in self.pieces)


def _value(variable: Variable, lookup: Lookup) -> tuple[bool, str]:
    value = lookup(variable.name)
    if value is None:
        value = variable.default
    if value is None:
        raise UnresolvedError(variable.name)
    return True, value


def template(text: str) -> Template | None:
    """The template that a text is; None where it has no variable."""
    if "${" not in text:
        return None
    pieces: list[tuple[bool, str] | Variable] = []
    end = 0
    for match in VARIABLE.finditer(text):
        pieces += [(False, text[end : match.start()]), _piece(match[1])]
        end = match.end()
    if not pieces:
        return None
    return Template((*pieces, (False, text[end:])))


def _piece(inside: str) -> tuple[bool, str] | Variable:
    if inside in CHARACTERS:
        return True, inside
    with_default = DEFAULT.fullmatch(inside)
    if with_default:
        return Variable(with_default[1], with_default[2])
    return Variable(inside.strip())


def plain(parts: Parts) -> str:
    """The text of parts that hold no wildcard."""
    return "".join(text for _literal, text in parts)


def split(parts: Parts, separator: str, most: int) -> list[Parts]:
    """Parts cut at a separator, at most so often; literal text is cut too, for it may be an ARN."""
    made: list[list[tuple[bool, str]]] = [[]]
    for literal, text in parts:
        rest = text
        while separator in rest and len(made) <= most:
            before, rest = rest.split(separator, 1)
            made[-1].append((literal, before))
            made.append([])
        made[-1].append((literal, rest))
    return [tuple(each) for each in made]
