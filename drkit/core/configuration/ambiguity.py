"""Plain scalars that YAML 1.1 (https://yaml.org/type/), PyYAML and YAML 1.2 do not all read alike.

Each is refused with what it would have meant and how to write what was meant.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drkit.core.configuration.problems import quote

if TYPE_CHECKING:
    from collections.abc import Callable

_SHORT = 20  # characters; only of shorter numbers do we say what they would have meant

_NUMERIC_START = frozenset("+-.0123456789=<")
# https://yaml.org/type/bool.html, without what YAML 1.2 keeps.
_BOOLEAN = {form: "true" for word in ("y", "yes", "on") for form in (word, word.title(), word.upper())} | {
    form: "false" for word in ("n", "no", "off") for form in (word, word.title(), word.upper())
}
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?"
)
_UNDERSCORES = re.compile(
    r"(?=.*_)[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(?:\.[0-9_]*(?:[eE][-+]?[0-9]+)?)?"
    r"|\.[0-9_]+(?:[eE][-+]?[0-9]+)?)"
)
_BINARY = re.compile(r"[-+]?0b[01]+")
_OCTAL = re.compile(r"0o[0-7]+")
_SIGNED_HEXADECIMAL = re.compile(r"[-+]0x[0-9a-fA-F]+")
_BARE_FRACTION = re.compile(r"[-+]\.[0-9]+(?:[eE][-+]?[0-9]+)?")
# An exponent without a sign, or without a point before it, is none in YAML 1.1.
_EXPONENT_ALONE = re.compile(r"[-+]?(?:(?:\.[0-9]+|[0-9]+\.[0-9]*)[eE][0-9]+|[0-9]+[eE][-+]?[0-9]+)")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def difference(text: str) -> str:
    """The sentence about a scalar that is not read alike everywhere, or nothing."""
    if text in _BOOLEAN:
        return _two(text, _BOOLEAN[text], "text", f", or {_BOOLEAN[text]}")
    if text[:1] not in _NUMERIC_START:
        return ""
    return next((explain(text) for form, explain in _DIFFERING if form.fullmatch(text)), "")


def inexact(text: str) -> str:
    """The sentence about a number that is too large to be exact everywhere."""
    return f"{_shown(text)} is beyond 2^53 and loses digits in other programs: {_quoted(text)}"


def _two(text: str, old: str, new: str, otherwise: str = "") -> str:
    return f"{_shown(text)} is {old} in YAML 1.1 and {new} in YAML 1.2: {_quoted(text)}{otherwise}"


def _shown(text: str) -> str:
    return quote(text)[1:-1]


def _quoted(text: str) -> str:
    return f"write {quote(text)} in quotes"


def _number(text: str, value: int) -> str:
    return f"the number {value}" if len(text) < _SHORT else "a number"


def _leading_zero(text: str) -> str:
    if len(text) >= _SHORT:
        return _two(text, "an octal number or text", "a decimal number")
    old = "text" if set(text) & {"8", "9"} else f"the number {int(text, 8)}"
    return _two(text, old, f"the number {int(text)}", ", or the number without the leading zero")


def _sexagesimal(text: str) -> str:
    if "." in text or "_" in text or len(text) >= _SHORT:
        return _two(text, "a number to base 60", "text")
    total = 0
    for part in text.lstrip("+-").split(":"):
        total = total * 60 + int(part)
    return _two(text, _number(text, -total if text.startswith("-") else total), "text")


def _octal(text: str) -> str:
    return _two(text, "text", _number(text, int(text[2:][:_SHORT], 8)), ", or the decimal number")


def _binary(text: str) -> str:
    return _two(text, "a binary number", "text", ", or the decimal number")


def _timestamp(text: str) -> str:
    return _two(text, "a time" if ":" in text else "a date", "text")


def _underscores(text: str) -> str:
    return _two(text, "a number", "text", ", or the number without '_'")


def _fraction(text: str) -> str:
    both = f"{_shown(text)} is a number to some programs and text to others"
    return f"{both}: {_quoted(text)}, or a 0 before the point"


def _exponent(text: str) -> str:
    return _two(text, "text", "a number", ", or the number without an exponent")


def _not_finite(text: str) -> str:
    return f"{text} is not a finite number: leave the field out, or {_quoted(text)}"


def _merge(text: str) -> str:
    return f"{text} merges mappings in YAML 1.1: write the keys out, or {quote(text)} in quotes"


def _old_type(text: str) -> str:
    return f"{text} has a meaning of its own in YAML 1.1: {_quoted(text)}"


_DIFFERING: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (_LEADING_ZERO, _leading_zero),
    (_SEXAGESIMAL, _sexagesimal),
    (_TIMESTAMP, _timestamp),
    (_BINARY, _binary),
    (_OCTAL, _octal),
    (_SIGNED_HEXADECIMAL, lambda text: _two(text, "a number", "text", ", or the decimal number")),
    (_UNDERSCORES, _underscores),
    (_BARE_FRACTION, _fraction),
    (_EXPONENT_ALONE, _exponent),
    (_NOT_FINITE, _not_finite),
    (re.compile("<<"), _merge),
    (re.compile("="), _old_type),
)
