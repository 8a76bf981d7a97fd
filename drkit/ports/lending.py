"""Snapshots that another account may make something of, for a while."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol


class Lending(Protocol):
    """What one account lends of its own, and makes of what is lent to it.

    Every method raises a `drkit.ports.errors.CloudError`.
    """

    def lend(self, region: str, snapshot: str, account: str) -> None:
        """Let an account, by its number, use a snapshot in the same region; once more changes nothing."""

    def take_back(self, region: str, snapshot: str, account: str) -> None:
        """Let an account no longer use a snapshot; what it made of it stays its own."""

    def lent_to(self, region: str, snapshot: str) -> frozenset[str]:
        """The numbers of all accounts that may use a snapshot of this account, or a word for all there are."""

    def copy_lent(
        self,
        region: str,
        snapshot: str,
        *,
        to: str,
        name: str,
        deadline: datetime,
        tags: Mapping[str, str],
    ) -> str:
        """Begin a copy of this account's own, in a region, of a snapshot that is lent to it; its id.

        Refused where the cloud knows no such copy.
        """

    def said_of(self, region: str, snapshot: str) -> str:
        """Why a snapshot of this account came to nothing, in the cloud's own words; empty where it says nothing."""
