"""The key that signs an estate's checkpoints: made at the first run, and used from then on."""

from __future__ import annotations

from pathlib import Path

from drkit.core.evidence import keys
from drkit.core.evidence.note import Signer


def signer(directory: Path, estate: str) -> Signer:
    """The key pair in a directory, made where there is none yet.

    Raises:
        UsageError: it cannot be read or made.
    """
    if (directory / keys.PRIVATE).exists():
        return keys.load(directory)
    return keys.create(directory, f"drkit/{estate}")
