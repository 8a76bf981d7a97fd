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


@dataclass(frozen=True, slots=True)
class Danger:
    """A policy that could let its holder destroy.

    Args:
        policy: its name; empty where the danger comes from no policy.
        pattern: what it allows, in its own words.
        action: an action that this could mean.
    """

    policy: str
    pattern: str
    action: str


@dataclass(frozen=True, slots=True)
class Rights:
    """What an identity could destroy: rather too much than too little.

    Args:
        dangers: none of them only where nothing is unread.
        unread: sentences on what could not be judged.
    """

    dangers: tuple[Danger, ...]
    unread: tuple[str, ...]


class Identity(Protocol):
    """Identity of one credential.

    Every method raises a `drkit.ports.errors.CloudError`, or an AccountError where the credential is no good.
    """

    def caller(self) -> Caller:
        """Ask the cloud who this is."""

    def rights_of(self, caller: Caller) -> Rights:
        """What an identity of this account could destroy."""
