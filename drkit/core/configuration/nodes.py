"""What a file says, as a tree in which every key and every value knows its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from drkit.core.configuration.problems import Problem, quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drkit.core.configuration.scalars import Scalar

Kind = Literal["mapping", "sequence", "scalar"]
Part = str | int


class Entry(NamedTuple):
    """A key of a mapping, with its own mark, and its value."""

    key: Node
    value: Node


@dataclass(frozen=True)
class Node:
    """A mapping (`entries`), a sequence (`items`) or a scalar (`value`), at a line and column from 1.

    A node is `refused` when a problem was reported for it: a scalar that is ambiguous, a mapping that
    lost an entry. It stays in the tree so that everything else can be checked, but nothing that is wrong
    with the node itself is worth another line.
    """

    kind: Kind
    line: int
    column: int
    value: Scalar = None
    items: tuple[Node, ...] = ()
    entries: Mapping[str, Entry] = field(default_factory=dict)
    refused: bool = False

    def child(self, part: Part) -> Node | None:
        """The value under a key, or at an index."""
        if self.kind == "mapping" and isinstance(part, str):
            entry = self.entries.get(part)
            return entry.value if entry else None
        if self.kind == "sequence" and isinstance(part, int) and 0 <= part < len(self.items):
            return self.items[part]
        return None

    def text(self, *path: Part) -> str | None:
        """The text at a path; None where there is none, or where it was refused."""
        node: Node | None = self
        for part in path:
            node = node.child(part) if node else None
        return node.value if node and isinstance(node.value, str) and not node.refused else None

    def children(self) -> Iterator[Node]:
        """The values directly below, without keys."""
        yield from self.items
        yield from (entry.value for entry in self.entries.values())

    def spoiled(self) -> bool:
        """Whether this node or one below it was refused, so that its data is not what was meant."""
        return self.refused or any(child.spoiled() for child in self.children())

    def plain(self) -> Any:
        """The data alone: dict, list, str, int, float, bool, None."""
        if self.kind == "mapping":
            return {key: entry.value.plain() for key, entry in self.entries.items()}
        if self.kind == "sequence":
            return [item.plain() for item in self.items]
        return self.value

    def described(self) -> str:
        """What stands there, in words: ``the text 'abc'``, ``the number 5``, ``a list``, ``nothing``."""
        if self.kind != "scalar":
            return "a mapping" if self.kind == "mapping" else "a list"
        if self.value is None:
            return "nothing"
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return f"the text {quote(self.value)}" if isinstance(self.value, str) else f"the number {self.value}"


@dataclass(frozen=True)
class Document:
    """One file: its name as the user gave it, its tree, and the bytes that were read.

    Every method takes a path of keys and indexes. What is not in the file (a default) has the place of
    the nearest thing around it that is.
    """

    file: str
    root: Node
    content: bytes = b""

    def node(self, *path: Part) -> Node:
        """The value at the path, or the nearest around it."""
        node = self.root
        for part in path:
            child = node.child(part)
            if child is None:
                break
            node = child
        return node

    def position(self, *path: Part) -> tuple[int, int]:
        """Line and column of the value at the path."""
        node = self.node(*path)
        return node.line, node.column

    def key_position(self, *path: Part) -> tuple[int, int]:
        """Line and column of the key that ends the path; of the value where there is no such key."""
        around = self.root
        for part in path[:-1]:
            child = around.child(part)
            if child is None:
                return around.line, around.column
            around = child
        entry = around.entries.get(str(path[-1])) if path and around.kind == "mapping" else None
        return (entry.key.line, entry.key.column) if entry else self.position(*path)

    def problem(self, message: str, *path: Part) -> Problem:
        """A problem with the value at the path."""
        return Problem(self.file, *self.position(*path), message)

    def key_problem(self, message: str, *path: Part) -> Problem:
        """A problem with the key that ends the path."""
        return Problem(self.file, *self.key_position(*path), message)
