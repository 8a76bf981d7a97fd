"""``drkit --help`` beside ``python -c pass``: CPU of both in the same run, at most 2.5 x apart.

python benchmarks/startup.py
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

ROUNDS = 30
LIMIT = 2.5


def cpu(*command: str) -> float:
    """User and system seconds of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Print the medians as JSON; exit 1 when the limit is passed."""
    program = str(Path(sys.executable).parent / "drkit")
    # Alternating, so that a busy machine is busy for both.
    rounds = [(cpu(sys.executable, "-c", "pass"), cpu(program, "--help")) for _ in range(ROUNDS)]
    bare, help_ = (sorted(times)[ROUNDS // 2] for times in zip(*rounds, strict=True))
    ratio = round(help_ / bare, 2)
    print(
        json.dumps(
            {
                "bare_ms": round(bare * 1000, 1),
                "help_ms": round(help_ * 1000, 1),
                "ratio": ratio,
                "limit": LIMIT,
            }
        )
    )
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
