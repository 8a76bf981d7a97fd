"""The gate: a line of everyday work in bulk, one command as a process, and what other parsers make of the same.

    python benchmarks/gate.py [--peers .venv-bashlex/bin/python]

In bulk: the median under 0.3 ms and 99 of 100 lines under 3 ms, of the processor, over the corpora of `tests/gate`.
One command: the processor's time of `drkit gate check -- CMD` under 8 times that of `python -c pass`. Beside it: how
many of the same lines bashlex (GPL, so in an environment of its own) and shfmt (a process a line) can read, how fast.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from drkit.gate.bulk import answer
from drkit.gate.classify.parsing import parse
from drkit.gate.classify.places import Places

CORPORA = Path(__file__).parent.parent / "tests" / "gate" / "corpora"
MEDIAN_MS, P99_MS, RATIO = 0.3, 3.0, 8.0
ROUNDS = 5
PROCESSES = 20
SHFMT_LINES = 150
BASHLEX = """
import bashlex, json, sys, time
lines = json.load(sys.stdin)
begin, wrong = time.process_time(), 0
for line in lines:
    try:
        bashlex.parse(line)
    except Exception:
        wrong += 1
print(json.dumps({"unread": wrong, "per_second": int(len(lines) / (time.process_time() - begin))}))
"""


def corpus() -> list[str]:
    """All lines, those to be allowed and those to be held."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(CORPORA.glob("*.txt"))]
    return [line.replace("␤", "\n") for text in texts for line in text.splitlines() if line]


def in_bulk(lines: list[str]) -> dict[str, float]:
    """Milliseconds of the processor a line, the best of some rounds for each."""
    asked = [json.dumps({"id": number, "command": line}).encode() for number, line in enumerate(lines)]
    places = Places()
    best = [float("inf")] * len(asked)
    for _ in range(ROUNDS):
        for number, line in enumerate(asked):
            begin = time.thread_time_ns()
            answer(line, places)
            best[number] = min(best[number], (time.thread_time_ns() - begin) / 1e6)
    best.sort()
    return {
        "median_ms": round(best[len(best) // 2], 3),
        "p99_ms": round(best[len(best) * 99 // 100], 3),
        "worst_ms": round(best[-1], 3),
    }


def cpu(*command: str) -> float:
    """User and system seconds of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False, cwd="/")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def one_command() -> dict[str, float]:
    """Medians of both, alternating, so that a busy machine is busy for both."""
    program = str(Path(sys.executable).parent / "drkit")
    rounds = [
        (cpu(sys.executable, "-c", "pass"), cpu(program, "gate", "check", "--", "rm", "-rf", "./build"))
        for _ in range(PROCESSES)
    ]
    bare, check = (sorted(times)[PROCESSES // 2] for times in zip(*rounds, strict=True))
    return {
        "bare_ms": round(bare * 1000, 1),
        "check_ms": round(check * 1000, 1),
        "ratio": round(check / bare, 2),
    }


def side_by_side(lines: list[str], peers: Path | None) -> dict[str, object]:
    """Who can read how many of the lines, and how fast."""
    begin = time.process_time()
    unread = sum(parse(line.encode()) is None for line in lines)
    found: dict[str, object] = {
        "tree-sitter": {"unread": unread, "per_second": int(len(lines) / (time.process_time() - begin))}
    }
    shfmt = str(Path(sys.executable).parent / "shfmt")
    few = lines[:: max(1, len(lines) // SHFMT_LINES)]
    begin = time.perf_counter()
    wrong = sum(
        subprocess.run(
            [shfmt, "-ln", "bash", "--to-json"], input=line.encode(), capture_output=True, check=False
        ).returncode
        != 0
        for line in few
    )
    found["shfmt"] = {
        "unread": wrong,
        "of": len(few),
        "per_second": int(len(few) / (time.perf_counter() - begin)),
    }
    if peers is not None and peers.exists():
        done = subprocess.run(
            [str(peers), "-c", BASHLEX], input=json.dumps(lines).encode(), capture_output=True, check=True
        )
        found["bashlex"] = json.loads(done.stdout)
    return found


def main() -> int:
    """Print the figures as JSON; exit 1 when a limit is passed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", type=Path, help="a Python that has bashlex: make bashlex")
    given = parser.parse_args()
    lines = corpus()
    bulk, single = in_bulk(lines), one_command()
    figures = {
        "lines": len(lines),
        "bulk": bulk,
        "one_command": single,
        "side_by_side": side_by_side(lines, given.peers),
        "limits": {"median_ms": MEDIAN_MS, "p99_ms": P99_MS, "ratio": RATIO},
    }
    print(json.dumps(figures, indent=2))
    return int(bulk["median_ms"] >= MEDIAN_MS or bulk["p99_ms"] >= P99_MS or single["ratio"] >= RATIO)


if __name__ == "__main__":
    sys.exit(main())
