"""State directories of older versions, brought forward one version at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from drkit.core.errors import UsageError


def _runs_that_can_be_taken_up(directory: Path) -> None:
    """1 to 2: the journal of version 1 could not take a run up, so what it knows of actions is of no use.

    The evidence has it all; runs are read from there when they are wanted.
    """
    journal = directory / "journal.sqlite3"
    if not journal.exists():
        return
    try:
        connection = sqlite3.connect(journal, isolation_level=None)
        with connection:
            connection.executescript("DROP TABLE IF EXISTS actions; DROP TABLE IF EXISTS runs;")
        connection.close()
    except sqlite3.Error as error:
        raise UsageError(f"{journal} cannot be brought forward: {error}", hint="move it away") from None


# From which version: what brings it to the next. Each may be repeated, as after a crash in its middle.
MIGRATIONS: dict[int, Callable[[Path], None]] = {1: _runs_that_can_be_taken_up}
SCHEMA = max(MIGRATIONS) + 1
