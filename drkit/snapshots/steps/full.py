"""``snapshots.full``: a full copy of every selected disk, once a slot, that hangs on no other snapshot.

Snapshots of one disk are a chain: each after the first holds what changed. A full copy is therefore made by
way of a scratch disk: one is made from the newest good snapshot, a snapshot of that disk is the first of a
chain of its own, and the scratch disk is removed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator

from drkit.core.actions import Action, Effect, Plan, Ref, Skipped, Target, Why
from drkit.core.configuration.types import Duration
from drkit.core.money import NOTHING
from drkit.core.times import text_of
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Facts, Kind, Query, RegionFacts, Unread
from drkit.ports.steps import Setting, Step, Work
from drkit.snapshots.copying import conclude
from drkit.snapshots.making import CREATE_FULL, CREATE_SCRATCH, DELETE_SCRATCH, VERBS, find, poll, run
from drkit.snapshots.prices import cost_of, cost_of_copy
from drkit.snapshots.scratch import copy_name, find_scratch, is_scratch, scratch_until
from drkit.snapshots.selection import Selection, matches, missing, problems, scopes
from drkit.snapshots.wanted import Wanted, long_enough, serving

SHORTEST_SCRATCH = timedelta(hours=2)


def time_to_copy(value: timedelta) -> timedelta:
    """A time that scratch may stay, or a ValueError: it is shorter than a copy takes."""
    if value < SHORTEST_SCRATCH:
        raise ValueError("must be at least 2h: a large disk takes so long to be copied")
    return value


class Full(Selection):
    """A full copy of every selected disk."""

    keep_for: Annotated[Duration, AfterValidator(long_enough)]
    """How long after its slot a copy is removed by the cloud itself."""

    data_disks_only: bool = False
    """Whether system disks are left out. The cloud makes no disk from a system disk's snapshot, so one that is
    selected fails."""

    scratch_for: Annotated[Duration, AfterValidator(time_to_copy)] = timedelta(hours=24)
    """How long after its slot a scratch disk that was left behind may be swept."""


def needs(arguments: Full, setting: Setting) -> Query:
    """Disks and snapshots of every place."""
    return Query(scopes(arguments, setting.estate), frozenset({Kind.DISKS, Kind.SNAPSHOTS}))


def plan(facts: Facts, arguments: Full, setting: Setting) -> Plan:
    """For each selected disk without a full copy of this slot: a scratch disk, its snapshot, its removal."""
    planned = [
        each
        for region in facts.regions
        if not isinstance(region.disks, Unread) and not isinstance(region.snapshots, Unread)
        for each in _Region(facts, region, region.disks, region.snapshots, arguments, setting).planned()
    ]
    return Plan(
        tuple(each for each in planned if isinstance(each, Action)),
        (*(each for each in planned if isinstance(each, Skipped)), *missing(arguments, facts)),
    )


@dataclass(frozen=True, slots=True)
class _Region:
    """One region that was read."""

    facts: Facts
    region: RegionFacts
    disks: tuple[Disk, ...]
    snapshots: Sequence[Snapshot]
    arguments: Full
    setting: Setting

    def planned(self) -> Iterator[Action | Skipped]:
        for disk in sorted(self.disks, key=lambda disk: disk.id):
            if not matches(self.arguments, disk) or (self.arguments.data_disks_only and disk.system):
                continue
            if is_scratch(disk):
                yield self._skip(disk, Why.SCRATCH, "it says that it is scratch of a full copy itself")
            else:
                yield from self._of_disk(disk)

    def _of_disk(self, disk: Disk) -> Iterator[Action | Skipped]:
        """What is still to do for one disk: a process before this one may have begun."""
        name = copy_name(self.setting.playbook, self.setting.slot, self.arguments.keep_for, disk.id)
        scratch = find_scratch(self.disks, name)
        made = serving(
            (each for each in self.snapshots if each.name == name), self.setting.slot, self._wanted.deadline
        )
        if made:
            why = Why.DONE if made.state is SnapshotState.GOOD else Why.CREATING
            told = "is a full copy of this slot" if why is Why.DONE else "of this slot is still being created"
            yield self._skip(disk, why, f"{made.id} {told}")
        elif scratch:
            yield self._full(disk, name, scratch.id)
        else:
            yield from self._from_the_start(disk, name)
        if scratch:
            yield self._delete(disk, name, scratch.id)

    def _from_the_start(self, disk: Disk, name: str) -> Iterator[Action | Skipped]:
        newest = self._newest(disk)
        if disk.system:
            told = "the cloud makes no disk from a system disk's snapshot: copy it as an image"
            yield self._skip(disk, Why.IMPOSSIBLE, told)
        elif newest is None:
            yield self._skip(disk, Why.IMPOSSIBLE, "it has no good snapshot of which a copy could be made")
        else:
            scratch = self._create(disk, name, newest)
            yield scratch
            yield self._full(disk, name, Ref("", scratch.key))
            yield self._delete(disk, name, Ref("", scratch.key))

    def _newest(self, disk: Disk) -> Snapshot | None:
        """The newest good snapshot of a disk; one whose time nobody can read is never the newest."""
        good = [
            (each.created.earliest, each.id, each)
            for each in self.snapshots
            if each.disk == disk.id and each.state is SnapshotState.GOOD and each.created
        ]
        return max(good)[2] if good else None

    @property
    def _wanted(self) -> Wanted:
        return Wanted(self.setting, self.arguments.keep_for, self.facts.looked_at)

    def _create(self, disk: Disk, name: str, newest: Snapshot) -> Action:
        until = scratch_until(self.setting.slot, self.arguments.scratch_for, self.facts.looked_at)
        arguments = {
            "snapshot": newest.id,
            "zone": disk.zone,
            "kind": disk.kind,
            "scratch_until": text_of(until),
        }
        reason = "a full copy is made by way of a scratch disk"
        cost = cost_of_copy(disk, self.region.scope, self.setting.slot, until, self.setting.estate)
        return self._action(CREATE_SCRATCH, Effect.CREATE, disk.id, disk, name, arguments, reason, cost)

    def _full(self, disk: Disk, name: str, scratch: Target) -> Action:
        times = {
            "slot": text_of(self.setting.slot),
            "deadline": text_of(self._wanted.asked_deadline),
        }
        reason = "no full copy of this slot"
        end = self._wanted.asked_deadline
        cost = cost_of(disk, self.region.scope, self.setting.slot, end, self.setting.estate)
        return self._action(CREATE_FULL, Effect.CREATE, scratch, disk, name, times, reason, cost)

    def _delete(self, disk: Disk, name: str, scratch: Target) -> Action:
        reason, arguments = "the scratch disk has served", {"scratch": True}
        return self._action(DELETE_SCRATCH, Effect.DESTROY, scratch, disk, name, arguments, reason, NOTHING)

    def _action(
        self,
        verb: str,
        effect: Effect,
        target: Target,
        disk: Disk,
        name: str,
        arguments: Mapping[str, object],
        reason: str,
        cost: str | None,
    ) -> Action:
        return Action(
            verb=verb,
            effect=effect,
            account=self.region.scope.account,
            region=self.region.scope.region,
            target=target,
            arguments={"source": disk.id, "name": name, **arguments},
            reason=reason,
            cost=cost,
        )

    def _skip(self, disk: Disk, why: Why, reason: str) -> Skipped:
        return Skipped(self.region.scope.account, self.region.scope.region, disk.id, why, reason)


STEP = Step(
    arguments=Full,
    problems=problems,
    needs=needs,
    conclude=conclude,
    work=Work(verbs=VERBS, plan=plan, run=run, find=find, poll=poll),
)
