"""The Merkle tree over a manifest's rows (RFC 6962): a leaf for each run of rows of one prefix."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from drkit.copies.refusal import RefusedError
from drkit.core.canonical import canonical
from drkit.core.evidence.merkle import CompactRange, leaf_hash

ROWS_A_LEAF = 4096

Row = tuple[str, str, str, int, bool, str]
"""What it is, key, version, size, whether it is there, and the line that is hashed."""


@dataclass(slots=True)
class Tree:
    """A tree that grows row by row; memory does not.

    Args:
        objects: that are there; versions and what was lost are not among them.
        bytes: of those.
    """

    objects: int = 0
    bytes: int = 0
    rows: int = 0
    _range: CompactRange = field(default_factory=CompactRange)
    _last: tuple[str, str, str] = ("", "", "")
    _leaf: tuple[str, str] | None = None
    _in_leaf: int = 0
    _hash: Any = None

    def add(self, rows: Iterable[Row]) -> None:
        """Append rows in the manifest's order.

        Raises:
            RefusedError: one is there twice, or they are in another order.
        """
        for what, key, version, size, there, line in rows:
            self._order(what, key, version)
            if (leaf := (what, prefix_of(key))) != self._leaf or self._in_leaf == ROWS_A_LEAF:
                self._end_leaf()
                self._leaf, self._hash = leaf, hashlib.sha256()
            self._hash.update(line.encode("utf-8", "surrogatepass"))
            self._hash.update(b"\n")
            self._in_leaf += 1
            self.rows += 1
            if there and what == "object":
                self.objects += 1
                self.bytes += size

    def root(self) -> str:
        """The Merkle tree hash of all rows so far, in hexadecimal."""
        self._end_leaf()
        return self._range.root().hex()

    @property
    def leaves(self) -> int:
        """How many leaves have ended."""
        return self._range.size

    def _order(self, *id_: str) -> None:
        if self.rows and id_ <= self._last:
            if id_ == self._last:
                raise RefusedError("duplicate", f"{id_[1]!r} is there twice")
            raise RefusedError("manifest-altered", f"{id_[1]!r} is not in its order")
        self._last = id_  # type: ignore[assignment]

    def _end_leaf(self) -> None:
        if self._leaf is None:
            return
        what, prefix = self._leaf
        data = {"what": what, "prefix": prefix, "rows": self._in_leaf, "sha256": self._hash.hexdigest()}
        self._range.add(leaf_hash(canonical(data)))
        self._leaf, self._in_leaf = None, 0


def prefix_of(key: str) -> str:
    """The first of a key's directories, with its slash; nothing where it lies in none."""
    first, slash, _ = key.partition("/")
    return first + slash if slash else ""
