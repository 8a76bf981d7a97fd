"""After a run was killed and recovered: what was done twice, and what nobody accounts for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from helpers import Drkit, snapshots_named

from drkit.core.evidence.reading import read
from drkit.flows.report import gather_runs
from drkit.sandbox.testing import Running

PROPERTY = "kill matrix"


@dataclass(frozen=True, slots=True)
class Accounts:
    """The cloud held against the evidence.

    Args:
        made: how many snapshots there are.
        twice: disks that have more than one.
        unaccounted: runs that have not ended, snapshots that only one side knows, intentions without an end.
    """

    made: int
    twice: tuple[str, ...]
    unaccounted: tuple[str, ...]

    def as_property(self) -> dict[str, Any]:
        """What the report of a test carries to the end of the session."""
        return {
            name: len(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }


def state_of(drkit: Drkit) -> Path:
    """Where the estate of the sandbox keeps its state."""
    return Path(drkit.environment["DRKIT_STATE"]) / "weimob"


def account(drkit: Drkit, sandbox: Running, beginning: str) -> Accounts:
    """Hold the cloud's snapshots whose names begin so against the evidence of every run."""
    made = snapshots_named(sandbox, beginning)
    disks = Counter(snapshot["DiskId"] for snapshot in made)
    twice = tuple(disk for disk, count in disks.items() if count > 1)
    return Accounts(len(made), twice, tuple(_unaccounted(state_of(drkit) / "evidence", made)))


def _unaccounted(evidence: Path, made: list[dict[str, Any]]) -> Iterator[str]:
    runs = gather_runs(evidence).values() if evidence.exists() else []
    yield from (f"run {run.run} is {run.state}" for run in runs if run.state != "ended")
    told = Counter(snapshot for run in runs for snapshot in run.created)
    there = Counter(snapshot["SnapshotId"] for snapshot in made)
    yield from (f"{id_} is in the evidence alone, or once too often" for id_ in (told - there).elements())
    yield from (f"{id_} is in the cloud alone" for id_ in (there - told).elements())
    entries = [entry for _, entry in read(evidence)] if evidence.exists() else []
    intended = {entry["action"]["key"] for entry in entries if entry["kind"] == "action.intended"}
    settled = {
        entry["key"]
        for entry in entries
        if entry["kind"] == "action.settled" and entry["outcome"] != "pending"
    }
    yield from (f"action {key} was intended or settled alone" for key in intended ^ settled)
