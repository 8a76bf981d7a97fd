"""``snapshots.prove``: a sample of disks, another one each week, is made again of its newest snapshots, and read.

For each disk whose turn it is a scratch disk is made of its newest good snapshot and attached to a drill host of its
zone. A program there checks the file system and compares files with a manifest of hashes. Then it is detached and
removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from drkit.core.actions import Action, Effect, Plan, Ref, Skipped, Target, Why
from drkit.core.configuration.types import Duration
from drkit.core.money import NOTHING
from drkit.core.times import text_of
from drkit.ports.columns import by_disk
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Facts, Kind, Query, RegionFacts, Unread
from drkit.ports.steps import Setting, Step, Work
from drkit.snapshots import proofs, selection
from drkit.snapshots.drill_hosts import DrillHost, Zones, absent, by_zone, each_drill_host_once, undeclared
from drkit.snapshots.making import CREATE_SCRATCH, DELETE_SCRATCH
from drkit.snapshots.prices import cost_of_copy
from drkit.snapshots.proofs import ATTACH, DETACH, PROVE, SNAPSHOT_TAG, attachment, detachment
from drkit.snapshots.proven import conclude, is_eligible
from drkit.snapshots.proving import find, poll, run
from drkit.snapshots.sampling import Sample, turn_of
from drkit.snapshots.scratch import PROVE as BEGINNING
from drkit.snapshots.scratch import copy_name, is_scratch, scratch_until
from drkit.snapshots.selection import Selection, missing, scopes
from drkit.snapshots.steps.full import time_to_copy

# Clouds that make no disk of a system disk's snapshot (CBS CreateDisks, 362/16312); EC2 tells the two apart in nothing.
DATA_DISKS_ALONE = frozenset({"tencent"})


def _some_time(value: timedelta) -> timedelta:
    if not timedelta(minutes=1) <= value <= timedelta(days=1):
        raise ValueError("must be from 1m to 1d")
    return value


def _a_day_at_least(value: timedelta) -> timedelta:
    if value < timedelta(days=1):
        raise ValueError("must be at least 1d")
    return value


class Prove(Selection):
    """A sample of the selected disks, made again of their newest snapshots and read."""

    sample: Annotated[Sample, Field(examples=["10%", 3])] = "10%"
    """How many disks of each account and region have their turn at once, or which share of them, rounded up."""

    turn: Annotated[Duration, AfterValidator(_a_day_at_least)] = timedelta(days=7)
    """How long a turn lasts: how often the playbook runs. After it the next disks have theirs."""

    drill_hosts: Annotated[tuple[DrillHost, ...], Field(min_length=1), AfterValidator(each_drill_host_once)]
    """Hosts that disks are attached to; one for each zone, since a disk is attached in its own zone alone."""

    manifest: Annotated[str, StringConstraints(pattern=r"^[^/\x00-\x1f\"][^\x00-\x1f\"]{0,200}$")] = (
        ".drkit-manifest"
    )
    """The path, from the top of its file system, of the file that says the hashes, as ``sha256sum`` writes it."""

    within: Annotated[Duration, AfterValidator(_some_time)] = timedelta(hours=1)
    """How long reading one disk may take."""

    data_disks_only: bool = False
    """Whether system disks are left out. Tencent Cloud makes no disk of a system disk's snapshot, so one that is
    selected there is UNKNOWN when it has its turn."""

    scratch_for: Annotated[Duration, AfterValidator(time_to_copy)] = timedelta(hours=24)
    """How long after its slot a scratch disk that was left behind may be swept."""


def needs(arguments: Prove, setting: Setting) -> Query:
    """Hosts, disks and snapshots of every place."""
    return Query(scopes(arguments, setting.estate), frozenset({Kind.HOSTS, Kind.DISKS, Kind.SNAPSHOTS}))


def plan(facts: Facts, arguments: Prove, setting: Setting) -> Plan:
    """For each disk whose turn it is all that proves it; what is left of an earlier process is taken up, or ends."""
    zones = by_zone(arguments.drill_hosts, facts)
    planned = [
        each
        for region in facts.regions
        if not isinstance(region.disks, Unread) and not isinstance(region.snapshots, Unread)
        for each in _Region(
            facts, region, region.disks, region.snapshots, arguments, setting, zones
        ).planned()
    ]
    return Plan(
        tuple(each for each in planned if isinstance(each, Action)),
        (
            *(each for each in planned if isinstance(each, Skipped)),
            *missing(arguments, facts),
            *_not_there(arguments, facts),
        ),
    )


def _not_there(arguments: Prove, facts: Facts) -> Iterator[Skipped]:
    accounts = ", ".join(dict.fromkeys(region.scope.account for region in facts.regions))
    regions = ", ".join(dict.fromkeys(region.scope.region for region in facts.regions))
    for each in absent(arguments.drill_hosts, facts):
        yield Skipped(accounts, regions, each.host, Why.UNCLEAR, "no such drill host is there")


@dataclass(frozen=True, slots=True)
class _Region:
    """One region that was read."""

    facts: Facts
    region: RegionFacts
    disks: tuple[Disk, ...]
    snapshots: Sequence[Snapshot]
    arguments: Prove
    setting: Setting
    zones: Zones

    def planned(self) -> Iterator[Action | Skipped]:
        eligible = [disk for disk in self.disks if is_eligible(self.arguments, disk)]
        arguments, find_snapshots = self.arguments, by_disk(self.snapshots)
        turn = turn_of(
            (disk.id for disk in eligible), arguments.sample, self.setting.slot, self.arguments.turn
        )
        for disk in sorted(eligible, key=lambda disk: disk.id):
            if disk.id in turn.ids:
                yield from self._of_disk(disk, find_snapshots(disk.id))
            elif scratch := self._scratch(disk):
                yield from self._torn_down(disk, scratch)

    def _of_disk(self, disk: Disk, snapshots: Iterable[Snapshot]) -> Iterator[Action | Skipped]:
        """What is still to do for one disk: a process before this one may have begun."""
        scratch = self._scratch(disk)
        if told := self._proven(disk):
            yield self._skip(disk, Why.DONE, f"{told} was proven in this slot")
        elif scratch:
            yield from self._taken_up(disk, scratch)
            return
        else:
            yield from self._from_the_start(disk, _newest(snapshots))
        if scratch:
            yield from self._torn_down(disk, scratch)

    def _proven(self, disk: Disk) -> str:
        """The snapshot of the disk that was proven for this slot already; empty where none was."""
        for each in self.setting.proofs:
            same = (each.playbook, each.slot) == (self.setting.playbook, text_of(self.setting.slot))
            place = (each.action.account, each.action.region, each.action.arguments["source"])
            here = (self.region.scope.account, self.region.scope.region, disk.id)
            if same and place == here and each.told.get("result") == proofs.PASS:
                return str(each.action.arguments["snapshot"])
        return ""

    def _scratch(self, disk: Disk) -> Disk | None:
        """What an earlier process made for this disk in this slot; the first by its id."""
        name = self._name(disk)
        found = [each for each in self.disks if each.name == name and is_scratch(each)]
        return min(found, key=lambda each: each.id, default=None)

    def _name(self, disk: Disk) -> str:
        return copy_name(self.setting.playbook, self.setting.slot, self.arguments.turn, disk.id, BEGINNING)

    def _from_the_start(self, disk: Disk, newest: Snapshot | None) -> Iterator[Action | Skipped]:
        host = self.zones.get((self.region.scope, disk.zone))
        if why := self._not_to_do(disk, newest, host):
            yield self._skip(disk, *why)
            return
        assert newest is not None
        assert host is not None
        made = self._create(disk, newest)
        yield made
        yield from self._proof(disk, Ref("", made.key), newest.id, host)
        yield from self._ends(disk, Ref("", made.key), host.host)

    def _not_to_do(
        self, disk: Disk, newest: Snapshot | None, host: DrillHost | None
    ) -> tuple[Why, str] | None:
        if newest is None:
            return Why.IMPOSSIBLE, "it has no good snapshot that could be proven"
        cloud = self.setting.estate.accounts[self.region.scope.account].cloud
        if disk.system and cloud in DATA_DISKS_ALONE:
            return Why.UNCLEAR, "the cloud makes no disk of a system disk's snapshot, so nobody read it"
        if host is None:
            hosts = self.region.hosts
            unread = f"hosts were not read: {hosts.reason}" if isinstance(hosts, Unread) else ""
            return Why.UNCLEAR, unread or f"no drill host is in its zone, {disk.zone}, so nobody read it"
        why = undeclared(host, self.region.scope, self.setting.estate)
        return (Why.UNCLEAR, why) if why else None

    def _taken_up(self, disk: Disk, scratch: Disk) -> Iterator[Action | Skipped]:
        """Go on with a disk that was made of a snapshot which it names."""
        host, snapshot = self.zones.get((self.region.scope, scratch.zone)), scratch.tags.get(SNAPSHOT_TAG)
        if host is None or not snapshot:
            why = f"{scratch.id} was made for it, and there is no drill host, or it does not say of which snapshot"
            yield self._skip(disk, Why.UNCLEAR, why)
        else:
            yield from self._proof(disk, scratch.id, snapshot, host)
        yield from self._torn_down(disk, scratch, host.host if host else "")

    def _torn_down(self, disk: Disk, scratch: Disk, host: str = "") -> Iterator[Action]:
        """One that hangs nowhere, and is not about to be attached, needs no detaching."""
        yield from self._ends(disk, scratch.id, scratch.host or host)

    def _create(self, disk: Disk, newest: Snapshot) -> Action:
        until = scratch_until(self.setting.slot, self.arguments.scratch_for, self.facts.looked_at)
        more = {
            "source": disk.id,
            "name": self._name(disk),
            "snapshot": newest.id,
            "zone": disk.zone,
            "kind": disk.kind,
            "scratch_until": text_of(until),
        }
        cost = cost_of_copy(disk, self.region.scope, self.setting.slot, until, self.setting.estate)
        return self._action(CREATE_SCRATCH, Effect.CREATE, disk.id, more, "it is its turn to be proven", cost)

    def _proof(self, disk: Disk, scratch: Target, snapshot: str, host: DrillHost) -> Iterator[Action]:
        name = self._name(disk)
        arguments = attachment(disk.id, name, host.host)
        yield self._action(ATTACH, Effect.CHANGE, scratch, arguments, "so that a drill host can read it")
        more = {
            "source": disk.id,
            "name": name,
            "host": host.host,
            "snapshot": snapshot,
            "manifest": self.arguments.manifest,
            "seconds": int(self.arguments.within.total_seconds()),
            "program": host.as_program().as_data(),
        }
        yield self._action(PROVE, Effect.READ, scratch, more, "a snapshot that cannot be read is none")

    def _ends(self, disk: Disk, scratch: Target, host: str) -> Iterator[Action]:
        name, reason = self._name(disk), "the scratch disk has served"
        if host:
            yield self._action(DETACH, Effect.CHANGE, scratch, detachment(disk.id, name, host), reason)
        removal = {"source": disk.id, "name": name, "scratch": True}
        yield self._action(DELETE_SCRATCH, Effect.DESTROY, scratch, removal, reason)

    def _action(
        self,
        verb: str,
        effect: Effect,
        target: Target,
        arguments: dict[str, Any],
        reason: str,
        cost: str | None = NOTHING,
    ) -> Action:
        scope = self.region.scope
        return Action(verb, effect, scope.account, scope.region, target, arguments, reason, cost)

    def _skip(self, disk: Disk, why: Why, reason: str) -> Skipped:
        return Skipped(self.region.scope.account, self.region.scope.region, disk.id, why, reason)


def _newest(snapshots: Iterable[Snapshot]) -> Snapshot | None:
    """The newest good snapshot of a disk; one whose time nobody can read is never the newest."""
    good = [
        (each.created.earliest, each.id, each)
        for each in snapshots
        if each.state is SnapshotState.GOOD and each.created
    ]
    return max(good, key=lambda each: each[:2])[2] if good else None


STEP = Step(
    arguments=Prove,
    problems=selection.problems,
    needs=needs,
    conclude=conclude,
    work=Work(verbs=proofs.VERBS, plan=plan, run=run, find=find, poll=poll),
)
