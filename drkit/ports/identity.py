"""Who a credential belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Caller:
    """What the cloud says about a credential.

    Args:
        account: the account's number.
        principal: the identity within it.
    """

    account: str
    principal: str


class Identity(Protocol):
    """Identity of one credential."""

    def caller(self) -> Caller:
        """Ask the cloud who this is."""
