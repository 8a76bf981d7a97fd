"""The entries of one run become one record that every form of the report is made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from drkit.core import exits
from drkit.core.verdicts import Outcome

Entry = Mapping[str, Any]
NOT_CONCLUDED = "the run did not conclude: it was broken off, or it still goes on"
# What a summary counts all in all; its other counts are parts of it.
WHOLES = ("disks", "volumes")


@dataclass(slots=True)
class StepReport:
    """What one step saw, did and concluded."""

    name: str
    uses: str = ""
    verdict: Outcome = Outcome.UNKNOWN
    reason: str = "the step did not conclude"
    summary: dict[str, int] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    waived: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)
    planned: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def title(self) -> str:
        """Its name, and its verb where that is another word."""
        return self.name if self.name == self.uses or not self.uses else f"{self.name} ({self.uses})"

    @property
    def counts(self) -> list[tuple[str, int]]:
        """The summary, with what it counts all in all at the front."""
        return sorted(self.summary.items(), key=lambda item: (item[0] not in WHOLES, item[0]))


@dataclass(slots=True)
class RunReport:
    """One run, as its evidence tells it."""

    run: str
    estate: str = ""
    playbook: str = ""
    description: str = ""
    slot: str = ""
    started: str = ""
    ended: str = ""
    drkit: str = ""
    accounts: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    verdict: Outcome = Outcome.UNKNOWN
    reason: str = NOT_CONCLUDED
    state: str = "running or broken off"
    created: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    scratch: set[str] = field(default_factory=set)
    undone_kept: list[str] | None = None
    intended: dict[tuple[str, str], Entry] = field(default_factory=dict)
    not_understood: int = 0
    statuses: list[int] = field(default_factory=list)
    steps: dict[str, StepReport] = field(default_factory=dict)

    @property
    def kept(self) -> list[str]:
        """What it made to stay: of a run that has ended, all but scratch and what was removed since."""
        if self.undone_kept is not None:
            return self.undone_kept
        gone = self.scratch.union(self.removed)
        return [each for each in self.created if each not in gone] if self.state == "ended" else []

    @property
    def left(self) -> list[str]:
        """What it made, and neither keeps nor removed; of a run that goes on, nothing yet."""
        told = {*self.kept, *self.removed}
        ended = self.state in ("ended", "undone")
        return [each for each in self.created if each not in told] if ended else []

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The open findings of all steps, in their order."""
        return [finding for step in self.steps.values() for finding in step.findings]

    @property
    def waived(self) -> list[dict[str, Any]]:
        """The waived findings of all steps, each with its waiver."""
        return [finding for step in self.steps.values() for finding in step.waived]


def gather(entries: Iterable[Entry]) -> dict[str, RunReport]:
    """Every run of the evidence, in its order; entries that belong to no run are passed over."""
    reports: dict[str, RunReport] = {}
    for entry in entries:
        run = entry.get("run")
        if isinstance(run, str):
            report = reports.setdefault(run, RunReport(run))
            try:
                _add(report, entry)
            except (KeyError, TypeError, ValueError, AttributeError, IndexError):
                report.not_understood += 1
    for report in reports.values():
        _distrust(report)
    return reports


def _distrust(report: RunReport) -> None:
    """A run whose entries are not what drkit writes is UNKNOWN, whatever they say."""
    if report.not_understood:
        report.verdict = Outcome.UNKNOWN
        report.reason = f"{report.not_understood} of its entries are not what drkit writes"
    elif not report.started:
        report.verdict, report.reason = Outcome.UNKNOWN, "its evidence has no beginning"


def _add(report: RunReport, entry: Entry) -> None:
    match entry.get("kind"):
        case "run.started":
            for name in ("estate", "playbook", "description", "slot", "drkit", "accounts"):
                setattr(report, name, entry[name])
            report.started = entry["at"]
        case "run.concluded":
            report.verdict, report.reason = Outcome(entry["verdict"]), entry["reason"]
            report.statuses, report.ended = entry["statuses"], entry["at"]
            report.state = "undone" if entry.get("undone") else "ended"
        case "run.undone":
            report.removed += [each for each in entry["removed"] if each not in report.removed]
            report.undone_kept = entry["kept"]
        case "run.broken":
            report.reason, report.ended = f"broken off: {entry['reason']}", entry["at"]
            report.state = "broken off"
        case "run.suspended":
            pending = entry["pending"]
            report.reason = f"suspended: {len(pending)} still being created, the first: {pending[0]}"
            report.ended, report.state = entry["at"], "suspended"
            report.statuses = [exits.NOTHING_CONCLUDED]
        case "run.resumed":
            report.reason, report.ended, report.state = NOT_CONCLUDED, "", "running or broken off"
        case "checkpoint.unsent":
            report.statuses = sorted({*report.statuses, exits.NOTHING_CONCLUDED})
            report.steps.setdefault(entry["step"], StepReport(entry["step"])).reason = entry["reason"]
        case _ if isinstance(step := entry.get("step"), str):
            _add_thing(report, step, entry)
            _add_to_step(report.steps.setdefault(step, StepReport(step)), entry)


def _add_thing(report: RunReport, step: str, entry: Entry) -> None:
    """What an action made, or removed."""
    if entry["kind"] == "action.intended":
        report.intended[step, entry["action"]["key"]] = entry["action"]
    if entry.get("outcome") != "done":
        return
    action = report.intended.get((step, entry["key"]), {})
    if made := entry["created"]:
        report.created.append(made)
        if "scratch_until" in action.get("arguments", {}):
            report.scratch.add(made)
    elif action.get("effect") == "destroy" and entry["target"] not in report.removed:
        report.removed.append(entry["target"])


def _add_to_step(step: StepReport, entry: Entry) -> None:
    match entry["kind"]:
        case "step.looked":
            # A step that is taken up looks again; what it had told of rows before it broke off is told anew.
            step.seen, step.rows = entry["seen"], []
        case "step.planned":
            step.planned = entry["actions"]
        case "action.settled" if entry["outcome"] != "pending":
            step.outcomes[entry["outcome"]] += 1
        case "step.rows":
            step.rows += entry["rows"]
        case "step.concluded":
            step.uses, step.summary, step.findings = entry["uses"], entry["summary"], entry["findings"]
            # Evidence from before there were waivers has none.
            step.waived = [_with_whole_waiver(finding) for finding in entry.get("waived", [])]
            step.verdict, step.reason = Outcome(entry["verdict"]), entry["reason"]


def _with_whole_waiver(finding: dict[str, Any]) -> dict[str, Any]:
    """What is shown as waived says by whom, why and until when, or the entry is not understood."""
    waiver = finding["waived"]
    return {**finding, "waived": {name: waiver[name] for name in ("owner", "reason", "until")}}
