"""How a copy in a vault is planned: one disk, its loan, its scratch disk and their ends; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from drkit.core.actions import Action, Effect, Ref, Skipped, Target, Why
from drkit.core.money import NOTHING
from drkit.core.times import text_of
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import RegionFacts, Scope, Unread
from drkit.snapshots import elsewhere, lending
from drkit.snapshots.lendable import Lendable
from drkit.snapshots.making import CREATE_FULL, CREATE_SCRATCH, DELETE_SCRATCH
from drkit.snapshots.prices import cost_of, cost_of_copy
from drkit.snapshots.scratch import VAULT, copy_name, find_scratch, scratch_until
from drkit.snapshots.vaulting import DIRECTLY, WITHIN
from drkit.snapshots.wanted import Wanted, serving
from drkit.snapshots.ways import Way


@dataclass(frozen=True, slots=True)
class Planned:
    """What is planned so far; see `drkit.core.actions.Plan`.

    Args:
        copies: by region, what makes copies there.
    """

    actions: list[Action] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    after: dict[str, tuple[str, ...]] = field(default_factory=dict)
    copies: dict[str, list[Action]] = field(default_factory=lambda: defaultdict(list))

    def add(self, action: Action, *after: Action) -> Action:
        """An action, once others are over."""
        self.actions.append(action)
        if after:
            self.after[action.key] = tuple(each.key for each in after)
        return action

    def skip(self, place: Scope, disk: Disk, why: Why, reason: str) -> None:
        """Nothing is to do for a disk, or nothing can be done."""
        self.skipped.append(Skipped(place.account, place.region, disk.id, why, reason))


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of one region of one account."""

    disks: tuple[Disk, ...]
    snapshots: Sequence[Snapshot]


def read_whole(region: RegionFacts) -> Read | None:
    """None where a list was not read: nothing is planned blindly, and the conclusion says so."""
    if isinstance(region.disks, Unread) or isinstance(region.snapshots, Unread):
        return None
    return Read(region.disks, region.snapshots)


@dataclass(frozen=True, slots=True)
class Loans:
    """One region of an account, and the same region of its vault.

    Args:
        ours: by disk, the good snapshots that playbooks made and whose time can be read.
        lent: the ids of snapshots that the vault sees and that are not its own.
        own: the vault's own snapshots, by name.
        there: the vault's disks.
    """

    place: Scope
    ours: Mapping[str, Sequence[Snapshot]]
    lent: frozenset[str]
    own: Mapping[str, Sequence[Snapshot]]
    there: tuple[Disk, ...]

    @classmethod
    def of(cls, place: Scope, here: Read, there: Read) -> Loans:
        """Grouped once."""
        ours, own = defaultdict(list), defaultdict(list)
        for each in here.snapshots:
            if each.state is SnapshotState.GOOD and each.created and lending.is_ours(each):
                ours[each.disk].append(each)
        for each in there.snapshots:
            if not each.shared:
                own[each.name].append(each)
        lent = frozenset(each.id for each in there.snapshots if each.shared)
        return cls(place, ours, lent, own, there.disks)


@dataclass(frozen=True, slots=True)
class Copying:
    """What is the same for all copies of a step.

    Args:
        vault: its name in the estate.
        number: its number at the cloud.
        way: how its cloud lets it make a copy.
        onward: in which other regions of the vault there is to be a copy of that copy.
    """

    wanted: Wanted
    vault: str
    number: str
    way: Way
    arrives_within: timedelta
    scratch_for: timedelta
    onward: elsewhere.Copying

    def loan(self, verb: str, place: Scope, snapshot: Target, disk: str) -> Action:
        """A loan to the vault, or its end."""
        return lending.action_of(verb, place, snapshot, disk, self.vault, self.number)

    def ends(self, loans: Loans, disk: str) -> Iterator[Action]:
        """What takes back all that is lent of a disk, which may be gone."""
        for snapshot in loans.ours.get(disk, ()):
            if snapshot.id in loans.lent:
                yield self.loan(lending.TAKE_BACK, loans.place, snapshot.id, disk)


@dataclass(frozen=True)
class Chain:
    """The copy of one disk; a process before this one may have begun it."""

    copying: Copying
    loans: Loans
    disk: Disk
    planned: Planned

    def plan(self) -> None:
        """Make what is lacking, remove the scratch disk, and take back all that is lent of this disk."""
        ended = list(self._copy())
        for action in self.copying.ends(self.loans, self.disk.id):
            self.planned.add(action, *ended)

    def _copy(self) -> Iterator[Action]:
        """What has to be over before the loan ends."""
        scratch = find_scratch(self.loans.there, self._name)
        made = serving(self.loans.own.get(self._name, ()), self._setting.slot, self.copying.wanted.deadline)
        if made:
            why = Why.DONE if made.state is SnapshotState.GOOD else Why.CREATING
            told = "is a copy of this slot" if why is Why.DONE else "of this slot is still being created"
            self._skip(why, f"{made.id} in the vault {told}")
            self._onward(made.id)  # which waits where this run is still making it
        elif scratch:
            full = self.planned.add(self._full(scratch.id))
            yield full
            self._onward(Ref("", full.key))
        else:
            yield from self._from_the_start()
        if scratch:
            yield self.planned.add(self._delete(scratch.id))

    def _from_the_start(self) -> Iterator[Action]:
        if self.disk.system and not self.copying.way.system:
            yield from self._of_system_disk()
        elif newest := self._newest():
            yield from self._chain(newest.id)
        else:
            self._skip(Why.IMPOSSIBLE, "it has no good snapshot of a playbook's that could be lent")

    def _of_system_disk(self) -> Iterator[Action]:
        """By way of a snapshot that is there to be lent."""
        lendable = Lendable(self.copying.wanted, self.loans.place, self.disk)
        if made := lendable.among(self.loans.ours.get(self.disk.id, ())):
            yield from self._chain(made.id)
        else:
            take = self.planned.add(lendable.action())
            yield from (take, *self._chain(Ref("", take.key)))

    def _chain(self, source: Target) -> Iterator[Action]:
        """From the loan to its end."""
        loan = self.planned.add(self._loan(lending.LEND, source), *self._first())
        made = [self.planned.add(each, loan) for each in self._making(source)]
        yield from made
        if source not in self.loans.lent:
            self.planned.add(self._loan(lending.TAKE_BACK, source), loan, *made)
        for each in made:
            if each.verb == CREATE_FULL:
                self.planned.copies[each.region].append(each)
                self._onward(Ref("", each.key))

    def _first(self) -> Sequence[Action]:
        """The copy that has to be over before another is begun, so that no more are made than the cloud makes."""
        most, earlier = self.copying.way.at_once, self.planned.copies[self.loans.place.region]
        return earlier[-most:][:1] if most and len(earlier) >= most else ()

    def _onward(self, copy: Target) -> None:
        """To the vault's other regions: usual copies of what is the vault's own, which no loan has to wait for."""
        for each in self.copying.onward.planned(self._there, self.disk, copy):
            if isinstance(each, Skipped):
                self.planned.skipped.append(each)
            else:
                self.planned.add(each)

    def _making(self, source: Target) -> Iterator[Action]:
        """What makes the copy, as the vault's cloud does it."""
        if self.copying.way.directly:
            yield self._full(source, **{DIRECTLY: True})
            return
        scratch = self._create(source)
        yield from (scratch, self._full(Ref("", scratch.key)), self._delete(Ref("", scratch.key)))

    def _newest(self) -> Snapshot | None:
        """Of those that nobody but the vault has an interest in."""
        free = [
            (each.created.earliest, each.id, each)
            for each in self.loans.ours.get(self.disk.id, ())
            if each.created and (not each.shared or each.id in self.loans.lent)
        ]
        return max(free)[2] if free else None

    @property
    def _setting(self) -> Any:
        return self.copying.wanted.setting

    @cached_property
    def _name(self) -> str:
        setting, place = self._setting, self.loans.place
        keep_for = self.copying.wanted.keep_for
        return copy_name(setting.playbook, setting.slot, keep_for, self.disk.id, VAULT, place.account)

    @property
    def _there(self) -> Scope:
        return Scope(self.copying.vault, self.loans.place.region)

    def _loan(self, verb: str, snapshot: Target) -> Action:
        return self.copying.loan(verb, self.loans.place, snapshot, self.disk.id)

    def _create(self, source: Target) -> Action:
        wanted, setting = self.copying.wanted, self._setting
        until = scratch_until(setting.slot, self.copying.scratch_for, wanted.now)
        arguments = {
            "zone": self.disk.zone,
            "kind": self.disk.kind,
            "scratch_until": text_of(until),
        }
        cost = cost_of_copy(self.disk, self._there, setting.slot, until, setting.estate)
        reason = "a copy in the vault is made by way of a scratch disk"
        return self._action(CREATE_SCRATCH, source, arguments, reason, cost)

    def _full(self, source: Target, **more: object) -> Action:
        """What makes the copy, of the scratch disk or of the snapshot itself."""
        wanted, setting = self.copying.wanted, self._setting
        arguments = {
            **more,
            "slot": text_of(setting.slot),
            "deadline": text_of(wanted.asked_deadline),
            WITHIN: int(self.copying.arrives_within.total_seconds()),
        }
        cost = cost_of(self.disk, self._there, setting.slot, wanted.asked_deadline, setting.estate)
        reason = f"no copy of this slot in the vault {self.copying.vault}"
        return self._action(CREATE_FULL, source, arguments, reason, cost)

    def _delete(self, scratch: Target) -> Action:
        reason = "the scratch disk has served"
        return self._action(DELETE_SCRATCH, scratch, {"scratch": True}, reason, NOTHING)

    def _action(
        self,
        verb: str,
        target: Target,
        arguments: Mapping[str, object],
        reason: str,
        cost: str | None,
    ) -> Action:
        """One of those that are done in the vault; what is made there tells the snapshot that it was made of."""
        place = self.loans.place
        told = {"owner": place.account, "disk": self.disk.id, "name": self._name}
        return Action(
            verb=verb,
            effect=Effect.DESTROY if verb == DELETE_SCRATCH else Effect.CREATE,
            account=self.copying.vault,
            region=place.region,
            target=target,
            arguments={**told, **arguments},
            reason=reason,
            cost=cost,
        )

    def _skip(self, why: Why, reason: str) -> None:
        self.planned.skip(self.loans.place, self.disk, why, reason)
