"""``snapshots.discard``: what no rule of a grid needs, and has been marked so for days, is gone.

Each is an action that other people approve, or that a standing approval allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from drkit.core.actions import Action, Effect, Plan, Skipped, Why
from drkit.core.configuration.types import Duration
from drkit.core.money import NOTHING
from drkit.core.times import text_of
from drkit.ports.disks import Disk, Snapshot
from drkit.ports.facts import Facts, Scope
from drkit.ports.steps import Setting, Step, Work
from drkit.snapshots.describing import describe
from drkit.snapshots.grouping import by_disk
from drkit.snapshots.keeping import Keeping, needs_of, timeless
from drkit.snapshots.kept import conclude
from drkit.snapshots.marking import marked_since, ripe
from drkit.snapshots.selection import missing, problems
from drkit.snapshots.steps.keep import Keep, needs
from drkit.snapshots.steps.remove import existed, find, poll, run

VERB = "disks.delete_unneeded"


def _days(value: timedelta) -> timedelta:
    if value < timedelta(days=1):
        raise ValueError("must be at least 1d: somebody has to have the time to notice")
    return value


class Discard(Keep):
    """What no rule of the grid needs, and has been marked so for days, is gone."""

    after: Annotated[Duration, AfterValidator(_days)] = timedelta(days=7)
    """How long a snapshot has been marked as unneeded before it is deleted."""

    at_most: Annotated[int, Field(ge=1, le=10_000)] = 10
    """How many may be deleted in one run; where there are more, none is."""


def plan(facts: Facts, arguments: Discard, _setting: Setting) -> Plan:
    """One DESTROY for each that is ripe; none at all where there are more of them than may be."""
    actions: list[Action] = []
    skipped, keeping = list(missing(arguments, facts)), arguments.keeping
    for region in facts.regions:
        for disk, snapshots in by_disk(region, arguments):
            marked = ripe(needs_of(snapshots, keeping), keeping, arguments.after, facts.looked_at)
            found = [_action(region.scope, disk, snapshot, keeping) for snapshot in marked]
            actions += found
            skipped += timeless(region.scope, snapshots)
            if not found:
                skipped.append(_skipped(region.scope, disk))
    if len(actions) > arguments.at_most:
        return Plan((), (*skipped, *_too_many(actions, arguments.at_most)))
    return Plan(tuple(actions), tuple(skipped))


def _action(scope: Scope, disk: Disk, snapshot: Snapshot, keeping: Keeping) -> Action:
    since = marked_since(snapshot)
    assert since is not None  # what is ripe is marked
    return Action(
        verb=VERB,
        effect=Effect.DESTROY,
        account=scope.account,
        region=scope.region,
        target=snapshot.id,
        arguments={
            **describe(snapshot),
            "disk_name": disk.name,
            "disk_exists": True,
            "leaves_no_good_one": False,
        },
        reason=f"no rule of the grid {keeping.grid} keeps it; marked since {text_of(since)}",
        cost=NOTHING,
    )


def _skipped(scope: Scope, disk: Disk) -> Skipped:
    return Skipped(scope.account, scope.region, disk.id, Why.DONE, "nothing has been marked for long enough")


def _too_many(actions: list[Action], most: int) -> Iterator[Skipped]:
    """A grid that somebody shortened by mistake, or in malice, deletes nothing before a person looked."""
    why = f"{len(actions)} would be deleted, and at most {most} may be in one run: none is"
    for action in actions:
        yield Skipped(action.account, action.region, action.thing, Why.IMPOSSIBLE, why)


STEP = Step(
    arguments=Discard,
    problems=problems,
    needs=needs,
    conclude=conclude,
    work=Work(verbs=frozenset({VERB}), plan=plan, run=run, find=find, poll=poll, existed=existed),
)
