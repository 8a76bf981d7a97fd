"""The rule of adoption: a snapshot of a group gets the end that its name promises, and nothing else gets one.

ModifySnapshotAttribute (362/15650) gives any snapshot an end. So whoever holds that power judges each time by its own
look: only one that stays for ever since the cloud's groups take no deadline, and bears the name of such a group.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from drkit.core.actions import Action
from drkit.flows.growing.rule import Refusals
from drkit.ports.disks import Snapshot, SnapshotState
from drkit.snapshots.adopting import NUMBER, is_left
from drkit.snapshots.growing import deadline_of
from drkit.snapshots.keeping import MOST_AHEAD, SOONEST
from drkit.snapshots.marking import promised_by

EARLY = timedelta(hours=1)  # between the plan and this look


def may_adopt(action: Action, snapshot: Snapshot | None, now: datetime) -> Refusals:
    """Every reason why a snapshot may not be adopted without an approval; pure.

    Args:
        action: of the verb of `drkit.snapshots.adopting`.
        snapshot: its target, as whoever asks has just seen it; None where it is gone.
        now: with a zone.
    """
    if snapshot is None:
        return ("it is gone",)
    name, disk = str(action.arguments["name"]), str(action.arguments["disk"])
    return (*_left(snapshot, name, disk), *_kept(name, deadline_of(action), now))


def _left(snapshot: Snapshot, name: str, disk: str) -> Iterator[str]:
    """A group began it, of this disk, and nobody has said since how long it stays."""
    if snapshot.state is not SnapshotState.GOOD:
        yield f"it is not good ({snapshot.state.value})"
    if not re.fullmatch(re.escape(name) + NUMBER, snapshot.name):
        yield f"no group {name} named it"
    if not is_left(snapshot):
        yield "it has an end already, or is a copy, a policy's, or shared with another account"
    if not disk or snapshot.disk != disk:
        yield f"it is of {snapshot.disk or 'no disk'}, and was asked for as one of {disk or 'no disk'}"


def _kept(name: str, until: datetime, now: datetime) -> Iterator[str]:
    """The end is not before the one that the name promises, nor at hand, and within reason."""
    end = promised_by(name)
    if end is None:
        yield f"the name {name} does not say how long it is kept"
    elif until < end:
        yield f"its name promises it until {end:%Y-%m-%dT%H:%MZ}"
    if until < now + SOONEST - EARLY:
        yield "it would end within a day"
    if until > now + MOST_AHEAD:
        yield f"the deadline is more than {MOST_AHEAD.days} days ahead"
