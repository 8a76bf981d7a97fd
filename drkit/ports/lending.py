"""Snapshots that another account may make disks of, for a while."""

from __future__ import annotations

from typing import Protocol


class Lending(Protocol):
    """What one account lends of its own; every method raises a `drkit.ports.errors.CloudError`."""

    def lend(self, region: str, snapshot: str, account: str) -> None:
        """Let an account, by its number, make disks of a snapshot in the same region; once more changes nothing."""

    def take_back(self, region: str, snapshot: str, account: str) -> None:
        """Let an account no longer use a snapshot; what it made of it stays its own."""

    def lent_to(self, region: str, snapshot: str) -> frozenset[str]:
        """The numbers of all accounts that may use a snapshot of this account."""
