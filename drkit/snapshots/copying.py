"""What came of making full copies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drkit.core.actions import Action, Done, Failed, Outcome, Pending, Plan, Ref, Skipped, Uncertain, Why
from drkit.core.verdicts import Conclusion, Finding, Severity, Verdict, worst
from drkit.core.verdicts import Outcome as VerdictOutcome
from drkit.ports.disks import SnapshotState
from drkit.ports.facts import Facts, Unread
from drkit.ports.steps import Setting
from drkit.snapshots.concluding import NOT_CARRIED_OUT, otherwise, unread_verdicts
from drkit.snapshots.making import CREATE_FULL, CREATE_SCRATCH, DELETE_SCRATCH, copy_among

Place = tuple[str, str, str]
"""Account, region and the disk that is copied."""
WRONG = {
    "failed": "see what the cloud said; the next run of the same slot tries again",
    "impossible": "leave it out, copy it in another way, or see that `snapshots.take` makes a good snapshot",
}
VERDICTS = {
    "copied": VerdictOutcome.PASS,
    "already there": VerdictOutcome.PASS,
    "scratch": VerdictOutcome.PASS,
    "failed": VerdictOutcome.FAIL,
    "impossible": VerdictOutcome.FAIL,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One disk: whether it has its copy, and what became of the scratch disk."""

    account: str
    region: str
    disk: str
    status: str
    why: str = ""
    snapshot: str = ""
    scratch: str = ""

    @property
    def verdict(self) -> Verdict:
        """FAIL where it surely has no copy, UNKNOWN where nobody can say."""
        outcome = VERDICTS.get(self.status, VerdictOutcome.UNKNOWN)
        return Verdict(outcome, "" if outcome is VerdictOutcome.PASS else f"{self.disk}: {self.why}")

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {name: getattr(self, name) for name in Row.__slots__}


def conclude(
    facts: Facts,
    plan: Plan,
    outcomes: Mapping[str, Outcome],
    _arguments: Any,
    _setting: Setting,
) -> Conclusion:
    """FAIL where a disk surely has no full copy of this slot; what scratch was left behind stands in its row."""
    chains = _chains(plan, outcomes)
    skipped = {(each.account, each.region, each.target): each for each in plan.skipped}
    rows = [_row(place, chains.get(place, {}), skipped.get(place), facts) for place in {**chains, **skipped}]
    verdicts = [*unread_verdicts(facts), *(row.verdict for row in rows)]
    counts = Counter(row.status for row in rows)
    return Conclusion(
        verdict=_with_count(worst(verdicts), counts),
        summary={"disks": len(rows), **dict(sorted(counts.items()))},
        findings=tuple(_findings(rows)),
        rows=tuple(row.as_data() for row in rows),
        otherwise=otherwise(verdicts),
    )


Chain = dict[str, tuple[Action, Outcome]]
"""By verb, what was done for one disk and what came of it."""


def _chains(plan: Plan, outcomes: Mapping[str, Outcome]) -> dict[Place, Chain]:
    chains: dict[Place, Chain] = {}
    for action in plan.actions:
        place = action.account, action.region, str(action.arguments["source"])
        outcome = outcomes.get(action.key, NOT_CARRIED_OUT)
        chain = chains.setdefault(place, {})
        # An action that was planned anew upon a known id stands beside the one that was given up.
        if not isinstance(chain.get(action.verb, (action, None))[1], Done | Pending):
            chain[action.verb] = action, outcome
    return chains


def _row(place: Place, chain: Chain, skipped: Skipped | None, facts: Facts) -> Row:
    status, why, snapshot = _copy(chain, skipped)
    if status != "copied" and (there := _made_by_another(place, chain, facts)):
        status, why, snapshot = "already there", "another run of this slot made it", there
    return Row(*place, status, why, snapshot, _scratch(chain))


def _copy(chain: Chain, skipped: Skipped | None) -> tuple[str, str, str]:
    """Status, reason and snapshot of a disk."""
    made = chain.get(CREATE_FULL)
    if skipped and not (made and isinstance(made[1], Done)):
        return "already there" if skipped.why is Why.DONE else skipped.why.value, skipped.reason, ""
    match made[1] if made else chain.get(CREATE_SCRATCH, (None, NOT_CARRIED_OUT))[1]:
        case Done(created) if made:
            return "copied", "", created
        case Failed(_, reason):
            return "failed", reason, ""
        case Pending(token):
            return "pending", f"{token} is still being made", ""
        case Uncertain(reason):
            return "uncertain", reason, ""
    return "uncertain", NOT_CARRIED_OUT.reason, ""


def _made_by_another(place: Place, chain: Chain, facts: Facts) -> str:
    """The good copy of the slot that was there when this run was taken up again; empty where there was none."""
    if CREATE_FULL not in chain:
        return ""
    for region in facts.regions:
        if (region.scope.account, region.scope.region) == place[:2] and not isinstance(
            region.snapshots, Unread
        ):
            found = copy_among(chain[CREATE_FULL][0], region.snapshots)
            return found.id if found and found.state is SnapshotState.GOOD else ""
    return ""


def _scratch(chain: Chain) -> str:
    """What became of the scratch disk."""
    action, outcome = chain.get(DELETE_SCRATCH, (None, None))
    if action is None or isinstance(action.target, Ref):
        return ""
    return "removed" if isinstance(outcome, Done) else f"{action.target} was left behind: {_told(outcome)}"


def _told(outcome: Outcome | None) -> str:
    return outcome.reason if isinstance(outcome, Failed | Uncertain) else "it is still being removed"


def _with_count(verdict: Verdict, counts: Counter[str]) -> Verdict:
    """A FAIL says how many, and names the first."""
    if verdict.outcome is not VerdictOutcome.FAIL:
        return verdict
    bad = counts["failed"] + counts["impossible"]
    return Verdict(
        VerdictOutcome.FAIL, f"{bad} of {counts.total()} disks got no full copy, the first: {verdict.reason}"
    )


def _findings(rows: list[Row]) -> Iterator[Finding]:
    for row in rows:
        if row.status in WRONG:
            yield Finding(
                id=f"snapshots.full/{row.status}",
                severity=Severity.HIGH,
                subject=row.disk,
                where=f"{row.account}/{row.region}",
                why=row.why,
                fix=WRONG[row.status],
            )
