"""What came of taking snapshots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from drkit.core.actions import Action, Done, Failed, Outcome, Pending, Plan, Skipped, Uncertain, Why
from drkit.core.verdicts import Conclusion, Finding, Severity, Verdict, worst
from drkit.core.verdicts import Outcome as VerdictOutcome
from drkit.ports.facts import Facts
from drkit.ports.steps import Setting
from drkit.snapshots.concluding import NOT_CARRIED_OUT, otherwise, unread_verdicts


def conclude(
    facts: Facts,
    plan: Plan,
    outcomes: Mapping[str, Outcome],
    _arguments: Any,
    _setting: Setting,
) -> Conclusion:
    """FAIL where a disk surely has no snapshot of this slot, UNKNOWN where nobody can say."""
    judged = [(action, outcomes.get(action.key, NOT_CARRIED_OUT)) for action in plan.actions]
    verdicts = [
        *(unread_verdicts(facts)),
        *(_verdict(action, outcome) for action, outcome in judged),
        *(_skipped_verdict(skipped) for skipped in plan.skipped),
    ]
    rows = tuple(_rows(judged, plan.skipped))
    counts = Counter(row["status"] for row in rows)
    return Conclusion(
        verdict=_with_count(worst(verdicts), counts),
        summary={"disks": len(rows), **dict(sorted(counts.items()))},
        findings=tuple(_findings(judged, plan.skipped)),
        rows=rows,
        otherwise=otherwise(verdicts),
    )


def _with_count(verdict: Verdict, counts: Counter[str]) -> Verdict:
    """A FAIL says how many, and names the first."""
    bad = counts["failed"] + counts[Why.BUSY] + counts[Why.IMPOSSIBLE]
    if verdict.outcome is not VerdictOutcome.FAIL:
        return verdict
    return Verdict(
        VerdictOutcome.FAIL, f"{bad} of {counts.total()} disks got no snapshot, the first: {verdict.reason}"
    )


def _verdict(action: Action, outcome: Outcome) -> Verdict:
    match outcome:
        case Done():
            return Verdict(VerdictOutcome.PASS)
        case Failed(_, reason):
            return Verdict(VerdictOutcome.FAIL, f"{action.target}: {reason}")
        case Pending(token):
            return Verdict(VerdictOutcome.UNKNOWN, f"{action.target}: {token} is still being created")
        case Uncertain(reason):
            return Verdict(VerdictOutcome.UNKNOWN, f"{action.target}: {reason}")


def _skipped_verdict(skipped: Skipped) -> Verdict:
    if skipped.why is Why.DONE:
        return Verdict(VerdictOutcome.PASS)
    if skipped.why is Why.CREATING:
        return Verdict(VerdictOutcome.UNKNOWN, f"{skipped.target}: {skipped.reason}")
    return Verdict(VerdictOutcome.FAIL, f"{skipped.target}: {skipped.reason}")


def _rows(judged: list[tuple[Action, Outcome]], skipped: tuple[Skipped, ...]) -> Iterator[dict[str, Any]]:
    for action, outcome in judged:
        status, detail = _told(outcome)
        yield {
            "account": action.account,
            "region": action.region,
            "disk": action.target,
            "status": status,
            "why": "" if status == "taken" else detail,
            "snapshot": detail if status in ("taken", "pending") else "",
        }
    for entry in skipped:
        yield {
            "account": entry.account,
            "region": entry.region,
            "disk": entry.target,
            "status": "already there" if entry.why is Why.DONE else entry.why.value,
            "why": entry.reason,
            "snapshot": "",
        }


def _told(outcome: Outcome) -> tuple[str, str]:
    match outcome:
        case Done(created):
            return "taken", created
        case Pending(token):
            return "pending", token
        case Failed(_, reason):
            return "failed", reason
        case Uncertain(reason):
            return "uncertain", reason


def _findings(judged: list[tuple[Action, Outcome]], skipped: tuple[Skipped, ...]) -> Iterator[Finding]:
    for action, outcome in judged:
        if isinstance(outcome, Failed):
            yield _finding("failed", action.account, action.region, action.thing, outcome.reason)
    for entry in skipped:
        if entry.why in (Why.BUSY, Why.IMPOSSIBLE):
            yield _finding(entry.why.value, entry.account, entry.region, entry.target, entry.reason)


FIX = {
    "failed": "see what the cloud said; the next run of the same slot tries again",
    "busy": "wait until the disk is at rest; the next run of the same slot tries again",
    "impossible": "move the data to a disk that can be snapshotted, or protect it by another copy",
}


def _finding(kind: str, account: str, region: str, disk: str, why: str) -> Finding:
    return Finding(
        id=f"snapshots.take/{kind}",
        severity=Severity.HIGH,
        subject=disk,
        where=f"{account}/{region}",
        why=why,
        fix=FIX[kind],
    )
