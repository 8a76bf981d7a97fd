"""The broker's socket, as long as the broker listens."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from drkit.core.errors import LockedError, UsageError

BACKLOG = 16


@contextmanager
def listening(path: Path, group: int | None) -> Iterator[socket.socket]:
    """A socket that this user, and a group where one is given, may connect to; gone afterwards.

    Raises:
        LockedError: another broker listens there.
        UsageError: it cannot be made there.
    """
    _refuse_second(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        old = os.umask(0o177)  # nobody may connect before the group is set
        try:
            listener.bind(str(path))
        finally:
            os.umask(old)
        if group is not None:
            os.chown(path, -1, group)
            path.chmod(0o660)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"the broker cannot listen at {path}: {error.strerror or error}",
            hint="its directory has to be there, and to belong to this user; a path has at most 107 bytes",
        ) from None
    try:
        yield listener
    finally:
        listener.close()
        with suppress(OSError):
            path.unlink()


def _refuse_second(path: Path) -> None:
    """What a broker that was killed left behind is removed; one that lives is not pushed aside."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            if probe.connect_ex(str(path)) == errno.ECONNREFUSED:
                path.unlink()
                return
        except OSError as error:
            raise UsageError(f"what stands at {path} cannot be replaced: {error.strerror}") from None
    raise LockedError(f"another broker listens at {path}", hint="end that one first")
