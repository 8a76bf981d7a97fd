"""Findings as SARIF 2.1.0 (OASIS), for the code scanning of other people's CI."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from drkit import __version__
from drkit.access.checks import checks
from drkit.core.verdicts import Finding, Severity
from drkit.core.waivers import Waived

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
NOT_UNDERSTOOD = "access.audit/not-understood"
PLACE = re.compile(r"(?P<path>.+):(?P<line>[0-9]+):(?P<column>[0-9]+)")
NOT_READ = re.compile(r"(?P<place>.+?:[0-9]+:[0-9]+|[^:]+): (?P<why>.*)", re.DOTALL)


def sarif(
    findings: Iterable[Finding], unknown: Iterable[str], waived: Iterable[Waived] = ()
) -> dict[str, Any]:
    """One run; what was not understood is a result of its own, so that it is not taken for clean."""
    results = [_of_finding(each) for each in findings]
    for each in waived:
        told = f"{each.waiver.owner} until {each.waiver.until}: {each.waiver.reason}"
        suppressed = {"suppressions": [{"kind": "external", "justification": told}]}
        results.append(_of_finding(each.finding) | suppressed)
    for place in unknown:
        match = NOT_READ.fullmatch(place)
        where, why = (match["place"], match["why"]) if match else ("", place)
        results.append(_result(NOT_UNDERSTOOD, "warning", why, where, ""))
    driver = {"name": "drkit", "version": __version__, "rules": list(_rules())}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _rules() -> Iterable[dict[str, Any]]:
    for module in checks():
        short, _, whole = (module.__doc__ or "").partition("\n\n")
        yield {
            "id": module.CHECK.id,
            "shortDescription": {"text": short},
            "fullDescription": {"text": whole.strip()},
            "help": {"text": module.CHECK.fix},
            "defaultConfiguration": {"level": LEVELS[module.CHECK.severity]},
        }
    yield {"id": NOT_UNDERSTOOD, "shortDescription": {"text": "Something was not read or not understood."}}


def _of_finding(finding: Finding) -> dict[str, Any]:
    place = finding.where if PLACE.fullmatch(finding.where) else f"{finding.where}/{finding.subject}"
    return _result(finding.id, LEVELS[finding.severity], finding.why, place, finding.fingerprint)


def _result(rule: str, level: str, why: str, where: str, fingerprint: str) -> dict[str, Any]:
    """A result; what stands in no text has a place in an account and none in a file."""
    match = PLACE.fullmatch(where)
    if match:
        region = {"startLine": int(match["line"]), "startColumn": int(match["column"])}
        location: dict[str, Any] = {
            "physicalLocation": {"artifactLocation": {"uri": quote(match["path"])}, "region": region}
        }
    else:
        location = {"logicalLocations": [{"fullyQualifiedName": where}]}
    made: dict[str, Any] = {"ruleId": rule, "level": level, "message": {"text": why}, "locations": [location]}
    return made | ({"partialFingerprints": {"drkit/v1": fingerprint}} if fingerprint else {})
