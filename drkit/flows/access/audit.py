"""``drkit access audit``: what is wrong with policies, from their texts alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from drkit.access.audit import Audited, audit
from drkit.access.language.form import Dialect
from drkit.core import exits
from drkit.core.errors import UsageError
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.text import harmless_lines
from drkit.core.verdicts import STATUS, Outcome, Verdict
from drkit.flows.access.sarif import sarif

COMMAND = "access audit"


def audit_policies(arguments: argparse.Namespace) -> int:
    """Audit each ``.json`` file of a directory.

    Raises:
        UsageError: there is none, or one cannot be read.
    """
    check_output(arguments.output)
    paths = sorted(arguments.policies.glob("*.json"))
    if not paths:
        raise UsageError(f"{arguments.policies} holds no .json file", hint="one policy document a file")
    audited = [audit(Dialect(arguments.dialect), str(path), _read(path)) for path in paths]
    statuses = _statuses(audited)
    write_result(_told(arguments.format, audited, statuses), arguments.output)
    return exits.first_that_applies(statuses)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None


def _statuses(audited: list[Audited]) -> set[int]:
    found = {Outcome.FAIL} if any(each.findings for each in audited) else set[Outcome]()
    if any(each.unknown for each in audited):
        found.add(Outcome.UNKNOWN)
    return {STATUS[outcome] for outcome in found or {Outcome.PASS}}


def _verdict(statuses: set[int]) -> Verdict:
    if exits.BAD in statuses:
        return Verdict(Outcome.FAIL)
    if exits.NOTHING_CONCLUDED in statuses:
        return Verdict(Outcome.UNKNOWN, "some policies were not understood")
    return Verdict(Outcome.PASS)


def _told(form: str, audited: list[Audited], statuses: set[int]) -> str:
    findings = [finding for each in audited for finding in each.findings]
    unknown = [place for each in audited for place in each.unknown]
    if form == "sarif":
        return json_text(sarif(findings, unknown))
    if form == "json":
        summary = {"policies": len(audited), "findings": len(findings), "not_understood": len(unknown)}
        data = [finding.as_data() for finding in findings]
        verdict = _verdict(statuses)
        return json_text(
            result(
                COMMAND, verdict, summary=summary, findings=data, statuses=statuses, not_understood=unknown
            )
        )
    lines = [f"{f.where}: {f.severity}: {f.why} ({f.id})\n  {f.fix}" for f in findings]
    lines += [f"{place} (not understood)" for place in unknown]
    lines.append(f"{len(audited)} policies: {len(findings)} findings, {len(unknown)} not understood")
    return harmless_lines("\n".join(lines))
