"""``snapshots.take``: a snapshot of every selected disk, once a slot, with a deadline from its birth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated

from pydantic import AfterValidator

from drkit.core.actions import (
    Action,
    Done,
    Effect,
    Failed,
    Pending,
    Plan,
    Settled,
    Skipped,
    Uncertain,
    Why,
)
from drkit.core.configuration.types import Duration
from drkit.core.playbook import slot_name
from drkit.core.times import text_of
from drkit.ports.cloud import Hands
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.errors import UncertainError
from drkit.ports.facts import Facts, Kind, Query, RegionFacts, Unread
from drkit.ports.steps import Setting, Step, Work
from drkit.snapshots.selection import Selection, matches, problems, scopes
from drkit.snapshots.taking import conclude

VERB = "disks.create_snapshot"
# The cloud refuses a deadline less than a day away, and a slot is up to a day old.
SHORTEST = timedelta(days=2)
POLL_AFTER = 1.0  # seconds
LONGEST_IN_NAME = 40  # characters that 60 leave for the playbook


def _long_enough(value: timedelta) -> timedelta:
    if value < SHORTEST:
        raise ValueError("must be at least 2d: the cloud refuses a deadline less than a day away")
    return value


class Take(Selection):
    """A snapshot of every selected disk."""

    keep_for: Annotated[Duration, AfterValidator(_long_enough)]
    """How long after its slot a snapshot is removed by the cloud itself."""


def needs(arguments: Take, setting: Setting) -> Query:
    """Disks and snapshots of every place."""
    return Query(scopes(arguments, setting.estate), frozenset({Kind.DISKS, Kind.SNAPSHOTS}))


def plan(facts: Facts, arguments: Take, setting: Setting) -> Plan:
    """One CREATE for each selected disk that has no snapshot of this slot yet."""
    name = snapshot_name(setting.playbook, setting.slot)
    deadline = setting.slot + arguments.keep_for
    actions: list[Action] = []
    skipped: list[Skipped] = []
    for region in facts.regions:
        if isinstance(region.disks, Unread) or isinstance(region.snapshots, Unread):
            continue  # nothing is planned blindly; the conclusion says that it was not read
        taken = _taken(region.snapshots, name)
        for disk in sorted(region.disks, key=lambda disk: disk.id):
            if not matches(arguments, disk.tags):
                continue
            entry = _plan_disk(disk, region, taken, name, deadline)
            (actions if isinstance(entry, Action) else skipped).append(entry)  # type: ignore[arg-type]
    return Plan(tuple(actions), tuple(skipped))


def _taken(snapshots: tuple[Snapshot, ...], name: str) -> dict[str, Snapshot]:
    """The snapshots of this slot, by disk."""
    usable = (SnapshotState.GOOD, SnapshotState.CREATING)
    return {
        snapshot.disk: snapshot
        for snapshot in snapshots
        if snapshot.name == name and snapshot.state in usable
    }


def _plan_disk(
    disk: Disk, region: RegionFacts, taken: Mapping[str, Snapshot], name: str, deadline: datetime
) -> Action | Skipped:
    scope = region.scope
    if made := taken.get(disk.id):
        return Skipped(scope.account, scope.region, disk.id, Why.DONE, f"{made.id} was made in this slot")
    if disk.busy:
        return Skipped(scope.account, scope.region, disk.id, Why.BUSY, f"the disk is {disk.state}")
    if disk.can_snapshot is False:
        return Skipped(
            scope.account,
            scope.region,
            disk.id,
            Why.IMPOSSIBLE,
            "the cloud says that it cannot be snapshotted",
        )
    return Action(
        verb=VERB,
        effect=Effect.CREATE,
        account=scope.account,
        region=scope.region,
        target=disk.id,
        arguments={"name": name, "deadline": text_of(deadline)},
        reason="no snapshot of this slot",
    )


def run(action: Action, hands: Hands) -> Settled | Pending:
    """Begin one snapshot; after silence, look whether it was begun."""
    disks = hands.clouds[action.account].disks
    name = str(action.arguments["name"])
    try:
        made = disks.create_snapshot(
            action.region,
            action.target,
            name=name,
            deadline=datetime.fromisoformat(action.arguments["deadline"]),
            tags={"drkit:run": hands.run},
        )
    except UncertainError as error:
        found = disks.find_snapshots(action.region, action.target, name)
        if not found:
            # It may still appear; a second one now could be one too many. The next run of the slot sees.
            return Uncertain(error.message)
        made = found[0].id
    return Pending(made, POLL_AFTER)


def poll(waiting: Mapping[str, tuple[Action, Pending]], hands: Hands) -> Mapping[str, Settled | Pending]:
    """Ask for all pending snapshots of a region at once."""
    answers: dict[str, Settled | Pending] = {}
    places = {(action.account, action.region) for action, _ in waiting.values()}
    for account, region in sorted(places):
        here = {
            key: pending
            for key, (action, pending) in waiting.items()
            if (action.account, action.region) == (account, region)
        }
        found = hands.clouds[account].disks.get_snapshots(
            region, [pending.token for pending in here.values()]
        )
        states = {snapshot.id: snapshot.state for snapshot in found}
        for key, pending in here.items():
            answers[key] = _settled(pending, states.get(pending.token))
    return answers


def _settled(pending: Pending, state: SnapshotState | None) -> Settled | Pending:
    match state:
        case SnapshotState.GOOD:
            return Done(created=pending.token)
        case SnapshotState.CREATING:
            return pending
        case None:
            return Failed("Vanished", f"{pending.token} was begun and is gone")
        case _:
            return Failed("Spoiled", f"{pending.token} is in a state that no snapshot should be in")


def snapshot_name(playbook: str, slot: datetime) -> str:
    """The name that all snapshots of one playbook and slot bear.

    At most 60 characters (CBS CreateSnapshot): a longer playbook's name ends in a hash, so that no two
    playbooks share a name.
    """
    if len(playbook) > LONGEST_IN_NAME:
        playbook = f"{playbook[: LONGEST_IN_NAME - 9]}-{sha256(playbook.encode()).hexdigest()[:8]}"
    return f"drkit-{playbook}-{slot_name(slot)}"


STEP = Step(
    arguments=Take,
    problems=problems,
    needs=needs,
    conclude=conclude,
    work=Work(plan=plan, run=run, poll=poll),
)
