"""One copy against its chain from beginning to end: what the command and the step call."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.copies.growing.chain import Chain
from drkit.copies.growing.comparing import Expected, Growing, Grown
from drkit.copies.reconcile.engine import engine, interruptible
from drkit.copies.reconcile.private import private_directory
from drkit.copies.refusal import RefusedError
from drkit.copies.source import Source
from drkit.core.files import sync_directory

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Kept:
    """One copy and what is kept of it.

    Args:
        open: what tells of it now.
        expected: what is known already of what left it.
        told: what the next head says beside its counts.
        list_to: where every object that was lost is written to, as CSV.
    """

    chain: Chain
    open: Callable[[], Source]
    expected: Expected = field(default_factory=Expected)
    told: Mapping[str, str] = field(default_factory=dict)
    list_to: Path | None = None


def _write_lost(growing: Growing, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """The list, whole or not at all."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as beside:
        made = Path(beside) / "list"
        interruptible(connection, partial(growing.write_lost, made))
        made.replace(path)
    sync_directory(path.parent)


def grow(name: str, kept: Kept, root: Path, memory: str | None, now: datetime) -> Grown:
    """Hold a copy against its chain, and add a manifest to it, unless the copy is refused.

    Args:
        name: of the copy.
        kept: what is kept of it.
        root: the directory of state, below which it spills.
        memory: how much DuckDB may use.
        now: the time.

    Raises:
        UsageError: the directory of state or the amount of memory is no good.
        LockedError: another process adds to the chain.
    """
    grown = Grown(name)
    with private_directory(root) as private, engine(private, memory) as connection:
        try:
            with kept.chain.alone():
                _grow(connection, private, kept, grown, now)
        except RefusedError as error:
            grown.refused = error
        except OSError as error:
            grown.refused = RefusedError("disk-full", f"{kept.chain.directory}: {error.strerror}")
    return grown


def _grow(
    connection: duckdb.DuckDBPyConnection, private: Path, kept: Kept, grown: Grown, now: datetime
) -> None:
    growing = Growing(connection, private, kept.chain)
    growing.look_at_chain(grown)
    source = kept.open()
    interruptible(connection, partial(growing.grow, source, grown, kept.expected, now, kept.told))
    if kept.list_to is not None:
        _write_lost(growing, connection, kept.list_to)
