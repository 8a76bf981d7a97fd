"""Copies of a disk's snapshot in other regions: what is planned, carried out and found again.

No call gives a copy a deadline or a tag when it is made (CopySnapshotCrossRegions, 362/68848): it stays until
somebody sets one or removes it. It is known again by its name, by being a copy, and by when it was made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated

from pydantic import AfterValidator

from drkit.core import times
from drkit.core.actions import (
    Action,
    Done,
    Effect,
    Failed,
    Outcome,
    Pending,
    Skipped,
    Target,
    Why,
)
from drkit.core.canonical import digest
from drkit.core.configuration.model import Model
from drkit.core.configuration.types import Duration, format_duration
from drkit.core.estate import Region
from drkit.core.schedule import slot_name
from drkit.core.times import text_of
from drkit.ports.cloud import Hands
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.errors import UncertainError
from drkit.ports.facts import Facts, Scope, Unread
from drkit.ports.steps import Setting
from drkit.snapshots.hooks import Hooked, arguments_of
from drkit.snapshots.judging import CLOCKS_APART
from drkit.snapshots.polling import Waiting, missed, poll_by_place
from drkit.snapshots.silence import after_silence

VERB = "disks.copy_snapshot"
NEVER_ARRIVED = "NeverArrived"
BEGINNING = "drkit-copy-"
TOLD = 6  # hexadecimal digits that tell playbooks, retentions and accounts apart
POLL_AFTER = 5.0  # seconds
OFTEN_ENOUGH = 5  # polls that may miss what was begun
SOONEST = timedelta(hours=1)


def time_to_arrive(value: timedelta) -> timedelta:
    """A time that a copy may take, or a ValueError: no large one is as quick."""
    if value < SOONEST:
        raise ValueError("must be at least 1h: a large snapshot takes so long to be copied")
    return value


class Elsewhere(Model):
    """Another region that is to have a copy."""

    region: Region
    """The region; the estate has to list it for the disk's account, so that the copy is looked at."""

    arrives_within: Annotated[Duration, AfterValidator(time_to_arrive)] = timedelta(hours=24)
    """How long a copy may take; one that takes longer never arrived, and fails."""


def each_region_once(copies: tuple[Elsewhere, ...]) -> tuple[Elsewhere, ...]:
    """The same, or a ValueError: a region is named twice."""
    regions = [each.region for each in copies]
    for region in regions:
        if regions.count(region) > 1:
            raise ValueError(f"names {region} twice")
    return copies


def copy_name(
    playbook: str, slot: datetime, keep_for: timedelta, account: str, disk: str, held: str = ""
) -> str:
    """The name that copies of one disk's snapshot bear, for one playbook, slot and retention.

    At most 60 characters, and readable up to the hash: a copy tells neither its disk nor its source. `held` tells
    by which hook its source was held; a copy of one that was not held has another name.
    """
    words = [playbook, format_duration(keep_for), account, disk, *filter(None, [held])]
    told = sha256("\n".join(words).encode()).hexdigest()[:TOLD]
    return f"{BEGINNING}{slot_name(slot)}-{disk}-{told}"


@dataclass(frozen=True, slots=True)
class Copying:
    """What is planned for the copies of one step."""

    copies: tuple[Elsewhere, ...]
    keep_for: timedelta
    setting: Setting
    there: Mapping[Scope, Mapping[str, list[Snapshot]]]
    hooks: tuple[Hooked, ...] = ()

    @classmethod
    def of(
        cls,
        copies: tuple[Elsewhere, ...],
        keep_for: timedelta,
        facts: Facts,
        setting: Setting,
        hooks: tuple[Hooked, ...] = (),
    ) -> Copying:
        """As the facts say what is there already."""
        wanted = {each.region for each in copies}
        read = [each for each in facts.regions if each.scope.region in wanted]
        there = {
            each.scope: _copies_by_name(each.snapshots)
            for each in read
            if not isinstance(each.snapshots, Unread)
        }
        return cls(copies, keep_for, setting, there, hooks)

    def awaited(self, scope: Scope, disk: Disk) -> Iterator[Skipped]:
        """The promised copies of a snapshot that is still being created, and can be copied by a later run alone."""
        told = "the snapshot of this slot is still being created, and a later run copies it"
        for each in self.planned(scope, disk, ""):
            yield (
                each
                if isinstance(each, Skipped)
                else Skipped(scope.account, str(each.arguments["to"]), disk.id, Why.CREATING, told)
            )

    def planned(self, scope: Scope, disk: Disk, source: Target) -> Iterator[Action | Skipped]:
        """A copy for each promised region that was read and has none of this slot yet.

        Args:
            scope: where the disk is.
            disk: whose snapshot it is.
            source: the snapshot of this slot, or what makes it.
        """
        name = self._name(scope, disk) if self.copies else ""
        for elsewhere in self.copies:
            place = Scope(scope.account, elsewhere.region)
            if place == scope or place not in self.there:
                continue  # it is there already; or nobody knows, which the conclusion says
            if made := arrived(self.there[place].get(name, ()), name, self.setting.slot):
                yield _skipped(place, disk, made)
            else:
                yield self._action(scope, disk, source, elsewhere, name)

    def _name(self, scope: Scope, disk: Disk) -> str:
        hook = arguments_of(self.hooks, disk)
        held = digest(dict(hook)) if hook else ""
        setting = self.setting
        return copy_name(setting.playbook, setting.slot, self.keep_for, scope.account, disk.id, held)

    def _action(self, scope: Scope, disk: Disk, source: Target, elsewhere: Elsewhere, name: str) -> Action:
        return Action(
            verb=VERB,
            effect=Effect.CREATE,
            account=scope.account,
            region=scope.region,
            target=source,
            arguments={
                "source": disk.id,
                "to": elsewhere.region,
                "name": name,
                "slot": text_of(self.setting.slot),
                "arrives_within": int(elsewhere.arrives_within.total_seconds()),
            },
            reason=f"no copy of this slot in {elsewhere.region}",
            # It has no end, so nobody can say what it costs at most.
            cost=None,
        )


def _copies_by_name(snapshots: Iterable[Snapshot]) -> dict[str, list[Snapshot]]:
    found: dict[str, list[Snapshot]] = defaultdict(list)
    for snapshot in snapshots:
        if snapshot.copied and snapshot.name.startswith(BEGINNING):
            found[snapshot.name].append(snapshot)
    return found


def _skipped(scope: Scope, disk: Disk, made: Snapshot) -> Skipped:
    if made.state is SnapshotState.GOOD:
        why, told = Why.DONE, "is a copy of this slot"
    else:
        why, told = Why.CREATING, "of this slot is still being copied"
    return Skipped(scope.account, scope.region, disk.id, why, f"{made.id} {told}")


def arrived(snapshots: Iterable[Snapshot], name: str, slot: datetime) -> Snapshot | None:
    """The copy of this name that was not surely made before the slot; a good one before one on its way."""
    ours = [
        each
        for each in snapshots
        if each.copied and each.name == name and each.created and each.created.latest >= slot - CLOCKS_APART
    ]
    for state in (SnapshotState.GOOD, SnapshotState.CREATING):
        for snapshot in ours:
            if snapshot.state is state:
                return snapshot
    return None


def run(action: Action, hands: Hands) -> Outcome:
    """Begin one copy; after silence, look whether it was begun."""
    disks = hands.clouds[action.account].disks
    to, name = str(action.arguments["to"]), str(action.arguments["name"])
    try:
        made = disks.copy_snapshot(action.region, action.thing, to=to, name=name)
    except UncertainError as error:
        return after_silence(find, action, hands, error.message)
    return Pending(made, POLL_AFTER)


def find(action: Action, hands: Hands) -> Outcome | None:
    """The copy that an action began, in the other region."""
    to, name = str(action.arguments["to"]), str(action.arguments["name"])
    slot = datetime.fromisoformat(action.arguments["slot"])
    found = arrived(hands.clouds[action.account].disks.find_copies(to, name), name, slot)
    return settled(action, Pending(found.id, POLL_AFTER), found) if found else None


def poll(waiting: Waiting, hands: Hands) -> Mapping[str, Outcome]:
    """Ask each region once for all copies that are on their way to it; one that is silent is asked again."""
    return poll_by_place(
        waiting,
        lambda action: (action.account, str(action.arguments["to"])),
        lambda place, ids: hands.clouds[place[0]].disks.get_snapshots(place[1], ids),
        settled,
    )


def settled(action: Action, pending: Pending, copy: Snapshot | None) -> Outcome:
    """What has become of a copy that was begun."""
    to = action.arguments["to"]
    if copy is None:
        gone = Failed(NEVER_ARRIVED, f"{pending.token} was begun in {to}, and is gone")
        return missed(pending, OFTEN_ENOUGH, gone)
    if copy.state is SnapshotState.GOOD:
        return Done(created=copy.id)
    if copy.state is not SnapshotState.CREATING:
        return Failed("Spoiled", f"{copy.id} in {to} is in a state that no copy should be in")
    return _late(action, copy) or pending


def _late(action: Action, copy: Snapshot) -> Failed | None:
    """Whether a copy surely takes longer than it may, in whichever zone its time is meant."""
    within = timedelta(seconds=int(action.arguments["arrives_within"]))
    if copy.created is None or copy.created.age(times.now())[0] <= within:
        return None
    told = times.hours(copy.created.age(times.now())[0])
    return Failed(NEVER_ARRIVED, f"{copy.id} in {action.arguments['to']} has not arrived after {told}")
