"""A source as a view of objects that the SQL texts can read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.copies.plain import known
from drkit.copies.reconcile.engine import naming, parquet, row
from drkit.copies.reconcile.texts import literal, quoted, sql
from drkit.copies.refusal import RefusedError
from drkit.copies.source import FIELDS, Form, Keys, Source

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
ZONED = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True, slots=True)
class Objects:
    """A view that was looked at and found sound.

    Args:
        view: its name.
        rows: how many objects it has.
        has_crc64: every object has one, so that nothing else has to be compared.
        versions: whether it tells versions of a key.
        zoneless: its times bear no zone, and were not used.
    """

    view: str
    rows: int
    has_crc64: bool
    versions: bool
    zoneless: bool


def open_objects(
    connection: duckdb.DuckDBPyConnection,
    view: str,
    source: Source,
    private: Path,
    *,
    versions: bool,
    now: datetime,
) -> Objects:
    """Make the view of a source, and look whether it may be believed.

    Raises:
        RefusedError: it may not.
    """
    with naming("the files"):
        if source.form is Form.CSV:
            files, types, columns = _loaded(connection, view, source, private)
        else:
            files, types, columns = _parquet(connection, source)
        zoneless = _make_view(connection, view, files, columns, types, source, versions=versions)
        facts = row(connection, sql("facts", objects=view))
    if not facts["rows"]:
        raise RefusedError("empty", "it tells of no object: nothing can be concluded from that")
    if facts["without_size"]:
        raise RefusedError("value-unreadable", f"{facts['without_size']} objects have no size")
    if facts["smallest"] < 0 or facts["largest"] > LARGEST:
        raise RefusedError(
            "size-out-of-range", f"sizes go from {facts['smallest']} to {facts['largest']} bytes"
        )
    if facts["newest"] is not None:
        newest = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=facts["newest"])
        if newest > now + SKEW:
            raise RefusedError("time-in-the-future", f"an object was modified at {newest.isoformat()}")
    has_crc64 = facts["with_crc64"] == facts["rows"]
    return Objects(view, facts["rows"], has_crc64, "version_id" in columns, zoneless)


def _parquet(
    connection: duckdb.DuckDBPyConnection, source: Source
) -> tuple[str, dict[str, str], dict[str, str]]:
    files = parquet(source.files)
    described = connection.execute(f"DESCRIBE SELECT * FROM {files}").fetchall()
    types = {name: kind for name, kind, *_ in described}
    columns = dict(source.columns) or known(tuple(types))
    absent = [name for name in columns.values() if name not in types]
    if absent:
        raise RefusedError("schema", f"the files have no column {absent[0]}")
    if types[columns["key"]] != "VARCHAR" or types[columns["size"]] not in INTEGERS:
        seen = f"{types[columns['key']]} and {types[columns['size']]}"
        raise RefusedError("schema", f"key and size are {seen}, not text and a whole number")
    if source.rows is not None:
        _check_rows(connection.execute(f"SELECT count(*) FROM {files}").fetchall()[0][0], source.rows)
    return files, types, columns


def _loaded(
    connection: duckdb.DuckDBPyConnection, view: str, source: Source, private: Path
) -> tuple[str, dict[str, str], dict[str, str]]:
    """CSV read once, into Parquet in the private directory, since it is needed more often than once."""
    listed = ", ".join(literal(escape(str(file))) for file in source.files)
    header = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in source.header)
    reader = (
        f"read_csv([{listed}], columns = {{{header}}}, header = {'false' if source.proven else 'true'},"
        " auto_detect = false, delim = ',', quote = '\"', escape = '\"', compression = 'gzip',"
        " strict_mode = true, null_padding = false, parallel = false)"
    )
    chosen = ", ".join(f"nullif({quoted(theirs)}, '') AS {ours}" for ours, theirs in source.columns.items())
    target = private / f"{view}.parquet"
    text = f"COPY (SELECT {chosen} FROM {reader}) TO {literal(str(target))} (FORMAT parquet)"
    [(rows,)] = connection.execute(text).fetchall()
    if source.rows is not None:
        _check_rows(rows, source.rows)
    files = parquet((target,))
    if source.keys is not Keys.PLAIN:
        files = f"(SELECT * REPLACE ({_decoded(connection, files, source.keys)} AS key) FROM {files})"
    return files, dict.fromkeys(source.columns, "VARCHAR"), {name: name for name in source.columns}


def _decoded(connection: duckdb.DuckDBPyConnection, files: str, keys: Keys) -> str:
    """How keys are decoded.

    Raises:
        RefusedError: COS wrote a bare plus, and nothing in the inventory says what it stands for.
    """
    spaces = "url_decode(replace(key, '+', ' '))"
    if keys is Keys.FORM_ENCODED:
        return spaces
    seen = row(
        connection,
        "SELECT coalesce(bool_or(contains(key, '+')), false) AS bare,"
        " coalesce(bool_or(contains(key, '%20')), false) AS space,"
        f" coalesce(bool_or(contains(upper(key), '%2B')), false) AS plus FROM {files}",
    )
    if not seen["bare"] or (seen["space"] and not seen["plus"]):
        return "url_decode(key)"
    if seen["plus"] and not seen["space"]:
        return spaces
    raise RefusedError("plus-ambiguous", "keys hold a bare +, which may be a plus or a space")


def _check_rows(rows: int, promised: int) -> None:
    if rows != promised:
        raise RefusedError("rows-missing", f"the files tell of {rows} objects, the manifest of {promised}")


def _make_view(
    connection: duckdb.DuckDBPyConnection,
    view: str,
    files: str,
    columns: dict[str, str],
    types: dict[str, str],
    source: Source,
    *,
    versions: bool,
) -> bool:
    """The view; and whether it has times without a zone, which are then not used."""
    if versions and "version_id" not in columns:
        raise RefusedError("field-missing", "--versions needs the version of each object, which is not told")
    parts = {name: quoted(columns[name]) if name in columns else "NULL" for name in FIELDS}
    time, zoneless = _time(
        connection, files, parts["last_modified"], types.get(columns.get("last_modified", "")), source
    )
    text = sql(
        "objects",
        key=parts["key"],
        version_id=f"coalesce({parts['version_id']}::VARCHAR, '')" if versions else "''",
        size=f"{parts['size']}::BIGINT",
        crc64=f"{parts['crc64']}::UBIGINT",
        etag=_etag(parts["etag"], source),
        encrypted=_encrypted(parts["encryption_status"]),
        storage_class=f"{parts['storage_class']}::VARCHAR",
        last_modified=time,
        files=files,
        wanted=_wanted(parts, versions=versions),
    )
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS {text}")
    return zoneless


def _etag(column: str, source: Source) -> str:
    return f"trim({column}, '\"')" if source.form is Form.CSV and column != "NULL" else f"{column}::VARCHAR"


def _encrypted(column: str) -> str:
    """Whether an object is encrypted with a key of KMS or the customer: AWS names these statuses."""
    if column == "NULL":
        return "false"
    return f"coalesce({column} IN ('SSE-C', 'SSE-KMS', 'DSSE-KMS'), false)"


def _wanted(parts: dict[str, str], *, versions: bool) -> str:
    """A delete marker is no object; a version that is not the latest is none either, unless versions are asked for."""
    kept = []
    if parts["is_delete_marker"] != "NULL":
        kept.append(f"NOT coalesce({parts['is_delete_marker']}::BOOLEAN, false)")
    if parts["is_latest"] != "NULL" and not versions:
        kept.append(f"coalesce({parts['is_latest']}::BOOLEAN, true)")
    return " AND ".join(kept) or "true"


def _time(
    connection: duckdb.DuckDBPyConnection, files: str, column: str, kind: str | None, source: Source
) -> tuple[str, bool]:
    """A moment, and whether times bear no zone."""
    if kind is None:
        return "NULL::TIMESTAMPTZ", False
    if kind == ZONED:
        return column, False
    if kind == "VARCHAR":
        bare = f"NOT regexp_matches({column}, '(Z|[+-][0-9]{{2}}:?([0-9]{{2}})?)$')"
        seen = row(connection, f"SELECT coalesce(bool_or({bare}), false) AS bare FROM {files}")["bare"]
        if not seen or source.in_utc:
            return f"{column}::TIMESTAMPTZ", False
        return "NULL::TIMESTAMPTZ", True
    if kind.startswith("TIMESTAMP"):
        return (
            (f"timezone('UTC', {column}::TIMESTAMP)", False) if source.in_utc else ("NULL::TIMESTAMPTZ", True)
        )
    raise RefusedError("schema", f"last_modified is {kind}, no moment")
