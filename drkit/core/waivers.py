"""Waivers: a person answers for a finding until a day, and it is shown as waived until then, never hidden."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from drkit.core.configuration.model import Model
from drkit.core.configuration.types import Name
from drkit.core.verdicts import Conclusion, Finding, Outcome, Verdict

LONGEST = timedelta(days=365)


def _real_day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no day of the calendar: write one such as '2026-12-31'") from None
    return text


class Waiver(Model):
    """A finding that somebody answers for until a day."""

    finding: Annotated[
        str, StringConstraints(pattern=r"^[0-9a-f]{16}$"), Field(examples=["0123456789abcdef"])
    ]
    """The finding's fingerprint, as the report and JSON results show it."""

    owner: Name
    """Who answers for it."""

    reason: Annotated[
        str, StringConstraints(min_length=10, max_length=500, pattern=r"\S"), Field(examples=["scratch disk"])
    ]
    """Why it may stay as it is."""

    until: Annotated[
        str,
        StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
        Field(examples=["2026-12-31"]),
        AfterValidator(_real_day),
    ]
    """The last day on which it counts, in UTC; at most 365 days ahead."""

    def as_data(self) -> dict[str, str]:
        """By whom, why and until when, as evidence and results show it beside the finding."""
        return {"owner": self.owner, "reason": self.reason, "until": self.until}


def each_finding_once(waivers: tuple[Waiver, ...]) -> tuple[Waiver, ...]:
    """The same waivers.

    Raises:
        ValueError: two speak of one finding, and nobody could say which of them counts.
    """
    seen: set[str] = set()
    for waiver in waivers:
        if waiver.finding in seen:
            raise ValueError(f"waives {waiver.finding} twice: only one owner can answer for a finding")
        seen.add(waiver.finding)
    return waivers


@dataclass(frozen=True, slots=True)
class Waived:
    """A finding with the waiver that counts for it."""

    finding: Finding
    waiver: Waiver

    def as_data(self) -> dict[str, Any]:
        """The finding's fields, and the waiver's under ``waived``."""
        return {**self.finding.as_data(), "waived": self.waiver.as_data()}


@dataclass(frozen=True, slots=True)
class Judged:
    """A conclusion after waivers.

    Args:
        open: the findings that nobody answers for.
        unsure: something could not be judged, so a finding that is not there need not be gone.
    """

    verdict: Verdict
    open: tuple[Finding, ...]
    waived: tuple[Waived, ...]
    unsure: bool


def apply(
    findings: Iterable[Finding], waivers: Iterable[Waiver], now: datetime
) -> tuple[tuple[Finding, ...], tuple[Waived, ...]]:
    """Which findings are open, and which are waived now; each is in exactly one of the two."""
    counting = {waiver.finding: waiver for waiver in waivers if not why_not(waiver, now)}
    findings = tuple(findings)
    return (
        tuple(finding for finding in findings if finding.fingerprint not in counting),
        tuple(
            Waived(finding, counting[finding.fingerprint])
            for finding in findings
            if finding.fingerprint in counting
        ),
    )


def why_not(waiver: Waiver, now: datetime) -> str:
    """Why a waiver does not count now; empty where it does."""
    today, until = now.astimezone(UTC).date(), date.fromisoformat(waiver.until)
    if until < today:
        return f"it expired after {waiver.until}"
    if until - today > LONGEST:
        return f"{waiver.until} is more than {LONGEST.days} days ahead"
    return ""


def not_counting(waivers: Iterable[Waiver], now: datetime) -> Iterator[tuple[Waiver, str]]:
    """The waivers that do not count now, each with the reason."""
    for waiver in waivers:
        if reason := why_not(waiver, now):
            yield waiver, reason


def judge(conclusion: Conclusion, waivers: Iterable[Waiver], now: datetime) -> Judged:
    """A conclusion's verdict as it is without the waived findings.

    A FAIL stays one while a finding is open, or where the step does not say what it would be otherwise. What
    was not looked at is no finding, so no waiver touches an UNKNOWN.
    """
    still_open, waived = apply(conclusion.findings, waivers, now)
    unsure = any(
        verdict is not None and verdict.outcome is Outcome.UNKNOWN
        for verdict in (conclusion.verdict, conclusion.otherwise)
    )
    return Judged(_verdict(conclusion, bool(still_open), len(waived)), still_open, waived, unsure)


def _verdict(conclusion: Conclusion, any_open: bool, waived: int) -> Verdict:  # noqa: FBT001 - private
    verdict = conclusion.verdict
    if verdict.outcome is not Outcome.FAIL or not waived:
        return verdict
    told = f"{waived} waived"
    if any_open or conclusion.otherwise is None:
        return Verdict(Outcome.FAIL, f"{verdict.reason} ({told})")
    reason = conclusion.otherwise.reason
    return Verdict(conclusion.otherwise.outcome, f"{reason} ({told})" if reason else told)
