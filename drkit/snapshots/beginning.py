"""What carries out the taking of snapshots: begin one, find it after a crash or silence, wait for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from drkit.core.actions import Action, Done, Failed, Outcome, Pending
from drkit.core.errors import AccountError
from drkit.ports.cloud import Hands
from drkit.ports.disks import SnapshotState
from drkit.ports.errors import CloudError, RefusedError, UncertainError
from drkit.ports.scratch import RUN_TAG
from drkit.snapshots import adopting, elsewhere, groups
from drkit.snapshots.hooks import ARGUMENT, TOO_SHORT, held, tags_of
from drkit.snapshots.silence import after_silence
from drkit.snapshots.together import VERB as GROUP_VERB
from drkit.snapshots.wanted import VERB, serving

POLL_AFTER = 1.0  # seconds
OFTEN_ENOUGH = 5  # polls that may miss what was begun
RUN: Mapping[str, Callable[[Action, Hands], Outcome]] = {
    elsewhere.VERB: elsewhere.run,
    GROUP_VERB: groups.run,
    adopting.VERB: adopting.run,
}
"""What carries out the actions beside the snapshots of single disks."""
VERBS = frozenset({VERB, *RUN})
FIND: Mapping[str, Callable[[Action, Hands], Outcome | None]] = {
    elsewhere.VERB: elsewhere.find,
    GROUP_VERB: groups.find,
    adopting.VERB: adopting.find,
}


def run(action: Action, hands: Hands) -> Outcome:
    """Begin one snapshot, one group or one copy, or adopt what a group made."""
    if action.verb in RUN:
        return RUN[action.verb](action, hands)
    return groups.of_group(action, hands) or _take(action, hands)


def _take(action: Action, hands: Hands) -> Outcome:
    """Begin one snapshot, held still if that is wanted; after silence, look whether it was begun."""
    made = ""
    try:
        with held(action, hands):
            made = _create(action, hands)
    except UncertainError as error:
        return after_silence(find, action, hands, error.message)
    except RefusedError as error:
        if error.code != TOO_SHORT:
            raise
        return Failed(error.code, f"{made} was begun, and {error.message}")
    return Pending(made, POLL_AFTER)


def _create(action: Action, hands: Hands) -> str:
    return hands.clouds[action.account].disks.create_snapshot(
        action.region,
        action.thing,
        name=str(action.arguments["name"]),
        deadline=datetime.fromisoformat(action.arguments["deadline"]),
        tags={RUN_TAG: hands.run, **tags_of(action)},
    )


def find(action: Action, hands: Hands) -> Outcome | None:
    """The snapshot that an action began, by its disk, its name, its run, and when it was made and ends.

    None for one that had to be held: whoever finds it does not know whether the hold lasted, so it is made anew.
    """
    if action.verb in FIND:
        return FIND[action.verb](action, hands)
    of_group = groups.of_group(action, hands)
    if isinstance(of_group, Done | Pending):
        return of_group
    if ARGUMENT in action.arguments:
        return None
    name, slot, deadline = (str(action.arguments[each]) for each in ("name", "slot", "deadline"))
    named = hands.clouds[action.account].disks.find_snapshots(action.region, action.thing, name)
    # Another run of the slot gives the same name; what it made is not this run's.
    ours = [each for each in named if each.tags.get(RUN_TAG) == hands.run]
    found = serving(ours, datetime.fromisoformat(slot), datetime.fromisoformat(deadline))
    return _settled(Pending(found.id, POLL_AFTER), found.state) if found else None


def poll(waiting: Mapping[str, tuple[Action, Pending]], hands: Hands) -> Mapping[str, Outcome]:
    """Ask for all that is pending in a region at once; a region that does not answer is left pending."""
    copies, begun = (
        {key: each for key, each in waiting.items() if each[0].verb == verb}
        for verb in (elsewhere.VERB, GROUP_VERB)
    )
    snapshots = {key: each for key, each in waiting.items() if key not in copies and key not in begun}
    return {
        **_poll_snapshots(snapshots, hands),
        **groups.poll(begun, hands),
        **elsewhere.poll(copies, hands),
    }


def _poll_snapshots(waiting: Mapping[str, tuple[Action, Pending]], hands: Hands) -> Mapping[str, Outcome]:
    answers: dict[str, Outcome] = {}
    places = {(action.account, action.region) for action, _ in waiting.values()}
    for account, region in sorted(places):
        here = {
            key: pending
            for key, (action, pending) in waiting.items()
            if (action.account, action.region) == (account, region)
        }
        try:
            found = hands.clouds[account].disks.get_snapshots(region, [each.token for each in here.values()])
        except (CloudError, AccountError):
            continue  # the others are asked all the same; this one is asked again
        states = {snapshot.id: snapshot.state for snapshot in found}
        answers |= {key: _settled(pending, states.get(pending.token)) for key, pending in here.items()}
    return answers


def _settled(pending: Pending, state: SnapshotState | None) -> Outcome:
    match state:
        case SnapshotState.GOOD:
            return Done(created=pending.token)
        case SnapshotState.CREATING:
            return pending
        case None if pending.missed < OFTEN_ENOUGH:
            return replace(pending, missed=pending.missed + 1)
        case None:
            return Failed("Vanished", f"{pending.token} was begun and is gone")
        case _:
            return Failed("Spoiled", f"{pending.token} is in a state that no snapshot should be in")
