"""The snapshot that each disk is to have of a slot: its name, its end, and which of those there are serves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType

from drkit.core.actions import Action, Effect
from drkit.core.configuration.types import format_duration
from drkit.core.schedule import slot_name
from drkit.core.times import text_of
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Scope
from drkit.ports.steps import Setting
from drkit.snapshots.deadlines import asked
from drkit.snapshots.hooks import Hooked, arguments_of
from drkit.snapshots.judging import CLOCKS_APART
from drkit.snapshots.prices import cost_of
from drkit.snapshots.together import Terms

VERB = "disks.create_snapshot"
SHORTEST = timedelta(days=2)
LONGEST_IN_NAME = 32  # characters that 60 leave for the playbook


def long_enough(value: timedelta) -> timedelta:
    """A time to keep a snapshot for, or a ValueError: the cloud takes no shorter one."""
    if value < SHORTEST:
        raise ValueError("must be at least 2d: the cloud refuses a deadline less than a day away")
    return value


@dataclass(frozen=True)
class Wanted:
    """The snapshot that each selected disk is to have; what all of them share is worked out once."""

    setting: Setting
    keep_for: timedelta
    now: datetime
    hooks: tuple[Hooked, ...] = ()

    @cached_property
    def name(self) -> str:
        """The name that all snapshots of one playbook, slot and retention bear."""
        return snapshot_name(self.setting.playbook, self.setting.slot, self.keep_for)

    @cached_property
    def deadline(self) -> datetime:
        """When it may be removed at the earliest."""
        return self.setting.slot + self.keep_for

    @cached_property
    def asked_deadline(self) -> datetime:
        """When the cloud is to remove it: for a slot long ago, as soon as the cloud takes it, on the hour."""
        return asked(self.deadline, self.now)

    @cached_property
    def _said(self) -> Mapping[str, str]:
        slot, deadline = text_of(self.setting.slot), text_of(self.asked_deadline)
        return {"name": self.name, "slot": slot, "deadline": deadline}

    def taken(self, snapshots: Iterable[Snapshot]) -> dict[str, Snapshot]:
        """Those of the wanted name that serve, by disk."""
        by_disk: dict[str, list[Snapshot]] = defaultdict(list)
        for snapshot in snapshots:
            by_disk[snapshot.disk].append(snapshot)
        found = {disk: serving(each, self.setting.slot, self.deadline) for disk, each in by_disk.items()}
        return {disk: snapshot for disk, snapshot in found.items() if snapshot}

    @cached_property
    def terms(self) -> Terms:
        """The same, for the hosts whose disks are taken together."""
        return Terms(self.setting, self.keep_for, self.name, self._said, self.now, self.hooks)

    def action(self, scope: Scope, disk: Disk, more: Mapping[str, str] = MappingProxyType({})) -> Action:
        """The intention for one disk; `more` is what it says beside the usual."""
        return Action(
            verb=VERB,
            effect=Effect.CREATE,
            account=scope.account,
            region=scope.region,
            target=disk.id,
            arguments={**self._said, **arguments_of(self.hooks, disk), **more},
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


def snapshot_name(playbook: str, slot: datetime, keep_for: timedelta) -> str:
    """The name that all snapshots of one playbook, slot and retention bear.

    At most 60 characters (CBS CreateSnapshot): a longer playbook's name ends in a hash, so that no two
    playbooks share a name. Two steps that keep for different times never take each other's for their own.
    """
    if len(playbook) > LONGEST_IN_NAME:
        playbook = f"{playbook[: LONGEST_IN_NAME - 9]}-{sha256(playbook.encode()).hexdigest()[:8]}"
    return f"drkit-{playbook}-{slot_name(slot)}-{format_duration(keep_for)}"
