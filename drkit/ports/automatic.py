"""Snapshot policies of the cloud itself: what they promise is compared with what there is, and never believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AutomaticPolicy:
    """One automatic policy.

    Args:
        active: None where the cloud did not say.
        every: the longest time between two of its snapshots, as it promises; None where that cannot be read.
        disks: the ids of the disks that are bound to it.
    """

    id: str
    name: str
    active: bool | None
    every: timedelta | None
    disks: tuple[str, ...]


class Automatic(Protocol):
    """The automatic policies of one account.

    Every method raises a `drkit.ports.errors.CloudError`; what is returned is complete.
    """

    def list_policies(self, region: str) -> tuple[AutomaticPolicy, ...]:
        """Every automatic snapshot policy of the region, active or not."""
