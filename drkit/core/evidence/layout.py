"""The names in an evidence directory, and how its log is cut into lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from drkit.core.evidence.lines import LONGEST_LINE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOG = "log.jsonl"
LATEST = "checkpoint"
HISTORY = "checkpoints"
VERIFIER_KEY = "verifier-key"
TREE = "tree"
SENT = "sent"


def history_name(size: int) -> str:
    """The file of a checkpoint in `HISTORY`: its size in sixteen digits, so that names sort like sizes."""
    return f"{size:016d}"


def torn_prefix(index: int) -> str:
    """How the names of files begin that hold what stood, unreadable, where entry ``index`` belongs."""
    return f"torn-{index}-"


def lines(stream: BinaryIO) -> Iterator[bytes]:
    """Each line with its newline.

    A line without one is either the torn end of the log, or was cut because it is longer than any entry may
    be; then it has more than `LONGEST_LINE` bytes.
    """
    while line := stream.readline(LONGEST_LINE + 1):
        if not line.endswith(b"\n") and len(line) > LONGEST_LINE:
            _skip_line(stream)
        yield line


def checkpoint_files(directory: Path) -> list[Path]:
    """The checkpoints of an evidence directory: the history by size, then the latest."""
    history = directory / HISTORY
    latest = directory / LATEST
    found = sorted(visible_files(history)) if history.is_dir() else []
    return [*found, latest] if latest.exists() else found


def visible_files(directory: Path) -> list[Path]:
    """The plain files directly in a directory; hidden ones are what a crash left of a file being written."""
    return [path for path in directory.iterdir() if path.is_file() and not path.name.startswith(".")]


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass
