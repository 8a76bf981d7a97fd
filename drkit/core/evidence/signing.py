"""The key that signs an estate's checkpoints: made ahead, or at the first run, and used from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drkit.core.evidence import keys

if TYPE_CHECKING:
    from pathlib import Path

    from drkit.core.evidence.note import Signer


def make(directory: Path, estate: str) -> Signer:
    """A new key pair for an estate; one that is there is never overwritten.

    Raises:
        UsageError: there is one already, or it cannot be made.
    """
    return keys.create(directory, _origin(estate))


def signer(directory: Path, estate: str) -> Signer:
    """The key pair in a directory, made where there is none yet.

    Raises:
        UsageError: it cannot be read or made.
    """
    if not (directory / keys.PRIVATE).exists():
        return make(directory, estate)
    if not (directory / keys.VERIFIER).exists():
        keys.complete(directory, _origin(estate))
    return keys.load(directory)


def _origin(estate: str) -> str:
    """What an estate's log is called in its checkpoints."""
    return f"drkit/{estate}"
