"""All disks of one host are snapshotted at one moment, by one call to the cloud, where the cloud can; pure.

The call is an action of its own, upon the host. Each disk has its own action beside it, as without a group: it takes
what the group made of its disk, or, where the cloud made no group, a snapshot of the disk alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from drkit.core.actions import Action, Effect, Skipped, Target, Why
from drkit.core.money import NOTHING
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Scope
from drkit.ports.scratch import GROUP_TAG
from drkit.ports.steps import Setting
from drkit.snapshots import adopting
from drkit.snapshots.deadlines import asked
from drkit.snapshots.hooks import Hooked, arguments_of, believed
from drkit.snapshots.judging import CLOCKS_APART

VERB = "disks.create_group"
GROUP, MEMBER = "group", "member"
"""Arguments of a disk's own action: the key of its group's action; or the snapshot that a group has begun already."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What all that one step takes has in common.

    Args:
        said: the arguments of every action: name, slot and deadline.
        now: when the clouds were looked at.
    """

    setting: Setting
    keep_for: timedelta
    name: str
    said: Mapping[str, Any]
    now: datetime
    hooks: tuple[Hooked, ...]


@dataclass(frozen=True, slots=True)
class Host:
    """The selected disks of one host that can be snapshotted.

    Args:
        taken: the snapshots of the slot that serve, by disk.
        begun: those that a group of the slot began and nobody adopted, by disk.
        twice: disks that are in several groups of the slot.
    """

    id: str
    disks: Sequence[Disk]
    taken: Mapping[str, Snapshot]
    begun: Mapping[str, Snapshot]
    twice: Sequence[str] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The disks that have neither."""
        return tuple(
            disk.id for disk in self.disks if disk.id not in self.taken and disk.id not in self.begun
        )

    def apart(self) -> str:
        """Why they are not of one moment and will not be; empty where they are, or can be taken so."""
        if len(self.disks) < 2 or len(self.missing) == len(self.disks):  # noqa: PLR2004 - one is always together
            return ""
        alone = sorted(disk for disk, each in self.taken.items() if not each.tags.get(GROUP_TAG))
        if alone:
            return f"{', '.join(alone)} was snapshotted alone in this slot"
        if self.missing:
            return f"{', '.join(self.missing)} has no snapshot of this slot, and others of the host have"
        if self.begun and self.twice:
            return f"several groups began {', '.join(self.twice)}: nobody knows which snapshots are of one moment"
        groups = {each.tags[GROUP_TAG] for each in self.taken.values()}
        return f"its snapshots of this slot are of {len(groups)} moments" if len(groups) > 1 else ""


@dataclass(frozen=True, slots=True)
class Together:
    """What is planned for the hosts of one region; nothing, where nothing is to be taken together.

    Args:
        groups: the action of its host's group, by disk.
        begun: the snapshots that groups of this slot began and nobody adopted, by disk.
        left: what adopts other snapshots of groups, which nobody waits for any more.
        apart: the hosts whose disks cannot be of one moment any more.
        adopts: whether what a group makes has to be adopted.
    """

    groups: Mapping[str, Action] = field(default_factory=dict)
    begun: Mapping[str, Snapshot] = field(default_factory=dict)
    left: tuple[Action, ...] = ()
    apart: tuple[Skipped, ...] = ()
    adopts: bool = False

    def first(self) -> Iterator[Action | Skipped]:
        """What comes before the actions of the disks."""
        yield from {action.key: action for action in self.groups.values()}.values()
        yield from self.left
        yield from self.apart

    def arguments_of(self, disk: Disk) -> Mapping[str, str]:
        """What the action of a disk says beside the usual."""
        if disk.id in self.begun:
            return {MEMBER: self.begun[disk.id].id}
        return {GROUP: self.groups[disk.id].key} if disk.id in self.groups else {}

    def adoption(self, scope: Scope, disk: Disk, made: Target, terms: Terms) -> Iterator[Action]:
        """What gives the snapshot of a group its name and its end, where the group does not."""
        if self.adopts and (disk.id in self.groups or disk.id in self.begun):
            deadline = datetime.fromisoformat(str(terms.said["deadline"]))
            yield adopting.action_of(scope, made, disk.id, terms.name, deadline)


ALONE = Together()
"""Where each disk is taken alone."""


def together(
    scope: Scope,
    disks: Sequence[Disk],
    snapshots: Sequence[Snapshot],
    taken: Mapping[str, Snapshot],
    able: Iterable[Disk],
    terms: Terms,
) -> Together:
    """A group for each host with several disks of which none has a snapshot of the slot.

    Args:
        scope: where they are.
        disks: all of the region.
        snapshots: all of the region.
        taken: those of the slot that serve, by disk.
        able: the disks that are selected and can be snapshotted now, or have been.
        terms: of the step.
    """
    adopts = terms.setting.estate.accounts[scope.account].cloud in adopting.LATER
    named = adopting.members(snapshots, terms.name, terms.setting.slot) if adopts else ()
    latest = max(terms.now, terms.setting.slot)  # for no later slot a group was begun
    members = [each for each in named if each.slot <= latest]
    of_slot = list(_of_slot(members, disks, terms))
    begun = _begun(of_slot, taken)
    times = Counter((*taken, *(each.disk for each in of_slot)))
    groups: dict[str, Action] = {}
    apart: list[Skipped] = []
    for host in _hosts(able, taken, begun, {disk for disk, count in times.items() if count > 1}):
        if told := host.apart():
            apart.append(Skipped(scope.account, scope.region, host.id, Why.APART, told))
        elif len(host.missing) > 1:
            groups |= dict.fromkeys(host.missing, _action(scope, host, terms))
    waited_for = {each.id for each in begun.values()}
    left = (each for each in members if each.snapshot.id not in waited_for)
    return Together(groups, begun, tuple(_adopted(scope, left, terms)), tuple(apart), adopts)


def _of_slot(members: Iterable[adopting.Member], disks: Iterable[Disk], terms: Terms) -> Iterator[Snapshot]:
    """Those that were begun for this slot, and held where that is wanted."""
    named = [each.snapshot for each in members if each.slot == terms.setting.slot]
    for snapshot in believed(named, disks, terms.hooks, terms.setting.made):
        if snapshot.created and snapshot.created.latest >= terms.setting.slot - CLOCKS_APART:
            yield snapshot


def _begun(of_slot: Iterable[Snapshot], taken: Mapping[str, Snapshot]) -> Mapping[str, Snapshot]:
    """Those of this slot that serve: a good one before one that is being created."""
    found: dict[str, Snapshot] = {}
    for snapshot in of_slot:
        if snapshot.disk in taken:
            continue
        if snapshot.state is SnapshotState.GOOD:
            found[snapshot.disk] = snapshot
        elif snapshot.state is SnapshotState.CREATING:
            found.setdefault(snapshot.disk, snapshot)
    return found


def _adopted(scope: Scope, members: Iterable[adopting.Member], terms: Terms) -> Iterator[Action]:
    """What would stay for ever otherwise: of an earlier slot, of a hold that did not last, or one too many."""
    for each in sorted(members, key=lambda each: each.snapshot.id):
        if each.snapshot.state is SnapshotState.GOOD:
            deadline = asked(each.slot + terms.keep_for, terms.now)
            yield adopting.action_of(scope, each.snapshot.id, each.snapshot.disk, each.name, deadline)


def _hosts(
    disks: Iterable[Disk],
    taken: Mapping[str, Snapshot],
    begun: Mapping[str, Snapshot],
    twice: AbstractSet[str],
) -> Iterator[Host]:
    by_host: dict[str, list[Disk]] = defaultdict(list)
    for disk in disks:
        if disk.host:
            by_host[disk.host].append(disk)
    for id_, some in sorted(by_host.items()):
        ids = [disk.id for disk in some]
        yield Host(
            id_,
            some,
            {disk: taken[disk] for disk in ids if disk in taken},
            {disk: begun[disk] for disk in ids if disk in begun},
            sorted(twice & set(ids)),
        )


def _action(scope: Scope, host: Host, terms: Terms) -> Action:
    return Action(
        verb=VERB,
        effect=Effect.CREATE,
        account=scope.account,
        region=scope.region,
        target=host.id,
        arguments={**terms.said, "disks": list(host.missing), **arguments_of(terms.hooks, host.disks[0])},
        reason=f"{len(host.missing)} disks of this host at one moment",
        cost=NOTHING,  # what it makes is counted with each disk
    )
