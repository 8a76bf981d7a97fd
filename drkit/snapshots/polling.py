"""Waiting for what was begun: what is pending is asked for a place at a time, by one call for all that is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Protocol, TypeVar

from drkit.core.actions import Action, Done, Failed, Outcome, Pending
from drkit.core.errors import AccountError
from drkit.ports.disks import Snapshot, SnapshotState
from drkit.ports.errors import CloudError

Waiting = Mapping[str, tuple[Action, Pending]]
"""By the action's key."""


class Listed(Protocol):
    """What a cloud lists under an id."""

    @property
    def id(self) -> str:
        """What the pending outcome's token says."""


Place = TypeVar("Place", bound=tuple[str, ...])
Thing = TypeVar("Thing", bound=Listed)


def poll_by_place(
    waiting: Waiting,
    place_of: Callable[[Action], Place],
    ask: Callable[[Place, list[str]], Iterable[Thing]],
    settle: Callable[[Action, Pending, Thing | None], Outcome],
) -> Mapping[str, Outcome]:
    """What came of all that is pending; what a place does not answer for stays pending, and is asked for again.

    Args:
        waiting: what is pending.
        place_of: where it is asked for.
        ask: what is listed of these ids there; may raise a CloudError or an AccountError.
        settle: what came of one, by what is listed of it.
    """
    here: dict[Place, list[tuple[str, Action, Pending]]] = {}
    for key, (action, pending) in waiting.items():
        here.setdefault(place_of(action), []).append((key, action, pending))
    answers: dict[str, Outcome] = {}
    for place, some in sorted(here.items(), key=lambda pair: pair[0]):
        try:
            listed = {each.id: each for each in ask(place, [pending.token for _, _, pending in some])}
        except (CloudError, AccountError):
            continue
        answers |= {key: settle(action, pending, listed.get(pending.token)) for key, action, pending in some}
    return answers


def region_of(action: Action) -> tuple[str, str]:
    """The account and the region of an action."""
    return action.account, action.region


def missed(pending: Pending, most: int, otherwise: Outcome) -> Outcome:
    """Lists lag behind what was begun and what was removed: so many polls may be wrong of it."""
    return replace(pending, missed=pending.missed + 1) if pending.missed < most else otherwise


def came_of_snapshot(pending: Pending, snapshot: Snapshot | None, most: int) -> Outcome:
    """What came of a snapshot that was begun; `most` polls may miss it."""
    match snapshot.state if snapshot else None:
        case SnapshotState.GOOD:
            return Done(created=pending.token)
        case SnapshotState.CREATING:
            return pending
        case None:
            return missed(pending, most, Failed("Vanished", f"{pending.token} was begun and is gone"))
        case _:
            return Failed("Spoiled", f"{pending.token} is in a state that no snapshot should be in")
