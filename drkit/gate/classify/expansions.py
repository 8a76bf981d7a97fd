"""Parameter expansion (bash manual, 3.5.3), of what the script itself has set."""

from __future__ import annotations

import re

from drkit.gate.classify.markers import HOLE, HOLES, STAR, TAME, UNKNOWN, has, literal
from drkit.gate.classify.state import State, Values

_FORM = re.compile(r"(#?)([A-Za-z_]\w*|\d+|[@*#?$!-])(.*)", re.DOTALL)
_DIGITS = re.compile(r":\s?(-?\d{1,6})(?::(-?\d{1,6}))?")
_STATIC = re.compile(r"[^$`'\"\\*?\[\]]*")
_COUNTS = frozenset("#?$!-")


def expanded(text: str, state: State) -> Values:
    """The values of ``$text`` or ``${text}``."""
    match = _FORM.fullmatch(text)
    if match is None:
        return (HOLES,)
    length, name, operation = match.groups()
    if length and not operation:
        return (TAME,)
    if name in _COUNTS:
        return (TAME,) if not operation else (HOLES,)
    values = _positional(name, state) if name.isdigit() or name in "@*" else state.value(name)
    if not operation:
        return values
    return tuple(dict.fromkeys(_operated(value, operation, name in state.variables) for value in values))


def _positional(name: str, state: State) -> Values:
    if state.arguments is None:
        return (HOLES,)
    if name in "@*":
        return (" ".join(state.arguments) if all(map(_simple, state.arguments)) else HOLES,)
    number = int(name) if len(name) < 6 else 0  # noqa: PLR2004 - more arguments than any function has
    if number == 0:
        return (HOLE,)
    return (state.arguments[number - 1] if number <= len(state.arguments) else "",)


def _simple(text: str) -> bool:
    return not has(text, UNKNOWN) and not any(letter.isspace() for letter in text)


def _operated(value: str, operation: str, assigned: bool) -> str:  # noqa: FBT001, PLR0911 - one operator, one return
    if not assigned or HOLE in value or HOLES in value:
        return HOLES  # whatever is taken from it, or stands in its place
    if operation[0] in "%#" and _STATIC.fullmatch(operation.lstrip("%#")):
        return _cut(value, operation)
    if operation[0] == ":" and operation[1:2] in "-=?+":
        return value if operation[1] in "-=?" and value else HOLES
    if operation[0] in "-=?":
        return value
    if not literal(value):
        return HOLES
    if match := _DIGITS.fullmatch(operation):
        return _part(value, int(match[1]), match[2])
    if operation in ("^^", ",,"):
        return value.upper() if operation == "^^" else value.lower()
    if operation[0] == "/":
        return _replaced(value, operation[1:])
    return HOLES


def _cut(value: str, operation: str) -> str:
    text = operation.lstrip("%#")
    if operation[0] == "%":
        if value.endswith(text):
            return value.removesuffix(text)
        return HOLES if value.endswith(STAR) else value
    return value.removeprefix(text) if not value.startswith(STAR) else HOLES


def _part(value: str, offset: int, length: str | None) -> str:
    rest = value[offset:] if offset >= 0 or -offset <= len(value) else ""
    if length is None:
        return rest
    return rest[: int(length)]


def _replaced(value: str, text: str) -> str:
    everywhere = text.startswith("/")
    old, _, new = text.removeprefix("/").partition("/")
    if not old or old[0] in "#%" or not _STATIC.fullmatch(old) or not _STATIC.fullmatch(new):
        return HOLES
    return value.replace(old, new) if everywhere else value.replace(old, new, 1)
