"""Tabs outside of quotes and block scalars: libyaml skips some of them, PyYAML's own parser none.

YAML 1.2.2 §6.1 forbids them as indentation only; here none may stand between values or in a plain one, so
that what is accepted does not depend on the parser, and nobody wonders how wide a tab is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Place = tuple[int, int]

INDENTING = "a tab indents this line: YAML takes spaces only"
SEPARATING = "a tab stands here: write spaces, or put the text in quotes"


class Tabs:
    """Watches the events of a file for tabs, by the text between and within them."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._any = any("\t" in line for line in lines)
        self._end = (0, 0)

    def before_the_end_of(self, event: Any) -> Place | None:
        """Where a tab stands after the last event and before this one, or in this one if it is plain."""
        if not self._any:
            return None
        begin, self._end = self._end, _place(event.end_mark)
        start = _place(event.start_mark)
        plain = getattr(event, "style", "'") in {None, ""} and hasattr(event, "value")
        return self._first(begin, start, comments=True) or (
            self._first(start, self._end, comments=False) if plain else None
        )

    def _first(self, begin: Place, end: Place, *, comments: bool) -> Place | None:
        for number in range(begin[0], min(end[0] + 1, len(self._lines))):
            first = begin[1] if number == begin[0] else 0
            part = self._lines[number][first : end[1] if number == end[0] else None]
            column = (part.partition("#")[0] if comments else part).find("\t")
            if column >= 0:
                return number + 1, first + column + 1
        return None


def sentence(lines: list[str], place: Place) -> str:
    """What is wrong with the tab at a place."""
    before = lines[place[0] - 1][: place[1] - 1]
    return SEPARATING if before.strip() else INDENTING


def in_indentation(line: str) -> int | None:
    """The column of the first tab among the blanks that begin a line."""
    blanks = line[: len(line) - len(line.lstrip(" \t"))]
    return blanks.index("\t") + 1 if "\t" in blanks else None


def _place(mark: Any) -> Place:
    return mark.line, mark.column
