"""``snapshots.keep``: what a grid keeps lives as long as it says, and the last good snapshot never goes.

It sets later deadlines, and marks what no rule needs any more; it removes nothing. What was marked goes by
``snapshots.discard``, or ends at the deadline that it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from drkit.core.actions import Action, Plan, Skipped, Why
from drkit.core.configuration.types import Duration, TimeZone
from drkit.core.times import text_of
from drkit.ports.disks import Disk, Snapshot
from drkit.ports.facts import Facts, Kind, Query, Scope
from drkit.ports.steps import Setting, Step, Work
from drkit.snapshots.grid import Grid, GridText
from drkit.snapshots.grouping import by_disk
from drkit.snapshots.growing import EXTEND, MARK, UNMARK, VERBS, action_of, find, poll, run
from drkit.snapshots.keeping import GOOD, Extension, Keeping, Needs, extensions, needs_of, timeless
from drkit.snapshots.kept import conclude
from drkit.snapshots.marking import to_mark, to_unmark
from drkit.snapshots.prices import cost_of
from drkit.snapshots.selection import Selection, missing, problems, scopes

SHORTEST = timedelta(days=2)
LONGEST = timedelta(days=10 * 366)


def _long_enough(value: timedelta) -> timedelta:
    if not SHORTEST <= value <= LONGEST:
        raise ValueError(
            "must be from 2d to 3660d: what guards the last good one has to outlive a missed run"
        )
    return value


def _within_reach(grid: Grid) -> Grid:
    for rule in grid.rules:
        if rule.reach > LONGEST:
            raise ValueError(f"{rule} reaches over more than ten years: no later deadline is set")
    return grid


class Keep(Selection):
    """What playbooks have made of the selected disks lives as long as a grid says."""

    grid: Annotated[GridText, AfterValidator(_within_reach)]
    """How many snapshots of how long periods are kept, such as `24x1h 14x1d 8x1w 12x1M`."""

    time_zone: TimeZone = ZoneInfo("UTC")
    """In which days, weeks and months begin."""

    last_good: Annotated[Duration, AfterValidator(_long_enough)] = timedelta(days=7)
    """How long the newest good snapshot of a disk lives at least, whatever the grid says."""

    @property
    def keeping(self) -> Keeping:
        """The same, for the functions that judge."""
        return Keeping(self.grid, self.time_zone, self.last_good)


def needs(arguments: Keep, setting: Setting) -> Query:
    """Disks and snapshots of every place."""
    return Query(scopes(arguments, setting.estate), frozenset({Kind.DISKS, Kind.SNAPSHOTS}))


def plan(facts: Facts, arguments: Keep, setting: Setting) -> Plan:
    """A later deadline for what would end too early; marks for what no rule needs, and none for what one does."""
    actions: list[Action] = []
    skipped = list(missing(arguments, facts))
    for region in facts.regions:
        planner = _Planner(region.scope, arguments.keeping, facts.looked_at, setting)
        for disk, snapshots in by_disk(region, arguments):
            found = list(planner.actions(disk, snapshots))
            actions += found
            skipped += timeless(region.scope, snapshots)
            if not found:
                skipped.append(planner.nothing_to_do(disk, snapshots))
    return Plan(tuple(actions), tuple(skipped))


class _Planner:
    """Plans for the disks of one region."""

    def __init__(self, scope: Scope, keeping: Keeping, now: datetime, setting: Setting) -> None:
        self._scope, self._keeping, self._now, self._setting = scope, keeping, now, setting

    def actions(self, disk: Disk, snapshots: Sequence[Snapshot]) -> Iterator[Action]:
        needed = needs_of(snapshots, self._keeping)
        for extension in extensions(needed, self._keeping, self._now):
            yield self._extend(disk, extension)
        yield from self._marks(needed)

    def nothing_to_do(self, disk: Disk, snapshots: Sequence[Snapshot]) -> Skipped:
        good = any(each.state is GOOD for each in snapshots)
        told = (
            "all that is kept lives long enough"
            if good
            else "it has no good snapshot: nothing is there to keep"
        )
        return Skipped(self._scope.account, self._scope.region, disk.id, Why.DONE, told)

    def _extend(self, disk: Disk, extension: Extension) -> Action:
        snapshot, until = extension.snapshot, extension.until
        before = snapshot.deadline.earliest if snapshot.deadline else self._now
        cost = cost_of(disk, self._scope, before, until, self._setting.estate)
        return action_of(EXTEND, self._scope, snapshot, extension.why, cost, text_of(until))

    def _marks(self, needed: Needs) -> Iterator[Action]:
        for snapshot in to_unmark(needed, self._now):
            yield action_of(UNMARK, self._scope, snapshot, "it is needed again")
        for snapshot in to_mark(needed, self._keeping, self._now):
            why = f"no rule of the grid {self._keeping.grid} keeps it, and it would live on"
            yield action_of(MARK, self._scope, snapshot, why)


STEP = Step(
    arguments=Keep,
    problems=problems,
    needs=needs,
    conclude=conclude,
    work=Work(verbs=VERBS, plan=plan, run=run, find=find, poll=poll),
)
