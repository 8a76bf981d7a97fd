"""Every copy held against the reference and against its own yesterday; what cannot be read is told and left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.copies.reconcile.engine import NO_ROOM, naming
from drkit.copies.reconcile.joining import MOST, Joined, Told, join, named
from drkit.copies.reconcile.joins import Here, Joins
from drkit.copies.reconcile.objects import Objects, check_values, open_objects
from drkit.copies.reconcile.texts import literal, sql
from drkit.copies.refusal import RefusedError
from drkit.copies.source import Source

if TYPE_CHECKING:
    import duckdb

Opener = Callable[[], Source]
CHANGED = RefusedError("changed", "what was counted does not add up: its files changed while they were read")
"""What is left where a comparison is in doubt, and no copy by itself is the reason."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be compared.

    Args:
        copies: by name, the first is the reference; each opens its source, or raises RefusedError.
        previous: what a copy was the last time.
        classes: the storage class that every object of a copy must have.
        fresh: somebody said how old a look at a copy may be, so that what was written later stays open for no longer.
    """

    copies: Mapping[str, Opener]
    previous: Mapping[str, Opener] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    versions: bool = False
    fresh: bool = False


@dataclass(slots=True)
class Copied:
    """What is known of one copy; None where that could not be found out.

    Args:
        named: the keys of objects that are not there, or otherwise, by the name of the count, where they are few.
    """

    name: str
    rows: int | None = None
    refused: RefusedError | None = None
    against: Told | None = None
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: Told | None = None
    since_refused: RefusedError | None = None
    wrong_class: int | None = None
    untold_class: int = 0
    class_example: str | None = None
    zoneless: bool = False
    objects: Objects | None = None


class Comparison:
    """One run over all copies, in one connection."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        private: Path,
        asked: Asked,
        now: datetime,
        joins: Joins | None = None,
    ) -> None:
        self._connection, self._private, self._asked, self._now = connection, private, asked, now
        self._joins = joins or Here(connection)
        self._sound: set[str] = set()  # views whose values were all looked at, by the join or for themselves

    def run(self) -> list[Copied]:
        """What came of every copy, in the order in which they were asked for."""
        copies = [self._open(number, name) for number, name in enumerate(self._asked.copies)]
        self._against(copies)
        for copied in copies:
            if copied.objects and copied.objects.view not in self._sound:
                self._single_out([copied])
        for number, copied in enumerate(copies):
            if copied.objects and copied.name in self._asked.classes:
                self._class(copied, self._asked.classes[copied.name])
            if copied.objects and copied.name in self._asked.previous:
                self._since(copied, f"previous_{number}")
        return copies

    def _open(self, number: int, name: str) -> Copied:
        copied = Copied(name)
        try:
            copied.objects = self._objects(f"copy_{number}", self._asked.copies[name])
            copied.rows, copied.zoneless = copied.objects.rows, copied.objects.zoneless
        except RefusedError as error:
            copied.refused = error
        return copied

    def _objects(self, view: str, opener: Opener) -> Objects:
        objects = open_objects(
            self._connection,
            view,
            opener(),
            self._private,
            versions=self._asked.versions,
            now=self._now,
        )
        if self._joins.careful:
            check_values(self._connection, objects)
        self._joins.add(objects)
        return objects

    def _against(self, copies: list[Copied]) -> None:
        """Hold all that can be read against the reference: once, and again without those that may not be believed."""
        while copies[0].objects and len(readable := [each for each in copies if each.objects]) > 1:
            before = [each.objects for each in readable]
            error = self._held(readable)
            if error is None:
                self._sound |= {objects.view for objects in before if objects}
                return
            if error.name not in NO_ROOM:
                self._single_out(readable)
            if [each.objects for each in readable] == before:
                for each in readable:
                    _refuse(each, error)

    def _held(self, readable: Sequence[Copied]) -> RefusedError | None:
        """Join them, as many at a time as one code has room for; and why what was counted means nothing."""
        objects = [each.objects for each in readable if each.objects]
        told: list[Told] = []
        for first in range(1, len(objects), MOST):
            batch = objects[first : first + MOST]
            try:
                joined = self._join(f"against_{first}", "outcome", [objects[0], *batch])
            except RefusedError as error:
                return error
            if joined.doubtful:
                return CHANGED
            told += joined.told
        for each, of_it in zip(readable[1:], told, strict=True):
            each.against = of_it
            each.named = {} if self._asked.versions else named(self._connection, of_it)
        return None

    def _join(self, table: str, text: str, objects: Sequence[Objects]) -> Joined:
        return join(self._joins, self._connection, table, text, objects, versions=self._asked.versions)

    def _single_out(self, readable: Sequence[Copied]) -> None:
        for each in readable:
            assert each.objects
            try:
                each.objects = self._single(each.objects)
                each.rows = each.objects.rows
                self._sound.add(each.objects.view)
            except RefusedError as error:
                _refuse(each, error)

    def _single(self, objects: Objects) -> Objects:
        """Objects that are there once each, with sound values: as they are, or the current version of each key.

        Raises:
            RefusedError: one is there twice, or has a value that it cannot have.
        """
        check_values(self._connection, objects)
        doubled = self._doubled(objects)
        if doubled and objects.versions and not self._asked.versions:
            objects = self._newest(objects)
            doubled = self._doubled(objects)
        if doubled:
            raise doubled
        return objects

    def _doubled(self, objects: Objects) -> RefusedError | None:
        id_ = "key, version_id" if self._asked.versions else "key"
        with naming("looking for duplicates"):
            found = self._joins.rows(sql("duplicates", objects=objects.view, id=id_))
        if not found:
            return None
        *names, times = found[0]
        return RefusedError("duplicate", f"{' version '.join(map(repr, names))} is there {times} times")

    def _newest(self, objects: Objects) -> Objects:
        view = f"{objects.view}_newest"
        with naming("looking for current versions"):
            self._joins.derive(view, sql("newest", objects=objects.view))
            [(rows,)] = self._joins.rows(f"SELECT count(*) AS objects FROM {view}")
        return replace(objects, view=view, rows=rows)

    def _class(self, copied: Copied, expected: str) -> None:
        assert copied.objects
        view = copied.objects.view
        try:
            with naming("looking at classes"):
                seen = dict(self._joins.rows(sql("classes", objects=view)))
                copied.untold_class = seen.pop(None, 0)
                wrong = sorted(name for name in seen if name.upper() != expected.upper())
                copied.wrong_class = sum(seen[name] for name in wrong)
                if wrong:
                    text = sql("classed", objects=view, seen=literal(wrong[0]))
                    [(copied.class_example,)] = self._joins.rows(text)
        except RefusedError as error:
            _refuse(copied, error)

    def _since(self, copied: Copied, view: str) -> None:
        assert copied.objects
        try:
            pair = [self._objects(view, self._asked.previous[copied.name]), copied.objects]
            try:
                joined = self._join(f"since_{view}", "since", pair)
                doubt = CHANGED if joined.doubtful else None
            except RefusedError as error:
                doubt = error
            if doubt and doubt.name not in NO_ROOM:
                pair = [self._single(each) for each in pair]
                joined = self._join(f"since_{view}", "since", pair)
                doubt = CHANGED if joined.doubtful else None
            if doubt:
                raise doubt
            [copied.since] = joined.told
        except RefusedError as error:
            copied.since_refused = error


def _refuse(copied: Copied, error: RefusedError) -> None:
    copied.refused, copied.objects, copied.rows, copied.against = error, None, None, None
    copied.named = {}
