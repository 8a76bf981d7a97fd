"""``copies reconcile`` beside a bare DuckDB join of the same files: every count exact, and how it grows.

python benchmarks/copies.py [--objects N ...] [--memory 1GB] [--directory DIR]

Four copies of N objects each, Parquet, unsorted keys of 59 bytes, with size, ETag, CRC64, class and time; in three of
them things are wrong, drawn by lot, their number exact. Measured are whole processes: the command as a user runs it,
and a process that does nothing but join the same files on their keys with the sizes beside them. With ``--memory``
the command runs once more with so much.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from inventories import NAMES, Wrong, write_copy  # type: ignore[import-not-found]

SLOWEST = 1.5  # times the bare join
SLOWEST_CRAMPED = 4.0  # times the command with all the memory that there is
SMALL = 1_000_000  # objects; below, what is measured is how a process starts
BAD = 3
JOIN = """
import sys, duckdb
connection = duckdb.connect()
connection.execute("SET preserve_insertion_order = false")
files = sys.argv[1:]
joins = f"'{files[0]}' c0" + "".join(f" FULL JOIN '{f}' c{n} USING (key)" for n, f in enumerate(files[1:], 1))
sums = ", ".join(f"count(c{n}.size)" for n in range(len(files)))
print(connection.execute(f"SELECT count(*), {sums} FROM {joins}").fetchall())
"""


def wrong_of(name: str, objects: int) -> Wrong:
    """What is wrong with a copy of so many objects."""
    if name == NAMES[0]:
        return Wrong()
    part = max(1, objects // 10_000)
    return Wrong(part, 2 * part, part + 1, part + 2, 0, part + 3)


class Measured:
    """What a process took: seconds on the clock and of the processor, peak MiB; and its output and status."""

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        with tempfile.TemporaryFile() as out:
            begin = time.perf_counter()
            process = subprocess.Popen(words, stdout=out, env=environment)
            _, status, usage = os.wait4(process.pid, 0)
            self.seconds = round(time.perf_counter() - begin, 2)
            self.processor = round(usage.ru_utime + usage.ru_stime, 2)
            self.peak_mib = usage.ru_maxrss // 1024
            self.status = os.waitstatus_to_exitcode(status)
            out.seek(0)
            self.output = out.read().decode()

    def figures(self, name: str) -> dict[str, Any]:
        """The figures under a name."""
        return {
            f"{name}_seconds": self.seconds,
            f"{name}_processor_seconds": self.processor,
            f"{name}_peak_mib": self.peak_mib,
        }


def run(directory: Path, objects: int, memory: str | None) -> dict[str, Any]:
    """One size: the files, the bare join, the command, and the command with little memory."""
    files = {name: directory / f"{name}-{objects}.parquet" for name in NAMES}
    for name, file in files.items():
        if not file.exists():
            write_copy(file, objects, wrong_of(name, objects), f"{name}-{objects}")
    environment = {**os.environ, "DRKIT_STATE": str(directory / "state")}
    load = os.getloadavg()[0]
    bare = Measured([sys.executable, "-c", JOIN, *map(str, files.values())], environment)
    command = [sys.executable, "-m", "drkit", "copies", "reconcile", "--format", "json"]
    for name, file in files.items():
        command += ["--copy", f"{name}={file}", "--expect-class", f"{name}=ARCHIVE"]
    ours = Measured(command, environment)
    check(json.loads(ours.output)["copies"], objects, ours.status)
    figures: dict[str, Any] = {
        "objects": objects,
        "copies": len(files),
        "load_before": round(load, 1),
        **bare.figures("bare_join"),
        **ours.figures("reconcile"),
        "rows_per_second": int(objects * len(files) / ours.seconds),
        "times_the_bare_join": round(ours.seconds / bare.seconds, 2),
    }
    if memory:
        cramped = Measured([*command, "--memory", memory], environment)
        check(json.loads(cramped.output)["copies"], objects, cramped.status)
        times = round(cramped.seconds / ours.seconds, 2)
        figures |= {"memory": memory, **cramped.figures("cramped"), "cramped_times": times}
    return figures


def check(copies: dict[str, Any], objects: int, status: int) -> None:
    """Every count is the number that was injected.

    Raises:
        SystemExit: one is not.
    """
    for name, copy in copies.items():
        injected = asdict(wrong_of(name, objects))
        found = {what: copy[what] for what in injected}
        if found != injected or status != BAD:
            sys.exit(f"{name}: injected {injected}, found {found}, exit {status}")


def main() -> int:
    """Print the figures as JSON lines; exit 1 when it is too slow for its size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--objects", type=int, nargs="+", default=[200_000])
    parser.add_argument("--memory")
    parser.add_argument("--directory", type=Path, help="where files are kept for the next time")
    given = parser.parse_args()
    slow = False
    with tempfile.TemporaryDirectory() as temporary:
        for objects in given.objects:
            figures = run(given.directory or Path(temporary), objects, given.memory)
            print(json.dumps(figures), flush=True)
            if objects >= SMALL:
                slow |= figures["times_the_bare_join"] > SLOWEST
                slow |= figures.get("cramped_times", 0) > SLOWEST_CRAMPED
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
