"""What joins and groups objects: the work that outgrows a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from drkit.copies.reconcile.objects import Objects

if TYPE_CHECKING:
    import duckdb


class Joins(Protocol):
    """An engine that runs the texts of ``sql/`` over the views of objects.

    Everything else is one pass over the files and stays with DuckDB: proving them, turning them into Parquet, looking
    for what no object can have.
    """

    careful: bool
    """Whether every value is looked at before the objects come here, since this engine reads values otherwise."""

    def add(self, objects: Objects) -> None:
        """Make the objects known under the name of their view.

        Raises:
            RefusedError: they cannot be read.
        """

    def derive(self, name: str, text: str) -> None:
        """Give a text a name, under which others can read what it answers.

        Raises:
            RefusedError: it could not be run.
        """

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """What a text answers, where that is little.

        Raises:
            RefusedError: it could not be run.
        """

    def keep(self, table: str, text: str) -> None:
        """What a text answers, as a table of DuckDB on this machine.

        Raises:
            RefusedError: it could not be run.
        """

    def interrupt(self) -> None:
        """End what it is at; called by another thread."""


class Here:
    """DuckDB itself, on this machine."""

    careful = False

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def add(self, objects: Objects) -> None:
        """Nothing: the view is there."""

    def derive(self, name: str, text: str) -> None:
        """A table, since it is read more often than once."""
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {text}")

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """What a text answers."""
        return self._connection.execute(text).fetchall()

    def keep(self, table: str, text: str) -> None:
        """A table that DuckDB spills if it has to."""
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {text}")

    def interrupt(self) -> None:
        """End the query."""
        self._connection.interrupt()
