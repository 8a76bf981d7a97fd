"""``snapshots.cover``: every volume has a good snapshot younger than the objective, or a finding names it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from drkit.core import actions
from drkit.core.configuration.problems import suggest
from drkit.core.configuration.types import Duration, Name
from drkit.core.estate import Estate, Region
from drkit.core.verdicts import Conclusion, Finding, Outcome, Severity, Verdict
from drkit.ports.facts import Facts, Kind, Query, Scope
from drkit.ports.steps import Setting, Step
from drkit.snapshots import selection
from drkit.snapshots.coverage import Promised, Row, cover
from drkit.snapshots.judging import Status
from drkit.snapshots.selection import Places, scopes

FIX = {
    Status.STALE: "see why the playbook that takes snapshots does not reach it",
    Status.NONE: "take one: a playbook with `uses: snapshots.take` that selects it",
    Status.NOT_COPIED: "see why the playbook that copies snapshots does not reach it",
    Status.IMPOSSIBLE: "move the data to a cloud disk, or protect it by another copy",
}

FIX_ELSEWHERE = "move it into an account of the estate, or see that something covers it that can be looked at"


class Cover(Places):
    """Which volumes have a good snapshot that is young enough."""

    younger_than: Duration = timedelta(hours=25)
    """How old a volume's newest good snapshot may be: a day, and an hour for it to be made."""

    copied_to: Annotated[tuple[Region, ...], Field(examples=[["ap-shanghai"]])] = ()
    """Regions of the same account in which a snapshot that young must have a good copy."""

    vaults: Annotated[tuple[Name, ...], Field(examples=[["vault"]])] = ()
    """Accounts of the estate in which a snapshot that young must have a good copy, in the volume's own region."""


def problems(arguments: Cover, estate: Estate) -> Iterable[tuple[tuple[str | int, ...], str]]:
    """What names something that the estate does not have."""
    yield from selection.problems(arguments, estate)
    for name in sorted({scope.account for scope in scopes(arguments, estate)}):
        regions = estate.accounts[name].regions
        for index, region in enumerate(arguments.copied_to):
            if region not in regions:
                told = f"the account '{name}' does not list the region '{region}'{suggest(region, regions)}"
                yield ("copied_to", index), told
    for index, vault in enumerate(arguments.vaults):
        for told in _not_a_vault(vault, arguments, estate):
            yield ("vaults", index), told


def _not_a_vault(name: str, arguments: Cover, estate: Estate) -> Iterator[str]:
    """Why no copies can be looked for in an account."""
    if name not in estate.accounts:
        yield f"the estate has no account '{name}'{suggest(name, estate.accounts)}"
        return
    others = [scope for scope in scopes(arguments, estate) if scope.account not in arguments.vaults]
    for account in dict.fromkeys(scope.account for scope in others):
        if account not in estate.accounts[name].vault_for:
            yield f"the estate does not say that '{name}' is a vault for '{account}'"
    for region in dict.fromkeys(scope.region for scope in others):
        if region not in estate.accounts[name].regions:
            yield f"the vault '{name}' does not list the region '{region}'"


def needs(arguments: Cover, setting: Setting) -> Query:
    """Hosts, disks, snapshots and automatic policies of every place, and of where copies are promised."""
    places = scopes(arguments, setting.estate)
    accounts = dict.fromkeys(scope.account for scope in places)
    promised = [Scope(account, region) for account in accounts for region in arguments.copied_to]
    promised += [Scope(vault, scope.region) for vault in arguments.vaults for scope in places]
    kinds = frozenset({Kind.HOSTS, Kind.DISKS, Kind.SNAPSHOTS, Kind.POLICIES})
    return Query(tuple(dict.fromkeys([*places, *promised])), kinds)


def conclude(
    facts: Facts,
    _plan: actions.Plan,
    _outcomes: Mapping[str, actions.Outcome],
    arguments: Cover,
    setting: Setting,
) -> Conclusion:
    """A row a volume; FAIL where one is surely not covered, UNKNOWN where one cannot be judged."""
    judged = frozenset(scopes(arguments, setting.estate))
    # Who names accounts or regions does not mean what is in none of them.
    everywhere = not (arguments.accounts or arguments.environments or arguments.regions)
    rows = cover(
        facts,
        Promised(arguments.younger_than, arguments.copied_to, judged, arguments.vaults),
        setting.estate.hosts if everywhere else (),
    )
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
        id=f"snapshots.cover/{row.status.value.replace(' ', '-')}",
        severity=Severity.HIGH,
        subject=row.disk or row.host,
        where="/".join(part for part in (row.account, row.region, row.host) if part),
        why=f"{row.why}; {row.automatic}" if row.automatic else row.why,
        fix=FIX[row.status] if row.account else FIX_ELSEWHERE,
    )


STEP = Step(arguments=Cover, problems=problems, needs=needs, conclude=conclude)
