"""drkit that dies by SIGKILL at one exact write of its journal or its evidence.

The program is the real one; only the moment of its death is chosen here. One that lives, because there are
fewer writes than its point, says on stderr how many there were.
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


def run(words: list[str], what: str, when: str, point: int) -> int:
    """Carry out a command that dies at the ``point``-th write of its journal, or of its evidence."""
    if what == "journal":
        Journal._write = dying(Journal._write, when, point)
    else:
        EvidenceLog.extend = dying(EvidenceLog.extend, when, point)
    status = main(words)
    print(f"writes: {COUNT}", file=sys.stderr)
    return status
