"""``copies reconcile`` beside a bare DuckDB join of the same files: every count exact, and how it grows.

python benchmarks/copies.py [--objects N ...] [--memory 1GB] [--bounded N=SIZE] [--repeat N] [--directory DIR]
python benchmarks/copies.py --objects 1000000 3000000 10000000 --memory 1GB --bounded 25000000=2GB --repeat 2

Four copies of N objects each, Parquet, unsorted keys of 59 bytes, with size, ETag, CRC64, class and time; in three of
them things are wrong, drawn by lot, their number exact. Measured are whole processes, in turn: the command as a user
runs it, and the join that a person would write: the same files, FULL JOIN on their keys, counting what is missing or
there too much and what has another size or CRC64. With ``--memory`` the command runs once more with so much, and
``--bounded`` runs it so alone, for sizes whose bare join would not fit. Exit 1 when a count or a limit is missed.
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
LARGEST_CRAMPED = 1.3  # times the memory that it was given: the whole process
ROWS_PER_SECOND = 2_000_000  # with 2 cores, at LARGE
SMALL = 1_000_000  # objects; below, what is measured is how a process starts
LARGE = 10_000_000
BAD = 3
UNITS = {"MB": 1e6, "GB": 1e9, "MiB": 2**20, "GiB": 2**30}
JOIN = """
import sys, duckdb
connection = duckdb.connect()
connection.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
files = sys.argv[1:]
joins = f"'{files[0]}' r" + "".join(f" FULL JOIN '{f}' c{n} USING (key)" for n, f in enumerate(files[1:], 1))
counts = ", ".join(
    f"count(*) FILTER (WHERE r.size IS NOT NULL AND c{n}.size IS NULL), "
    f"count(*) FILTER (WHERE r.size IS NULL AND c{n}.size IS NOT NULL), "
    f"count(*) FILTER (WHERE r.size <> c{n}.size), "
    f"count(*) FILTER (WHERE r.size = c{n}.size AND r.crc64 <> c{n}.crc64)"
    for n in range(1, len(files))
)
[counted] = connection.execute(f"SELECT {counts} FROM {joins}").fetchall()
print(list(counted))
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


class Bench:
    """The files of one size, and what is run on them."""

    def __init__(self, directory: Path, objects: int) -> None:
        self.objects = objects
        self.files = {name: directory / f"{name}-{objects}.parquet" for name in NAMES}
        for name, file in self.files.items():
            if not file.exists():
                write_copy(file, objects, wrong_of(name, objects), f"{name}-{objects}")
        self._environment = {**os.environ, "DRKIT_STATE": str(directory / "state")}

    def bare(self) -> Measured:
        """The join that a person would write."""
        measured = Measured([sys.executable, "-c", JOIN, *map(str, self.files.values())], self._environment)
        injected = [
            getattr(wrong_of(name, self.objects), what)
            for name in NAMES[1:]
            for what in ("missing", "extra", "size_differs", "checksum_differs")
        ]
        if measured.status or json.loads(measured.output) != injected:
            sys.exit(f"bare join: injected {injected}, found {measured.output}")
        return measured

    def command(self, memory: str | None = None) -> Measured:
        """The command, with every count checked.

        Raises:
            SystemExit: one is not the number that was injected.
        """
        words = [sys.executable, "-m", "drkit", "copies", "reconcile", "--format", "json"]
        for name, file in self.files.items():
            words += ["--copy", f"{name}={file}", "--expect-class", f"{name}=ARCHIVE"]
        measured = Measured([*words, *(("--memory", memory) if memory else ())], self._environment)
        for name, copy in json.loads(measured.output)["copies"].items():
            injected = asdict(wrong_of(name, self.objects))
            found = {what: copy[what] for what in injected}
            if found != injected or measured.status != BAD:
                sys.exit(f"{name}: injected {injected}, found {found}, exit {measured.status}")
        return measured


def compared(bench: Bench, memory: str | None, repeat: int) -> tuple[dict[str, Any], list[str]]:
    """One size beside the bare join; the figures of the best of the runs, and the limits that were missed."""
    load = os.getloadavg()[0]
    pairs = [(bench.bare(), bench.command()) for _ in range(repeat)]
    bare = min((pair[0] for pair in pairs), key=lambda each: each.seconds)
    ours = min((pair[1] for pair in pairs), key=lambda each: each.seconds)
    figures: dict[str, Any] = {
        "objects": bench.objects,
        "copies": len(NAMES),
        "load_before": round(load, 1),
        **bare.figures("bare_join"),
        **ours.figures("reconcile"),
        "rows_per_second": int(bench.objects * len(NAMES) / ours.seconds),
        "times_the_bare_join": round(ours.seconds / bare.seconds, 2),
        "processor_times_the_bare_join": round(ours.processor / bare.processor, 2),
    }
    missed = []
    if bench.objects >= SMALL and figures["times_the_bare_join"] > SLOWEST:
        missed.append("times_the_bare_join")
    if bench.objects == LARGE and figures["rows_per_second"] < ROWS_PER_SECOND:
        missed.append("rows_per_second")
    if memory:
        more, too_much = bounded(bench, memory)
        more["cramped_times"] = round(more["cramped_seconds"] / ours.seconds, 2)
        figures |= more
        missed += too_much
        if bench.objects >= SMALL and figures["cramped_times"] > SLOWEST_CRAMPED:
            missed.append("cramped_times")
    return figures, missed


def bounded(bench: Bench, memory: str) -> tuple[dict[str, Any], list[str]]:
    """The command alone, with so much memory."""
    cramped = bench.command(memory)
    unit = next(unit for unit in UNITS if memory.endswith(unit))
    most = float(memory.removesuffix(unit)) * UNITS[unit] * LARGEST_CRAMPED / 2**20
    figures = {"objects": bench.objects, "memory": memory, **cramped.figures("cramped")}
    return figures, ["cramped_peak_mib"] if cramped.peak_mib > most else []


def main() -> int:
    """Print the figures as JSON lines; exit 1 when a limit was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--objects", type=int, nargs="*", default=[200_000])
    parser.add_argument("--memory")
    parser.add_argument("--bounded", action="append", default=[], metavar="N=SIZE")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--directory", type=Path, help="where files are kept for the next time")
    given = parser.parse_args()
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        for size in [*map(str, given.objects), *given.bounded]:
            count, _, memory = size.partition("=")
            bench = Bench(given.directory or Path(temporary), int(count))
            if memory:
                figures, too_much = bounded(bench, memory)
            else:
                figures, too_much = compared(bench, given.memory, given.repeat)
            print(json.dumps({**figures, "missed": too_much}), flush=True)
            missed += too_much
            if not given.directory:
                for file in bench.files.values():
                    file.unlink()
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
