"""ORC into Parquet: DuckDB reads none, pyarrow does, stripe by stripe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drkit.copies.refusal import RefusedError
from drkit.copies.source import Source

if TYPE_CHECKING:
    from pyarrow import Schema

WAY_OUT = "install the extra drkit[orc], or have the inventory written as Parquet or CSV"


def from_orc(source: Source, target: Path) -> tuple[Path, ...]:
    """The files of a source, each as Parquet with the columns that are wanted, in a directory of their own.

    Raises:
        RefusedError: pyarrow is not there, or a file is no ORC, not whole, or of another schema.
    """
    try:
        from pyarrow import ArrowException
    except ImportError:
        raise RefusedError("orc", f"ORC is read by pyarrow, which is not installed: {WAY_OUT}") from None
    target.mkdir()
    made = []
    schema = None
    for number, file in enumerate(source.files):
        path = target / f"{number}.parquet"
        try:
            found = _convert(file, path, list(source.columns.values()))
        except (ArrowException, OSError, ValueError) as error:
            raise RefusedError(*_named(error, file)) from None
        if schema is not None and found != schema:
            raise RefusedError("schema", f"{file.name} has other columns than {source.files[0].name}")
        schema = found
        made.append(path)
    return tuple(made)


def _convert(file: Path, target: Path, columns: list[str]) -> Schema:
    from pyarrow import orc, parquet, schema

    opened = orc.ORCFile(file)
    absent = [name for name in columns if name not in opened.schema.names]
    if absent:
        raise RefusedError("schema", f"{file.name} has no column {absent[0]}")
    wanted = schema([opened.schema.field(name) for name in columns])
    with parquet.ParquetWriter(target, wanted) as writer:
        for number in range(opened.nstripes):
            writer.write_batch(opened.read_stripe(number, columns=columns).select(columns))
    return wanted


def _named(error: Exception, file: Path) -> tuple[str, str]:
    why = " ".join(str(error).split())[:300]
    if "No space left" in why or "File too large" in why:
        return "disk-full", f"turning {file.name} into Parquet: {why}"
    return "schema", f"{file.name} is no whole ORC: {why}"
