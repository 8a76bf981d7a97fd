"""Files that are put where no file is yet: one that is there stays, whoever made it."""

from __future__ import annotations

from pathlib import Path

from drkit.core.files import staged, sync_directory


def place_new(path: Path, content: bytes, *, mode: int) -> None:
    """Like `write_whole`, but what is at ``path`` already stays as it is.

    The file appears there by a hard link, which never replaces one, so the file system has to know them.

    Raises:
        FileExistsError: something is there.
        OSError: it could not be written; nothing is there then.
    """
    with staged(path, content, mode) as temporary:
        path.hardlink_to(temporary)
    sync_directory(path.parent)
