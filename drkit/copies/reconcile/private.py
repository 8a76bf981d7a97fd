"""A directory of a run's own for what does not fit into memory; always removed, after a kill by the next run."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from drkit.core.errors import UsageError

PREFIX = "reconcile-"
HINT = "give a directory that this user can write: --state DIR or DRKIT_STATE"


@contextmanager
def private_directory(root: Path) -> Iterator[Path]:
    """A new directory below ``root/spill`` under a name that nobody can guess.

    What it holds is locked until the process ends, however it ends: what is not locked is nobody's, and removed.

    Raises:
        UsageError: it cannot be made.
    """
    home = root / "spill"
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(home):
            sweep(home)
            made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=home))
            handle = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError as error:
        raise UsageError(f"{home} cannot be used: {error.strerror}", hint=HINT) from None
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.close(handle)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Nobody else sweeps between the making of a directory and its lock."""
    handle = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sweep(home: Path) -> None:
    """Remove what runs left that were killed."""
    for path in home.glob(f"{PREFIX}*"):
        with suppress(OSError):
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(handle)
