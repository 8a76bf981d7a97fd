"""What came of taking disks together, beside whether each has its snapshot; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from drkit.core.actions import Action, Done, Failed, Outcome, Ref, Target, Uncertain, Why
from drkit.snapshots import adopting, together
from drkit.snapshots.concluding import NOT_CARRIED_OUT
from drkit.snapshots.groups import NOT_TOGETHER

APART, ENDLESS, UNSURE = Why.APART.value, "no-end", "end unknown"
VERBS = frozenset({together.VERB, adopting.VERB})
BESIDE = frozenset({APART, ENDLESS, UNSURE})
FIXES: Mapping[str, str] = {
    APART: "its disks have snapshots of several moments: see what the cloud said, or take this host without `together`",
    ENDLESS: "see that the broker runs and may set deadlines; the next run tries again, and until then it stays",
}
"""What is wrong, and what mends it; the snapshots themselves are good."""

Told = tuple[Action, str, str, str]
"""An action, the host or disk that it is about, a status of `BESIDE`, and why."""


def joined(actions: Sequence[Action], outcomes: Mapping[str, Outcome]) -> Iterator[Told]:
    """The hosts whose disks were not taken together, and the snapshots that have no end yet."""
    came = [(action, outcomes.get(action.key, NOT_CARRIED_OUT)) for action in actions if action.verb in VERBS]
    for action, outcome in came:
        if action.verb == together.VERB and (why := _apart(action, outcome)):
            yield action, action.thing, APART, why
    alone = frozenset(_alone(actions, outcomes))
    yield from _endless([each for each in came if each[0].verb == adopting.VERB], alone)


def _apart(action: Action, outcome: Outcome) -> str:
    match outcome:
        case Failed(code, reason) if code == NOT_TOGETHER:
            return f"its disks were taken one by one: {reason}"
        case Done(told=told):
            lacking = sorted(set(action.arguments["disks"]) - set(told.get("made", {})))
            return f"{', '.join(lacking)} is not in its group" if lacking else ""
    return ""


def _alone(actions: Sequence[Action], outcomes: Mapping[str, Outcome]) -> Iterator[Target]:
    """The snapshots of disks whose group failed, by id, and as what their actions make."""
    for action in actions:
        if isinstance(outcomes.get(str(action.arguments.get(together.GROUP))), Failed):
            yield Ref("", action.key)
            came = outcomes.get(action.key)
            yield from (came.created,) if isinstance(came, Done) else ()


def _endless(came: list[tuple[Action, Outcome]], alone: AbstractSet[Target]) -> Iterator[Told]:
    """What was taken alone after all has its end from its birth; what was mended since is no trouble."""
    done = [action for action, outcome in came if isinstance(outcome, Done)]
    mended = {*(action.target for action in done), *map(_disk, done)}
    for action, outcome in came:
        # Of one that was never known by its id, the disk alone can say whether another came in its place.
        about = action.target if isinstance(action.target, str) else _disk(action)
        if about in mended or action.target in alone:
            continue
        match outcome:
            case Failed(code, reason) if code != "NotAttempted":
                yield action, _disk(action)[1], ENDLESS, f"{action.target}: {reason}"
            case Uncertain(reason):
                yield action, _disk(action)[1], UNSURE, f"{action.target}: {reason}"


def _disk(action: Action) -> tuple[str, str]:
    return action.account, str(action.arguments["disk"])
