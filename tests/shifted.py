"""drkit by a clock that is ahead: ``python shifted.py SECONDS python -m drkit WORDS``; all else is the real program."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from drkit.core import times

REAL = times.now


def ahead(by: timedelta) -> tuple[str, ...]:
    """The words that stand before those of a drkit process."""
    return (sys.executable, str(Path(__file__)), str(int(by.total_seconds())))


if __name__ == "__main__":
    # Before anything else of drkit is there: every module takes its clock from here.
    shift = timedelta(seconds=int(sys.argv[1]))
    times.now = lambda: REAL() + shift
    from drkit.cli import main

    sys.exit(main(sys.argv[5:]))
