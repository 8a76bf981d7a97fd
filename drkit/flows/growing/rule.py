"""The rule of growth: a life is only ever lengthened, a mark only put or removed, and only on what drkit made.

ModifySnapshotAttribute (362/15650) lengthens the life of a snapshot, and shortens it as well: who may call it
holds the power to destroy. So the runner only asks, and whoever holds that power judges each time by its own
look. One doubt, and the snapshot is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from drkit.core.actions import Action
from drkit.ports.disks import Snapshot, SnapshotState
from drkit.ports.scratch import RUN_TAG
from drkit.snapshots.growing import EXTEND, deadline_of
from drkit.snapshots.keeping import MADE_HERE, MOST_AHEAD

Refusals = tuple[str, ...]
"""Why an action may not be carried out; empty where it may."""


def may_grow(action: Action, snapshot: Snapshot | None, now: datetime) -> Refusals:
    """Every reason why an action may not be carried out without an approval; pure.

    Args:
        action: of a verb of `drkit.snapshots.growing.VERBS`.
        snapshot: its target, as whoever asks has just seen it; None where it is gone.
        now: with a zone.
    """
    if snapshot is None:
        return ("it is gone",)
    later = _later(snapshot, deadline_of(action), now) if action.verb == EXTEND else ()
    return (*_ours(snapshot, str(action.arguments["disk"])), *later)


def _ours(snapshot: Snapshot, disk: str) -> Iterator[str]:
    """A playbook made it, of this disk, it is good, and nobody else has an interest in it."""
    if snapshot.state is not SnapshotState.GOOD:
        yield f"it is not good ({snapshot.state.value})"
    if not snapshot.name.startswith(MADE_HERE) or not snapshot.tags.get(RUN_TAG):
        yield f"no playbook made it: its name does not begin with {MADE_HERE}, or it bears no tag {RUN_TAG}"
    if snapshot.permanent:
        yield "it is kept for ever, and would not be any more"
    if snapshot.shared:
        yield "it is shared with another account"
    if not disk or snapshot.disk != disk:
        yield f"it is of {snapshot.disk or 'no disk'}, and was asked for as one of {disk or 'no disk'}"


def _later(snapshot: Snapshot, until: datetime, now: datetime) -> Iterator[str]:
    """The new deadline is later than the present one, however that is read, and within reason."""
    if snapshot.permanent:
        return
    if snapshot.deadline is None:
        yield "nobody knows when it ends now, so a new deadline could be an earlier one"
    elif until <= snapshot.deadline.latest:
        yield "it may live longer as it is"
    if until > now + MOST_AHEAD:
        yield f"the new deadline is more than {MOST_AHEAD.days} days ahead"
