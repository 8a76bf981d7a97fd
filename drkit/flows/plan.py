"""``drkit plan``: what playbooks would do; changes nothing, and needs no state."""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from drkit.core import exits
from drkit.core.actions import Plan, Why
from drkit.core.budget import judge
from drkit.core.money import Estimate, estimate
from drkit.core.results import json_text, result, write_result
from drkit.core.text import harmless, told_arguments
from drkit.core.times import now, text_of
from drkit.core.verdicts import STATUS, Outcome, Verdict, worst
from drkit.flows.approving.intention import dangerous
from drkit.flows.clouds import open_clouds
from drkit.flows.loading import Loaded, LoadedPlaybook, LoadedStep, estate_path, load
from drkit.flows.planning import look_and_plan
from drkit.flows.talking import progress
from drkit.flows.tools import Look
from drkit.ports.facts import Facts, Unread

MOST_ACTIONS = 100
NOT_PLANNED = frozenset({Why.APART, Why.BUSY, Why.IMPOSSIBLE, Why.UNCLEAR})


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step, what it saw, and what it would do."""

    playbook: LoadedPlaybook
    step: LoadedStep
    facts: Facts
    plan: Plan

    @property
    def estimate(self) -> Estimate:
        """What it costs at most."""
        return estimate(action.cost for action in self.plan.actions)

    @property
    def unread(self) -> list[str]:
        """What could not be read, so that the plan may lack something."""
        return [
            f"{region.scope}: {read.reason}"
            for region in self.facts.regions
            for read in (region.hosts, region.disks, region.snapshots)
            if isinstance(read, Unread) and read.reason != "not asked for"
        ]


def plan(arguments: argparse.Namespace) -> int:
    """Show the plans of playbooks as the world is now."""
    loaded = load(estate_path(arguments.estate), arguments.playbooks)
    with progress() as show:
        clouds = open_clouds(loaded.estate, loaded.accounts(now()), powers=("look",))
        planned = plan_all(loaded, Look(clouds.look, now, show))
    verdict = _with_budgets(_verdict(planned), planned)
    statuses = {STATUS[verdict.outcome]}
    if arguments.detailed_exitcode and any(each.plan.actions for each in planned):
        statuses.add(exits.CHANGES)
    text = as_text(planned)
    if arguments.format == "json":
        text = json_text(as_data(planned, verdict, statuses))
    write_result(text, arguments.output)
    return exits.first_that_applies(statuses)


def _verdict(planned: list[PlannedStep]) -> Verdict:
    """Whether the plan is whole: UNKNOWN where something was not read, or something selected cannot be planned."""
    for each in planned:
        if each.unread:
            return Verdict(Outcome.UNKNOWN, f"not read: {each.unread[0]}")
        left_out = [skipped for skipped in each.plan.skipped if skipped.why in NOT_PLANNED]
        if left_out:
            return Verdict(Outcome.UNKNOWN, f"not planned: {left_out[0].target}: {left_out[0].reason}")
        if each.step.step.work and not each.plan.actions and not each.plan.skipped:
            return Verdict(Outcome.UNKNOWN, f"{each.step.name} selects nothing")
    return Verdict(Outcome.PASS)


def _with_budgets(verdict: Verdict, planned: list[PlannedStep]) -> Verdict:
    """A plan that its playbook's budget refuses is FAIL, or UNKNOWN, as the run would be."""
    held = [judge(sums, playbook.playbook.budget) for playbook, sums in budgets_of(planned).values()]
    return worst([*held, verdict])


def plan_all(loaded: Loaded, eyes: Look) -> list[PlannedStep]:
    """Look and plan every step of every playbook."""
    planned = []
    for playbook in loaded.playbooks:
        setting = playbook.setting(loaded.estate, eyes.clock())
        for step in playbook.steps:
            facts, plan = look_and_plan(step, setting, eyes)
            planned.append(PlannedStep(playbook, step, facts, plan))
    return planned


def budgets_of(planned: list[PlannedStep]) -> dict[str, tuple[LoadedPlaybook, Estimate]]:
    """Each playbook with what all its steps cost at most, by its path."""
    costs: dict[str, list[str | None]] = defaultdict(list)
    playbooks = {str(each.playbook.path): each.playbook for each in planned}
    for each in planned:
        costs[str(each.playbook.path)] += [action.cost for action in each.plan.actions]
    return {path: (playbook, estimate(costs[path])) for path, playbook in playbooks.items()}


def as_text(planned: list[PlannedStep]) -> str:
    """Plans for a person."""
    lines = [line for each in planned for line in _lines(each)]
    for playbook, sums in budgets_of(planned).values():
        lines += _budget_lines(playbook, sums)
    return "\n".join(map(harmless, lines))


def _budget_lines(playbook: LoadedPlaybook, sums: Estimate) -> list[str]:
    budget = playbook.playbook.budget
    if budget is None:
        return []
    held = judge(sums, budget)
    told = "within its budget" if held.outcome is Outcome.PASS else "refused"
    return [f"{playbook.playbook.playbook}: {told}: cost {sums}, and a run may cost {budget.each_run}"]


def _lines(planned: PlannedStep) -> list[str]:
    plan, step = planned.plan, planned.step
    verb = "" if step.name == step.entry.uses else f" ({step.entry.uses})"
    lines = [f"{planned.playbook.playbook.playbook}: {step.name}{verb}"]
    if step.step.work is None:
        lines.append("  looks and concludes; changes nothing")
    elif plan.actions:
        lines.append(f"  after a crash: {planned.playbook.playbook.after_crash.value}")
    lines += _action_lines(plan)
    if step.step.work:
        lines.append(_sum_line(planned))
    if needing := len(dangerous(plan.actions)):
        told = "1 needs" if needing == 1 else f"{needing} need"
        lines.append(f"  {told} an approval: drkit gate request {planned.playbook.path} --reason WHY")
    return [*lines, *_skipped_lines(plan), *(f"  UNKNOWN, not read: {reason}" for reason in planned.unread)]


def _action_lines(plan: Plan) -> Iterator[str]:
    for action in plan.actions[:MOST_ACTIONS]:
        place = f"{action.account}/{action.region}"
        told = told_arguments(action.arguments)
        yield f"  {action.effect.value} {action.verb} {action.target} in {place}: {told}"
    if (more := len(plan.actions) - MOST_ACTIONS) > 0:
        yield f"  and {more} more: --format json"


def _sum_line(planned: PlannedStep) -> str:
    effects = Counter(action.effect.value for action in planned.plan.actions)
    if not effects:
        return "  nothing to do"
    told = ", ".join(f"{count} to {effect}" for effect, count in effects.items())
    return f"  {told}; cost: {planned.estimate}"


def _skipped_lines(plan: Plan) -> Iterator[str]:
    if done := sum(skipped.why is Why.DONE for skipped in plan.skipped):
        yield f"  {done} {'was' if done == 1 else 'were'} done in this slot already"
    for skipped in plan.skipped:
        if skipped.why is not Why.DONE:
            place = f"{skipped.account}/{skipped.region}"
            yield f"  not planned: {skipped.target} in {place}: {skipped.reason}"


def as_data(planned: list[PlannedStep], verdict: Verdict, statuses: set[int]) -> dict[str, Any]:
    """Plans for programs."""
    return result(
        "plan",
        verdict,
        summary={
            "actions": sum(len(each.plan.actions) for each in planned),
            "skipped": sum(len(each.plan.skipped) for each in planned),
            "unread": sum(len(each.unread) for each in planned),
        },
        statuses=statuses,
        plans=[_plan_as_data(each) for each in planned],
        costs=[_cost_as_data(*each) for each in budgets_of(planned).values()],
    )


def _cost_as_data(playbook: LoadedPlaybook, sums: Estimate) -> dict[str, Any]:
    budget = playbook.playbook.budget
    held = judge(sums, budget)
    return {
        "playbook": playbook.playbook.playbook,
        **sums.as_data(),
        "budget": budget.model_dump(mode="json") if budget else None,
        "verdict": held.outcome.value,
        "reason": held.reason,
    }


def _plan_as_data(planned: PlannedStep) -> dict[str, Any]:
    return {
        "playbook": planned.playbook.playbook.playbook,
        "step": planned.step.name,
        "uses": planned.step.entry.uses,
        "after_crash": planned.playbook.playbook.after_crash.value,
        "looked_at": text_of(planned.facts.looked_at),
        "fingerprint": planned.plan.fingerprint,
        "cost": planned.estimate.as_data(),
        "needs_approval": [action.key for action in dangerous(planned.plan.actions)],
        "actions": [action.as_data() for action in planned.plan.actions],
        "skipped": [skipped.as_data() for skipped in planned.plan.skipped],
        "unread": planned.unread,
    }
