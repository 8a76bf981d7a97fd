"""Which snapshots of a disk need a later deadline, by a grid, and so that the last good one never goes; pure.

A stamp of the cloud that has no zone is read both ways, and the reading counts by which a snapshot stays longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from drkit.core.actions import Skipped, Why
from drkit.ports.disks import Snapshot, SnapshotState
from drkit.ports.facts import Scope
from drkit.ports.scratch import RUN_TAG
from drkit.snapshots.grid import Grid
from drkit.snapshots.periods import Periods

GOOD = SnapshotState.GOOD
MADE_HERE = "drkit-"  # how the names of the snapshots that playbooks make begin
SLACK = 3600  # seconds: a deadline that is so little too early is left as it is
# CreateSnapshot refuses a deadline less than a day away; of ModifySnapshotAttribute (362/15650) nothing is said.
SOONEST = timedelta(hours=25)
MOST_AHEAD = timedelta(days=11 * 366)  # no deadline is set that is further away


@dataclass(frozen=True)
class Keeping:
    """How long snapshots are kept.

    Args:
        zone: in which days, weeks and months begin.
        last_good: how long the newest good snapshot of a disk has at least.
    """

    grid: Grid
    zone: ZoneInfo
    last_good: timedelta

    @cached_property
    def periods(self) -> Periods:
        """What the grid keeps in the zone; it gets to know periods, so it serves one disk after another."""
        return Periods(self.grid, self.zone)


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
        until: until when a rule needs each, in seconds since 1970; it may have passed.
        newest: the newest good one, whoever made it, and the newest of ours.
    """

    ours: Mapping[str, Snapshot]
    until: Mapping[str, float]
    newest: frozenset[str]

    def unkept(self, now: datetime) -> list[Snapshot]:
        """Ours that do not have to be there now, by id."""
        at = now.timestamp()
        kept = {id_ for id_, until in self.until.items() if until > at}
        return [self.ours[id_] for id_ in sorted(self.ours.keys() - kept - self.newest)]


def timeless(scope: Scope, snapshots: Iterable[Snapshot]) -> Iterator[Skipped]:
    """The good ones that a playbook made and of which nobody can read when: no rule can say whether it keeps them."""
    for snapshot in snapshots:
        if snapshot.created is None and snapshot.state is GOOD and is_ours(snapshot):
            told = "nobody can read when it was made, so nobody knows whether it is needed"
            yield Skipped(scope.account, scope.region, snapshot.id, Why.UNCLEAR, told)


def needs_of(snapshots: Iterable[Snapshot], keeping: Keeping) -> Needs:
    """What is needed of the snapshots of one disk; pure."""
    good = {each.id: each for each in snapshots if each.state is GOOD and each.created}
    ours = {id_: each for id_, each in good.items() if is_ours(each)}
    made = {id_: each.created for id_, each in good.items() if each.created}
    earliest, latest = ({id_: made[id_][end] for id_ in ours} for end in (0, 1))
    of_all = latest if len(ours) == len(good) else {id_: both[1] for id_, both in made.items()}
    newest = frozenset(filter(None, {_newest(latest), _newest(of_all)}))
    return Needs(ours, _needed(earliest, latest, keeping.periods), newest)


def extensions(needs: Needs, keeping: Keeping, now: datetime) -> tuple[Extension, ...]:
    """The extensions that the snapshots of one disk need, by their ids; never a shorter deadline.

    Only what a playbook made is touched: foreign, permanent and shared snapshots are never.
    """
    at, last_until = now.timestamp(), _full_hour_in(keeping.last_good, now)
    grid = needs.until
    last = {id_: max(grid.get(id_, at), last_until) for id_ in needs.newest if id_ in needs.ours}
    found = {}
    for id_, until in {**grid, **last}.items():
        snapshot = needs.ours[id_]
        if until > at and _ends_before(snapshot, until):
            newest = until > grid.get(id_, at)
            why = "it is the newest good one of its disk" if newest else f"the grid {keeping.grid} keeps it"
            later = _deadline(snapshot, datetime.fromtimestamp(until, UTC), now)
            found[id_] = Extension(snapshot, later, why)
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


@lru_cache(maxsize=64)  # for each disk the same is asked
def _full_hour_in(time: timedelta, now: datetime) -> float:
    return full_hour(now + time).timestamp()


def is_ours(snapshot: Snapshot) -> bool:
    """Whether a playbook made it, and nobody else has an interest in it."""
    made = RUN_TAG in snapshot.tags and snapshot.name.startswith(MADE_HERE)
    return made and not (snapshot.permanent or snapshot.shared)


def _needed(
    earliest: Mapping[str, float], latest: Mapping[str, float], periods: Periods
) -> Mapping[str, float]:
    """Until when each is needed, by whichever reading of its stamp needs it longer."""
    needed = periods.keep_until(latest)
    if earliest != latest:
        for id_, until in periods.keep_until(earliest).items():
            needed[id_] = max(until, needed.get(id_, until))
    return needed


def _newest(made: Mapping[str, float]) -> str | None:
    """The one that was made last, if there is any."""
    return max(zip(made.values(), made, strict=True))[1] if made else None


def _ends_before(snapshot: Snapshot, until: float) -> bool:
    """Whether it may end before; one whose deadline nobody knows may."""
    return snapshot.deadline is None or snapshot.deadline[0] < until - SLACK
