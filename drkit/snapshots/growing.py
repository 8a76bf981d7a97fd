"""Actions that take nothing away from a snapshot: a later deadline, and the mark that it is not needed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from drkit.core.actions import Action, Done, Effect, Failed, Outcome, Pending
from drkit.core.money import NOTHING
from drkit.core.times import now, text_of
from drkit.ports.cloud import Hands
from drkit.ports.disks import Snapshot
from drkit.ports.errors import UncertainError
from drkit.ports.facts import Scope
from drkit.snapshots.marking import UNNEEDED_TAG, marked_since
from drkit.snapshots.silence import after_silence

EXTEND, MARK, UNMARK = "disks.extend_snapshot", "disks.mark_unneeded", "disks.unmark_needed"
VERBS = frozenset({EXTEND, MARK, UNMARK})


def action_of(
    verb: str, scope: Scope, snapshot: Snapshot, why: str, cost: str | None = NOTHING, deadline: str = ""
) -> Action:
    """One action of a snapshot; a deadline only where the verb sets one."""
    more = {"deadline": deadline} if deadline else {}
    return Action(
        verb=verb,
        effect=Effect.CHANGE,
        account=scope.account,
        region=scope.region,
        target=snapshot.id,
        arguments={"disk": snapshot.disk, "grows": True, **more},
        reason=why,
        cost=cost,
    )


def deadline_of(action: Action) -> datetime:
    """The deadline that an action sets.

    Raises:
        KeyError, ValueError: it says none that can be read.
    """
    return datetime.fromisoformat(str(action.arguments["deadline"]))


def is_grown(action: Action, snapshot: Snapshot) -> bool:
    """Whether the snapshot surely is as the action would make it."""
    if action.verb == MARK:
        return marked_since(snapshot) is not None
    if action.verb == UNMARK:
        return UNNEEDED_TAG not in snapshot.tags
    kept = snapshot.deadline is not None and snapshot.deadline.earliest >= deadline_of(action)
    return snapshot.permanent or kept


def run(action: Action, hands: Hands) -> Outcome:
    """Set one deadline or mark; after silence, look whether it is set.

    Whoever calls this has just looked at the snapshot, and judged by the rule of growth.
    """
    try:
        _write(action, hands)
    except UncertainError as error:
        return after_silence(find, action, hands, error.message)
    return Done()


def _write(action: Action, hands: Hands) -> None:
    disks, region, snapshot = hands.clouds[action.account].disks, action.region, action.thing
    match action.verb:
        case "disks.extend_snapshot":
            disks.extend_snapshot(region, snapshot, deadline_of(action))
        case "disks.mark_unneeded":
            disks.tag_snapshot(region, snapshot, UNNEEDED_TAG, text_of(now()))
        case _:
            disks.untag_snapshot(region, snapshot, UNNEEDED_TAG)


def find(action: Action, hands: Hands) -> Outcome | None:
    """Done where the snapshot is as the action would make it, None where it is not yet."""
    found = hands.clouds[action.account].disks.get_snapshots(action.region, [action.thing])
    if not found:
        return Failed("Vanished", f"{action.thing} is gone")
    return Done() if is_grown(action, found[0]) else None


def poll(waiting: Mapping[str, tuple[Action, Pending]], _hands: Hands) -> Mapping[str, Outcome]:
    """Deadlines and marks are set at once: nothing is ever pending."""
    return {key: pending for key, (_, pending) in waiting.items()}
