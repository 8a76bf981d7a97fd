"""What came of copies since their last manifests: a verdict, findings and rows; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from drkit.copies.growing.comparing import LOST, Grown
from drkit.core.verdicts import Conclusion, Finding, Outcome, Severity, Verdict, worst

STEP = "copies.grow"
CURVE = 60  # manifests that a row tells of
WORDS = {
    "vanished": "objects were there and are gone",
    "overwritten": "objects were written again with other content",
    "version-deleted": "versions were there and are gone",
}
FIXES = {
    "vanished": "find out who removed them, and restore them; if they may go: drkit copies release",
    "overwritten": "find out who wrote them, and restore what was there; if that may go: drkit copies release",
    "version-deleted": "find out who removed them, and restore them; if they may go: drkit copies release",
    "manifest-missing": "find out who took it away, and restore it from a backup of the state",
    "manifest-altered": "find out who changed it, and restore it from a backup of the state",
}


def row_of(
    grown: Grown, where: Mapping[str, Any], people: Mapping[str, tuple[str, ...]] = MappingProxyType({})
) -> dict[str, Any]:
    """One copy as plain data, as evidence and report have it.

    Args:
        grown: what came of it.
        where: what it is called and where it is.
        people: who gave each approval.
    """
    counts = {name.replace("-", "_"): grown.counts.get(name, 0) for name in ("appeared", *LOST)}
    unknown = list(_unknown(grown))
    lost = any(grown.counts.get(name) for name in LOST) or bool(grown.broken)
    return {
        **where,
        "status": "lost" if lost else "unknown" if unknown else "grown",
        "objects": grown.head.data["objects"] if grown.head else None,
        "bytes": grown.head.data["bytes"] if grown.head else None,
        **(counts if grown.head else dict.fromkeys(counts)),
        "above": {name.replace("-", "_"): count for name, count in grown.above.items()},
        "allowed": grown.allowed,
        "approvals": [{"id": id_, "people": list(people.get(id_, ()))} for id_ in sorted(grown.used)],
        "refused": grown.refused.name if grown.refused else None,
        "why": "; ".join(unknown),
        "broken": [{"number": each.number, "name": each.name, "why": each.why} for each in grown.broken],
        "first": dict(grown.first),
        "manifest": _manifest(grown),
        "growth": _growth(grown),
    }


def _manifest(grown: Grown) -> dict[str, Any] | None:
    if grown.head is None:
        return None
    data = grown.head.data
    named = {name: data[name] for name in ("number", "root", "previous", "leaves", "rows")}
    return {**named, "head": grown.head.digest}


def _growth(grown: Grown) -> list[list[Any]]:
    """When how much was there: [moment, objects, bytes], the oldest first."""
    heads = [*grown.heads, *([grown.head] if grown.head else [])][-CURVE:]
    return [[head.data["made"], head.data["objects"], head.data["bytes"]] for head in heads]


def _unknown(grown: Grown) -> Iterator[str]:
    if grown.refused:
        yield str(grown.refused)
    if count := grown.counts.get("not-comparable"):
        yield f"not-comparable: {count} objects have nothing that tells whether they were overwritten"


def conclude(rows: Iterable[Mapping[str, Any]]) -> Conclusion:
    """The verdict on the rows of all copies."""
    told = tuple(dict(row) for row in rows)
    findings = tuple(finding for row in told for finding in _findings(row))
    unknown = [Verdict(Outcome.UNKNOWN, f"{_name(row)}: {row['why']}") for row in told if row["why"]]
    otherwise = worst([*unknown, *([Verdict(Outcome.PASS)] if told and not unknown else [])])
    above = [Verdict(Outcome.FAIL, f"{_name(row)}: {said}") for row in told for said in _above(row)]
    if not unknown and above:
        otherwise = above[0]
    bad = (
        Verdict(Outcome.FAIL, f"{findings[0].subject}: {findings[0].why}")
        if findings
        else worst([*above, otherwise])
    )
    counted = ("appeared", "vanished", "overwritten", "version_deleted", "allowed")
    return Conclusion(
        verdict=bad,
        summary={
            "copies": len(told),
            "unknown": sum(bool(row["why"]) for row in told),
            **{name: sum(row[name] or 0 for row in told) for name in counted},
        },
        findings=findings,
        rows=told,
        otherwise=otherwise,
    )


def _name(row: Mapping[str, Any]) -> str:
    return "/".join(row[name] for name in ("dataset", "copy") if row.get(name))


def _above(row: Mapping[str, Any]) -> Iterator[str]:
    """What an earlier step of the run has a finding of: it stays bad, and makes no second one."""
    for name in LOST:
        if count := row["above"].get(name.replace("-", "_")):
            yield f"{count} {WORDS[name]}, as found above"


def _findings(row: Mapping[str, Any]) -> Iterator[Finding]:
    for name in LOST:
        told = name.replace("-", "_")
        if count := (row[told] or 0) - row["above"].get(told, 0):
            yield _finding(row, name, f"{count} {WORDS[name]}, the first: {row['first'][name]}")
    for broken in row["broken"]:
        yield _finding(row, broken["name"], f"manifest {broken['number']}: {broken['why']}", broken["number"])


def _finding(row: Mapping[str, Any], name: str, why: str, number: int | None = None) -> Finding:
    where = "/".join(row[part] for part in ("account", "region") if row.get(part)) or _name(row)
    return Finding(
        id=f"{STEP}/{name}",
        severity=Severity.CRITICAL,
        subject=_name(row) if number is None else f"{_name(row)}/{number}",
        where=where,
        why=why,
        fix=FIXES[name],
    )
