"""Files that are put where no file is yet: one that is there stays, whoever made it."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from drkit.core.files import sync_directory


def place_new(path: Path, content: bytes, *, mode: int) -> None:
    """Like `write_whole`, but what is at ``path`` already stays as it is.

    The file appears there by a hard link, which never replaces one, so the file system has to know them.

    Raises:
        FileExistsError: something is there.
        OSError: it could not be written; nothing is there then.
    """
    handle, staged = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        path.hardlink_to(staged)
    finally:
        # A directory that only takes (chattr +a, a WORM share) keeps this second name too: hidden, harmless.
        with suppress(OSError):
            Path(staged).unlink()
    sync_directory(path.parent)
