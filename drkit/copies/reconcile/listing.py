"""``--list``: every object that differs, a row each, written whole."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.copies.reconcile.comparing import Asked, Copied
from drkit.copies.reconcile.engine import naming
from drkit.copies.reconcile.joining import CODES, SINCE, joined
from drkit.copies.reconcile.objects import Objects
from drkit.copies.reconcile.texts import literal
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
    connection: duckdb.DuckDBPyConnection, copies: Sequence[Copied], asked: Asked, path: Path
) -> None:
    """Write the rows of all copies that were compared.

    Raises:
        UsageError: the file cannot be written.
        RefusedError: the disk or memory did not suffice.
    """
    parts = list(_parts(copies, asked)) or [_NOTHING]
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as beside:
            made = Path(beside) / "list"
            with naming("the list"):
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


def _parts(copies: Sequence[Copied], asked: Asked) -> Iterator[str]:
    reference = copies[0].objects
    for copied in copies:
        if copied.against and reference and copied.objects:
            yield _pair(copied, "outcome", (reference, copied.objects), CODES, asked)
        if copied.since and copied.before and copied.objects:
            yield _pair(copied, "since", (copied.before, copied.objects), SINCE, asked)
        if copied.wrong_class and copied.objects:
            yield (
                f"SELECT {literal(copied.name)}, 'wrong_class', key, version_id, NULL, size "
                f"FROM {copied.objects.view} "
                f"WHERE upper(storage_class) <> upper({literal(asked.classes[copied.name])})"
            )


def _pair(
    copied: Copied, text: str, pair: tuple[Objects, Objects], codes: dict[int, str], asked: Asked
) -> str:
    what = " ".join(f"WHEN {code} THEN {literal(name)}" for code, name in codes.items())
    version = "version_id" if asked.versions else "''"
    return (
        f"SELECT {literal(copied.name)} AS copy, CASE what_1 {what} END AS what, key, {version} AS version_id, "
        f"size_0 AS reference_size, size_1 AS size FROM ({joined(text, pair, versions=asked.versions)}) "
        "WHERE what_1 <> 0"
    )
