"""A snapshot of a system disk that can be lent, beside those that `snapshots.take` makes and that cannot; pure.

CBS shares data disks' snapshots alone (362/38073), and makes one of a system disk where it is asked to (CreateSnapshot,
`DiskUsage`, 362/15648). It lives as long as the copy that is made of it: where it is gone, nobody can tell how old the
copy is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from drkit.core.actions import Action, Effect
from drkit.core.times import text_of
from drkit.ports.disks import Disk, Snapshot
from drkit.ports.facts import Scope
from drkit.snapshots.prices import cost_of
from drkit.snapshots.scratch import LENDABLE, copy_name
from drkit.snapshots.wanted import Wanted, serving

VERB = "disks.create_lendable"


@dataclass(frozen=True, slots=True)
class Lendable:
    """What is wanted for one system disk, once a slot.

    Args:
        wanted: the slot, and how long it is kept.
        place: where the disk is.
    """

    wanted: Wanted
    place: Scope
    disk: Disk

    @property
    def name(self) -> str:
        """For one playbook, slot and retention."""
        setting = self.wanted.setting
        return copy_name(setting.playbook, setting.slot, self.wanted.keep_for, self.disk.id, LENDABLE)

    def among(self, snapshots: Iterable[Snapshot]) -> Snapshot | None:
        """The one of this slot, among the good ones of the disk."""
        named = [each for each in snapshots if each.name == self.name]
        return serving(named, self.wanted.setting.slot, self.wanted.deadline)

    def action(self) -> Action:
        """What makes it."""
        setting, deadline = self.wanted.setting, self.wanted.asked_deadline
        return Action(
            verb=VERB,
            effect=Effect.CREATE,
            account=self.place.account,
            region=self.place.region,
            target=self.disk.id,
            arguments={
                "disk": self.disk.id,
                "name": self.name,
                "slot": text_of(setting.slot),
                "deadline": text_of(deadline),
            },
            reason="the cloud lends no snapshot of a system disk but one that is made for it",
            cost=cost_of(self.disk, self.place, setting.slot, deadline, setting.estate),
        )
