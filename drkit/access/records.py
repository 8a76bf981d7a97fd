"""What everybody held at each audit of a playbook: small files in the estate's state, the last ten kept.

They are no evidence: the difference that they lead to is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import orjson

from drkit.access.gained import Holdings, holdings
from drkit.core.errors import DrkitError
from drkit.core.files import write_whole
from drkit.core.times import text_of
from drkit.ports.identities import Identities

KEPT = 10
FORM = "drkit holdings 1"


def last_before(state: Path, playbook: str, since: datetime) -> tuple[datetime, Holdings] | None:
    """The newest record from before a moment; None where there is none that can be read."""
    for path in sorted(_place(state, playbook).glob("*.json"), reverse=True):
        try:
            data = orjson.loads(path.read_bytes())
            at = datetime.fromisoformat(data["at"])
            if data["form"] == FORM and at < since:
                return at, data["holdings"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def keep(state: Path, playbook: str, at: datetime, accounts: Iterable[Identities]) -> None:
    """Write down what everybody holds.

    Raises:
        DrkitError: it cannot be written.
    """
    place = _place(state, playbook)
    data = {"form": FORM, "at": text_of(at), "holdings": holdings(accounts)}
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(place / f"{at:%Y%m%dT%H%M%SZ}.json", orjson.dumps(data), mode=0o600)
        for old in sorted(place.glob("*.json"))[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError as error:
        raise DrkitError(
            f"cannot write {place}: {error.strerror}", hint="see that its disk is not full"
        ) from None


def _place(state: Path, playbook: str) -> Path:
    return state / "access" / playbook
