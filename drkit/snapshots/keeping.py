"""Which snapshots of a disk need a later deadline, by a grid, and so that the last good one never goes; pure.

A stamp of the cloud that has no zone is read both ways, and the reading counts by which a snapshot stays longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from drkit.core.actions import Skipped, Why
from drkit.core.times import Reading
from drkit.ports.disks import Snapshot, SnapshotState
from drkit.ports.facts import Scope
from drkit.ports.scratch import RUN_TAG
from drkit.snapshots.grid import Grid

MADE_HERE = "drkit-"  # how the names of the snapshots that playbooks make begin
SLACK = timedelta(hours=1)  # a deadline that is so little too early is left as it is
# CreateSnapshot refuses a deadline less than a day away; of ModifySnapshotAttribute (362/15650) nothing is said.
SOONEST = timedelta(hours=25)
MOST_AHEAD = timedelta(days=11 * 366)  # no deadline is set that is further away


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long snapshots are kept.

    Args:
        zone: in which days, weeks and months begin.
        last_good: how long the newest good snapshot of a disk has at least.
    """

    grid: Grid
    zone: ZoneInfo
    last_good: timedelta


@dataclass(frozen=True, slots=True)
class Extension:
    """A snapshot that needs a later deadline.

    Args:
        until: the deadline to set.
    """

    snapshot: Snapshot
    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Needs:
    """What a grid needs of the snapshots of one disk.

    Args:
        ours: the good ones that a playbook made and nobody else has an interest in, by id.
        until: until when a rule needs each; it may have passed.
        newest: the newest good one, whoever made it, and the newest of ours.
    """

    ours: Mapping[str, Snapshot]
    until: Mapping[str, datetime]
    newest: frozenset[str]

    def keeps(self, id_: str, now: datetime) -> bool:
        """Whether a snapshot has to be there now."""
        return id_ in self.newest or self.until.get(id_, now) > now


def timeless(scope: Scope, snapshots: Iterable[Snapshot]) -> Iterator[Skipped]:
    """The good ones that a playbook made and of which nobody can read when: no rule can say whether it keeps them."""
    for snapshot in snapshots:
        if snapshot.state is SnapshotState.GOOD and snapshot.created is None and is_ours(snapshot):
            told = "nobody can read when it was made, so nobody knows whether it is needed"
            yield Skipped(scope.account, scope.region, snapshot.id, Why.UNCLEAR, told)


def needs_of(snapshots: Iterable[Snapshot], keeping: Keeping) -> Needs:
    """What is needed of the snapshots of one disk; pure."""
    good = [each for each in snapshots if each.state is SnapshotState.GOOD and each.created is not None]
    ours = {each.id: each for each in good if is_ours(each)}
    newest = {last.id for last in (_newest(good), _newest(ours.values())) if last}
    return Needs(ours, _needed(ours, keeping), frozenset(newest))


def extensions(needs: Needs, keeping: Keeping, now: datetime) -> tuple[Extension, ...]:
    """The extensions that the snapshots of one disk need, by their ids; never a shorter deadline.

    Only what a playbook made is touched: foreign, permanent and shared snapshots are never.
    """
    last_until = full_hour(now + keeping.last_good)
    found = {}
    for id_, snapshot in needs.ours.items():
        until, why = needs.until.get(id_, now), f"the grid {keeping.grid} keeps it"
        if id_ in needs.newest and last_until > until:
            until, why = last_until, "it is the newest good one of its disk"
        if until > now and _ends_before(snapshot, until):
            found[id_] = Extension(snapshot, _deadline(snapshot, until, now), why)
    return tuple(found[id_] for id_ in sorted(found))


def _deadline(snapshot: Snapshot, until: datetime, now: datetime) -> datetime:
    """The deadline to set: late enough for the cloud to take it, and surely later than the present one."""
    deadlines = [until, full_hour(now + SOONEST)]
    if snapshot.deadline is not None:
        deadlines.append(full_hour(snapshot.deadline.latest + timedelta(seconds=1)))
    return max(deadlines)


def full_hour(moment: datetime) -> datetime:
    """The next full hour, or the moment itself: what is planned and what is run a minute later are the same."""
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(hours=1)


def is_ours(snapshot: Snapshot) -> bool:
    """Whether a playbook made it, and nobody else has an interest in it."""
    made = snapshot.name.startswith(MADE_HERE) and RUN_TAG in snapshot.tags
    return made and not snapshot.permanent and not snapshot.shared


def _needed(ours: Mapping[str, Snapshot], keeping: Keeping) -> dict[str, datetime]:
    """Until when each is needed, by whichever reading of its stamp needs it longer."""
    created = {id_: _created(each) for id_, each in ours.items()}
    latest = {id_: reading.latest for id_, reading in created.items()}
    needed = keeping.grid.keep_until(latest, keeping.zone)
    earliest = {id_: reading.earliest for id_, reading in created.items()}
    if earliest != latest:
        for id_, until in keeping.grid.keep_until(earliest, keeping.zone).items():
            needed[id_] = max(until, needed.get(id_, until))
    return needed


def _newest(good: Iterable[Snapshot]) -> Snapshot | None:
    return max(good, key=lambda each: (_created(each).latest, each.id), default=None)


def _created(snapshot: Snapshot) -> Reading:
    assert snapshot.created is not None
    return snapshot.created


def _ends_before(snapshot: Snapshot, until: datetime) -> bool:
    """Whether it may end before; one whose deadline nobody knows may."""
    return snapshot.deadline is None or snapshot.deadline.earliest < until - SLACK
