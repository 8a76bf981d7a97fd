"""An audit of who may do what as one self-contained page: from a finding one click leads to the line of its policy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drkit.core.verdicts import Outcome
from drkit.report.page import render

# Beyond this the page would be slow to open; the rest is in the JSON result.
MOST_FINDINGS, MOST_POLICIES, MOST_LINES = 2000, 200, 400
PLACE = re.compile(r"(?P<name>.+):(?P<line>[0-9]+):[0-9]+")
BY = re.compile(r".* \(by (?P<place>.+:[0-9]+:[0-9]+)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """What the page shows.

    Args:
        at: as of when; empty for texts alone.
        texts: the policies by what findings call them.
    """

    estate: str
    at: str
    drkit: str
    verdict: Outcome
    reason: str
    counts: Mapping[str, int]
    findings: Sequence[Mapping[str, Any]]
    waived: Sequence[Mapping[str, Any]]
    unknown: Sequence[str]
    gained: Sequence[Mapping[str, str]]
    texts: Mapping[str, str]


def audit_page(page: AuditPage, language: str = "en") -> str:
    """The page."""
    findings = [_with_link(each, page.texts) for each in page.findings[:MOST_FINDINGS]]
    named = {each["link"][0] for each in findings if each["link"]}
    shown = [name for name in page.texts if name in named][:MOST_POLICIES]
    return render(
        "access.html",
        language,
        styles=("run.css", "access.css"),
        page=page,
        findings=[
            {**each, "link": each["link"] if each["link"] and each["link"][0] in shown else None}
            for each in findings
        ],
        more=max(0, len(page.findings) - MOST_FINDINGS),
        policies=[_policy(number, name, page.texts[name]) for number, name in enumerate(shown)],
        numbers={name: number for number, name in enumerate(shown)},
    )


def _with_link(finding: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """A finding with the policy and the line that it leads to, None where it leads to none."""
    by = BY.fullmatch(str(finding["why"]))
    match = PLACE.fullmatch(by["place"] if by else str(finding["where"]))
    link = (match["name"], int(match["line"])) if match and match["name"] in texts else None
    return {**finding, "link": link}


def _policy(number: int, name: str, text: str) -> dict[str, Any]:
    lines = text.splitlines()
    return {
        "number": number,
        "name": name,
        "lines": lines[:MOST_LINES],
        "more": max(0, len(lines) - MOST_LINES),
    }
