"""``drkit plan``: what playbooks would do; changes nothing, and needs no state."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass

from drkit import __version__
from drkit.core import exits
from drkit.core.actions import Plan, Why
from drkit.core.results import json_text, write_result
from drkit.core.times import Clock, now, text_of
from drkit.flows.clouds import Opened, open_clouds
from drkit.flows.loading import Loaded, LoadedPlaybook, LoadedStep, estate_path, load
from drkit.flows.running import Progress, look_and_plan
from drkit.flows.talking import progress
from drkit.ports.facts import Facts, Unread

MOST_ACTIONS = 100


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step, what it saw, and what it would do."""

    playbook: LoadedPlaybook
    step: LoadedStep
    facts: Facts
    plan: Plan

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
        planned = plan_all(loaded, clouds, now, show)
    text = json_text(as_data(planned)) if arguments.format == "json" else as_text(planned)
    write_result(text, arguments.output)
    statuses = {exits.OK}
    if any(each.unread for each in planned):
        statuses.add(exits.NOTHING_CONCLUDED)
    if arguments.detailed_exitcode and any(each.plan.actions for each in planned):
        statuses.add(exits.CHANGES)
    return exits.first_that_applies(statuses)


def plan_all(loaded: Loaded, clouds: Opened, clock: Clock, show: Progress) -> list[PlannedStep]:
    """Look and plan every step of every playbook."""
    return [
        PlannedStep(
            playbook,
            step,
            *look_and_plan(step, playbook.setting(loaded.estate, clock()), clouds, clock, show),
        )
        for playbook in loaded.playbooks
        for step in playbook.steps
    ]


def as_text(planned: list[PlannedStep]) -> str:
    """Plans for a person."""
    return "\n".join(line for each in planned for line in _lines(each))


def _lines(planned: PlannedStep) -> list[str]:
    plan, step = planned.plan, planned.step
    verb = "" if step.name == step.entry.uses else f" ({step.entry.uses})"
    lines = [f"{planned.playbook.playbook.playbook}: {step.name}{verb}"]
    if step.step.work is None:
        lines.append("  looks and concludes; changes nothing")
    for action in plan.actions[:MOST_ACTIONS]:
        told = ", ".join(f"{key} {value}" for key, value in action.arguments.items())
        place = f"{action.account}/{action.region}"
        lines.append(f"  {action.effect.value} {action.verb} {action.target} in {place}: {told}")
    if (more := len(plan.actions) - MOST_ACTIONS) > 0:
        lines.append(f"  and {more} more: --format json")
    effects = Counter(action.effect.value for action in plan.actions)
    if step.step.work:
        unpriced = sum(action.cost is None for action in plan.actions)
        lines.append(
            "  "
            + (", ".join(f"{count} to {effect}" for effect, count in effects.items()) or "nothing to do")
            + (f"; cost unknown for {unpriced}" if unpriced else "")
        )
    for why, count in Counter(skipped.why for skipped in plan.skipped).items():
        if why is Why.DONE:
            lines.append(f"  {count} were done in this slot already")
    lines += [
        f"  not planned: {skipped.target} in {skipped.account}/{skipped.region}: {skipped.reason}"
        for skipped in plan.skipped
        if skipped.why is not Why.DONE
    ]
    lines += [f"  UNKNOWN, not read: {reason}" for reason in planned.unread]
    return lines


def as_data(planned: list[PlannedStep]) -> dict[str, object]:
    """Plans for programs. A plan concludes nothing, so it is UNKNOWN where something was not read."""
    unread = [reason for each in planned for reason in each.unread]
    return {
        "drkit": __version__,
        "command": "plan",
        "verdict": "unknown" if unread else "pass",
        **({"reason": unread[0]} if unread else {}),
        "summary": {
            "actions": sum(len(each.plan.actions) for each in planned),
            "skipped": sum(len(each.plan.skipped) for each in planned),
            "unread": len(unread),
        },
        "findings": [],
        "plans": [
            {
                "playbook": each.playbook.playbook.playbook,
                "step": each.step.name,
                "uses": each.step.entry.uses,
                "looked_at": text_of(each.facts.looked_at),
                "fingerprint": each.plan.fingerprint,
                "actions": [action.as_data() for action in each.plan.actions],
                "skipped": [skipped.as_data() for skipped in each.plan.skipped],
                "unread": each.unread,
            }
            for each in planned
        ],
    }
