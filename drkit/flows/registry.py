"""Where the verbs of playbooks are found: ``drkit.<room>.steps.<verb>``, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from drkit.ports.steps import AnyStep, AnyWork

ROOMS = ("access", "copies", "snapshots")
USES = re.compile(r"([a-z]+)\.([a-z_]+)")


@cache
def step_names() -> tuple[str, ...]:
    """Every verb there is."""
    return tuple(
        f"{room}.{module.name}"
        for room in ROOMS
        for module in iter_modules(import_module(f"drkit.{room}.steps").__path__)
    )


def find_step(uses: str) -> AnyStep | None:
    """The step of a verb; None where there is none."""
    match = USES.fullmatch(uses)
    if match is None or uses not in step_names():
        return None
    room, verb = match.groups()
    step: AnyStep = import_module(f"drkit.{room}.steps.{verb}").STEP
    return step


@cache
def work_by_verb() -> Mapping[str, AnyWork]:
    """What carries out the actions of each verb; a verb belongs to one step alone."""
    works = [step.work for step in map(find_step, step_names()) if step and step.work]
    found = {verb: work for work in works for verb in work.verbs}
    assert len(found) == sum(len(work.verbs) for work in works), "a verb belongs to two steps"
    return found
