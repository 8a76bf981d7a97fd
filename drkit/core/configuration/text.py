"""Bytes of a file → text that a reviewer sees as the parser does (YAML 1.2.2 §5.1, §5.2)."""

from __future__ import annotations

import codecs
import itertools
import re

from drkit.core.configuration.problems import MOST_PROBLEMS_OF_A_FILE, Problem, remainder

LARGEST_FILE = 1024 * 1024  # bytes; an estate of ten thousand hosts stays below

_LINE_BREAK = re.compile("\r\n|\r|\n")
# What YAML 1.2.2 §5.1 excludes (C0, DEL, C1, surrogates, noncharacters); what YAML 1.1 reads as a line
# break and YAML 1.2 does not (NEL, LS, PS); a byte order mark inside (§5.2); and the controls that
# reorder text on the screen, so that a reviewer approves what the parser does not read.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


class Unreadable(Exception):  # noqa: N818 - it carries problems, as the word says
    """The bytes, or the text, cannot be taken further; ``problems`` say why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def decode(content: bytes, file: str) -> str:
    """The text of a file, without its byte order mark.

    Raises:
        Unreadable: too large, not UTF-8, or holding characters that nobody can see.
    """
    if len(content) > LARGEST_FILE:
        raise Unreadable([too_large(file, len(content))])
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable([Problem(file, 1, 1, "the file is UTF-16: save it as UTF-8")])
    text = _utf8(content, file).removeprefix("\ufeff")
    if _FORBIDDEN.search(text):
        raise Unreadable(_hidden_characters(text, file))
    return text


def _hidden_characters(text: str, file: str) -> list[Problem]:
    shown = itertools.islice(_FORBIDDEN.finditer(text), MOST_PROBLEMS_OF_A_FILE)
    problems = [Problem(file, *position(text, each.start()), forbidden(each.group())) for each in shown]
    rest = len(_FORBIDDEN.findall(text)) - len(problems)
    return [*problems, remainder(rest, after=problems[-1])] if rest else problems


def too_large(file: str, size: int | None) -> Problem:
    """The problem of a file over the limit; the size is unknown for a pipe."""
    said = f"{size:,}" if size else f"more than {LARGEST_FILE:,}"
    return Problem(file, 0, 0, f"the file has {said} bytes, at most {LARGEST_FILE:,} are read: split it")


def forbidden(character: str) -> str:
    """The sentence about a character that must not be in a file."""
    return f"the character U+{ord(character):04X} is not allowed, it does not show: remove it"


def first_forbidden(value: str) -> str | None:
    """The first character in a value that may not be there, even by an escape."""
    found = None if value.isprintable() else _FORBIDDEN.search(value)
    return found.group() if found else None


def lines_of(text: str) -> list[str]:
    """The lines as the parsers count them: CR LF, CR and LF end one."""
    return _LINE_BREAK.split(text)


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset."""
    line, start = 1, 0
    for found in _LINE_BREAK.finditer(text, 0, offset):
        line, start = line + 1, found.end()
    return line, offset - start + 1


def _utf8(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8").removeprefix("\ufeff")
        line, column = position(before, len(before))
        said = f"not UTF-8: byte 0x{content[error.start]:02x} at offset {error.start}: save the file as UTF-8"
        raise Unreadable([Problem(file, line, column, said)]) from None
