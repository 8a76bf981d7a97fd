"""Files that are whole or absent, and never readable by strangers unless meant to be."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_whole(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Replace ``path`` by ``content`` so that a reader, or a crash, sees the old or the new file whole.

    Temporary file beside it, fsync, rename, fsync of the directory.

    Raises:
        OSError: the file could not be written; ``path`` is then as it was.
    """
    with staged(path, content, mode) as temporary:
        temporary.replace(path)
    sync_directory(path.parent)


@contextmanager
def staged(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    """The content in a file beside ``path``, on the disk, under a name that nobody can guess.

    What is not moved away within the block is removed at its end, as far as the directory allows that.

    Raises:
        OSError: it could not be written.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        yield temporary
    finally:
        # A directory that only takes (chattr +a, a WORM share) keeps the name: hidden, harmless.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory survive a power cut."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
