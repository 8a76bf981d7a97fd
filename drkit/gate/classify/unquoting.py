"""Quoting undone as bash does it (bash manual, 3.1.2): escapes, ANSI-C quoting, double quotes."""

from __future__ import annotations

import re

from drkit.gate.classify.markers import CLOSE, COMMA, HOLE, ONE, OPEN, STAR, TILDE

PLAIN = re.compile(r"[A-Za-z0-9_./:=@%+,^-]*")
IN_DOUBLE_QUOTES = re.compile(r"\\([$`\"\\\n])")
_SPECIAL = {"*": STAR, "?": ONE, "{": OPEN, ",": COMMA, "}": CLOSE}
_UNQUOTED = re.compile(r"\\(\n|.)|\[[^\]/]+\]|[*?{,}]", re.DOTALL)
_ANSI = re.compile(
    r"\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|c(.)|(.))", re.DOTALL
)
_LETTERS = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
_HIGHEST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_ASCII = 0x80


def plain_word(text: str) -> str:
    """Unquoted text: escapes undone, and marks in the places of globs and braces."""
    if PLAIN.fullmatch(text) and "," not in text:
        return text
    made = _UNQUOTED.sub(_unquoted, text)
    if text[0] == "~":
        return TILDE + made[1:]
    return made.replace("=~", "=" + TILDE, 1) if "=~" in text else made


def _unquoted(match: re.Match[str]) -> str:
    if match.group(1) is not None:
        return "" if match.group(1) == "\n" else match.group(1)
    return _SPECIAL.get(match.group(), ONE)


def double_quoted(text: str) -> str:
    """The literal text between double quotes."""
    return IN_DOUBLE_QUOTES.sub(lambda match: "" if match.group(1) == "\n" else match.group(1), text)


def ansi_quoted(text: str) -> str:
    r"""The text of ``$'…'`` without its quotes; what is not ASCII by number is not known."""
    return _ANSI.sub(_ansi, text)


def _ansi(match: re.Match[str]) -> str:
    short, octal, unicode4, unicode8, control, letter = match.groups()
    if control is not None:
        return chr(ord(control) & 0x1F) if ord(control) < _ASCII else HOLE
    if letter is not None:
        return _LETTERS.get(letter, letter if letter in "\\'\"?" else "\\" + letter)
    number = int(octal, 8) & 0xFF if octal is not None else int(short or unicode4 or unicode8, 16)
    if number == 0 or (number >= _ASCII and (short or octal)) or number in _SURROGATES or number > _HIGHEST:
        return HOLE
    return chr(number)
