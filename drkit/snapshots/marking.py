"""Which snapshots no rule of a grid needs, and since when they are marked so; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from drkit.core.configuration.types import parse_duration
from drkit.ports.disks import Snapshot
from drkit.snapshots.keeping import MADE_HERE, Keeping, Needs

UNNEEDED_TAG = "drkit:unneeded-since"
"""On a snapshot that no rule of a grid keeps: since when, RFC 3339 in UTC, by the clock of the broker."""

# Slot and retention in the name that `snapshots.take` gives.
_PROMISE = re.compile(rf"{MADE_HERE}.+-(?P<slot>[0-9]{{8}}T[0-9]{{4}})-(?P<keep_for>[0-9]{{1,6}}[smhdw])")
LATE = timedelta(hours=27)  # for a slot long ago `snapshots.take` asks for a day and up to two hours


def to_mark(needs: Needs, keeping: Keeping, now: datetime) -> Iterator[Snapshot]:
    """What is not needed, and is not marked yet, by id."""
    for snapshot in unneeded(needs, keeping, now):
        if marked_since(snapshot) is None:
            yield snapshot


def to_unmark(needs: Needs, now: datetime) -> Iterator[Snapshot]:
    """What is marked, and is needed again, by id."""
    marked = [id_ for id_, snapshot in needs.ours.items() if UNNEEDED_TAG in snapshot.tags]
    unkept = {snapshot.id for snapshot in needs.unkept(now)} if marked else ()
    yield from (needs.ours[id_] for id_ in sorted(marked) if id_ not in unkept)


def ripe(needs: Needs, keeping: Keeping, after: timedelta, now: datetime) -> Iterator[Snapshot]:
    """What is not needed, and has been marked so for long enough, by id."""
    for snapshot in unneeded(needs, keeping, now):
        since = marked_since(snapshot)
        if since is not None and since + after <= now:
            yield snapshot


def unneeded(needs: Needs, keeping: Keeping, now: datetime) -> Iterator[Snapshot]:
    """What no rule keeps and would live on for long all the same, by id.

    What a playbook promised when it made one is kept, whatever a grid says now; and where nobody can tell
    the promise or the deadline, nothing is unneeded.
    """
    explained = now + keeping.last_good  # so long the newest one lives at any time
    for snapshot in needs.unkept(now):
        deadline, promised = snapshot.deadline, promise(snapshot)
        if deadline and promised and deadline.earliest > max(explained, promised):
            yield snapshot


def promise(snapshot: Snapshot) -> datetime | None:
    """Until when the playbook that made it wanted it to live; None where its name does not say."""
    promised = promised_by(snapshot.name)
    if promised is None or snapshot.created is None:
        return None
    return max(promised, snapshot.created.latest + LATE)


@lru_cache(maxsize=4096)  # all snapshots of a slot have one name
def promised_by(name: str) -> datetime | None:
    """Until when a snapshot of this name is to live at least; None where the name does not say."""
    match = _PROMISE.fullmatch(name)
    if match is None:
        return None
    try:
        slot = datetime.fromisoformat(match["slot"]).replace(tzinfo=UTC)
        return slot + parse_duration(match["keep_for"])
    except (ValueError, OverflowError):
        return None


def marked_since(snapshot: Snapshot) -> datetime | None:
    """Since when it is marked; None where it is not, or nobody can read since when."""
    try:
        since = datetime.fromisoformat(snapshot.tags.get(UNNEEDED_TAG, ""))
    except ValueError:
        return None
    return since.astimezone(UTC) if since.tzinfo else None
