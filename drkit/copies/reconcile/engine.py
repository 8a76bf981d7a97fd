"""DuckDB, kept within its memory, its directory and its errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from drkit.copies.reconcile.texts import literal
from drkit.copies.refusal import RefusedError
from drkit.core.errors import UsageError

if TYPE_CHECKING:
    import duckdb

Result = TypeVar("Result")
LONGEST = 300  # characters of what DuckDB says
INTERRUPT_EVERY = 0.05  # seconds
MEMORY = re.compile(r"([0-9]+(?:\.[0-9]+)?)(MB|GB|MiB|GiB)")
UNITS = MappingProxyType({"MB": 10**6, "GB": 10**9, "MiB": 2**20, "GiB": 2**30})
A_THREAD = (
    125 * 10**6
)  # bytes; with less for each, DuckDB sorts and joins nothing large, however much it spills
# What DuckDB says when there is no room: its own words, looked for in the error that it raises.
NO_SPACE = (
    "No space left",
    "File too large",
    "max_temp_directory_size",
    "Disk quota",
    "ould not write",
)
NO_MEMORY = "it does not fit into the memory that DuckDB may use, even with spilling: allow more (--memory, `memory:`)"
NO_ROOM = ("memory", "disk-full")
"""Names of refusals that say nothing of the files."""


@contextmanager
def engine(private: Path, memory: str | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that spills into a directory of its own, and never asks the network for anything.

    Raises:
        UsageError: ``memory`` says no amount.
    """
    import duckdb

    said = MEMORY.fullmatch(memory or "")
    if memory is not None and said is None:
        raise UsageError(f"--memory {memory}: write an amount such as 1GB or 500MB")
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "preserve_insertion_order": "false",
        "temp_directory": str(private / "spilled"),
    }
    if memory is not None:
        settings["memory_limit"] = memory
    connection = duckdb.connect(config=settings)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")  # it would write into the result
        if said:
            _spare(connection, float(said[1]) * UNITS[said[2]])
        yield connection
    finally:
        connection.close()


def _spare(connection: duckdb.DuckDBPyConnection, memory: float) -> None:
    """Let no more threads work than there is memory for."""
    [(threads,)] = connection.execute("SELECT current_setting('threads')").fetchall()
    connection.execute(f"SET threads = {max(1, min(int(threads), int(memory / A_THREAD)))}")


class Interrupted(Protocol):
    """What works long, in another thread: a connection of DuckDB, or `joins.Joins`."""

    def interrupt(self) -> None:
        """End what it is at."""


def interruptible(database: Interrupted, work: Callable[[], Result]) -> Result:
    """Do work with a database so that Ctrl-C and SIGTERM end it at once.

    Python hears of a signal only between two queries, and one may take an hour: so a thread asks, and this one hears.
    """
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        try:
            return future.result()
        except KeyboardInterrupt:
            while wait([future], timeout=INTERRUPT_EVERY).not_done:
                database.interrupt()  # and every query that it would go on with
            raise


@contextmanager
def naming(what: str) -> Iterator[None]:
    """Turn what DuckDB says of a file or of the disk into a refusal under its name.

    Raises:
        RefusedError: DuckDB could not do it.
    """
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        why = " ".join(str(error).split())[:LONGEST]
        name = _name(error, why)
        raise RefusedError(name, f"{what}: {NO_MEMORY if name == 'memory' else why}") from None


def _name(error: Exception, why: str) -> str:
    import duckdb

    if any(words in why for words in NO_SPACE):
        return "disk-full"
    if isinstance(error, duckdb.OutOfMemoryException):
        return "memory"
    if "GZIP" in why:
        return "file-cut"
    if "nicode" in why or "utf-8" in why.lower():
        return "not-utf-8"
    if isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException):
        return "value-unreadable"
    return "schema"


def row(connection: duckdb.DuckDBPyConnection, text: str) -> dict[str, Any]:
    """The one row that a text answers, by its columns."""
    [answered] = rows(connection, text)
    return answered


def parquet(files: tuple[Path, ...]) -> str:
    """A table function over files, whose names may hold what a pattern would be made of."""
    from glob import escape

    listed = ", ".join(literal(escape(str(file))) for file in files)
    return f"read_parquet([{listed}], binary_as_string = true)"


def rows(connection: duckdb.DuckDBPyConnection, text: str) -> list[dict[str, Any]]:
    """All rows that a text answers, by its columns."""
    answer = connection.execute(text)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, values, strict=True)) for values in answer.fetchall()]
