"""What is intended, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from drkit.core.canonical import digest


class Effect(StrEnum):
    """What an action does to the data it touches."""

    READ = "read"
    CREATE = "create"
    CHANGE = "change"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class Action:
    """One intended change.

    Args:
        verb: what is done, such as ``disks.create_snapshot``.
        effect: what that does to data.
        account: the account's name in the estate.
        region: the cloud's name of the region.
        target: the id of what it is done to.
        arguments: plain JSON data; the same for the same intention, so that a plan has a fingerprint.
        reason: why, for a person.
        cost: what it is estimated to cost; None means that nobody knows.
    """

    verb: str
    effect: Effect
    account: str
    region: str
    target: str
    arguments: Mapping[str, Any]
    reason: str
    cost: str | None = None

    @property
    def key(self) -> str:
        """The same for the same intention, in whichever run."""
        return digest([self.verb, self.account, self.region, self.target, dict(self.arguments)])[:24]

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {
            **asdict(self),
            "effect": self.effect.value,
            "arguments": dict(self.arguments),
            "key": self.key,
        }


class Why(StrEnum):
    """Why nothing is planned for a thing that was selected."""

    DONE = "done"
    CREATING = "creating"
    BUSY = "busy"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A thing that was selected and for which nothing is planned."""

    account: str
    region: str
    target: str
    why: Why
    reason: str

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {**asdict(self), "why": self.why.value}


@dataclass(frozen=True, slots=True)
class Plan:
    """An ordered list of actions, and what was left out of it."""

    actions: tuple[Action, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def fingerprint(self) -> str:
        """sha256 over the canonical JSON of the actions, in their order."""
        return digest([action.as_data() for action in self.actions])


@dataclass(frozen=True, slots=True)
class Done:
    """The action happened.

    Args:
        created: the id of what it made, where it made something.
    """

    created: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """The cloud accepted the action and works on it.

    Args:
        token: what to ask for later.
        poll_after: seconds to wait before asking.
        missed: how often the cloud was asked for it and did not know it; lists lag behind what was begun.
    """

    token: str
    poll_after: float
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """The cloud answered, and the answer is no: the action did not happen."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Nobody can say whether the action happened."""

    reason: str


Settled = Done | Failed | Uncertain
Outcome = Settled | Pending

_KINDS: dict[str, type[Outcome]] = {
    kind.__name__.lower(): kind for kind in (Done, Pending, Failed, Uncertain)
}


def outcome_as_data(outcome: Outcome) -> dict[str, Any]:
    """Plain JSON data that `outcome_from_data` reads back."""
    return {"outcome": type(outcome).__name__.lower(), **asdict(outcome)}


def outcome_from_data(data: Mapping[str, Any]) -> Outcome:
    """An outcome as it was written down.

    Raises:
        KeyError, TypeError: it is not what `outcome_as_data` makes.
    """
    fields = dict(data)
    return _KINDS[fields.pop("outcome")](**fields)


def action_from_data(data: Mapping[str, Any]) -> Action:
    """An action as it was written down by `Action.as_data`.

    Raises:
        KeyError, TypeError, ValueError: it is not what `Action.as_data` makes, or its key is another's.
    """
    fields = dict(data)
    key = fields.pop("key")
    action = Action(**{**fields, "effect": Effect(fields["effect"])})
    if action.key != key:
        raise ValueError("the action's key does not belong to it")
    return action
