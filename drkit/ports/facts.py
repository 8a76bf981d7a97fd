"""What a step asks the clouds for, and what they answered, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from drkit.ports.automatic import AutomaticPolicy
from drkit.ports.disks import Disk, Snapshot
from drkit.ports.machines import Host


class Kind(StrEnum):
    """What can be asked for."""

    HOSTS = "hosts"
    DISKS = "disks"
    SNAPSHOTS = "snapshots"
    POLICIES = "policies"


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """One region of one account, by the account's name in the estate."""

    account: str
    region: str

    def __str__(self) -> str:
        return f"{self.account}/{self.region}"


@dataclass(frozen=True, slots=True)
class Query:
    """Which kinds of things are asked for, and where."""

    scopes: tuple[Scope, ...]
    kinds: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class Unread:
    """What stands in the place of things that could not be read: never an empty list."""

    reason: str


NOT_ASKED = Unread("not asked for")


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """What one region answered; a kind that was not asked for is Unread too."""

    scope: Scope
    hosts: tuple[Host, ...] | Unread
    disks: tuple[Disk, ...] | Unread
    snapshots: Sequence[Snapshot] | Unread
    policies: tuple[AutomaticPolicy, ...] | Unread = NOT_ASKED

    def counts(self) -> dict[str, Any]:
        """How many of each kind were read, or why none were, for the evidence."""
        kinds = {
            Kind.HOSTS: self.hosts,
            Kind.DISKS: self.disks,
            Kind.SNAPSHOTS: self.snapshots,
            Kind.POLICIES: self.policies,
        }
        return {
            kind.value: {"unread": read.reason} if isinstance(read, Unread) else len(read)
            for kind, read in kinds.items()
        }


@dataclass(frozen=True, slots=True)
class Facts:
    """What the clouds answered to one query.

    Args:
        looked_at: when the first question was asked, so that ages are never understated.
        regions: one entry a scope of the query, in its order.
    """

    looked_at: datetime
    regions: tuple[RegionFacts, ...]
