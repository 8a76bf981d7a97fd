"""What left a copy since its last manifest, by one join; and the next manifest."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drkit.copies.growing.chain import FORM, STAGED, Broken, Chain, Head, sha256_of
from drkit.copies.growing.tree import ROWS_A_LEAF, Tree
from drkit.copies.reconcile.engine import naming, parquet
from drkit.copies.reconcile.objects import check_values, open_objects
from drkit.copies.reconcile.texts import Texts, literal
from drkit.copies.refusal import RefusedError
from drkit.copies.source import Source
from drkit.core.canonical import canonical
from drkit.core.files import sync_directory, write_whole
from drkit.core.times import text_of

if TYPE_CHECKING:
    import duckdb

sql = Texts(__package__)
ROWS_A_GROUP = 20_480  # kept in memory until they are written, beside a join that leaves little of it
LOST = ("vanished", "overwritten", "version-deleted")
"""What can come of an object that only ever grows forbids."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may leave a copy, by an approval that names it."""

    id: str
    keys: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known already of what left a copy.

    Args:
        allowed: what may.
        above: keys that an earlier step of the run named, by what came of them, each with the number of the manifest
            that is the first to lack it: what was lost later is another loss.
    """

    allowed: Sequence[Allowed] = ()
    above: Mapping[str, frozenset[tuple[str, int]]] = field(default_factory=dict)


@dataclass(slots=True)
class Grown:
    """What came of one copy since its last manifest.

    Args:
        counts: by what came of objects and versions; of what was lost, without what may go.
        first: the first key of each; of one that no earlier step named, where there is one.
        above: how many of those counts an earlier step of the run named already, by their keys.
        allowed: how many were lost that may go.
        used: the approvals without which they would count as lost.
        broken: manifests that are not what they were.
        basis: the head that it was held against; None where there was none.
        head: of the manifest that was made.
    """

    name: str
    refused: RefusedError | None = None
    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    above: dict[str, int] = field(default_factory=dict)
    allowed: int = 0
    used: frozenset[str] = frozenset()
    broken: tuple[Broken, ...] = ()
    heads: tuple[Head, ...] = ()
    basis: Head | None = None
    head: Head | None = None


class Growing:
    """One copy held against its chain, in one connection.

    Args:
        private: a directory for what does not stay.
        chain: the copy's manifests, in a directory that is there.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, private: Path, chain: Chain) -> None:
        self._connection, self._private, self._chain = connection, private, chain

    def grow(
        self,
        source: Source,
        grown: Grown,
        expected: Expected,
        now: datetime,
        told: Mapping[str, Any],
    ) -> None:
        """Compare, and make the next manifest; what is found goes into ``grown``, whose chain was looked at.

        Args:
            source: the copy as it is now.
            grown: of this copy, with nothing found yet.
            expected: what is known already of what left it.
            now: the time.
            told: what the next head says beside its counts, as plain data.

        Raises:
            RefusedError: the copy or the chain cannot be believed; no manifest is made.
        """
        with naming("the comparison"):
            self._see(source, now)
            self._compare(grown, expected)
        with self._manifest() as (path, tree):
            number = self._chain.next_number
            data = {
                **told,
                "form": FORM,
                "number": number,
                "made": text_of(now),
                "previous": self._chain.last_digest,
                "root": tree.root(),
                "leaves": tree.leaves,
                "objects": tree.objects,
                "bytes": str(tree.bytes),
                "rows": tree.rows,
                "sha256": sha256_of(path),
                "allowed": sorted(grown.used),
            }
            path.replace(self._chain.file(number))
        sync_directory(self._chain.directory)
        write_whole(self._chain.head_file(number), canonical(data), mode=0o600)
        head = self._chain.head(number)
        assert isinstance(head, Head)
        grown.head = head

    def write_lost(self, path: Path) -> None:
        """Every object that was lost, a row each, as CSV.

        Raises:
            RefusedError: the disk or memory did not suffice.
        """
        with naming("the list"):
            self._connection.execute(f"COPY ({sql('lost')}) TO {literal(str(path))} (FORMAT csv, HEADER)")

    def look_at_chain(self, grown: Grown) -> None:
        """What is wrong with the chain, and the newest manifest of it that is whole.

        Raises:
            RefusedError: there are manifests that nobody told of.
        """
        checked = list(self._chain.check())
        grown.broken = tuple(each for each in checked if isinstance(each, Broken))
        grown.heads = tuple(each for each in checked if isinstance(each, Head))
        grown.basis = grown.heads[-1] if grown.heads else None
        if surplus := self._chain.surplus():
            why = f"there are manifests up to {surplus[-1]}, and the evidence knows {self._chain.next_number - 1}"
            raise RefusedError("chain-unknown", why)

    def _see(self, source: Source, now: datetime) -> None:
        objects = open_objects(
            self._connection, "grow_objects", source, self._private, versions=False, now=now
        )
        check_values(self._connection, objects)
        text = sql("seen", objects=objects.view)
        if objects.versions:
            versions = open_objects(
                self._connection, "grow_versions", source, self._private, versions=True, now=now
            )
            text = sql("seen_versions", objects=objects.view, versions=versions.view)
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW seen AS {text}")

    def _compare(self, grown: Grown, expected: Expected) -> None:
        """One join, kept as a file: what it tells is read several times."""
        self._expect(expected)
        owed = f"({sql('nothing')})"
        if grown.basis:
            owed = parquet((self._chain.file(grown.basis.number),))
        text = sql("fates", owed=owed, seen="seen", allowed=sql("allowed") if expected.allowed else "false")
        kept = self._private / "fates.parquet"
        kept.unlink(missing_ok=True)
        form = f"FORMAT parquet, ROW_GROUP_SIZE {ROWS_A_GROUP}"
        self._connection.execute(f"COPY ({text}) TO {literal(str(kept))} ({form})")
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW fates AS FROM {parquet((kept,))}")
        counts = sql("counts", number=str(self._chain.next_number))
        for what, fate, may_go, above, rows, first in self._connection.execute(counts).fetchall():
            if fate in LOST and may_go:
                grown.allowed += rows
            elif what == "object" or fate == "version-deleted":
                grown.counts[fate] = grown.counts.get(fate, 0) + rows
                grown.first.setdefault(fate, first)
                if above:
                    grown.above[fate] = grown.above.get(fate, 0) + rows
        if grown.allowed:
            grown.used = frozenset(id_ for (id_,) in self._connection.execute(sql("used")).fetchall())

    def _expect(self, expected: Expected) -> None:
        run = self._connection
        run.execute("CREATE OR REPLACE TEMP TABLE allowed (id VARCHAR, whole VARCHAR, beginning VARCHAR)")
        for each in expected.allowed:
            rows: list[tuple[str, str | None, str | None]] = [(each.id, key, None) for key in each.keys]
            rows += [(each.id, None, prefix) for prefix in each.prefixes]
            run.executemany("INSERT INTO allowed VALUES (?, ?, ?)", rows)
        run.execute("CREATE OR REPLACE TEMP TABLE above (fate VARCHAR, key VARCHAR, number INTEGER)")
        for fate, lost in expected.above.items():
            run.executemany("INSERT INTO above VALUES (?, ?, ?)", [(fate, *each) for each in lost])

    @contextmanager
    def _manifest(self) -> Iterator[tuple[Path, Tree]]:
        """The next manifest's rows in a file beside the others, on the disk, and their tree."""
        handle, name = tempfile.mkstemp(dir=self._chain.directory, prefix=STAGED, suffix=".parquet")
        path = Path(name)
        try:
            with naming("the manifest"):
                text = sql("manifest", number=str(self._chain.next_number))
                target = f"{literal(name)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)"
                self._connection.execute(f"COPY ({text}) TO {target}")
                tree = self._hashed(path)
            os.fsync(handle)
            yield path, tree
        finally:
            os.close(handle)
            path.unlink(missing_ok=True)

    def _hashed(self, path: Path) -> Tree:
        tree = Tree()
        self._connection.execute(
            "SET preserve_insertion_order = true"
        )  # the tree is over rows in their order
        try:
            found = self._connection.execute(sql("lines", manifest=parquet((path,))))
            while rows := found.fetchmany(ROWS_A_LEAF):
                tree.add(rows)
        finally:
            self._connection.execute("SET preserve_insertion_order = false")
        return tree
