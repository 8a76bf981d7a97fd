"""An audit as text, JSON, SARIF or a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drkit import __version__
from drkit.core.results import json_text, result
from drkit.core.text import harmless_lines
from drkit.core.waivers import Judged
from drkit.flows.access.auditing import Looked
from drkit.flows.access.sarif import sarif
from drkit.report.access import AuditPage, audit_page

COMMAND = "access audit"


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of an audit.

    Args:
        estate: its id, empty for what is of none.
        statuses: the exit statuses that apply.
    """

    judged: Judged
    summary: Mapping[str, int]
    looked: Looked
    estate: str
    statuses: set[int]


def told(shown: Told, form: str, language: str) -> str:
    """The result in a form."""
    match form:
        case "sarif":
            return json_text(sarif(shown.judged.open, shown.looked.unknown, shown.judged.waived))
        case "json":
            return _as_json(shown)
        case "html":
            return audit_page(_as_page(shown), language)
        case _:
            return harmless_lines("\n".join(_lines(shown)))


def _as_json(shown: Told) -> str:
    looked, judged = shown.looked, shown.judged
    more = {"looked_at": looked.at, "gained": [each.as_data() for each in looked.gained]} if looked.at else {}
    return json_text(
        result(
            COMMAND,
            judged.verdict,
            summary=shown.summary,
            findings=[finding.as_data() for finding in judged.open],
            statuses=shown.statuses,
            waived=[waived.as_data() for waived in judged.waived],
            not_understood=looked.unknown,
            **more,
        )
    )


def _lines(shown: Told) -> list[str]:
    judged, looked = shown.judged, shown.looked
    lines = []
    for each in judged.open:
        subject = "" if each.where.startswith(each.subject.partition("#")[0]) else f" {each.subject}:"
        lines.append(f"{each.where}:{subject} {each.severity}: {each.why} ({each.id})\n  {each.fix}")
    lines += [f"{place} (not understood)" for place in looked.unknown]
    lines += [
        f"{each.finding.where}: {each.finding.subject}: waived by {each.waiver.owner} until {each.waiver.until}: "
        f"{each.waiver.reason} ({each.finding.id})"
        for each in judged.waived
    ]
    lines += [
        f"{each.account}: {each.name} gained {each.what}, by {each.by or 'nobody whom the trail tells of'}"
        for each in looked.gained
    ]
    if looked.at:
        lines.append(
            f"{judged.verdict.outcome.value.upper()}  {judged.verdict.reason}  as it was at {looked.at}"
        )
        lines.append(", ".join(f"{count} {name}" for name, count in shown.summary.items()))
    else:
        found, unknown = len(judged.open), len(looked.unknown)
        lines.append(f"{shown.summary['policies']} policies: {found} findings, {unknown} not understood")
    return lines


def _as_page(shown: Told) -> AuditPage:
    judged, looked = shown.judged, shown.looked
    return AuditPage(
        estate=shown.estate,
        at=looked.at,
        drkit=__version__,
        verdict=judged.verdict.outcome,
        reason=judged.verdict.reason,
        counts=dict(shown.summary),
        findings=[finding.as_data() for finding in judged.open],
        waived=[waived.as_data() for waived in judged.waived],
        unknown=list(looked.unknown),
        gained=[each.as_data() for each in looked.gained],
        texts=dict(looked.texts),
    )
