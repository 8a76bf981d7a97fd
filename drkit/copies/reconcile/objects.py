"""A source as a view of objects that the SQL texts can read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.copies.plain import known
from drkit.copies.reconcile.engine import naming, parquet, row
from drkit.copies.reconcile.loading import decoded, load
from drkit.copies.reconcile.shape import DUCKDB, Shape, Times, times_of
from drkit.copies.reconcile.texts import quoted, sql
from drkit.copies.refusal import RefusedError
from drkit.copies.source import Form, Source

if TYPE_CHECKING:
    import duckdb

LARGEST = 50 * 1024**4  # bytes; the largest object of S3 is 50 TB, of COS 48.8 TB (436/14518)
SKEW = timedelta(days=1)  # clocks differ, and so do zones of who wrote a time
INTEGERS = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "HUGEINT",
)


@dataclass(frozen=True, slots=True)
class Objects:
    """A view that was opened; whether its values are sound is found out when they are read.

    Args:
        view: its name.
        rows: how many objects it has.
        has_crc64: every object has one, so that nothing else has to be compared.
        versions: whether it tells versions of a key.
        files: the Parquet files that it reads.
        made: they were made of others, and stand in the private directory.
        shape: how it reads them.
        begun: when the copy began to be looked at; None where nobody says.
    """

    view: str
    rows: int
    has_crc64: bool
    versions: bool
    files: tuple[Path, ...]
    made: bool
    shape: Shape
    begun: datetime | None = None

    @property
    def zoneless(self) -> bool:
        """Whether its times bear no zone, and were not used."""
        return self.shape.times is Times.ZONELESS


def open_objects(
    connection: duckdb.DuckDBPyConnection,
    view: str,
    source: Source,
    private: Path,
    *,
    versions: bool,
    now: datetime,
) -> Objects:
    """Make the view of a source.

    Raises:
        RefusedError: the files are not what they should be, tell of nothing, or of a time to come.
    """
    with naming("the files"):
        files = load(connection, view, source, private)
        shape = _shape(connection, files, source, versions=versions)
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS {shape.text(DUCKDB, parquet(files))}")
        facts = row(
            connection,
            sql(
                "facts",
                crc64=shape.part("crc64"),
                last_modified=shape.moment(DUCKDB),
                files=parquet(files),
                wanted=shape.wanted,
            ),
        )
    if not facts["rows"]:
        raise RefusedError("empty", "it tells of no object: nothing can be concluded from that")
    if facts["newest"] is not None:
        newest = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=facts["newest"])
        if newest > now + SKEW:
            raise RefusedError("time-in-the-future", f"an object was modified at {newest.isoformat()}")
    has_crc64 = facts["with_crc64"] == facts["rows"]
    return Objects(
        view=view,
        rows=facts["rows"],
        has_crc64=has_crc64,
        versions="version_id" in shape.columns,
        files=files,
        made=files != source.files,
        shape=shape,
        begun=source.begun,
    )


def check_values(connection: duckdb.DuckDBPyConnection, objects: Objects) -> None:
    """Look at every value.

    Raises:
        RefusedError: one cannot be.
    """
    with naming("the values"):
        seen = row(connection, sql("sound", objects=objects.view))
    if seen["without_size"]:
        raise RefusedError("value-unreadable", f"{seen['without_size']} objects have no size")
    if seen["smallest"] < 0 or seen["largest"] > LARGEST:
        raise RefusedError(
            "size-out-of-range", f"sizes go from {seen['smallest']} to {seen['largest']} bytes"
        )
    if seen["without_key"]:
        raise RefusedError("key-missing", f"{seen['without_key']} objects have no key")


def _shape(
    connection: duckdb.DuckDBPyConnection, files: tuple[Path, ...], source: Source, *, versions: bool
) -> Shape:
    """How the objects stand in Parquet files, which `load` may have made."""
    read = parquet(files)
    described = connection.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()
    types = {name: kind for name, kind, *_ in described}
    columns = dict(source.columns) or known(tuple(types))
    if source.form is Form.CSV:
        columns = {name: name for name in columns}
    else:
        _check_types(types, columns)
    if versions and "version_id" not in columns:
        raise RefusedError("field-missing", "--versions needs the version of each object, which is not told")
    return Shape(
        columns=columns,
        times=_times(connection, read, columns, types, source),
        versions=versions,
        in_quotes=source.form is Form.CSV,
        key=decoded(connection, read, source.keys),
    )


def _check_types(types: dict[str, str], columns: dict[str, str]) -> None:
    absent = [name for name in columns.values() if name not in types]
    if absent:
        raise RefusedError("schema", f"the files have no column {absent[0]}")
    if types[columns["key"]] != "VARCHAR" or types[columns["size"]] not in INTEGERS:
        seen = f"{types[columns['key']]} and {types[columns['size']]}"
        raise RefusedError("schema", f"key and size are {seen}, not text and a whole number")


def _times(
    connection: duckdb.DuckDBPyConnection,
    read: str,
    columns: dict[str, str],
    types: dict[str, str],
    source: Source,
) -> Times:
    kind = types.get(columns.get("last_modified", ""))
    zoned = True
    if kind == "VARCHAR":
        column = quoted(columns["last_modified"])
        bare = f"NOT regexp_matches({column}, '(Z|[+-][0-9]{{2}}:?([0-9]{{2}})?)$')"
        zoned = not row(connection, f"SELECT coalesce(bool_or({bare}), false) AS bare FROM {read}")["bare"]
    times = times_of(kind, source, zoned_text=zoned)
    if times is None:
        raise RefusedError("schema", f"last_modified is {kind}, no moment")
    return times
