"""drkit that dies by SIGKILL at one exact write: ``python killed.py journal|evidence before|after N WORDS…``.

The program is the real one; only the moment of its death is chosen here. With N = 0 it lives, and says on
stderr how many writes there were.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from drkit.cli import main
from drkit.core.evidence.log import EvidenceLog
from drkit.core.journal import Journal

COUNT = 0


def dying(write: Callable[..., Any], when: str, point: int) -> Callable[..., Any]:
    """The write, with death before or after its ``point``-th time."""

    def counted(*arguments: Any, **options: Any) -> Any:
        global COUNT  # noqa: PLW0603 - one process, one count
        COUNT += 1
        if point == COUNT and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = write(*arguments, **options)
        if point == COUNT and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return counted


if __name__ == "__main__":
    what, when, point, *words = sys.argv[1:]
    if what == "journal":
        Journal._write = dying(Journal._write, when, int(point))
    else:
        EvidenceLog.extend = dying(EvidenceLog.extend, when, int(point))
    status = main(words)
    print(f"writes: {COUNT}", file=sys.stderr)
    sys.exit(status)
