"""``--list``: every object that differs, a row each, written whole."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.copies.reconcile.comparing import Asked, Copied
from drkit.copies.reconcile.engine import naming
from drkit.copies.reconcile.joining import CODES, SINCE, Told
from drkit.copies.reconcile.joins import Joins
from drkit.copies.reconcile.texts import literal, sql
from drkit.core.errors import UsageError
from drkit.core.files import sync_directory

if TYPE_CHECKING:
    import duckdb

FORMS = {
    ".parquet": "FORMAT parquet",
    ".csv.gz": "FORMAT csv, HEADER, COMPRESSION gzip",
    ".csv": "FORMAT csv, HEADER",
    ".jsonl": "FORMAT json",
}


def form_of(path: Path) -> str:
    """How to write a list, by its file's name.

    Raises:
        UsageError: the name says nothing that is known.
    """
    for suffix, form in FORMS.items():
        if path.name.endswith(suffix):
            return form
    raise UsageError(f"--list {path}: name a file that ends with {', '.join(FORMS)}")


def write_list(
    connection: duckdb.DuckDBPyConnection, joins: Joins, copies: Sequence[Copied], asked: Asked, path: Path
) -> None:
    """Write the rows of all copies that were compared.

    Raises:
        UsageError: the file cannot be written.
        RefusedError: the disk or memory did not suffice.
    """
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as beside:
            made = Path(beside) / "list"
            with naming("the list"):
                parts = list(_parts(joins, copies, asked)) or [_NOTHING]
                connection.execute(
                    f"COPY ({' UNION ALL '.join(parts)}) TO {literal(str(made))} ({form_of(path)})"
                )
            made.replace(path)
        sync_directory(path.parent)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


_NOTHING = (
    "SELECT '' AS copy, '' AS what, '' AS key, '' AS version_id, 0 AS reference_size, 0 AS size WHERE false"
)


def _parts(joins: Joins, copies: Sequence[Copied], asked: Asked) -> Iterator[str]:
    for number, copied in enumerate(copies):
        if copied.against:
            yield _differing(copied.name, copied.against, CODES, asked)
        if copied.since:
            yield _differing(copied.name, copied.since, SINCE, asked)
        if copied.wrong_class and copied.objects:
            table = f"classed_{number}"
            expected = literal(asked.classes[copied.name])
            joins.keep(table, sql("wrong_class", objects=copied.objects.view, expected=expected))
            yield (
                f"SELECT {literal(copied.name)} AS copy, 'wrong_class' AS what, key, version_id, "
                f"NULL AS reference_size, size FROM {table}"
            )


def _differing(name: str, told: Told, codes: dict[int, str], asked: Asked) -> str:
    what = " ".join(f"WHEN {code} THEN {literal(word)}" for code, word in codes.items())
    version = "version_id" if asked.versions else "''"
    return (
        f"SELECT {literal(name)} AS copy, CASE WHEN {told.is_young} THEN 'unsettled' "
        f"ELSE CASE {told.what} {what} END END AS what, key, {version} AS version_id, "
        f"size_0 AS reference_size, size_{told.place} AS size FROM {told.table} "
        f"WHERE {told.what} IN ({', '.join(map(str, codes))})"
    )
