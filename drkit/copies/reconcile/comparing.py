"""Every copy held against the reference and against its own yesterday; what cannot be read is told and left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.copies.reconcile.engine import naming, row
from drkit.copies.reconcile.joining import CODES, SINCE, Told, join
from drkit.copies.reconcile.objects import Objects, open_objects
from drkit.copies.reconcile.texts import literal, sql
from drkit.copies.refusal import RefusedError
from drkit.copies.source import Source

if TYPE_CHECKING:
    import duckdb

Opener = Callable[[], Source]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be compared.

    Args:
        copies: by name, the first is the reference; each opens its source, or raises RefusedError.
        previous: what a copy was the last time.
        classes: the storage class that every object of a copy must have.
    """

    copies: Mapping[str, Opener]
    previous: Mapping[str, Opener] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    versions: bool = False


@dataclass(slots=True)
class Copied:
    """What is known of one copy; None where that could not be found out."""

    name: str
    rows: int | None = None
    refused: RefusedError | None = None
    against: Told | None = None
    since: Told | None = None
    since_refused: RefusedError | None = None
    wrong_class: int | None = None
    untold_class: int = 0
    class_example: str | None = None
    zoneless: bool = False
    objects: Objects | None = None
    before: Objects | None = None


class Comparison:
    """One run over all copies, in one connection."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, private: Path, asked: Asked, now: datetime
    ) -> None:
        self._connection, self._private, self._asked, self._now = connection, private, asked, now

    def run(self) -> list[Copied]:
        """What came of every copy, in the order in which they were asked for."""
        copies = [self._open(number, name) for number, name in enumerate(self._asked.copies)]
        self._against(copies)
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
        return open_objects(
            self._connection,
            view,
            opener(),
            self._private,
            versions=self._asked.versions,
            now=self._now,
        )

    def _against(self, copies: list[Copied]) -> None:
        """Hold all that can be read against the reference; twice, if one of them tells of an object twice."""
        while copies[0].objects and len(readable := [each for each in copies if each.objects]) > 1:
            objects = [each.objects for each in readable if each.objects]
            try:
                joined = join(self._connection, "outcome", objects, CODES, versions=self._asked.versions)
                if joined.doubled:
                    self._single_out(readable)
                    continue
            except RefusedError as error:
                for each in readable:
                    _refuse(each, error)
                return
            for each, told in zip(readable[1:], joined.told, strict=True):
                each.against = told
            return
        if copies[0].objects and self._doubled(copies[0].objects):
            self._single_out(copies[:1])

    def _single_out(self, readable: Sequence[Copied]) -> None:
        for each in readable:
            assert each.objects
            try:
                each.objects = self._single(each.objects)
                each.rows = each.objects.rows
            except RefusedError as error:
                _refuse(each, error)

    def _single(self, objects: Objects) -> Objects:
        """Objects that are there once each: as they are, or the current version of each key.

        Raises:
            RefusedError: one is there twice, or has no key.
        """
        doubled = self._doubled(objects)
        if doubled and objects.versions and not self._asked.versions:
            objects = self._newest(objects)
            doubled = self._doubled(objects)
        if doubled:
            raise doubled
        return objects

    def _doubled(self, objects: Objects) -> RefusedError | None:
        with naming("looking for duplicates"):
            without = row(
                self._connection, f"SELECT count(*) AS n FROM {objects.view} WHERE key IS NULL OR key = ''"
            )["n"]
            if without:
                return RefusedError("key-missing", f"{without} objects have no key")
            id_ = "key, version_id" if self._asked.versions else "key"
            found = self._connection.execute(sql("duplicates", objects=objects.view, id=id_)).fetchone()
        if found is None:
            return None
        *names, times = found
        return RefusedError("duplicate", f"{' version '.join(map(repr, names))} is there {times} times")

    def _newest(self, objects: Objects) -> Objects:
        view = f"{objects.view}_newest"
        with naming("looking for current versions"):
            self._connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {view} AS {sql('newest', objects=objects.view)}"
            )
            rows = row(self._connection, f"SELECT count(*) AS n FROM {view}")["n"]
        return replace(objects, view=view, rows=rows)

    def _class(self, copied: Copied, expected: str) -> None:
        assert copied.objects
        view = copied.objects.view
        try:
            with naming("looking at classes"):
                seen = dict(self._connection.execute(sql("classes", objects=view)).fetchall())
                copied.untold_class = seen.pop(None, 0)
                wrong = sorted(name for name in seen if name.upper() != expected.upper())
                copied.wrong_class = sum(seen[name] for name in wrong)
                if wrong:
                    text = sql("classed", objects=view, seen=literal(wrong[0]))
                    copied.class_example = row(self._connection, text)["key"]
        except RefusedError as error:
            _refuse(copied, error)

    def _since(self, copied: Copied, view: str) -> None:
        assert copied.objects
        try:
            before = self._objects(view, self._asked.previous[copied.name])
            pair = [before, copied.objects]
            joined = join(self._connection, "since", pair, SINCE, versions=self._asked.versions)
            if joined.doubled:
                pair = [self._single(each) for each in pair]
                joined = join(self._connection, "since", pair, SINCE, versions=self._asked.versions)
            copied.before, copied.since = pair[0], joined.told[0]
        except RefusedError as error:
            copied.since_refused = error


def _refuse(copied: Copied, error: RefusedError) -> None:
    copied.refused, copied.objects, copied.rows, copied.against = error, None, None, None
