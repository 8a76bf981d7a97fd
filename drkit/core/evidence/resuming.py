"""Opening a long log without reading all of it again: the right edge of its tree, kept beside it.

The file ``tree`` is derived data and believed on two conditions. The log is the file that its last writer
closed, by inode, length and time of change, so that whatever else touched it makes the next opening read all
of it. And the lines from there on lead to the root of the signed checkpoint, at least one of them: so neither
the edge nor the place in the file is taken on trust. Verification never looks at it.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from drkit.core.canonical import canonical
from drkit.core.evidence import layout, merkle
from drkit.core.files import write_whole

if TYPE_CHECKING:
    from pathlib import Path


class Point(NamedTuple):
    """A place in a log between two entries.

    Args:
        size: entries before it.
        length: their bytes, newlines included.
        edge: of the tree of them, as `merkle.CompactRange` has it.
    """

    size: int
    length: int
    edge: tuple[bytes, ...]


def keep(directory: Path, point: Point, handle: int) -> None:
    """Note a point before the last checkpoint and the state of the log; best effort, for it is derived."""
    told = {
        "size": point.size,
        "length": point.length,
        "edge": [node.hex() for node in point.edge],
        "log": _state(os.fstat(handle)),
    }
    path = directory / layout.TREE
    content = canonical(told) + b"\n"
    with suppress(OSError):
        if not path.exists() or path.read_bytes() != content:
            write_whole(path, content, mode=0o640)


def recall(directory: Path) -> Point | None:
    """The point that was noted, where the log is still the file that was closed then."""
    try:
        told = json.loads((directory / layout.TREE).read_bytes())
        if told["log"] != _state((directory / layout.LOG).stat()):
            return None
        return _point(told)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _point(told: dict[str, Any]) -> Point | None:
    size, length = told["size"], told["length"]
    edge = tuple(map(bytes.fromhex, told["edge"]))
    is_sound = (
        type(size) is type(length) is int
        and size >= 0
        and length >= 0
        and len(edge) == size.bit_count()
        and all(len(node) == merkle.HASH_SIZE for node in edge)
    )
    return Point(size, length, edge) if is_sound else None


def _state(log: os.stat_result) -> list[str]:
    """What no ordinary way of writing to a file leaves as it was; text, for nanoseconds pass 2^53."""
    return [str(log.st_ino), str(log.st_size), str(log.st_ctime_ns)]
