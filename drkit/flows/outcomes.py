"""What came of the actions of a step, where the step itself cannot say it; and the plan as it came."""

from __future__ import annotations

from drkit.core.actions import Action, Outcome, Plan, Skipped, Target, Uncertain, Why

NOT_FOUND = Uncertain("it was intended, and nothing was found that came of it")
PASSED = Uncertain("it was not begun, and its slot has passed")
NEVER_READY = Uncertain("not attempted: what it waits for did not come")


def carried_out(plan: Plan, done: list[tuple[Action, Outcome | None]]) -> Plan:
    """The plan as it came: every action of the run, and what was skipped, less what this very run did before.

    What an earlier process intended in vain, and somebody else has done by now, is skipped. That the disks of a host
    are apart is told of whatever was done to the host.
    """
    others = {_place(each) for each in plan.skipped if each.why is Why.DONE}
    ours = tuple(action for action, outcome in done if outcome != NOT_FOUND or _place(action) not in others)
    places = {_place(action) for action in ours}
    return Plan(
        ours, tuple(each for each in plan.skipped if each.why is Why.APART or _place(each) not in places)
    )


def _place(thing: Action | Skipped) -> tuple[str, str, Target]:
    return thing.account, thing.region, thing.target
