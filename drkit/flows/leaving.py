"""What was made for a while and was not removed."""

from __future__ import annotations

from collections.abc import Iterable

from drkit.core.actions import Action, Done, Effect, Outcome, makes_scratch, removes_scratch


def left_behind(actions: Iterable[tuple[Action, Outcome | None]]) -> tuple[str, ...]:
    """The ids of scratch that a run made, or was to remove, and whose removal is not known to have happened."""
    scratch: dict[str, None] = {}
    removed: set[str] = set()
    for action, outcome in actions:
        if isinstance(outcome, Done) and action.effect is Effect.DESTROY:
            removed.add(action.thing)
        elif isinstance(outcome, Done) and makes_scratch(action):
            scratch[outcome.created] = None
        elif removes_scratch(action) and isinstance(action.target, str):
            scratch[action.target] = None
    return tuple(id_ for id_ in scratch if id_ not in removed)
