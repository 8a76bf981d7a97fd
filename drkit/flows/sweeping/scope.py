"""Where an estate declares that scratch may be removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drkit.core.estate import Estate


@dataclass(frozen=True, slots=True)
class DrillScope:
    """The declared scope.

    Args:
        accounts: the account's name in the estate and its number at its cloud.
        regions: the cloud's names of regions.
        hosts: ids of hosts that scratch may be attached to.
    """

    accounts: Mapping[str, str] = field(default_factory=dict)
    regions: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()


def scope_of(estate: Estate) -> DrillScope:
    """What an estate declares; nothing where it declares nothing, or names what it does not have."""
    if estate.scratch is None:
        return DrillScope()
    accounts = {
        name: estate.accounts[name].account for name in estate.scratch.accounts if name in estate.accounts
    }
    return DrillScope(accounts, frozenset(estate.scratch.regions), frozenset(estate.scratch.hosts or ()))
