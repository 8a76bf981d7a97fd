"""``drkit report``: a run's report, made again from its evidence alone."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from drkit.core import exits
from drkit.core.errors import DrkitError, UsageError
from drkit.core.evidence import keys, layout
from drkit.core.evidence.reading import read
from drkit.core.evidence.verify import verify
from drkit.core.results import json_text, result, write_result
from drkit.core.state import find_state, state_root
from drkit.core.verdicts import STATUS, Outcome, Verdict, worst
from drkit.flows.ending import Ended
from drkit.flows.loading import load_estate
from drkit.report.copies_metrics import openmetrics
from drkit.report.gathering import RunReport, gather
from drkit.report.html import html
from drkit.report.text import text


def report(arguments: argparse.Namespace) -> int:
    """Print a run's report; the exit status is the run's own."""
    estate = load_estate(arguments.estate)
    evidence = find_state(state_root(arguments.state), estate.estate).evidence
    refuse_altered(evidence)
    chosen = _choose(gather_runs(evidence), arguments.run)
    write_result(render([chosen], arguments.format, "report", arguments.language), arguments.output)
    return exits.first_that_applies(set(chosen.statuses) or {STATUS[chosen.verdict]})


def report_ended(arguments: argparse.Namespace, evidence: Path, ended: list[Ended]) -> int:
    """Report what has just been carried out; the first exit status that applies of all."""
    runs = gather_runs(evidence)
    told = [_told(each, runs) for each in ended if each.run]
    text = render(told, arguments.format, arguments.command)
    write_result(text, arguments.output)
    return exits.first_that_applies({status for each in ended for status in each.statuses})


def _told(ended: Ended, runs: dict[str, RunReport]) -> RunReport:
    """A run as its evidence tells it; one that could not be taken up is said to be so."""
    told = runs.get(ended.run, RunReport(ended.run))
    if ended.lost:
        told.verdict, told.reason, told.state = Outcome.UNKNOWN, ended.verdict.reason, "cannot be taken up"
    told.statuses = sorted({*told.statuses, *ended.statuses})
    return told


def refuse_altered(evidence: Path) -> None:
    """A report is made of evidence that holds, or not at all.

    Raises:
        EvidenceFailedError: the evidence is not what its checkpoints say.
        UsageError: there is none.
    """
    if not (evidence / layout.LOG).is_file():
        raise UsageError(f"there is no evidence in {evidence}", hint="nothing has run yet")
    found = verify(evidence, keys.read_verifier_keys(evidence / layout.VERIFIER_KEY))
    if found.verdict == "fail":
        first = next(problem for problem in found.problems if problem.verdict == "fail")
        raise EvidenceFailedError(
            f"the evidence in {evidence} does not hold: {first.what}", hint="see `drkit evidence verify`"
        )
    if found.covered < found.size:
        raise EvidenceFailedError(
            f"{found.size - found.covered} entries of {evidence} are not signed",
            hint="a run was broken off, or somebody added to it: `drkit recover`, then `drkit evidence verify`",
        )


class EvidenceFailedError(DrkitError):
    """The evidence is not what its checkpoints say."""

    status = exits.BAD


def gather_runs(evidence: Path) -> dict[str, RunReport]:
    """Every run of an evidence directory, in its order."""
    return gather(entry for _, entry in read(evidence))


def _choose(runs: dict[str, RunReport], prefix: str | None) -> RunReport:
    found = [run for id_, run in runs.items() if prefix is None or id_.startswith(prefix)]
    if not found:
        raise UsageError(
            f"the evidence has no run {prefix or 'at all'}", hint="`drkit evidence show` lists what there is"
        )
    if prefix is not None and len(found) > 1:
        names = ", ".join(run.run for run in found[:5])
        raise UsageError(f"{len(found)} runs begin with {prefix}: {names}", hint="write more of the id")
    return found[-1]


def render(reports: list[RunReport], form: str, command: str, language: str = "en") -> str:
    """One or several runs in one form.

    Raises:
        UsageError: a page of more than one run was asked for.
    """
    match form:
        case "json":
            return json_text(_as_data(reports, command))
        case "openmetrics":
            return openmetrics(reports)
        case "html" if len(reports) == 1:
            return html(reports[0], language)
        case "html":
            raise UsageError(
                "one page shows one run", hint="run one playbook, or use `drkit report RUN --format html`"
            )
        case _:
            return "\n".join(text(report) for report in reports)


def _as_data(reports: list[RunReport], command: str) -> dict[str, Any]:
    return result(
        command,
        worst(_verdict(report) for report in reports),
        summary={"runs": len(reports)},
        findings=[finding for report in reports for finding in report.findings],
        waived=[finding for report in reports for finding in report.waived],
        statuses=sorted({status for report in reports for status in report.statuses}),
        runs=[_run_as_data(report) for report in reports],
    )


def _verdict(report: RunReport) -> Verdict:
    return Verdict(Outcome(report.verdict), report.reason)


def _run_as_data(report: RunReport) -> dict[str, Any]:
    return {
        "id": report.run,
        "playbook": report.playbook,
        "estate": report.estate,
        "slot": report.slot,
        "started": report.started,
        "ended": report.ended,
        "state": report.state,
        "created": report.created,
        "kept": report.kept,
        "removed": report.removed,
        "left": report.left,
        "verdict": report.verdict.value,
        "reason": report.reason,
        "accounts": report.accounts,
        "steps": [
            {
                "name": step.name,
                "uses": step.uses,
                "verdict": step.verdict.value,
                "reason": step.reason,
                "summary": step.summary,
                "waived": len(step.waived),
                "seen": step.seen,
                "rows": step.rows,
            }
            for step in report.steps.values()
        ],
    }
