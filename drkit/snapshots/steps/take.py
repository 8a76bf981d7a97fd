"""``snapshots.take``: a snapshot of every selected disk, once a slot, with a deadline from its birth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated

from pydantic import AfterValidator

from drkit.core.actions import (
    Action,
    Done,
    Effect,
    Failed,
    Outcome,
    Pending,
    Plan,
    Skipped,
    Uncertain,
    Why,
)
from drkit.core.configuration.types import Duration, format_duration
from drkit.core.errors import AccountError
from drkit.core.schedule import slot_name
from drkit.core.times import text_of
from drkit.ports.cloud import Hands
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.errors import CloudError, UncertainError
from drkit.ports.facts import Facts, Kind, Query, Scope, Unread
from drkit.ports.steps import Setting, Step, Work
from drkit.snapshots.prices import cost_of
from drkit.snapshots.selection import Selection, matches, problems, scopes
from drkit.snapshots.taking import conclude

VERB = "disks.create_snapshot"
# The cloud refuses a deadline less than a day away (CBS CreateSnapshot); an hour more, for the call to arrive.
SOONEST = timedelta(hours=25)
SHORTEST = timedelta(days=2)
POLL_AFTER = 1.0  # seconds
LONGEST_IN_NAME = 32  # characters that 60 leave for the playbook
OFTEN_ENOUGH = 5  # polls that may miss what was begun
CLOCKS_APART = timedelta(minutes=10)  # how far the clocks of the cloud and of this machine may differ


def long_enough(value: timedelta) -> timedelta:
    """A time to keep a snapshot for, or a ValueError: the cloud takes no shorter one."""
    if value < SHORTEST:
        raise ValueError("must be at least 2d: the cloud refuses a deadline less than a day away")
    return value


class Take(Selection):
    """A snapshot of every selected disk."""

    keep_for: Annotated[Duration, AfterValidator(long_enough)]
    """How long after its slot a snapshot is removed by the cloud itself."""


def needs(arguments: Take, setting: Setting) -> Query:
    """Disks and snapshots of every place."""
    return Query(scopes(arguments, setting.estate), frozenset({Kind.DISKS, Kind.SNAPSHOTS}))


def plan(facts: Facts, arguments: Take, setting: Setting) -> Plan:
    """One CREATE for each selected disk that has no snapshot of this slot yet."""
    wanted = Wanted(setting, arguments.keep_for, facts.looked_at)
    actions: list[Action] = []
    skipped: list[Skipped] = []
    for region in facts.regions:
        if isinstance(region.disks, Unread) or isinstance(region.snapshots, Unread):
            continue  # nothing is planned blindly; the conclusion says that it was not read
        taken = wanted.taken(region.snapshots)
        for disk in sorted(region.disks, key=lambda disk: disk.id):
            if not matches(arguments, disk.tags):
                continue
            if why := _not_to_do(disk, taken.get(disk.id)):
                skipped.append(Skipped(region.scope.account, region.scope.region, disk.id, *why))
            else:
                actions.append(wanted.action(region.scope, disk))
    return Plan(tuple(actions), tuple(skipped))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The snapshot that each selected disk is to have."""

    setting: Setting
    keep_for: timedelta
    now: datetime

    @property
    def name(self) -> str:
        """The name that all snapshots of one playbook, slot and retention bear."""
        return snapshot_name(self.setting.playbook, self.setting.slot, self.keep_for)

    @property
    def deadline(self) -> datetime:
        """When it may be removed at the earliest."""
        return self.setting.slot + self.keep_for

    @property
    def asked_deadline(self) -> datetime:
        """When the cloud is to remove it: for a slot long ago, as soon as the cloud takes it, on the hour."""
        soonest = (self.now + SOONEST).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return max(self.deadline, soonest) if self.deadline < self.now + SOONEST else self.deadline

    def taken(self, snapshots: tuple[Snapshot, ...]) -> dict[str, Snapshot]:
        """The snapshots that serve, by disk."""
        by_disk: dict[str, list[Snapshot]] = defaultdict(list)
        for snapshot in snapshots:
            if snapshot.name == self.name:
                by_disk[snapshot.disk].append(snapshot)
        found = {disk: serving(each, self.setting.slot, self.deadline) for disk, each in by_disk.items()}
        return {disk: snapshot for disk, snapshot in found.items() if snapshot}

    def action(self, scope: Scope, disk: Disk) -> Action:
        """The intention for one disk."""
        return Action(
            verb=VERB,
            effect=Effect.CREATE,
            account=scope.account,
            region=scope.region,
            target=disk.id,
            arguments={
                "name": self.name,
                "slot": text_of(self.setting.slot),
                "deadline": text_of(self.asked_deadline),
            },
            reason="no snapshot of this slot",
            cost=cost_of(disk, scope, self.setting.slot, self.asked_deadline, self.setting.estate),
        )


def serving(snapshots: Iterable[Snapshot], slot: datetime, deadline: datetime) -> Snapshot | None:
    """The one of a disk's snapshots of the wanted name that serves: a name alone can be given by anybody.

    It was not surely made before the slot, and it is not surely removed before it may be. A good one goes
    before one that is being created.
    """
    for state in (SnapshotState.GOOD, SnapshotState.CREATING):
        for snapshot in snapshots:
            if snapshot.state is state and _serves(snapshot, slot, deadline):
                return snapshot
    return None


def _serves(snapshot: Snapshot, slot: datetime, deadline: datetime) -> bool:
    if snapshot.created is None or snapshot.created.latest < slot - CLOCKS_APART:
        return False
    kept = snapshot.deadline is not None and snapshot.deadline.latest >= deadline - CLOCKS_APART
    return snapshot.permanent or kept


def _not_to_do(disk: Disk, made: Snapshot | None) -> tuple[Why, str] | None:
    """Why nothing is to do for a disk, or cannot be done."""
    if made and made.state is SnapshotState.GOOD:
        return Why.DONE, f"{made.id} was made in this slot"
    if made:
        return Why.CREATING, f"{made.id} of this slot is still being created"
    if disk.busy:
        return Why.BUSY, f"the disk is {disk.state}"
    if disk.can_snapshot is False:
        return Why.IMPOSSIBLE, "the cloud says that it cannot be snapshotted"
    return None


def run(action: Action, hands: Hands) -> Outcome:
    """Begin one snapshot; after silence, look whether it was begun."""
    disks = hands.clouds[action.account].disks
    name = str(action.arguments["name"])
    try:
        made = disks.create_snapshot(
            action.region,
            action.thing,
            name=name,
            deadline=datetime.fromisoformat(action.arguments["deadline"]),
            tags={"drkit:run": hands.run},
        )
    except UncertainError as error:
        # Where it is not found it may still appear, and a second one now could be one too many.
        try:
            return find(action, hands) or Uncertain(error.message)
        except CloudError as second:
            return Uncertain(f"{error.message}; looked for: {second.message}")
    return Pending(made, POLL_AFTER)


def find(action: Action, hands: Hands) -> Outcome | None:
    """The snapshot that an action began, by its disk, its name, and when it was made and ends."""
    name, slot, deadline = (str(action.arguments[each]) for each in ("name", "slot", "deadline"))
    disks = hands.clouds[action.account].disks
    found = serving(
        disks.find_snapshots(action.region, action.thing, name),
        datetime.fromisoformat(slot),
        datetime.fromisoformat(deadline),
    )
    return _settled(Pending(found.id, POLL_AFTER), found.state) if found else None


def poll(waiting: Mapping[str, tuple[Action, Pending]], hands: Hands) -> Mapping[str, Outcome]:
    """Ask for all pending snapshots of a region at once; a region that does not answer is left pending."""
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


def snapshot_name(playbook: str, slot: datetime, keep_for: timedelta) -> str:
    """The name that all snapshots of one playbook, slot and retention bear.

    At most 60 characters (CBS CreateSnapshot): a longer playbook's name ends in a hash, so that no two
    playbooks share a name. Two steps that keep for different times never take each other's for their own.
    """
    if len(playbook) > LONGEST_IN_NAME:
        playbook = f"{playbook[: LONGEST_IN_NAME - 9]}-{sha256(playbook.encode()).hexdigest()[:8]}"
    return f"drkit-{playbook}-{slot_name(slot)}-{format_duration(keep_for)}"


STEP = Step(
    arguments=Take,
    problems=problems,
    needs=needs,
    conclude=conclude,
    work=Work(verbs=frozenset({VERB}), plan=plan, run=run, find=find, poll=poll),
)
