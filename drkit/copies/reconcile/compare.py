"""Compare copies from beginning to end: what the command and the steps call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.copies.reconcile.comparing import Asked, Comparison
from drkit.copies.reconcile.engine import engine, interruptible
from drkit.copies.reconcile.joins import Here, Joins
from drkit.copies.reconcile.judging import conclude
from drkit.copies.reconcile.listing import write_list
from drkit.copies.reconcile.private import private_directory
from drkit.copies.refusal import RefusedError
from drkit.core.errors import DrkitError
from drkit.core.times import now
from drkit.core.verdicts import Conclusion

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Means:
    """What a comparison may work with.

    Args:
        root: the directory of state, below which it spills into a directory of its own, which it removes.
        memory: how much of it, such as ``1GB``; None leaves that to the engine.
        spark: the master of a Spark that joins, such as ``local[2]``; None is DuckDB.
        list_to: a file for every object that differs; `listing.form_of` says which.
    """

    root: Path
    memory: str | None = None
    spark: str | None = None
    list_to: Path | None = None


def compare(asked: Asked, means: Means) -> Conclusion:
    """Hold the copies against each other, and say what came of it; a row in its ``rows`` for each.

    Raises:
        UsageError: the means are none.
        DrkitError: the list could not be written; Spark did not start.
    """
    with (
        private_directory(means.root) as private,
        engine(private, means.memory) as connection,
        _joins(connection, private, means) as joins,
    ):
        copies = interruptible(joins, Comparison(connection, private, asked, now(), joins).run)
        if means.list_to is not None:
            listing = partial(write_list, connection, joins, copies, asked, means.list_to)
            try:
                interruptible(joins, listing)
            except RefusedError as error:
                raise DrkitError(f"the list was not written: {error}") from None
    return conclude(copies, asked)


@contextmanager
def _joins(connection: duckdb.DuckDBPyConnection, private: Path, means: Means) -> Iterator[Joins]:
    if means.spark is None:
        yield Here(connection)
        return
    from drkit.copies.reconcile.spark import spark

    with spark(connection, private, means.spark, means.memory) as joins:
        yield joins
