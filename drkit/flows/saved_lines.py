"""Files of one JSON object a line, streamed both ways, each with its count and its SHA-256."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import orjson

from drkit.core.files import sync_directory
from drkit.ports.unread import Unread

Things = TypeVar("Things", bound=Sized)
BLOCK = 1 << 15  # bytes that are parsed at once: what becomes of them stays in the cache of the processor


def _one(_line: Any) -> int:
    return 1


def write_lines(
    things: Iterable[Any] | Unread,
    path: Path,
    as_data: Callable[[Any], Any],
    counted: Callable[[Any], int] = _one,
) -> dict[str, Any]:
    """Save things, in place of what was there; what a head says of them.

    Args:
        things: one a line.
        path: the file.
        as_data: a thing as plain JSON data.
        counted: as how many a line counts.

    Raises:
        OSError: the file cannot be written.
    """
    if isinstance(things, Unread):
        return {"unread": things.reason}
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    digest, count = hashlib.sha256(), 0
    try:
        with os.fdopen(handle, "wb") as stream:
            for thing in things:
                count += counted(thing)
                line = orjson.dumps(as_data(thing)) + b"\n"
                digest.update(line)
                stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    sync_directory(path.parent)
    return {"count": count, "sha256": digest.hexdigest()}


def read_lines(
    path: Path, said: Mapping[str, Any], made: Callable[[Iterator[dict[str, Any]]], Things]
) -> Things | Unread:
    """What a file's lines make, one line at a time; Unread where they are not as they were written.

    Args:
        path: the file.
        said: what the head says of it.
        made: what to make of the lines.
    """
    if "unread" in said:
        return Unread(str(said["unread"]))
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            things = made(_items(stream, digest.update))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        return Unread(f"the saved {path.stem} cannot be read ({type(error).__name__})")
    found = {"count": len(things), "sha256": digest.hexdigest()}
    return things if found.items() <= said.items() else Unread(f"the saved {path.stem} were changed")


def _items(stream: BinaryIO, update: Callable[[bytes], object]) -> Iterator[dict[str, Any]]:
    """The objects of the lines, read a block of whole lines at a time."""
    while block := stream.read(BLOCK) + stream.readline():
        update(block)
        yield from orjson.loads(b"[" + block.strip().replace(b"\n", b",") + b"]")
