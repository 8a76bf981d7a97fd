"""What can go wrong with the log, as errors with a way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drkit.core import exits
from drkit.core.errors import DrkitError

if TYPE_CHECKING:
    from pathlib import Path


class EvidenceError(DrkitError):
    """The log could not be written or read, for a reason outside of it (a full disk, a permission)."""


class DamagedLogError(EvidenceError):
    """The log is not what its checkpoints say, or cannot be read; nothing is appended to such a log."""

    status = exits.USAGE


@dataclass(slots=True)
class surfaced:  # noqa: N801  # read as a verb: with surfaced(...)
    """Turn an error of the operating system into one that says what to do.

    A class, because a generator costs an append more than its write does.
    """

    path: Path
    doing: str

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, OSError):
            raise EvidenceError(
                f"{self.path} could not be {self.doing}: {error.strerror}",
                hint="free space, or correct the permissions, and run again: what was recorded is intact",
            ) from error
