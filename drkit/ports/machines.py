"""Hosts and the volumes they run on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume as its host names it.

    Args:
        disk: the disk's id; empty where the cloud names none.
        local: whether it lies on the physical machine, where no snapshot reaches.
    """

    disk: str
    local: bool


@dataclass(frozen=True, slots=True)
class Host:
    """One machine."""

    id: str
    name: str
    zone: str
    state: str
    volumes: tuple[Volume, ...]
    tags: Mapping[str, str]


class Machines(Protocol):
    """The hosts of one account.

    Every method raises a `drkit.ports.errors.CloudError`; what is returned is complete.
    """

    def list_regions(self) -> tuple[str, ...]:
        """The regions that the account can use."""

    def list_hosts(self, region: str) -> tuple[Host, ...]:
        """Every host of the region, running or not."""
