"""A run's report for a terminal and for mail."""

from __future__ import annotations

from collections.abc import Iterator

from drkit.core.text import harmless
from drkit.core.verdicts import Outcome
from drkit.report.copies import text_lines
from drkit.report.gathering import RunReport, StepReport
from drkit.report.picture import grid

MARK = {Outcome.PASS: "PASS", Outcome.FAIL: "FAIL", Outcome.UNKNOWN: "UNKNOWN"}
MOST_FINDINGS = 20


def text(report: RunReport) -> str:
    """The report as lines of plain text."""
    return "\n".join(harmless(line) for line in _lines(report)) + "\n"


def _lines(report: RunReport) -> Iterator[str]:
    yield f"{MARK[report.verdict]}  {report.playbook} on {report.estate}, slot {report.slot}"
    if report.reason:
        yield f"  {report.reason}"
    yield ""
    for step in report.steps.values():
        yield from _step_lines(step)
    confirmed = ", ".join(
        f"{name} = {next(iter(powers.values()))['account']}"
        for name, powers in sorted(report.accounts.items())
    )
    for thing in report.left:
        yield f"left behind: {thing}: drkit undo {report.run}"
    yield f"run {report.run}, {report.started} to {report.ended or 'no end'}; accounts confirmed: {confirmed}"


def _step_lines(step: StepReport) -> Iterator[str]:
    counts = ", ".join(f"{count} {name}" for name, count in step.counts)
    yield f"  {MARK[step.verdict]:<8}{step.title}: {counts or 'nothing'}"
    if step.reason and step.verdict is not Outcome.PASS:
        yield f"          {step.reason}"
    for scope, seen in step.seen.items():
        for kind, count in seen.items():
            if isinstance(count, dict) and count["unread"] != "not asked for":
                yield f"          not read: {kind} of {scope}: {count['unread']}"
    for finding in step.findings[:MOST_FINDINGS]:
        yield f"          {finding['subject']} ({finding['where']}): {finding['why']}"
        yield f"            fix: {finding['fix']}"
        if fingerprint := finding.get("fingerprint"):
            yield f"            finding {fingerprint}"
    if (more := len(step.findings) - MOST_FINDINGS) > 0:
        yield f"          and {more} more: drkit report --format json"
    yield from _waived_lines(step)
    yield from (f"          {line}" for line in grid(step.rows))
    yield from (f"          {line}" for line in text_lines(step.rows))
    yield ""


def _waived_lines(step: StepReport) -> Iterator[str]:
    if step.waived:
        yield f"          waived: {len(step.waived)}"
    for finding in step.waived[:MOST_FINDINGS]:
        waiver = finding["waived"]
        yield f"          {finding['subject']} ({finding['where']}): {finding['why']}"
        yield f"            waived by {waiver['owner']} until {waiver['until']}: {waiver['reason']}"
    if (more := len(step.waived) - MOST_FINDINGS) > 0:
        yield f"          and {more} more that are waived: drkit report --format json"
