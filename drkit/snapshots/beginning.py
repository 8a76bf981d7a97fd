"""What carries out the taking of snapshots: begin one, find it after a crash or silence, wait for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from drkit.core.actions import Action, Done, Failed, Outcome, Pending
from drkit.ports.cloud import Hands
from drkit.ports.errors import RefusedError, UncertainError
from drkit.ports.scratch import RUN_TAG
from drkit.snapshots import adopting, elsewhere, groups
from drkit.snapshots.hooks import ARGUMENT, TOO_SHORT, held, tags_of
from drkit.snapshots.polling import Waiting, came_of_snapshot, poll_by_place, region_of
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
    return came_of_snapshot(Pending(found.id, POLL_AFTER), found, OFTEN_ENOUGH) if found else None


def poll(waiting: Waiting, hands: Hands) -> Mapping[str, Outcome]:
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


def _poll_snapshots(waiting: Waiting, hands: Hands) -> Mapping[str, Outcome]:
    return poll_by_place(
        waiting,
        region_of,
        lambda place, ids: hands.clouds[place[0]].disks.get_snapshots(place[1], ids),
        lambda _, pending, snapshot: came_of_snapshot(pending, snapshot, OFTEN_ENOUGH),
    )
