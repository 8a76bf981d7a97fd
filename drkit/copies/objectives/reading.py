"""What `copies.reconcile` finds out of a dataset, as rows and findings of the estate's; pure but for `read`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from drkit.copies.objectives import rule
from drkit.copies.objectives.chosen import places
from drkit.copies.objectives.rule import State
from drkit.copies.reconcile.compare import Means, compare
from drkit.copies.reconcile.comparing import Asked
from drkit.core.datasets import Dataset
from drkit.core.estate import Estate
from drkit.core.verdicts import Conclusion, Finding, Outcome, Severity, Verdict
from drkit.ports.rooms import Room

STEP = "copies.reconcile"
# Of a comparison's row: what is said otherwise here, or asked of `copies.grow`.
NOT_TOLD = frozenset(
    {"copy", "verdict", "unknown", "vanished", "overwritten", "appeared", "not_comparable_since"}
)
STATES = {"pass": State.WHOLE, "fail": State.DIFFERS, "unknown": State.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of one dataset.

    Args:
        begun: when what tells of each copy was begun, as far as that is known.
        at: when this was found out.
    """

    conclusion: Conclusion
    begun: Mapping[str, datetime | None]
    at: datetime


def read(name: str, dataset: Dataset, room: Room, memory: str | None, *, versions: bool) -> Compared:
    """Hold a dataset's copies against each other; raises as `compare`."""
    found = {place.name: place for place in places(name, dataset, room)}
    classes = {
        copy: promised.storage_class for copy, promised in dataset.copies.items() if promised.storage_class
    }
    asked = Asked(
        copies={copy: place.open for copy, place in found.items()},
        classes=classes,
        versions=versions,
        fresh=True,  # a dataset says how old its copies may be
    )
    room.progress(f"comparing the copies of {name}")
    conclusion = compare(asked, Means(room.state, memory))
    return Compared(conclusion, {copy: place.begun() for copy, place in found.items()}, room.clock())


def conclude(name: str, dataset: Dataset, compared: Compared, estate: Estate) -> Conclusion:
    """The verdict on one dataset: what its copies are, and whether its rule is kept."""
    told = compared.conclusion
    findings = tuple(_of_dataset(finding, name, dataset) for finding in told.findings)
    states = {row["copy"]: STATES[row["verdict"]] for row in told.rows}
    kept = rule.judge(dataset, states, estate, len(findings))
    if kept.short:
        findings = (*findings, _short(name, dataset, kept))
    verdict, otherwise = told.verdict, told.otherwise
    if kept.short and told.verdict.outcome is not Outcome.FAIL:
        verdict = Verdict(Outcome.FAIL, f"{name}: the rule {dataset.rule} is not kept: {kept.why}")
        otherwise = told.verdict
    return Conclusion(
        verdict=replace(verdict, reason=_named(name, verdict.reason)),
        summary={"rules_kept": int(kept.outcome is Outcome.PASS), "rules": 1},
        findings=findings,
        rows=tuple(_rows(name, dataset, compared, estate, kept)),
        otherwise=otherwise and replace(otherwise, reason=_named(name, otherwise.reason)),
    )


def _named(name: str, reason: str) -> str:
    return reason if not reason or reason.startswith(f"{name}:") else f"{name}/{reason}"


def _rows(
    name: str, dataset: Dataset, compared: Compared, estate: Estate, kept: rule.Kept
) -> Iterator[dict[str, Any]]:
    for row in compared.conclusion.rows:
        copy = dataset.copies[row["copy"]]
        begun = compared.begun.get(row["copy"])
        yield {
            "dataset": name,
            "copy": row["copy"],
            "account": copy.account,
            "cloud": estate.accounts[copy.account].cloud,
            "region": copy.region,
            "status": STATES[row["verdict"]].value,
            "age": None if begun is None else int((compared.at - begun).total_seconds()),
            "immutable": copy.immutable,
            **{key: value for key, value in row.items() if key not in NOT_TOLD},
            "why": "; ".join(row["unknown"]) or row["why"],
            "rule": rule.told(kept, dataset.rule),
        }


def _of_dataset(finding: Finding, name: str, dataset: Dataset) -> Finding:
    copy = dataset.copies[finding.subject]
    return replace(finding, subject=f"{name}/{finding.subject}", where=f"{copy.account}/{copy.region}")


def _short(name: str, dataset: Dataset, kept: rule.Kept) -> Finding:
    return Finding(
        id=f"{STEP}/rule",
        severity=Severity.HIGH,
        subject=name,
        where="datasets",
        why=f"the rule {dataset.rule} is not kept: {kept.why}",
        fix="promise what is missing in the estate, and make it: another copy, cloud, region or lock",
    )
