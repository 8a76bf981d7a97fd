"""What the steps of a playbook would do as the world is now; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime

from drkit.core.actions import Action, Plan
from drkit.flows.loading import LoadedPlaybook, LoadedStep
from drkit.flows.looking import look
from drkit.flows.tools import Look
from drkit.ports.facts import Facts, Scope
from drkit.ports.steps import Setting


def look_and_plan(step: LoadedStep, setting: Setting, eyes: Look) -> tuple[Facts, Plan]:
    """What a step sees now, and what it would do about it; changes nothing."""
    facts = look(step.step.needs(step.arguments, setting), eyes)
    work = step.step.work
    return facts, work.plan(facts, step.arguments, setting) if work else Plan()


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The plans of several steps, each with the facts that it follows from."""

    steps: tuple[tuple[LoadedStep, Facts, Plan], ...]

    @property
    def actions(self) -> tuple[Action, ...]:
        """Of all steps, in their order."""
        return tuple(action for _, _, plan in self.steps for action in plan.actions)

    def existed(self, since: datetime) -> int | None:
        """How many of the things that these steps can destroy are there still that were there at a moment.

        None where one of them cannot say. What two steps look at is counted once, for else a part of it would be
        twice as much.
        """
        total = 0
        counted: set[tuple[frozenset[str], Scope]] = set()
        for step, facts, plan in self.steps:
            work = step.step.work
            if work is None or not plan.actions:
                continue
            places = {(work.verbs, region.scope) for region in facts.regions}
            count = work.existed(facts, since) if work.existed else None
            if count is None:
                return None
            if not places & counted:
                total += count
            counted |= places
        return total


def foresee(loaded: LoadedPlaybook, setting: Setting, eyes: Look, leave_out: Container[str] = ()) -> Foreseen:
    """Look and plan every step but those that are left out by name."""
    steps = [step for step in loaded.steps if step.name not in leave_out]
    return Foreseen(tuple((step, *look_and_plan(step, setting, eyes)) for step in steps))
