"""What a second person must see of a snapshot before it is destroyed."""

from __future__ import annotations

from typing import Any

from drkit.core.times import Reading, text_of
from drkit.ports.disks import Snapshot

UNSAID = "not known"


def describe(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot as plain JSON data: the same as long as nobody changes the snapshot."""
    return {
        "disk": snapshot.disk,
        "name": snapshot.name,
        "created": _told(snapshot.created),
        "deadline": "never" if snapshot.permanent else _told(snapshot.deadline),
        "shared": snapshot.shared,
        "tags": dict(sorted(snapshot.tags.items())),
    }


def _told(reading: Reading | None) -> str:
    """A moment; both that it can mean where its zone is not known."""
    if reading is None:
        return UNSAID
    earliest, latest = text_of(reading.earliest), text_of(reading.latest)
    return earliest if earliest == latest else f"{earliest} or {latest}"
