"""PASS, FAIL or UNKNOWN, and what was found wrong.

Not checked is a value, never silence: what could not be looked at is UNKNOWN with its reason, and
nothing that is UNKNOWN ever turns green.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from drkit.core import exits


class Outcome(StrEnum):
    """The three values, worst first."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    PASS = "pass"  # noqa: S105 - a verdict, not a password


STATUS = {Outcome.PASS: exits.OK, Outcome.FAIL: exits.BAD, Outcome.UNKNOWN: exits.NOTHING_CONCLUDED}


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome and why.

    Raises:
        ValueError: an UNKNOWN without a reason.
    """

    outcome: Outcome
    reason: str = ""

    def __post_init__(self) -> None:
        if self.outcome is Outcome.UNKNOWN and not self.reason:
            raise ValueError("UNKNOWN needs a reason")


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """One verdict for many: any FAIL fails, else any UNKNOWN is unknown, and nothing at all is UNKNOWN."""
    first: dict[Outcome, Verdict] = {}
    for verdict in verdicts:
        first.setdefault(verdict.outcome, verdict)
    for outcome in Outcome:
        if outcome in first:
            return first[outcome]
    return Verdict(Outcome.UNKNOWN, "nothing was checked")


class Severity(StrEnum):
    """How much a finding hurts."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong.

    Args:
        id: the check that found it, such as ``snapshots.cover/stale``.
        subject: what it is about, such as a disk's id.
        where: account, region and host, for a person to find it.
        why: what was seen.
        fix: what to do.
        confidence: ``certain``, or ``likely`` where something had to be assumed.
    """

    id: str
    severity: Severity
    subject: str
    where: str
    why: str
    fix: str
    confidence: str = "certain"

    @property
    def fingerprint(self) -> str:
        """The same for the same thing found again, whatever today's wording."""
        return hashlib.sha256(f"{self.id}\n{self.subject}\n{self.where}".encode()).hexdigest()[:16]

    def as_data(self) -> dict[str, Any]:
        """Plain data, in the field names of the command line's results."""
        said = {name: getattr(self, name) for name in self.__slots__}
        return {**said, "severity": self.severity.value, "fingerprint": self.fingerprint}


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a step found out.

    Args:
        verdict: the step's verdict.
        summary: counts, for one line.
        findings: what is wrong.
        rows: what was looked at, one plain record a thing, as the report shows it.
        otherwise: the verdict of a FAIL with all that the findings tell of taken away, so that an UNKNOWN
            beside them is not lost; None where nobody can say, and then the FAIL stays.
    """

    verdict: Verdict
    summary: dict[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    otherwise: Verdict | None = None
