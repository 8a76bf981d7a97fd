"""What came of keeping snapshots, and of deleting those that are not needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drkit.core.actions import Action, Done, Failed, Outcome, Pending, Plan, Skipped, Uncertain, Why
from drkit.core.verdicts import Conclusion, Finding, Severity, Verdict, worst
from drkit.core.verdicts import Outcome as VerdictOutcome
from drkit.ports.facts import Facts
from drkit.ports.steps import Setting
from drkit.snapshots.concluding import NOT_CARRIED_OUT, otherwise, unread_verdicts
from drkit.snapshots.growing import EXTEND, MARK, UNMARK

DONE = {EXTEND: "extended", MARK: "marked", UNMARK: "unmarked"}  # whatever else is done deletes


@dataclass(frozen=True, slots=True)
class _Wrong:
    """What a failure is called, and what mends it."""

    kind: str
    severity: Severity
    fix: str


TOO_EARLY = _Wrong(
    "snapshots.keep/ends-too-early",
    Severity.HIGH,
    "see that the broker runs and may change deadlines; the next run tries again, as long as it is there",
)
NOT_MARKED = _Wrong(
    "snapshots.keep/not-marked", Severity.LOW, "see what the broker said; the next run tries again"
)
NOT_DELETED = _Wrong(
    "snapshots.discard/failed", Severity.MEDIUM, "see what the cloud said; the next run looks anew"
)
NOT_PLANNED = _Wrong(
    "snapshots.keep/not-planned",
    Severity.HIGH,
    "where the grid was shortened by mistake, mend it; where so many are to go, raise `at_most`, and have it approved; "
    "where a disk or host is named that is not there, mend the selection",
)
WRONG = {EXTEND: TOO_EARLY, MARK: NOT_MARKED, UNMARK: NOT_MARKED}


@dataclass(frozen=True, slots=True)
class _Row:
    """One snapshot, or one disk of which nothing is to do, and what came of it."""

    account: str
    region: str
    target: str
    disk: str
    status: str
    why: str
    wrong: _Wrong | None = None
    unknown: bool = False

    def verdict(self) -> Verdict:
        if self.wrong:
            return Verdict(VerdictOutcome.FAIL, f"{self.target}: {self.why}")
        if self.unknown:
            return Verdict(VerdictOutcome.UNKNOWN, f"{self.target}: {self.why}")
        return Verdict(VerdictOutcome.PASS)

    def findings(self) -> Iterator[Finding]:
        if self.wrong:
            where = f"{self.account}/{self.region}"
            wrong = self.wrong
            yield Finding(wrong.kind, wrong.severity, self.target, where, self.why, wrong.fix)

    def as_data(self) -> dict[str, Any]:
        names = ("account", "region", "target", "disk", "status", "why")
        return {name: getattr(self, name) for name in names}


def conclude(
    facts: Facts, plan: Plan, outcomes: Mapping[str, Outcome], _arguments: Any, _setting: Setting
) -> Conclusion:
    """FAIL where a snapshot surely ends too early or was not deleted, UNKNOWN where nobody can say."""
    rows = (*_acted(plan, outcomes), *map(_left, plan.skipped))
    verdicts = [*unread_verdicts(facts), *(row.verdict() for row in rows)]
    return Conclusion(
        verdict=_with_count(worst(verdicts), rows),
        summary={"rows": len(rows), **dict(sorted(Counter(row.status for row in rows).items()))},
        findings=tuple(finding for row in rows for finding in row.findings()),
        rows=tuple(row.as_data() for row in rows),
        otherwise=otherwise(verdicts),
    )


def _with_count(verdict: Verdict, rows: tuple[_Row, ...]) -> Verdict:
    """A FAIL says how many, and names the first."""
    if verdict.outcome is not VerdictOutcome.FAIL:
        return verdict
    bad = sum(row.wrong is not None for row in rows)
    return Verdict(
        verdict.outcome, f"{bad} of {len(rows)} are not as they should be, the first: {verdict.reason}"
    )


def _acted(plan: Plan, outcomes: Mapping[str, Outcome]) -> Iterator[_Row]:
    """One row a snapshot and verb: what a later attempt did mends what an earlier process left open."""
    found: dict[tuple[str, str, str, str], tuple[Action, Outcome]] = {}
    for action in plan.actions:
        place = action.verb, action.account, action.region, action.thing
        outcome = outcomes.get(action.key, NOT_CARRIED_OUT)
        if place not in found or not isinstance(found[place][1], Done):
            found[place] = action, outcome
    for action, outcome in found.values():
        yield _row(action, outcome)


def _row(action: Action, outcome: Outcome) -> _Row:
    place = action.account, action.region, action.thing, str(action.arguments.get("disk", ""))
    match outcome:
        case Done():
            return _Row(*place, DONE.get(action.verb, "deleted"), action.reason)
        case Failed(_, reason):
            return _Row(*place, "failed", reason, wrong=WRONG.get(action.verb, NOT_DELETED))
        case Pending():
            return _Row(*place, "pending", "the cloud accepted its end, and still lists it", unknown=True)
        case Uncertain(reason):
            return _Row(*place, "uncertain", reason, unknown=True)


def _left(skipped: Skipped) -> _Row:
    place = skipped.account, skipped.region, skipped.target, ""
    if skipped.why is Why.DONE:
        return _Row(*place, "nothing to do", skipped.reason)
    if skipped.why is Why.UNCLEAR:
        return _Row(*place, "unclear", skipped.reason, unknown=True)
    return _Row(*place, "not planned", skipped.reason, wrong=NOT_PLANNED)
