"""One check of `drkit doctor`, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from drkit.core.errors import DrkitError
from drkit.core.verdicts import Conclusion, Finding, Outcome, Severity, Verdict, worst


@dataclass(frozen=True, slots=True)
class Examined:
    """What one check found out.

    Args:
        check: its id, such as ``doctor/rights``.
        subject: what was looked at.
        verdict: with the reason; a PASS says what was seen.
        fix: what to do where it is no PASS.
        severity: of the finding that a FAIL is.
    """

    check: str
    subject: str
    verdict: Verdict
    fix: str = ""
    severity: Severity = Severity.HIGH

    def as_data(self) -> dict[str, Any]:
        """A row of the result."""
        return {
            "check": self.check,
            "subject": self.subject,
            "verdict": self.verdict.outcome.value,
            "reason": self.verdict.reason,
            "fix": self.fix,
        }

    def finding(self, estate: str) -> Finding:
        """The finding that a FAIL is."""
        return Finding(self.check, self.severity, self.subject, estate, self.verdict.reason, self.fix)


def good(check: str, subject: str, seen: str) -> Examined:
    """All is well, as far as the check sees."""
    return Examined(check, subject, Verdict(Outcome.PASS, seen))


def bad(check: str, subject: str, why: str, fix: str, severity: Severity = Severity.HIGH) -> Examined:
    """Something is wrong."""
    return Examined(check, subject, Verdict(Outcome.FAIL, why), fix, severity)


def unknown(check: str, subject: str, why: str, fix: str) -> Examined:
    """It could not be looked at."""
    return Examined(check, subject, Verdict(Outcome.UNKNOWN, why), fix)


def unreadable(check: str, subject: str, error: DrkitError, fix: str = "") -> Examined:
    """An error stood in the way."""
    return unknown(check, subject, error.message, error.hint or fix)


def conclude(examined: Iterable[Examined], estate: str) -> Conclusion:
    """The verdict on all checks together."""
    rows = tuple(examined)
    counts = {outcome: sum(row.verdict.outcome is outcome for row in rows) for outcome in Outcome}
    others = [row.verdict for row in rows if row.verdict.outcome is not Outcome.FAIL]
    verdict = worst(_named(row) for row in rows)
    return Conclusion(
        verdict=Verdict(Outcome.PASS) if verdict.outcome is Outcome.PASS else verdict,
        summary={"checks": len(rows), **{each.value: count for each, count in counts.items() if count}},
        findings=tuple(row.finding(estate) for row in rows if row.verdict.outcome is Outcome.FAIL),
        rows=tuple(row.as_data() for row in rows),
        otherwise=worst(others) if others else Verdict(Outcome.PASS),
    )


def _named(row: Examined) -> Verdict:
    return Verdict(row.verdict.outcome, f"{row.subject}: {row.verdict.reason}")
