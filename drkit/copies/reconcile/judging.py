"""What the counts come to: a verdict a copy, and findings; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from drkit.copies.reconcile.comparing import Asked, Copied
from drkit.copies.reconcile.joining import CODES, SINCE, Told
from drkit.core.verdicts import Conclusion, Finding, Outcome, Severity, Verdict, worst

STEP = "copies.reconcile"
BAD = ("missing", "extra", "size_differs", "checksum_differs", "wrong_class", "vanished", "overwritten")
"""What is wrong; ``not_comparable`` is unknown instead, and ``appeared`` is what copies do."""
WORDS = {
    "missing": "of the reference are missing",
    "extra": "are not in the reference",
    "size_differs": "have another size than in the reference",
    "checksum_differs": "have another checksum than in the reference",
    "wrong_class": "are of another storage class than promised",
    "vanished": "were there the last time and are gone",
    "overwritten": "were written again since the last time",
}
FIXES = {
    "missing": "copy them again, and see why they did not arrive",
    "extra": "see who wrote them, or whether the reference lost them",
    "size_differs": "find out which of the two is right, and copy it again",
    "checksum_differs": "find out which of the two is right, and copy it again",
    "wrong_class": "see why the lifecycle rule does not reach them",
    "vanished": "find out who removed them, and restore them from another copy",
    "overwritten": "find out who wrote them, and whether an older version is kept",
}
SEVERITIES = {"extra": Severity.MEDIUM, "wrong_class": Severity.LOW}


def conclude(copies: Sequence[Copied], asked: Asked) -> Conclusion:
    """The verdict on all copies: what is surely wrong comes first, then what nobody knows."""
    reference = copies[0]
    rows = [_as_row(copied, reference, asked) for copied in copies]
    findings = [finding for row in rows for finding in _findings(row)]
    unknown = [
        Verdict(Outcome.UNKNOWN, f"{row['copy']}: {row['unknown'][0]}") for row in rows if row["unknown"]
    ]
    otherwise = worst([*unknown, *([Verdict(Outcome.PASS)] if not unknown else [])])
    bad = Verdict(Outcome.FAIL, f"{findings[0].subject}: {findings[0].why}") if findings else otherwise
    return Conclusion(
        verdict=bad,
        summary={
            "copies": len(rows),
            "unknown": sum(bool(row["unknown"]) for row in rows),
            **{
                name: sum(row[name] or 0 for row in rows)
                for name in (*BAD, "not_comparable", "unsettled", "appeared")
            },
        },
        findings=tuple(findings),
        rows=tuple(rows),
        otherwise=otherwise,
    )


def _as_row(copied: Copied, reference: Copied, asked: Asked) -> dict[str, Any]:
    """One copy as plain data: every count that there is, None where nobody knows."""
    against = _counts(copied.against, CODES)
    if copied is reference and copied.objects:
        against = dict.fromkeys(CODES.values(), 0)
    present = copied.rows if copied is reference else None
    if copied.against and reference.rows is not None:
        present = reference.rows - copied.against.counts[1] - copied.against.young[1]
    since = _counts(copied.since, SINCE)
    unknown = list(_unknown(copied, reference, asked))
    row = {
        "copy": copied.name,
        "objects": copied.rows,
        "present": present,
        **against,
        "unsettled": sum(copied.against.young.values()) if copied.against else against["missing"],
        "wrong_class": copied.wrong_class if copied.name in asked.classes else None,
        **{name: since[name] for name in ("vanished", "overwritten", "appeared")},
        "not_comparable_since": since["not_comparable"],
        "refused": copied.refused.name if copied.refused else None,
        "why": copied.refused.why if copied.refused else "",
        "unknown": unknown,
        "examples": _examples(copied),
        "keys": {name: list(keys) for name, keys in copied.named.items()},
        "notes": list(_notes(copied)),
    }
    wrong = any(row[name] for name in BAD)
    row["verdict"] = "fail" if wrong else "unknown" if unknown else "pass"
    return row


def _notes(copied: Copied) -> Iterator[str]:
    if copied.zoneless:
        yield "its times bear no zone, and were not used"
    if copied.against and (count := sum(copied.against.young.values())):
        yield f"{count} objects differ that were written after the copies began to be looked at: not judged yet"


def _counts(told: Told | None, codes: dict[int, str]) -> dict[str, int | None]:
    return {name: told.counts[code] if told else None for code, name in codes.items()}


def _examples(copied: Copied) -> dict[str, str]:
    found = {CODES[code]: key for code, key in (copied.against.examples if copied.against else {}).items()}
    for code, key in (copied.since.examples if copied.since else {}).items():
        found.setdefault(SINCE[code], key)
    if copied.class_example is not None:
        found["wrong_class"] = copied.class_example
    return found


def _unknown(copied: Copied, reference: Copied, asked: Asked) -> Iterator[str]:
    if copied.refused:
        yield str(copied.refused)
    elif copied is not reference and copied.against is None:
        yield f"there is nothing to hold it against: the reference {reference.name} was refused"
    if copied.since_refused:
        yield f"the previous one was refused: {copied.since_refused}"
    if copied.against and (count := copied.against.counts[5]):
        yield f"not-comparable: {count} objects have no checksum that the reference has too"
    if copied.against and not asked.fresh and (count := sum(copied.against.young.values())):
        yield f"unsettled: {count} objects differ that were written after a look at a copy which may be of any age"
    if copied.since and (count := copied.since.counts[5]):
        yield f"not-comparable: {count} objects have nothing that tells whether they were overwritten"
    if copied.untold_class:
        yield f"class-unknown: {copied.untold_class} objects do not tell their storage class"
    if copied.refused and copied.name in asked.previous and copied.since_refused is None:
        yield "so nothing is known of what came of it since the last time"


def _findings(row: dict[str, Any]) -> Iterator[Finding]:
    for name in BAD:
        if count := row[name]:
            example = row["examples"].get(name)
            yield Finding(
                id=f"{STEP}/{name.replace('_', '-')}",
                severity=SEVERITIES.get(name, Severity.CRITICAL),
                subject=row["copy"],
                where=row["copy"],
                why=f"{count} objects {WORDS[name]}" + (f", the first: {example}" if example else ""),
                fix=FIXES[name],
            )
