"""Findings as SARIF 2.1.0 (OASIS), for the code scanning of other people's CI."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from drkit import __version__
from drkit.access.checks import checks
from drkit.core.verdicts import Finding, Severity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
NOT_UNDERSTOOD = "access.audit/not-understood"


def sarif(findings: Iterable[Finding], unknown: Iterable[str]) -> dict[str, Any]:
    """One run; what was not understood is a result of its own, so that it is not taken for clean."""
    results = [_result(f.id, LEVELS[f.severity], f.why, f.where, f.fingerprint) for f in findings]
    for each in unknown:
        place, _, why = each.partition(": ")
        results.append(_result(NOT_UNDERSTOOD, "warning", why, place, ""))
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
    yield {"id": NOT_UNDERSTOOD, "shortDescription": {"text": "A policy was not understood."}}


def _result(rule: str, level: str, why: str, where: str, fingerprint: str) -> dict[str, Any]:
    path, _, rest = where.partition(".json:")
    line, _, column = rest.partition(":")
    region = {"startLine": int(line or 1), "startColumn": int(column or 1)}
    location = {"artifactLocation": {"uri": quote(f"{path}.json")}, "region": region}
    made: dict[str, Any] = {
        "ruleId": rule,
        "level": level,
        "message": {"text": why},
        "locations": [{"physicalLocation": location}],
    }
    return made | ({"partialFingerprints": {"drkit/v1": fingerprint}} if fingerprint else {})
