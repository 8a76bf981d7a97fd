"""A step of the journal, its intention and its outcome: under 2 ms, on a disk that keeps what it was given.

    python benchmarks/journal.py [--steps N] [--directory DIR]

Each write is a transaction of its own with one fsync (write-ahead log, synchronous FULL), in a journal that holds
many steps already. What the disk itself takes to keep as many bytes is measured in the same round, beside each
step, so that a fast disk is not taken for a fast journal, and the work of others on a disk not for a slow one: the
limit is held against the median, and the means stand beside it. In a directory of memory an fsync means nothing: the
figures say which file system it was, and one of memory is refused.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from drkit.core.actions import Action, Done, Effect, Pending
from drkit.core.journal import Journal, RunRecord, RunState

LIMIT_MS = 2.0
PAGE = 4096 + 24  # bytes of one page in sqlite's write-ahead log
MEMORY = frozenset({"tmpfs", "ramfs"})
AT = "2026-11-22T01:30:00Z"


def action(number: int) -> Action:
    """An intention like those of a daily playbook."""
    return Action(
        verb="disks.create_snapshot",
        effect=Effect.CREATE,
        account="production",
        region="ap-beijing",
        target=f"disk-{number:08x}",
        arguments={"name": "drkit-daily-snapshots-20261122T0130-2w", "slot": AT, "deadline": AT},
        reason="no snapshot of this slot",
        cost="at most 2.80 CNY",
    )


@contextmanager
def timed(seconds: list[float]) -> Iterator[None]:
    """Seconds by the clock, added to a list."""
    begin = time.perf_counter()
    yield
    seconds.append(time.perf_counter() - begin)


def measure(directory: Path, steps: int) -> dict[str, list[float]]:
    """Seconds of each intention, of each outcome, and of two bare fsyncs of as many bytes."""
    seconds: dict[str, list[float]] = {"intend": [], "settle": [], "raw": []}
    journal = Journal(directory / "journal.sqlite3")
    journal.start(RunRecord("run", "daily", "0" * 64, AT, RunState.RUNNING, AT))
    raw = os.open(directory / "raw", os.O_CREAT | os.O_WRONLY, 0o600)
    for number in range(steps):
        intended = action(number)
        with timed(seconds["intend"]):
            journal.intend("run", "snapshots.take", intended, AT)
        with timed(seconds["settle"]):
            outcome = Done(f"snap-{number:08x}") if number % 2 else Pending(f"snap-{number:08x}", 1.0)
            journal.settle("run", "snapshots.take", intended, outcome, AT)
        with timed(seconds["raw"]):
            for half in range(2):
                os.pwrite(raw, bytes(3 * PAGE), (2 * number + half) * 3 * PAGE)
                os.fdatasync(raw)
    os.close(raw)
    journal.close()
    return seconds


def figures(seconds: dict[str, list[float]]) -> dict[str, Any]:
    """Milliseconds a step, its parts, and the two fsyncs that the disk takes for them."""
    each = [sum(pair) for pair in zip(seconds["intend"], seconds["settle"], strict=True)]
    return {
        "steps": len(each),
        "step_ms": _median(each),
        "intend_ms": _median(seconds["intend"]),
        "settle_ms": _median(seconds["settle"]),
        "two_fsyncs_of_the_disk_ms": _median(seconds["raw"]),
        "limit_ms": LIMIT_MS,
        "step_mean_ms": _ms(statistics.fmean(each)),
        "two_fsyncs_of_the_disk_mean_ms": _ms(statistics.fmean(seconds["raw"])),
        "step_99_percent_ms": _ms(statistics.quantiles(each, n=100)[98]),
    }


def _median(seconds: list[float]) -> float:
    return _ms(statistics.median(seconds))


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)


def file_system(directory: Path) -> str:
    """The kind of the file system that a directory lies on, by the longest mount point above it."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text("utf-8").splitlines()]
    above = [(place, kind) for _, place, kind, *_ in mounts if directory.resolve().is_relative_to(place)]
    return max(above, key=lambda mount: len(mount[0]))[1]


def main() -> int:
    """Print the figures as JSON; exit 1 when the limit is passed, 2 when they would mean nothing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--directory", type=Path, default=Path("/var/tmp"))  # noqa: S108 - a disk, seldom memory
    given = parser.parse_args()
    kind = file_system(given.directory)
    if kind in MEMORY:
        print(f"{given.directory} is memory ({kind}): name a disk with --directory", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(dir=given.directory) as directory:
        told = figures(measure(Path(directory), given.steps))
    print(json.dumps({**told, "file_system": kind}))
    return int(told["step_ms"] > LIMIT_MS)


if __name__ == "__main__":
    sys.exit(main())
