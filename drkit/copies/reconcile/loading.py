"""Files that are read once, into Parquet in the private directory, since their rows are needed more often."""

from __future__ import annotations

from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.copies.reconcile.engine import parquet, row
from drkit.copies.reconcile.texts import literal, quoted
from drkit.copies.refusal import RefusedError
from drkit.copies.source import Form, Keys, Source

if TYPE_CHECKING:
    import duckdb


def load(connection: duckdb.DuckDBPyConnection, view: str, source: Source, private: Path) -> tuple[Path, ...]:
    """The files of a source as Parquet: themselves, or what was made of them.

    Raises:
        RefusedError: they cannot be read, or tell of more or fewer objects than the manifest.
    """
    match source.form:
        case Form.PARQUET:
            made: tuple[Path, ...] = source.files
        case Form.CSV:
            made = (_from_csv(connection, source, private / f"{view}.parquet"),)
        case Form.ORC:
            from drkit.copies.reconcile.orc import from_orc

            made = from_orc(source, private / f"{view}-orc")
    if source.rows is not None:
        rows = row(connection, f"SELECT count(*) AS n FROM {parquet(made)}")["n"]
        if rows != source.rows:
            raise RefusedError(
                "rows-missing", f"the files tell of {rows} objects, the manifest of {source.rows}"
            )
    return made


def _from_csv(connection: duckdb.DuckDBPyConnection, source: Source, target: Path) -> Path:
    listed = ", ".join(literal(escape(str(file))) for file in source.files)
    header = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in source.header)
    reader = (
        f"read_csv([{listed}], columns = {{{header}}}, header = {'false' if source.proven else 'true'},"
        " auto_detect = false, delim = ',', quote = '\"', escape = '\"', compression = 'gzip',"
        " strict_mode = true, null_padding = false, parallel = false)"
    )
    chosen = ", ".join(f"nullif({quoted(theirs)}, '') AS {ours}" for ours, theirs in source.columns.items())
    connection.execute(f"COPY (SELECT {chosen} FROM {reader}) TO {literal(str(target))} (FORMAT parquet)")
    return target


def decoded(connection: duckdb.DuckDBPyConnection, files: str, keys: Keys) -> str | None:
    """How keys are decoded; None where they stand as they are.

    Raises:
        RefusedError: COS wrote a bare plus, and nothing in the inventory says what it stands for.
    """
    if keys is Keys.PLAIN:
        return None
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
