"""Where things stand in the text of a document: a second, slower reading, for findings only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]

from drkit.access.language.reading import UnreadableError

SPACE = re.compile(r"[ \t\n\r]*")
ATOM = re.compile(r"[-+.0-9A-Za-z]+")
DEEPEST = 200

Path = tuple["str | int", ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text, both from 1."""

    line: int
    column: int


def marks(text: str) -> dict[Path, Mark]:
    """The place of each value by its path, such as ``("Statement", 0, "Action", 1)``; of equal keys the last.

    Raises:
        UnreadableError: the text is no JSON.
    """
    scanner = _Scanner(text)
    try:
        scanner.value((), scanner.space(0))
    except (JSONDecodeError, IndexError):
        raise UnreadableError("no JSON") from None
    return scanner.found


def statement_mark(found: dict[Path, Mark], index: int) -> Mark:
    """Where a statement begins; the document's beginning where nobody can say."""
    for path, mark in found.items():
        is_statement = len(path) in {1, 2} and isinstance(path[0], str) and path[0].lower() == "statement"
        if is_statement and (
            path[1:] == (index,) or (len(path) == 1 and index == 0 and (*path, 0) not in found)
        ):
            return mark
    return Mark(1, 1)


class _Scanner:
    """Walks a JSON text and notes where its values begin."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: dict[Path, Mark] = {}
        self._line, self._line_start = 1, 0
        self._counted = 0

    def space(self, place: int) -> int:
        """The next place that is no white space."""
        match = SPACE.match(self.text, place)
        assert match is not None
        return match.end()

    def _note(self, path: Path, place: int) -> None:
        self._line += self.text.count("\n", self._counted, place)
        self._line_start = self.text.rfind("\n", 0, place) + 1
        self._counted = place
        self.found[path] = Mark(self._line, place - self._line_start + 1)

    def value(self, path: Path, place: int) -> int:
        """Note a value and what is in it; the place after it."""
        if len(path) > DEEPEST:
            raise UnreadableError("nested too deeply")
        self._note(path, place)
        sign = self.text[place]
        if sign == "{":
            return self._members(path, place + 1)
        if sign == "[":
            return self._items(path, place + 1)
        if sign == '"':
            return int(scanstring(self.text, place + 1, True)[1])  # noqa: FBT003 - its own signature
        match = ATOM.match(self.text, place)
        if match is None:
            raise UnreadableError("no JSON")
        return match.end()

    def _members(self, path: Path, place: int) -> int:
        place = self.space(place)
        while self.text[place] != "}":
            key, place = scanstring(self.text, place + 1, True)  # noqa: FBT003
            place = self.space(self.space(place) + 1)  # the colon
            place = self._next(self.value((*path, key), place))
        return place + 1

    def _items(self, path: Path, place: int) -> int:
        place, index = self.space(place), 0
        while self.text[place] != "]":
            place = self._next(self.value((*path, index), place))
            index += 1
        return place + 1

    def _next(self, place: int) -> int:
        """Past a comma, if there is one."""
        place = self.space(place)
        return self.space(place + 1) if self.text[place] == "," else place
