"""Which actions of a step can be begun now: one thing after the other, and nothing before it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from drkit.core.actions import Action, Done, Failed, Outcome, Pending, Ref, Settled, Target, Uncertain

Outcomes = Callable[[Ref], Outcome | None]
"""What came of the action that a `Ref` names, so far."""
NOTHING_FIRST: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Sorted:
    """Actions by whether they can be begun.

    Args:
        ready: in the order of the plan; each as it was planned, and upon the id that is known now.
        hopeless: what they should be done to will never be there, and why.
        waiting: what they are done to is not there yet, or something else is still done to it.
    """

    ready: list[tuple[Action, Action]] = field(default_factory=list)
    hopeless: list[tuple[Action, Settled]] = field(default_factory=list)
    waiting: list[Action] = field(default_factory=list)


def sort(
    actions: Iterable[Action],
    outcomes: Outcomes,
    busy: frozenset[str],
    after: Mapping[str, tuple[str, ...]] = NOTHING_FIRST,
) -> Sorted:
    """Sort actions that are still to be begun, in the order of their plan.

    Args:
        actions: as they were planned.
        outcomes: asked for each `Ref`.
        busy: ids of things that are being made, and of those to which something is still being done.
        after: as in a `Plan`.
    """
    found = Sorted()
    taken: set[tuple[str, str, Target]] = set()
    for action in actions:
        place = action.account, action.region, action.target
        target = _resolved(action.target, outcomes)
        early = any(_goes_on(outcomes(Ref("", key))) for key in after.get(action.key, ()))
        if place in taken or target is None or target in busy or early:
            found.waiting.append(action)
        elif isinstance(target, str):
            found.ready.append((action, replace(action, target=target)))
        else:
            found.hopeless.append((action, target))
        taken.add(place)
    return found


def _goes_on(outcome: Outcome | None) -> bool:
    """Whether an action is not over yet, or not begun."""
    return outcome is None or isinstance(outcome, Pending)


def _resolved(target: Target, outcomes: Outcomes) -> str | Settled | None:
    """The id; why there will never be one; None where it is not known yet."""
    if isinstance(target, str):
        return target
    match outcomes(target):
        case Done(created) if created:
            return created
        case Done():
            return Failed("NotAttempted", "not attempted: what should have made its target made nothing")
        case Failed(_, reason):
            return Failed("NotAttempted", f"not attempted, since its target was not made: {reason}")
        case Uncertain(reason):
            return Uncertain(f"not attempted, since nobody knows of its target: {reason}")
        case Pending() | None:
            return None
