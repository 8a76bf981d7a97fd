"""What came of removing snapshots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drkit.core.actions import Done, Failed, Outcome, Pending, Plan, Uncertain, Why
from drkit.core.verdicts import Conclusion, Finding, Severity, Verdict, worst
from drkit.core.verdicts import Outcome as VerdictOutcome
from drkit.ports.facts import Facts
from drkit.ports.steps import Setting
from drkit.snapshots.concluding import NOT_CARRIED_OUT, otherwise, unread_verdicts

GONE, GONE_BEFORE = "removed", "gone already"
FIX = {
    "failed": "see what the cloud said; where the snapshot changed, ask for approval of what it is now",
    "busy": "wait until the snapshot is at rest, and run the playbook again",
    "impossible": "take a new snapshot of the disk first; or write `last_one: allow`, and have that approved",
}


@dataclass(frozen=True, slots=True)
class _Row:
    """One named snapshot, and what came of it."""

    account: str
    region: str
    snapshot: str
    disk: str
    status: str
    why: str

    def verdict(self) -> Verdict:
        if self.status in (GONE, GONE_BEFORE):
            return Verdict(VerdictOutcome.PASS)
        bad = self.status in FIX
        outcome = VerdictOutcome.FAIL if bad else VerdictOutcome.UNKNOWN
        return Verdict(outcome, f"{self.snapshot}: {self.why}")

    def finding(self) -> Finding:
        return Finding(
            id=f"snapshots.remove/{self.status}",
            severity=Severity.MEDIUM,
            subject=self.snapshot,
            where=f"{self.account}/{self.region}",
            why=self.why,
            fix=FIX[self.status],
        )

    def as_data(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _Row.__slots__}


def conclude(
    facts: Facts, plan: Plan, outcomes: Mapping[str, Outcome], _arguments: Any, _setting: Setting
) -> Conclusion:
    """PASS where every named snapshot is gone, FAIL where one surely is not, UNKNOWN where nobody can say."""
    rows = tuple(_rows(plan, outcomes))
    verdicts = [*unread_verdicts(facts), *(row.verdict() for row in rows)]
    return Conclusion(
        verdict=_with_count(worst(verdicts), rows),
        summary={"snapshots": len(rows), **dict(sorted(Counter(row.status for row in rows).items()))},
        findings=tuple(row.finding() for row in rows if row.status in FIX),
        rows=tuple(row.as_data() for row in rows),
        otherwise=otherwise(verdicts),
    )


def _with_count(verdict: Verdict, rows: tuple[_Row, ...]) -> Verdict:
    """A FAIL says how many, and names the first."""
    if verdict.outcome is not VerdictOutcome.FAIL:
        return verdict
    bad = sum(row.status in FIX for row in rows)
    return Verdict(
        verdict.outcome, f"{bad} of {len(rows)} snapshots were not removed, the first: {verdict.reason}"
    )


def _rows(plan: Plan, outcomes: Mapping[str, Outcome]) -> Iterator[_Row]:
    for action in plan.actions:
        status, why = _told(outcomes.get(action.key, NOT_CARRIED_OUT))
        disk = str(action.arguments.get("disk", ""))
        yield _Row(action.account, action.region, action.thing, disk, status, why)
    for entry in plan.skipped:
        status = GONE_BEFORE if entry.why is Why.DONE else entry.why.value
        yield _Row(entry.account, entry.region, entry.target, "", status, entry.reason)


def _told(outcome: Outcome) -> tuple[str, str]:
    match outcome:
        case Done():
            return GONE, ""
        case Pending():
            return "pending", "the cloud accepted its end, and still lists it"
        case Failed(_, reason):
            return "failed", reason
        case Uncertain(reason):
            return "uncertain", reason
