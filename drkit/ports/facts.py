"""What a step asks the clouds for, and what they answered, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from drkit.ports.automatic import AutomaticPolicy
from drkit.ports.disks import Disk, Snapshot
from drkit.ports.machines import Host
from drkit.ports.unread import NOT_ASKED, Unread

if TYPE_CHECKING:
    from drkit.ports.identities import Identities

__all__ = ["NOT_ASKED", "Facts", "Kind", "Query", "RegionFacts", "Scope", "Unread"]


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
    """Which kinds of things are asked for, and where.

    Args:
        identities: the accounts of which it is asked who is there and who may do what, each by its name in
            the estate and its own number.
    """

    scopes: tuple[Scope, ...]
    kinds: frozenset[Kind]
    identities: tuple[tuple[str, str], ...] = ()


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
        identities: one entry an account of which that was asked, in its order.
        read: what the step read elsewhere, by `drkit.ports.steps.Step.read`.
    """

    looked_at: datetime
    regions: tuple[RegionFacts, ...]
    identities: tuple[Identities, ...] = ()
    read: Any = None
