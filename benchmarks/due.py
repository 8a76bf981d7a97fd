"""``due`` over 10,000 playbooks: under a second, once files and journal have been read.

python benchmarks/due.py [--playbooks N]

Measured is `drkit.core.standing.standing` alone, for models and past runs that are in memory: last and next
slot, what is due, what was missed in the last week; the best of five rounds. Of 20 playbooks 12 are daily, 4
weekly or monthly, 2 by cron text once a day, 1 hourly (168 slots a week, of which 100 are looked back upon) and 1
quarterly, in five time zones, most at a minute of their own; one slot of twenty was missed. Reading the files is
measured apart, on fewer of them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from drkit.core.configuration.reading import read
from drkit.core.playbook import Playbook
from drkit.core.schedule import Schedule
from drkit.core.standing import Attempt, Memory, delay_of, standing

LIMIT_S = 1.0
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC")
FILES = 200
ROUNDS = 5


def schedule(number: int) -> dict[str, Any]:
    """The schedule of one playbook, as its file says it."""
    zone = {"time_zone": ZONES[number % len(ZONES)], "jitter": "10m"}
    minute, hour = number % 60, number // 60 % 24
    at = {"at": f"{hour:02}:{minute:02}"}
    match number % 20:
        case 12 | 13:
            return {"every": "week", "day": "sunday", **at, **zone}
        case 14 | 15:
            return {"every": "month", "day": "first sunday", **at, **zone}
        case 16 | 17:
            return {"cron": f"{minute} {hour} * * *", **zone}
        case 18:
            return {"cron": f"{minute} * * * *", **zone}
        case 19:
            return {"every": "quarter", "day": "last friday", **at, **zone}
    return {"every": "day", **at, **zone, "catch_up": "all" if number % 3 else "once"}


def memory(made: Schedule) -> Memory:
    """What ran in the last days: all but every seventh slot."""
    slots = made.slots_between(NOW - timedelta(days=10), NOW)
    attempts = [
        Attempt(f"run-{number}", slot, slot, slot + timedelta(minutes=3), "pass")
        for number, slot in enumerate(slots)
        if number % 20
    ]
    return Memory(attempts, NOW - timedelta(days=90))


def measure(count: int) -> dict[str, Any]:
    """Seconds by the clock, and what was found."""
    known = [Schedule.model_validate_json(json.dumps(schedule(number))) for number in range(count)]
    past = [memory(each) for each in known]
    seconds = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        found = [
            standing(
                each, past[number], NOW, delay=delay_of(f"p{number}", "host", each.jitter), look_back=WEEK
            )
            for number, each in enumerate(known)
        ]
        seconds.append(time.perf_counter() - begin)
    return {
        "playbooks": count,
        "due": sum(bool(each.due) for each in found),
        "missed": sum(len(each.missed) for each in found),
        "seconds": round(min(seconds), 3),
        "slowest_round": round(max(seconds), 3),
        "limit_seconds": LIMIT_S,
    }


def read_files(directory: Path) -> float:
    """Milliseconds to read and check one playbook's file."""
    paths = [directory / f"{number}.yaml" for number in range(FILES)]
    for number, path in enumerate(paths):
        head = {
            "playbook": f"p{number}",
            "schedule": schedule(number),
            "steps": [{"uses": "snapshots.cover"}],
        }
        path.write_text(json.dumps(head), encoding="utf-8")
    begin = time.perf_counter()
    for path in paths:
        read(path, Playbook)
    return round((time.perf_counter() - begin) / FILES * 1000, 2)


def main() -> int:
    """Print the figures as JSON; exit 1 when the limit is passed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--playbooks", type=int, default=10_000)
    figures = measure(parser.parse_args().playbooks)
    with tempfile.TemporaryDirectory() as directory:
        figures["read_file_ms"] = read_files(Path(directory))
    print(json.dumps(figures))
    return int(figures["seconds"] > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
