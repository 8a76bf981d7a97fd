"""What came of taking snapshots, and of copying them to other regions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drkit.core.actions import Action, Done, Failed, Outcome, Pending, Plan, Uncertain, Why
from drkit.core.verdicts import Conclusion, Finding, Severity, Verdict, worst
from drkit.core.verdicts import Outcome as VerdictOutcome
from drkit.ports.facts import Facts, Unread
from drkit.ports.steps import Setting
from drkit.snapshots import elsewhere, joined, trouble
from drkit.snapshots.concluding import NOT_CARRIED_OUT, otherwise, unread_verdicts

FIXES: Mapping[str, str] = {**trouble.FIXES, **joined.FIXES}
PASSES = ("taken", "copied", "already there")
COPY_FIXES = {
    trouble.FAILED: "see what the cloud said; the next run of the same slot tries again",
    trouble.QUOTA: "raise the account's quota of snapshots in the other region; then run the slot again",
    "never-arrived": "see in the other region what became of it; the snapshot itself is good",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One disk, or one disk and a region that is to have a copy.

    Args:
        region: of the disk; for a copy that was there already, the region of the copy.
        to: the region of the copy; empty for the snapshot itself.
    """

    account: str
    region: str
    disk: str
    status: str
    why: str = ""
    snapshot: str = ""
    to: str = ""

    @property
    def verdict(self) -> Verdict:
        """FAIL where it surely is not there, UNKNOWN where nobody can say."""
        if self.status in PASSES:
            return Verdict(VerdictOutcome.PASS)
        outcome = VerdictOutcome.FAIL if self.status in self._fixes else VerdictOutcome.UNKNOWN
        return Verdict(outcome, f"{self.disk}{f' to {self.to}' if self.to else ''}: {self.why}")

    @property
    def finding(self) -> Finding | None:
        """What is surely wrong."""
        if self.status not in self._fixes:
            return None
        return Finding(
            id=f"snapshots.take/{'copy-' if self.to else ''}{self.status}",
            severity=Severity.HIGH,
            subject=self.disk,
            where=f"{self.account}/{self.to or self.region}",
            why=self.why,
            fix=self._fixes[self.status],
        )

    @property
    def _fixes(self) -> Mapping[str, str]:
        return COPY_FIXES if self.to else FIXES

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
    """FAIL where a disk surely has no snapshot or no copy of this slot, UNKNOWN where nobody can say."""
    rows = tuple(_rows(facts, plan, outcomes))
    verdicts = [*unread_verdicts(facts), *(row.verdict for row in rows)]
    return Conclusion(
        verdict=_with_count(worst(verdicts), rows),
        summary=_summary(rows),
        findings=tuple(finding for row in rows if (finding := row.finding)),
        rows=tuple(row.as_data() for row in rows),
        otherwise=otherwise(verdicts),
    )


def _summary(rows: tuple[Row, ...]) -> dict[str, Any]:
    snapshots = Counter(row.status for row in rows if not row.to and row.status not in joined.BESIDE)
    beside = Counter(row.status for row in rows if row.status in joined.BESIDE)
    copies = Counter(row.status for row in rows if row.to)
    summary: dict[str, Any] = {"disks": snapshots.total(), **dict(sorted((snapshots + beside).items()))}
    if copies:
        summary["copies"] = copies.total()
        summary |= {f"copies {status}": count for status, count in sorted(copies.items())}
    return summary


def _with_count(verdict: Verdict, rows: tuple[Row, ...]) -> Verdict:
    """A FAIL says how many, and names the first."""
    if verdict.outcome is not VerdictOutcome.FAIL:
        return verdict
    bad = [row for row in rows if row.finding and row.status not in joined.BESIDE]
    hosts, endless = (sum(row.status == status for row in rows) for status in (joined.APART, joined.ENDLESS))
    disks, copies = sum(not row.to for row in bad), sum(bool(row.to) for row in bad)
    all_disks = sum(not row.to and row.status not in joined.BESIDE for row in rows)
    told = [f"{disks} of {all_disks} disks got no snapshot"] if disks else []
    told += [f"{copies} of {sum(bool(row.to) for row in rows)} copies were not made"] if copies else []
    told += [f"the disks of {hosts} hosts were not taken together"] if hosts else []
    told += [f"{endless} snapshots have no end"] if endless else []
    return Verdict(VerdictOutcome.FAIL, f"{', '.join(told)}, the first: {verdict.reason}")


def _rows(facts: Facts, plan: Plan, outcomes: Mapping[str, Outcome]) -> Iterator[Row]:
    listed = _listed(facts)
    copied: set[tuple[str, str, str]] = set()
    for action in _last_words(plan.actions, outcomes):
        row = _row(action, outcomes.get(action.key, NOT_CARRIED_OUT))
        copied |= {(row.account, row.to, row.disk)}
        yield row
    apart: set[tuple[str, str, str]] = set()
    for action, about, status, why in joined.joined(plan.actions, outcomes):
        apart |= {(action.account, action.region, about)} if status == joined.APART else set()
        yield Row(action.account, action.region, about, status, why)
    for entry in plan.skipped:
        place = entry.account, entry.region, entry.target
        if entry.why is Why.APART and place in apart:
            continue  # what this very run did says it too
        # What is skipped for a disk of another region is a copy of it.
        to = entry.region if listed.get(place[::2], entry.region) != entry.region else ""
        if to and place in copied:
            continue  # this very run made it, before it was broken off
        status = "already there" if entry.why is Why.DONE else entry.why.value
        yield Row(entry.account, entry.region, entry.target, status, entry.reason, to=to)


def _last_words(actions: Iterable[Action], outcomes: Mapping[str, Outcome]) -> Iterator[Action]:
    """The actions of disks and copies, less those in whose place a later process did another upon the same disk."""
    ours = [action for action in actions if action.verb not in joined.VERBS]
    done = {
        (action.account, action.target)
        for action in ours
        if action.verb != elsewhere.VERB and isinstance(outcomes.get(action.key), Done)
    }
    for action in ours:
        undone = not isinstance(outcomes.get(action.key), Done)
        if action.verb == elsewhere.VERB or not (undone and (action.account, action.target) in done):
            yield action


def _listed(facts: Facts) -> dict[tuple[str, str], str]:
    """The region of each disk, by its account and id."""
    return {
        (region.scope.account, disk.id): region.scope.region
        for region in facts.regions
        if not isinstance(region.disks, Unread)
        for disk in region.disks
    }


def _row(action: Action, outcome: Outcome) -> Row:
    is_copy = action.verb == elsewhere.VERB
    disk = str(action.arguments["source"]) if is_copy else str(action.target)
    to = str(action.arguments["to"]) if is_copy else ""
    place = action.account, action.region, disk
    match outcome:
        case Done(created):
            return Row(*place, "copied" if is_copy else "taken", snapshot=created, to=to)
        case Pending(token):
            doing = "copied" if is_copy else "created"
            return Row(*place, "pending", f"{token} is still being {doing}", token, to)
        case Failed(code, reason):
            return Row(*place, _kind(code, to), reason, to=to)
        case Uncertain(reason):
            return Row(*place, "uncertain", reason, to=to)


def _kind(code: str, to: str) -> str:
    if code == elsewhere.NEVER_ARRIVED:
        return "never-arrived"
    kind = trouble.kind_of(code)
    return kind if not to or kind in COPY_FIXES else trouble.FAILED
