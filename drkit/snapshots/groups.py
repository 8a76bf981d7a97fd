"""A group of snapshots is begun, found again and waited for; and each disk takes its own of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from drkit.core.actions import Action, Done, Failed, Outcome, Pending, Uncertain
from drkit.ports.cloud import Hands
from drkit.ports.disks import Group, SnapshotState
from drkit.ports.errors import RefusedError, ThrottledError, UncertainError
from drkit.ports.scratch import GROUP_TAG, RUN_TAG
from drkit.snapshots.hooks import ARGUMENT, NOT_HELD, TOO_SHORT, held, tags_of
from drkit.snapshots.judging import CLOCKS_APART
from drkit.snapshots.polling import Waiting, missed, poll_by_place
from drkit.snapshots.silence import after_silence
from drkit.snapshots.together import GROUP, MEMBER

NOT_TOGETHER = "NotTogether"
POLL_AFTER = 1.0  # seconds
OFTEN_ENOUGH = 30  # polls that may miss what was begun: groups are listed apart from snapshots


def run(action: Action, hands: Hands) -> Outcome:
    """Begin one group, held still once if that is wanted; after silence, look whether it was begun."""
    made = ""
    try:
        with held(action, hands):
            made = _create(action, hands)
    except UncertainError as error:
        return after_silence(find, action, hands, error.message)
    except ThrottledError:
        raise
    except RefusedError as error:
        if error.code == TOO_SHORT:
            return Failed(error.code, f"{made or 'a group'} was begun, and {error.message}")
        if error.code == NOT_HELD:
            raise
        return Failed(NOT_TOGETHER, error.message)
    return Pending(made, POLL_AFTER)


def _create(action: Action, hands: Hands) -> str:
    return hands.clouds[action.account].disks.create_group(
        action.region,
        action.thing,
        action.arguments["disks"],
        name=str(action.arguments["name"]),
        deadline=datetime.fromisoformat(action.arguments["deadline"]),
        tags={RUN_TAG: hands.run, GROUP_TAG: hands.token(action), **tags_of(action)},
    )


def find(action: Action, hands: Hands) -> Outcome | None:
    """The group that an action began; None for one that had to be held, since nobody knows whether that lasted."""
    if ARGUMENT in action.arguments:
        return None
    named = hands.clouds[action.account].disks.find_groups(action.region, str(action.arguments["name"]))
    ours = [group for group in named if _is_of(group, action, hands)]
    return Pending(ours[0].id, POLL_AFTER) if ours else None


def _is_of(group: Group, action: Action, hands: Hands) -> bool:
    """By the tag of its snapshots; by their disks where the cloud gives them no tags."""
    if group.id == hands.token(action):
        return True
    earliest = datetime.fromisoformat(action.arguments["slot"]) - CLOCKS_APART
    in_time = all(each.created and each.created.latest >= earliest for each in group.snapshots)
    runs = {each.tags.get(RUN_TAG) for each in group.snapshots} - {None}
    disks = {each.disk for each in group.snapshots}
    return disks == set(action.arguments["disks"]) and runs <= {hands.run} and in_time


def poll(waiting: Waiting, hands: Hands) -> Mapping[str, Outcome]:
    """Ask for all groups of one name and region at once; a region that does not answer is left pending."""
    return poll_by_place(
        waiting, _place, lambda place, _: hands.clouds[place[0]].disks.find_groups(*place[1:]), _settled
    )


def _place(action: Action) -> tuple[str, str, str]:
    return action.account, action.region, str(action.arguments["name"])


def _settled(action: Action, pending: Pending, group: Group | None) -> Outcome:
    there = {each.disk: each for each in group.snapshots} if group else {}
    if any(each.state is SnapshotState.CREATING for each in there.values()):
        return pending
    good = {disk: each.id for disk, each in there.items() if each.state is SnapshotState.GOOD}
    if set(action.arguments["disks"]) <= good.keys():
        return Done(told={"group": pending.token, "made": good})
    gone = Failed("Vanished", f"{pending.token} was begun and is gone")
    return missed(pending, OFTEN_ENOUGH, Done(told={"group": pending.token, "made": good}) if good else gone)


def of_group(action: Action, hands: Hands) -> Outcome | None:
    """What came of a disk by its group; None where the disk is to be taken alone."""
    if MEMBER in action.arguments:
        return Pending(str(action.arguments[MEMBER]), POLL_AFTER)
    if GROUP not in action.arguments:
        return None
    came = hands.came_of(str(action.arguments[GROUP]))
    if isinstance(came, Done):
        made = came.told.get("made", {}).get(action.thing)
        return Done(created=made) if made else Failed("Vanished", "its group came to nothing for it")
    if isinstance(came, Failed):
        return None if came.code == NOT_TOGETHER else came
    why = came.reason if isinstance(came, Uncertain) else "it was not settled"
    return Uncertain(f"nobody knows of its group: {why}")
