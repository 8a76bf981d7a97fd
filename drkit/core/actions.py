"""What is intended, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
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
class Ref:
    """What another action makes: its id is known once that action is done.

    Args:
        step: the name of the step whose action it is; empty for the step of whoever refers to it.
        output: the key of that action.
    """

    step: str
    output: str

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data that `ref_from_data` reads back."""
        return {"ref": {"step": self.step, "output": self.output}}

    def __str__(self) -> str:
        return f"what {self.output[:8]}{f' of {self.step}' if self.step else ''} makes"


Target = str | Ref


@dataclass(frozen=True, slots=True)
class Action:
    """One intended change.

    Args:
        verb: what is done, such as ``disks.create_snapshot``.
        effect: what that does to data.
        account: the account's name in the estate.
        region: the cloud's name of the region.
        target: the id of what it is done to; a `Ref` where an action before it is still to make that.
        arguments: plain JSON data; the same for the same intention, so that a plan has a fingerprint.
        reason: why, for a person.
        cost: what it is estimated to cost; None means that nobody knows.
    """

    verb: str
    effect: Effect
    account: str
    region: str
    target: Target
    arguments: Mapping[str, Any]
    reason: str
    cost: str | None = None

    @property
    def key(self) -> str:
        """The same for the same intention, in whichever run."""
        target = target_as_data(self.target)
        return digest([self.verb, self.account, self.region, target, dict(self.arguments)])[:24]

    @property
    def thing(self) -> str:
        """The id of what it is done to.

        Raises:
            ValueError: it is not known yet.
        """
        if isinstance(self.target, Ref):
            raise ValueError(  # noqa: TRY004 - it is a target; it comes too early
                f"{self.verb} is to be done to {self.target}, which is not known yet"
            )
        return self.target

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {
            **asdict(self),
            "effect": self.effect.value,
            "target": target_as_data(self.target),
            "arguments": dict(self.arguments),
            "key": self.key,
        }


def target_as_data(target: Target) -> Any:
    """An id as text, a `Ref` as an object."""
    return target.as_data() if isinstance(target, Ref) else target


def target_from_data(data: Any) -> Target:
    """A target as it was written down.

    Raises:
        KeyError, TypeError, ValueError: it is not what `target_as_data` makes.
    """
    if isinstance(data, str):
        return data
    fields = data["ref"]
    step, output = fields["step"], fields["output"]
    if not isinstance(step, str) or not isinstance(output, str) or data != Ref(step, output).as_data():
        raise ValueError("a target is neither an id nor what an action makes")
    return Ref(step, output)


def makes_scratch(action: Action) -> bool:
    """Whether what an action makes is scratch: it is torn down by its own run, or swept after its time."""
    return action.effect is Effect.CREATE and "scratch_until" in action.arguments


def removes_scratch(action: Action) -> bool:
    """Whether an action claims to remove scratch, which nobody has to approve.

    It is a claim: whoever holds the power to destroy holds it against tag, scope and record.
    """
    return action.effect is Effect.DESTROY and action.arguments.get("scratch") is True


def moves_scratch(action: Action) -> bool:
    """Whether an action claims to attach scratch to a drill host, or to detach it: nobody has to approve that.

    It is a claim as that of `removes_scratch` is.
    """
    return action.effect is Effect.CHANGE and action.arguments.get("scratch") is True


def frees_scratch(action: Action) -> bool:
    """Whether an action claims to detach scratch, so that it can be removed; that is never too late for its slot."""
    return moves_scratch(action) and action.arguments.get("frees") is True


def only_grows(action: Action) -> bool:
    """Whether an action claims to take nothing away: it lengthens a life, or puts or removes a mark of drkit's.

    It is a claim as that of `removes_scratch` is: the broker, which alone could also shorten a life, holds it
    against a rule of its own.
    """
    return action.effect is Effect.CHANGE and action.arguments.get("grows") is True


def takes_back(action: Action) -> bool:
    """Whether an action claims to end what was lent for a while; that is never too late for its slot."""
    return only_grows(action) and action.arguments.get("takes_back") is True


class Why(StrEnum):
    """Why nothing is planned for a thing that was selected."""

    DONE = "done"
    CREATING = "creating"
    BUSY = "busy"
    IMPOSSIBLE = "impossible"
    SCRATCH = "scratch"
    UNCLEAR = "unclear"
    APART = "not-together"


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
    """An ordered list of actions, and what was left out of it.

    Args:
        after: by the key of an action, the keys of those of this plan that have to be over before it is begun,
            whatever came of them.
    """

    actions: tuple[Action, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    after: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """sha256 over the canonical JSON of the actions, in their order."""
        return digest([action.as_data() for action in self.actions])


@dataclass(frozen=True, slots=True)
class Done:
    """The action happened.

    Args:
        created: the id of what it made, where it made something.
        told: what was found out, as plain JSON data, where the action was to find something out.
    """

    created: str = ""
    told: Mapping[str, Any] = field(default_factory=dict, hash=False)


def things_made(action: Action, outcome: Done) -> tuple[str, ...]:
    """The ids of all that an action made: one thing, or each of a group."""
    # What else is told may come from anywhere; of what is created the cloud told.
    several = outcome.told.get("made") if action.effect is Effect.CREATE else None
    return (*filter(None, (outcome.created,)), *(several.values() if isinstance(several, Mapping) else ()))


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
    """Plain JSON data that `outcome_from_data` reads back; what was told stands in it where something was."""
    fields = asdict(outcome)
    if isinstance(outcome, Done) and not outcome.told:
        del fields["told"]
    return {"outcome": type(outcome).__name__.lower(), **fields}


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
    target = target_from_data(fields["target"])
    action = Action(**{**fields, "effect": Effect(fields["effect"]), "target": target})
    if action.key != key:
        raise ValueError("the action's key does not belong to it")
    return action
