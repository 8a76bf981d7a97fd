"""Reading the entries of a log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from drkit.core.evidence import layout
from drkit.core.evidence.errors import DamagedLogError, surfaced
from drkit.core.evidence.lines import fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def read(directory: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The entries of a log with their indexes; nothing is verified but that each line is an entry.

    Raises:
        DamagedLogError: a line is not one; the entries before it have been given.
        EvidenceError: the log cannot be read.
    """
    log = directory / layout.LOG
    with surfaced(log, "read"), log.open("rb") as stream:
        for index, line in enumerate(layout.lines(stream)):
            problem = fault(line[:-1]) if line.endswith(b"\n") else "torn, or being written"
            if problem:
                raise DamagedLogError(
                    f"line {index + 1} of {log}: {problem}", hint="drkit evidence verify reads all of it"
                )
            yield index, json.loads(line)
