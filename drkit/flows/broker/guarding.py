"""What the broker believes must lie where its clients cannot change it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from drkit.core.errors import UsageError

MOST_LINKS = 40  # as many as Linux follows: path_resolution(7)
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def refuse_writable(path: Path) -> None:
    """See that a file, and every directory on the way to it, belongs to this user or to root, who alone may write.

    Links are looked at as well as what they lead to: who may replace one chooses what is read. So a path that
    passes leads to the same file until this user or root changes it. A directory in which everybody may write but
    nobody may replace another's file (sticky) is accepted.

    Raises:
        UsageError: somebody else could change it.
    """
    parts = list(reversed(path.absolute().parts))
    place, links = Path("/"), 0
    while parts:
        # As the kernel walks: `..` leads out of where a link has led to, and not back over the link.
        place = place.parent if parts[-1] == ".." else place / parts[-1]
        parts.pop()
        try:
            status = place.lstat()
            _refuse_place(place, status)
            if stat.S_ISLNK(status.st_mode):
                parts += reversed(place.readlink().parts)
                place, links = place.parent, links + 1
        except OSError as error:
            raise UsageError(f"{place} cannot be looked at: {error.strerror}") from None
        if links > MOST_LINKS:
            raise UsageError(f"{path} cannot be looked at: too many links")


def _refuse_place(place: Path, status: os.stat_result) -> None:
    shared = status.st_mode & OTHERS_MAY_WRITE and not stat.S_ISLNK(status.st_mode)
    sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
    if status.st_uid not in {0, os.geteuid()} or (shared and not sticky):
        raise UsageError(
            f"{place} can be changed by others than the broker's user",
            hint="the broker believes what stands there: give it to root, and take the others' right to write",
        )
