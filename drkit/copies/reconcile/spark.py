"""Spark as what joins: the same texts, for objects that outgrow one machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from drkit.copies.reconcile.objects import Objects
from drkit.copies.reconcile.session import started
from drkit.copies.reconcile.shape import SPARK
from drkit.copies.reconcile.texts import literal
from drkit.copies.refusal import RefusedError

if TYPE_CHECKING:
    import duckdb

Result = TypeVar("Result")
LONGEST = 300  # characters of what Spark says
GLOB = str.maketrans({sign: f"\\{sign}" for sign in "\\*?[]{}"})
"""What would make a path a pattern for Spark."""
NAMES = {
    "No space left": "disk-full",
    "Disk quota": "disk-full",
    "OutOfMemory": "memory",
    "CAST_INVALID_INPUT": "value-unreadable",
    "NUMERIC_VALUE_OUT_OF_RANGE": "value-unreadable",
    "CAST_OVERFLOW": "value-unreadable",
    "FAILED_READ_FILE": "file-unreadable",
}
"""What Spark says, by its own names of errors, and what a copy is refused as."""


@contextmanager
def spark(
    connection: duckdb.DuckDBPyConnection, private: Path, master: str, memory: str | None
) -> Iterator[Spark]:
    """A Spark of this run's own, which ends with it.

    Args:
        connection: DuckDB, which takes what little comes of a comparison.
        private: a directory for what does not fit into memory; executors of another machine have their own.
        master: as ``spark-submit --master`` takes it.
        memory: of the driver, where the master is this machine.

    Raises:
        UsageError: it is not installed, or does not start.
    """
    with started(private, master, memory) as session:
        yield Spark(connection, session, private)


class Spark:
    """Joins that Spark makes."""

    careful = True

    def __init__(self, connection: duckdb.DuckDBPyConnection, session: Any, private: Path) -> None:
        self._connection, self._session, self._private = connection, session, private

    def add(self, objects: Objects) -> None:
        """Parquet is read in place; what was made of other forms is written once more, with its keys decoded."""
        files, view = objects.files, objects.view
        if objects.made:
            files = (self._private / f"{view}.spark.parquet",)
            self._connection.execute(
                f"COPY (SELECT * FROM {view}) TO {literal(str(files[0]))} (FORMAT parquet)"
            )

        def make() -> None:
            read = self._session.read.parquet(*(str(file).translate(GLOB) for file in files))
            read.createOrReplaceTempView(f"{view}_files")
            text = (
                f"SELECT * FROM {view}_files" if objects.made else objects.shape.text(SPARK, f"{view}_files")
            )
            self._session.sql(text).createOrReplaceTempView(view)

        _naming(make)

    def derive(self, name: str, text: str) -> None:
        """A view."""
        _naming(lambda: self._session.sql(text).createOrReplaceTempView(name))

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """What a text answers."""
        return _naming(lambda: [tuple(row) for row in self._session.sql(text).collect()])

    def keep(self, table: str, text: str) -> None:
        """The answer, brought here part by part, so that it need not fit into memory."""
        target = self._private / f"{table}.jsonl"

        def fetch() -> list[str]:
            answer = self._session.sql(text)
            with target.open("w", encoding="utf-8") as stream:
                for row in answer.toLocalIterator(prefetchPartitions=True):
                    stream.write(json.dumps(row.asDict(), ensure_ascii=False) + "\n")
            return [
                f"{name}: '{'VARCHAR' if kind == 'string' else 'BIGINT'}'" for name, kind in answer.dtypes
            ]

        columns = ", ".join(_naming(fetch))
        read = f"read_json({literal(str(target))}, format = 'newline_delimited', columns = {{{columns}}})"
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM {read}")
        target.unlink()

    def interrupt(self) -> None:
        """End what either of the two is at."""
        self._session.sparkContext.cancelAllJobs()
        self._connection.interrupt()


def _naming(work: Callable[[], Result]) -> Result:
    """Turn what Spark says into a refusal under its name.

    Raises:
        RefusedError: Spark could not do it.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        return work()
    except (PySparkException, Py4JError) as error:
        said = str(error)
        name = next((name for sign, name in NAMES.items() if sign in said), "spark")
        raise RefusedError(name, f"Spark: {' '.join(said.split())[:LONGEST]}") from None
