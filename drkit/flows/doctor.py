"""``drkit doctor``: are the powers apart, could anybody destroy alone, is what drkit believes in order?"""

from __future__ import annotations

import argparse
from typing import Any

from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.state import State, state_root
from drkit.core.text import harmless
from drkit.core.times import now
from drkit.core.verdicts import STATUS, Conclusion
from drkit.core.waivers import Judged, judge
from drkit.flows.examining.approvals import examine_approvals
from drkit.flows.examining.credentials import examine_credentials
from drkit.flows.examining.examined import conclude
from drkit.flows.examining.host import examine_host
from drkit.flows.loading import estate_path, load_estate
from drkit.flows.notifying import say_waivers
from drkit.flows.talking import progress


def doctor(arguments: argparse.Namespace) -> int:
    """Examine all of it and tell; changes nothing."""
    check_output(arguments.output)
    path = estate_path(arguments.estate)
    estate = load_estate(path)
    state = State(state_root(arguments.state) / estate.estate)
    with progress() as show:
        show("asking the clouds")
        examined = [
            *examine_credentials(estate),
            *examine_approvals(estate, state),
            *examine_host(estate, path, state),
        ]
    conclusion = conclude(examined, estate.estate)
    say_waivers(estate, now())
    judged = judge(conclusion, estate.waivers, now())
    as_form = _as_json if arguments.format == "json" else _as_text
    write_result(as_form(conclusion, judged), arguments.output)
    return STATUS[judged.verdict.outcome]


def _as_json(conclusion: Conclusion, judged: Judged) -> str:
    return json_text(
        result(
            "doctor",
            judged.verdict,
            summary=conclusion.summary,
            findings=[{**finding.as_data(), "first_seen": None} for finding in judged.open],
            waived=[{**waived.as_data(), "first_seen": None} for waived in judged.waived],
            checks=list(conclusion.rows),
        )
    )


def _as_text(conclusion: Conclusion, judged: Judged) -> str:
    lines = [f"{judged.verdict.outcome.value.upper()}  {harmless(judged.verdict.reason)}".rstrip()]
    for row in conclusion.rows:
        lines += _told(row)
    lines += [
        harmless(f"  waived: {each.finding.subject}, by {each.waiver.owner} until {each.waiver.until}")
        for each in judged.waived
    ]
    return "\n".join(lines)


def _told(row: dict[str, Any]) -> list[str]:
    first = f"  {row['verdict']:<8} {row['check'].partition('/')[2]:<18} {row['subject']}: {row['reason']}"
    return [harmless(line) for line in (first, f"{'':<11}help: {row['fix']}" if row["fix"] else "") if line]
