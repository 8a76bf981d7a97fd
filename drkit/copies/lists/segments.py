"""What is listed already: files of rows, each with the stretch of keys that it tells of.

    segments/<digest>.parquet    rows
    segments/<digest>.json       its head: which stretch, how many, sha256, from when to when

A stretch counts once its head is there, which is written last; what has no head is listed again.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from drkit.copies.growing.chain import sha256_of
from drkit.copies.lists.rows import COLUMNS, columns_of
from drkit.copies.reconcile.texts import literal
from drkit.core.canonical import canonical
from drkit.core.files import sync_directory, write_whole
from drkit.ports.objects import StoredObject

DIRECTORY = "segments"
MEMORY = "128MB"  # of DuckDB, for each that writes a segment
ROWS_A_GROUP = 10_240  # kept in that memory until they are written, with keys of up to 1,024 bytes
A_LINE = 200  # objects
LONGEST_LINE = (
    2 * 1024 * 1024
)  # bytes, of which DuckDB reads twice as many at once: keys of 1,024 bytes, escaped


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """Keys that come after one and not after another; neither need be there."""

    after: str
    until: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch that was listed to its end.

    Args:
        file: its name, in the list's directory of segments.
        rows: how many objects or versions.
        sha256: of the file.
        began, ended: the moments before its first and after its last question.
    """

    stretch: Stretch
    file: str
    rows: int
    sha256: str
    began: datetime
    ended: datetime

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {
            "after": self.stretch.after,
            "until": self.stretch.until,
            "file": self.file,
            "rows": self.rows,
            "sha256": self.sha256,
            "began": self.began.isoformat(),
            "ended": self.ended.isoformat(),
        }


def segment_of(data: dict[str, Any]) -> Segment:
    """What `Segment.as_data` made.

    Raises:
        KeyError, TypeError, ValueError: it is something else.
    """
    began, ended = datetime.fromisoformat(data["began"]), datetime.fromisoformat(data["ended"])
    file, rows = str(data["file"]), int(data["rows"])
    if Path(file).name != file or not file.endswith(".parquet") or not began.tzinfo or not ended.tzinfo:
        raise ValueError(file)  # and no way out of the directory
    stretch = Stretch(str(data["after"]), str(data["until"]))
    return Segment(stretch, file, rows, str(data["sha256"]), began, ended)


def read_segments(directory: Path) -> list[Segment]:
    """The stretches that are there whole, by their keys; what is not as it was written is passed over."""
    found = []
    for path in (directory / DIRECTORY).glob("*.json"):
        try:
            segment = segment_of(orjson.loads(path.read_bytes()))
            whole = sha256_of(directory / DIRECTORY / segment.file) == segment.sha256
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if whole:
            found.append(segment)
    return sorted(found, key=lambda each: each.stretch)


def gaps(segments: Iterable[Segment], whole: Stretch) -> list[Stretch]:
    """The stretches of a whole that no segment tells of, in their order."""
    missing, reached = [], whole.after
    for segment in sorted(segments, key=lambda each: each.stretch):
        if segment.stretch.after > reached:
            missing.append(Stretch(reached, segment.stretch.after))
        reached = max(reached, segment.stretch.until)
    if reached < whole.until:
        missing.append(Stretch(reached, whole.until))
    return missing


class Writer:
    """Rows of one stretch, written as they come, so that memory stays as it is; turned into Parquet at its end."""

    def __init__(self, directory: Path, after: str, began: datetime) -> None:
        self._home = directory / DIRECTORY
        self._after, self._began = after, began
        self._lines = tempfile.NamedTemporaryFile(dir=self._home, prefix=".rows.")  # noqa: SIM115 - closed by `close`
        self.rows = 0

    def add(self, objects: Sequence[StoredObject]) -> None:
        """Append what a page told."""
        for start in range(0, len(objects), A_LINE):
            columns = columns_of(objects[start : start + A_LINE])
            self._lines.write(orjson.dumps(columns, option=orjson.OPT_APPEND_NEWLINE))
        self.rows += len(objects)

    def close(self) -> None:
        """Let go of what was not finished."""
        self._lines.close()

    def finish(self, until: str, ended: datetime) -> Segment:
        """The segment, on the disk.

        Raises:
            OSError, duckdb.Error: it could not be written.
        """
        self._lines.flush()
        name = hashlib.sha256(canonical([self._after, until])).hexdigest()[:32]
        handle, made = tempfile.mkstemp(dir=self._home, prefix=".part.", suffix=".parquet")
        temporary, target = Path(made), self._home / f"{name}.parquet"
        try:
            _to_parquet(self._lines.name, made)
            os.fsync(handle)
            digest = sha256_of(temporary)
            temporary.replace(target)
        finally:
            os.close(handle)
            temporary.unlink(missing_ok=True)
            self.close()
        sync_directory(self._home)
        segment = Segment(Stretch(self._after, until), target.name, self.rows, digest, self._began, ended)
        write_whole(self._home / f"{name}.json", canonical(segment.as_data()), mode=0o600)
        return segment


def _to_parquet(lines: str, target: str) -> None:
    import duckdb

    # Nothing is spilled: it would be into the directory that this was started in.
    with duckdb.connect(config={"threads": 1, "memory_limit": MEMORY, "temp_directory": ""}) as connection:
        connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        form = f"FORMAT parquet, ROW_GROUP_SIZE {ROWS_A_GROUP}, USE_TMP_FILE false"
        connection.execute(f"COPY ({_lines(lines)}) TO {literal(target)} ({form})")


def _lines(name: str) -> str:
    """Each line has a list for each column."""
    columns = ", ".join(f"{column}: '{kind}[]'" for column, kind in COLUMNS.items())
    rows = ", ".join(f"unnest({column}) AS {column}" for column in COLUMNS)
    form = f"format = 'newline_delimited', maximum_object_size = {LONGEST_LINE}, columns = {{{columns}}}"
    read = f"read_json({literal(name)}, {form})"
    return f"FROM {read} SELECT {rows}"
