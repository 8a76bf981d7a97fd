"""The tree of a file, built with a stack while its parts arrive; keys are judged as they come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drkit.core.configuration.nodes import Entry, Kind, Node
from drkit.core.configuration.problems import quote

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class _Open:
    """A mapping or sequence whose end has not come yet."""

    kind: Kind
    line: int
    column: int
    refused: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    key: Node | None = None  # the key whose value comes next
    key_usable: bool = True

    def closed(self) -> Node:
        return Node(
            self.kind,
            self.line,
            self.column,
            items=tuple(self.items),
            entries=self.entries,
            refused=self.refused,
        )


class Tree:
    """Takes nodes in the order of the file; `root` is the whole once everything was closed.

    Args:
        report: called with line, column and sentence for each key that cannot be used.
    """

    def __init__(self, report: Callable[[int, int, str], None]) -> None:
        self.root: Node | None = None
        self._report = report
        self._open: list[_Open] = []

    @property
    def depth(self) -> int:
        """How many mappings and sequences are open."""
        return len(self._open)

    def open(self, kind: Kind, line: int, column: int, *, refused: bool) -> None:
        """Begin a mapping or a sequence."""
        self._open.append(_Open(kind, line, column, refused))

    def close(self) -> None:
        """End the innermost mapping or sequence."""
        self.add(self._open.pop().closed())

    def add(self, node: Node) -> None:
        """Put a node into the innermost collection: as item, or in turn as key and value."""
        if not self._open:
            self.root = node
            return
        around = self._open[-1]
        if around.kind == "sequence":
            around.items.append(node)
        elif around.key is None:
            around.key, around.key_usable = node, self._usable_key(node, around.entries)
        else:
            if around.key_usable:
                around.entries[str(around.key.value)] = Entry(around.key, node)
            else:
                around.refused = True
            around.key = None

    def _usable_key(self, key: Node, entries: dict[str, Entry]) -> bool:
        said = "" if key.refused else _unusable(key, entries)
        if said:
            self._report(key.line, key.column, said)
        return not said and not key.refused


def _unusable(key: Node, entries: dict[str, Entry]) -> str:
    if key.value is None and key.kind == "scalar":
        return "a key is missing before ':'"
    if not isinstance(key.value, str):
        cure = ": put it in quotes" if key.kind == "scalar" else ""
        return f"a key must be text, found {key.described()}{cure}"
    if first := entries.get(key.value):
        return f"duplicate key {quote(key.value)}, first on line {first.key.line}: keep one"
    return ""
