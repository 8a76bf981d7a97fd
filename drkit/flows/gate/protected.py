"""What the gate protects: as an estate says, or what is usual where there is none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.core.errors import UsageError
from drkit.gate.classify.places import USUAL_SCRATCH, Places

if TYPE_CHECKING:  # its model is slow to load, and most checks need none
    from drkit.core.protection import Protection

EVERYWHERE = Path("/etc/drkit/estate.yaml")


def settings(flag: Path | None) -> tuple[Places, bool]:
    """The places, and whether build tools may run.

    An estate that nowhere has the word ``gate`` says nothing of it: then its models, which are slow to load, are
    left alone, and `drkit check` tells what else is wrong with it.

    Raises:
        UsageError: the estate that was named cannot be read.
        ConfigurationError: it is wrong.
    """
    path = _found(flag)
    if path is None:
        return Places(), True
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the estate {path}: {error.strerror}") from None
    if b"gate" not in content and b"\\" not in content:
        return Places(), True
    from drkit.flows.loading import load_estate

    said = load_estate(path).gate
    return places_of(said), said.builds == "allow"


def places_of(said: Protection, directory: str | None = None) -> Places:
    """What is usual, and what an estate says beside it.

    Args:
        said: the estate's section ``gate``.
        directory: in which a command runs; None where nobody said.
    """
    return Places(scratch=(*USUAL_SCRATCH, *said.scratch), own=said.protected, directory=directory)


def _found(flag: Path | None) -> Path | None:
    if flag is not None:
        return flag
    if chosen := os.environ.get("DRKIT_ESTATE"):
        return Path(chosen)
    return next((path for path in (Path("estate.yaml"), EVERYWHERE) if path.is_file()), None)
