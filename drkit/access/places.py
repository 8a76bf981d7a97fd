"""Where the statements of a policy stand in its text."""

from __future__ import annotations

import json
import re
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]

from drkit.access.language.marks import Mark

SPACE = re.compile(r"[ \t\n\r]*")
DECODER = json.JSONDecoder()


class Places:
    """The places of one text, which is read again only when the first is asked for."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._text = name, text
        self._starts: list[int] | None = None

    def of(self, statement: int | None) -> str:
        """The place of a statement, None for the whole document; its beginning where nobody can say."""
        mark = Mark(1, 1) if statement is None else self._mark(statement)
        return f"{self._name}:{mark.line}:{mark.column}"

    def _mark(self, statement: int) -> Mark:
        if self._starts is None:
            try:
                self._starts = starts(self._text)
            except (JSONDecodeError, IndexError, RecursionError, ValueError):
                self._starts = []
        if statement >= len(self._starts):
            return Mark(1, 1)
        start = self._starts[statement]
        return Mark(self._text.count("\n", 0, start) + 1, start - self._text.rfind("\n", 0, start))


def starts(text: str) -> list[int]:
    """Where the statements of a document begin, in its text; of several such elements those of the last.

    Raises:
        ValueError, IndexError, RecursionError: the text is no JSON object.
    """
    found: list[int] = []
    place = _space(text, _space(text, 0) + 1)
    while text[place] != "}":
        key, place = scanstring(text, place + 1, True)  # noqa: FBT003 - its own signature
        place = _space(text, _space(text, place) + 1)  # the colon
        if key.lower() == "statement":
            found, place = _items(text, place) if text[place] == "[" else ([place], _end(text, place))
        else:
            place = _end(text, place)
        place = _next(text, place)
    return found


def _items(text: str, place: int) -> tuple[list[int], int]:
    """Where the items of a list begin, and the place after the list."""
    found = []
    place = _space(text, place + 1)
    while text[place] != "]":
        found.append(place)
        place = _next(text, _end(text, place))
    return found, place + 1


def _end(text: str, place: int) -> int:
    """The place after a value."""
    return DECODER.raw_decode(text, place)[1]


def _space(text: str, place: int) -> int:
    match = SPACE.match(text, place)
    return match.end() if match else place


def _next(text: str, place: int) -> int:
    """Past a comma, if there is one."""
    place = _space(text, place)
    return _space(text, place + 1) if text[place] == "," else place
