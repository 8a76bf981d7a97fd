"""What carries out a copy in a vault: the loan, the scratch disk there, the snapshot of it, and their ends.

The three in the middle are those of a full copy (`drkit.snapshots.making`), done by the vault's own credential.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from drkit.core import times
from drkit.core.actions import Action, Failed, Outcome, Pending
from drkit.core.errors import AccountError
from drkit.ports.cloud import Hands
from drkit.ports.disks import Snapshot
from drkit.ports.errors import CloudError
from drkit.snapshots import lending, making
from drkit.snapshots.elsewhere import NEVER_ARRIVED

WITHIN = "arrives_within"  # seconds, in the arguments of what makes the copy


def run(action: Action, hands: Hands) -> Outcome:
    """Do one; nothing is made of a snapshot that the vault does not see."""
    if action.verb in lending.VERBS:
        return lending.run(action, hands)
    if action.verb == making.CREATE_SCRATCH and not lending.is_seen(
        hands, action.account, action.region, action.thing
    ):
        return lending.not_lent(action.account, action.thing)
    return making.run(action, hands)


def find(action: Action, hands: Hands) -> Outcome | None:
    """What came of an action that was intended, where nobody wrote that down."""
    return lending.find(action, hands) if action.verb in lending.VERBS else making.find(action, hands)


def poll(waiting: Mapping[str, tuple[Action, Pending]], hands: Hands) -> Mapping[str, Outcome]:
    """As of full copies; a copy that takes longer than it may never arrived."""
    answers = dict(making.poll(waiting, hands))
    late = {key: pair for key, pair in waiting.items() if _may_be_late(pair[0])}
    for key, (action, pending) in late.items():
        if isinstance(answers.get(key), Pending) and (lost := _late(action, pending, hands)):
            answers[key] = lost
    return answers


def _may_be_late(action: Action) -> bool:
    """Whether as much time has passed since its slot: only then the cloud is asked when it was begun."""
    if WITHIN not in action.arguments:
        return False
    return times.now() - datetime.fromisoformat(action.arguments["slot"]) > _within(action)


def _within(action: Action) -> timedelta:
    return timedelta(seconds=int(action.arguments[WITHIN]))


def _late(action: Action, pending: Pending, hands: Hands) -> Failed | None:
    """Whether a copy surely takes longer than it may, in whichever zone its time is meant."""
    try:
        found = hands.clouds[action.account].disks.get_snapshots(action.region, [pending.token])
    except (CloudError, AccountError):
        return None
    copy: Snapshot | None = next(iter(found), None)
    if copy is None or copy.created is None or (age := copy.created.age(times.now())[0]) <= _within(action):
        return None
    return Failed(NEVER_ARRIVED, f"{copy.id} has not arrived in the vault after {times.hours(age)}")
