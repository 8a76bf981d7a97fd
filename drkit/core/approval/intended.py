"""What is about to run, as a request describes it and as a runner holds it against an approval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from drkit.core.actions import Action, Effect, Plan


class Danger(StrEnum):
    """The class of danger for which people are asked."""

    CHANGE = "change"
    """Something that protects is changed."""

    DESTROY = "destroy"
    """Something is destroyed."""

    DISASTER = "disaster"
    """Something is destroyed that the estate protects, by a command that nothing but its reader bounds."""

    def covers(self, other: Danger) -> bool:
        """Whether who agreed to this danger agreed to the other as well."""
        return _RISING.index(self) >= _RISING.index(other)


_RISING = tuple(Danger)
_COUNTED = frozenset({Effect.CHANGE, Effect.DESTROY})


def counted(actions: tuple[Action, ...]) -> int:
    """How many actions change or destroy something, and so count against a limit."""
    return sum(each.effect in _COUNTED for each in actions)


def danger_of(actions: tuple[Action, ...]) -> Danger:
    """The least danger that may be said of actions."""
    return Danger.DESTROY if any(each.effect is Effect.DESTROY for each in actions) else Danger.CHANGE


@dataclass(frozen=True, slots=True)
class Intended:
    """What is about to run, by the runner's own knowledge and never by what a request says.

    Args:
        estate: the estate's id.
        estate_sha256: the digest of the parts of the estate that matter to it.
        accounts: each account's name in the estate and the number that its cloud confirmed.
        playbook: the playbook's name.
        playbook_sha256: of the playbook's file.
        actions: in the order in which they will be done.
        approvals: how many people must agree by today's configuration.
        playbook_data: the playbook as plain JSON data; needed for standing approvals, which sign its meaning
            and not its spelling.
        worse: a class of danger above that of the actions, where whoever decides knows of one.
    """

    estate: str
    estate_sha256: str
    accounts: Mapping[str, str]
    playbook: str
    playbook_sha256: str
    actions: tuple[Action, ...]
    approvals: int
    playbook_data: Mapping[str, Any] | None = None
    worse: Danger | None = None

    @property
    def fingerprint(self) -> str:
        """Of the plan."""
        return Plan(self.actions).fingerprint

    @property
    def danger(self) -> Danger:
        """The class of danger of the actions."""
        return self.worse or danger_of(self.actions)
