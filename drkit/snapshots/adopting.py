"""A snapshot of a group gets the name, the tags and the deadline that one taken alone has from its birth.

CreateSnapshotGroup (362/116249) takes no deadline: what it makes stays until somebody says how long. Who may set a
deadline may end any snapshot, so the broker does it, by a rule (docs/decisions/0011-groups.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from drkit.core.actions import Action, Done, Effect, Failed, Outcome, Target
from drkit.core.money import NOTHING
from drkit.core.schedule import slot_name
from drkit.core.times import text_of
from drkit.ports.cloud import Hands
from drkit.ports.columns import named_like
from drkit.ports.disks import Snapshot
from drkit.ports.errors import CloudError, RefusedError, UncertainError
from drkit.ports.facts import Scope
from drkit.ports.scratch import GROUP_TAG, RUN_TAG
from drkit.snapshots.silence import after_silence

VERB = "disks.adopt_snapshot"
LATER = frozenset({"tencent"})
"""Clouds whose groups take no deadline; elsewhere nothing is left to do after a group was begun."""
NUMBER = "_[0-9]{1,2}"
"""What the cloud puts behind the group's name."""


@dataclass(frozen=True, slots=True)
class Member:
    """A snapshot of a group that nobody has adopted yet.

    Args:
        name: that it is to have.
        slot: for which it was taken.
    """

    snapshot: Snapshot
    name: str
    slot: datetime


def members(snapshots: Iterable[Snapshot], name: str, slot: datetime) -> Iterator[Member]:
    """What groups left that were begun under a name, for whichever slot.

    Args:
        snapshots: of a region.
        name: that of a slot.
        slot: that slot.
    """
    before, _, after = name.rpartition(slot_name(slot))
    pattern = re.compile(
        rf"(?P<name>{re.escape(before)}(?P<slot>[0-9]{{8}}T[0-9]{{4}}){re.escape(after)}){NUMBER}"
    )
    for snapshot in named_like(snapshots, pattern):
        match = pattern.fullmatch(snapshot.name)
        if match and is_left(snapshot) and (of := _moment(match["slot"])):
            yield Member(snapshot, match["name"], of)


def is_left(snapshot: Snapshot) -> bool:
    """Whether it can be one that a group began: of a disk that is here, without an end, and nobody else's."""
    foreign = snapshot.shared or snapshot.copied or bool(snapshot.policy)
    return snapshot.permanent and bool(snapshot.disk) and not foreign


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None


def action_of(scope: Scope, target: Target, disk: str, name: str, deadline: datetime) -> Action:
    """Adopt one snapshot, or what an action before makes."""
    return Action(
        verb=VERB,
        effect=Effect.CHANGE,
        account=scope.account,
        region=scope.region,
        target=target,
        arguments={"disk": disk, "grows": True, "name": name, "deadline": text_of(deadline)},
        reason="the cloud keeps what a group began until somebody says how long",
        cost=NOTHING,
    )


def is_adopted(action: Action, snapshot: Snapshot) -> bool:
    """Whether it bears the name and a deadline: both are set in one call, after the tags."""
    return snapshot.name == action.arguments["name"] and not snapshot.permanent and bool(snapshot.deadline)


def run(action: Action, hands: Hands) -> Outcome:
    """Adopt one snapshot; after silence, look. Whoever calls this has judged by the rule of adoption.

    Raises:
        CloudError: it is not known to be adopted; `RefusedError` also where somebody changed it since it was judged.
    """
    disks, name = hands.clouds[action.account].disks, str(action.arguments["name"])
    group = disks.group_of(action.region, action.thing)
    if group is None or group.name != name:
        raise RefusedError(f"no group of the name {name} began {action.thing}", code="NoGroup")
    deadline = datetime.fromisoformat(action.arguments["deadline"])
    seen = next(each for each in group.snapshots if each.id == action.thing)
    if not is_left(seen):
        raise RefusedError(f"{action.thing} was changed since it was judged", code="Changed")
    tags = {RUN_TAG: seen.tags.get(RUN_TAG) or hands.run, GROUP_TAG: group.id}
    lacking = {key: value for key, value in tags.items() if seen.tags.get(key) != value}
    try:
        disks.adopt_snapshot(action.region, action.thing, name=name, deadline=deadline, tags=lacking)
    except UncertainError as error:
        return after_silence(find, action, hands, error.message)
    return _half_done(action, hands) or Done()


def _half_done(action: Action, hands: Hands) -> Failed | None:
    """Whether the cloud took the name and not the end: it would look like one that is to stay, for ever.

    A list that still tells of the old name proves nothing, and the cloud said that it did it.
    """
    try:
        found = hands.clouds[action.account].disks.get_snapshots(action.region, [action.thing])
    except CloudError:
        return None
    if not found or found[0].name != action.arguments["name"] or not found[0].permanent:
        return None
    return Failed("NoEnd", "the cloud took its name and not its end: set one by hand")


def find(action: Action, hands: Hands) -> Outcome | None:
    """Done where the snapshot bears name and deadline, None where it does not yet."""
    found = hands.clouds[action.account].disks.get_snapshots(action.region, [action.thing])
    if not found:
        return Failed("Vanished", f"{action.thing} is gone")
    return Done() if is_adopted(action, found[0]) else None
