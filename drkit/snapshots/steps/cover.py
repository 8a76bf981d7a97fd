"""``snapshots.cover``: every volume has a good snapshot younger than the objective, or a finding names it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from drkit.core import actions
from drkit.core.configuration.types import Duration
from drkit.core.verdicts import Conclusion, Finding, Outcome, Severity, Verdict
from drkit.ports.facts import Facts, Kind, Query
from drkit.ports.steps import Setting, Step
from drkit.snapshots.coverage import Row, Status, cover
from drkit.snapshots.selection import Places, problems, scopes

FIX = {
    Status.STALE: "see why the playbook that takes snapshots does not reach it",
    Status.NONE: "take one: a playbook with `uses: snapshots.take` that selects it",
    Status.IMPOSSIBLE: "move the data to a cloud disk, or protect it by another copy",
}


class Cover(Places):
    """Which volumes have a good snapshot that is young enough."""

    younger_than: Duration = timedelta(hours=25)
    """How old a volume's newest good snapshot may be: a day, and an hour for it to be made."""


def needs(arguments: Cover, setting: Setting) -> Query:
    """Hosts, disks and snapshots of every place."""
    return Query(scopes(arguments, setting.estate), frozenset({Kind.HOSTS, Kind.DISKS, Kind.SNAPSHOTS}))


def conclude(
    facts: Facts,
    _plan: actions.Plan,
    _outcomes: Mapping[str, actions.Outcome],
    arguments: Cover,
    _setting: Setting,
) -> Conclusion:
    """A row a volume; FAIL where one is surely not covered, UNKNOWN where one cannot be judged."""
    rows = cover(facts, arguments.younger_than)
    counts = Counter(row.status for row in rows)
    return Conclusion(
        verdict=_verdict(rows, counts),
        summary={
            "volumes": len(rows),
            **{status.value: counts[status] for status in Status if counts[status]},
        },
        findings=tuple(_finding(row) for row in rows if row.status in FIX),
        rows=tuple(row.as_data() for row in rows),
        otherwise=_verdict_on_others(rows, counts),
    )


def _verdict(rows: tuple[Row, ...], counts: Counter[Status]) -> Verdict:
    if bad := sum(counts[status] for status in FIX):
        return Verdict(
            Outcome.FAIL, f"{bad} of {len(rows)} volumes have no good snapshot that is young enough"
        )
    return _verdict_on_others(rows, counts)


def _verdict_on_others(rows: tuple[Row, ...], counts: Counter[Status]) -> Verdict:
    """The verdict on the volumes that no finding names."""
    if counts[Status.UNKNOWN]:
        first = next(row for row in rows if row.status is Status.UNKNOWN)
        where = first.disk or first.host or f"{first.account}/{first.region}"
        return Verdict(
            Outcome.UNKNOWN, f"{counts[Status.UNKNOWN]} could not be judged, the first: {where}: {first.why}"
        )
    if not rows:
        return Verdict(Outcome.UNKNOWN, "no host and no disk was found: there was nothing to judge")
    return Verdict(Outcome.PASS)


def _finding(row: Row) -> Finding:
    return Finding(
        id=f"snapshots.cover/{row.status.value}",
        severity=Severity.HIGH,
        subject=row.disk or row.host,
        where="/".join(part for part in (row.account, row.region, row.host) if part),
        why=row.why,
        fix=FIX[row.status],
    )


STEP = Step(arguments=Cover, problems=problems, needs=needs, conclude=conclude)
