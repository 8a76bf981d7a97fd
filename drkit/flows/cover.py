"""``drkit snapshots cover``: which volumes have a good snapshot now; needs no playbook."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from drkit.core.actions import Plan
from drkit.core.configuration.problems import suggest
from drkit.core.errors import UsageError
from drkit.core.results import json_text, result, write_result
from drkit.core.text import harmless
from drkit.core.times import now
from drkit.core.verdicts import STATUS, Conclusion
from drkit.core.waivers import Judged, judge
from drkit.flows.clouds import open_clouds
from drkit.flows.loading import load_estate
from drkit.flows.looking import look
from drkit.flows.notifying import say_waivers
from drkit.flows.options import duration
from drkit.flows.talking import progress
from drkit.flows.tools import Look
from drkit.ports.steps import Setting
from drkit.snapshots.steps.cover import STEP, Cover


def cover(arguments: argparse.Namespace) -> int:
    """Look at every volume of the estate and judge it."""
    estate = load_estate(arguments.estate)
    for name in arguments.account or []:
        if name not in estate.accounts:
            raise UsageError(f"the estate has no account '{name}'{suggest(name, estate.accounts)}")
    younger_than = duration("--younger-than", arguments.younger_than)
    asked = Cover(accounts=tuple(arguments.account or ()), younger_than=younger_than)
    setting = Setting(estate, "snapshots-cover", now())
    query = STEP.needs(asked, setting)
    with progress() as show:
        clouds = open_clouds(estate, {scope.account for scope in query.scopes}, powers=("look",))
        facts = look(query, Look(clouds.look, now, show))
    conclusion = STEP.conclude(facts, Plan(), {}, asked, setting)
    say_waivers(estate, now())
    judged = judge(conclusion, estate.waivers, now())
    as_form = _as_json if arguments.format == "json" else _as_text
    write_result(as_form(conclusion, judged), arguments.output)
    return STATUS[judged.verdict.outcome]


def _as_json(conclusion: Conclusion, judged: Judged) -> str:
    return json_text(
        result(
            "snapshots cover",
            judged.verdict,
            summary=conclusion.summary,
            findings=[{**finding.as_data(), "first_seen": None} for finding in judged.open],
            waived=[{**waived.as_data(), "first_seen": None} for waived in judged.waived],
            rows=list(conclusion.rows),
        )
    )


def _as_text(conclusion: Conclusion, judged: Judged) -> str:
    verdict = judged.verdict
    lines = [f"{verdict.outcome.value.upper()}  {verdict.reason}".rstrip()]
    lines.append("  " + ", ".join(f"{count} {name}" for name, count in conclusion.summary.items()))
    lines += [
        f"  {row['status']:<10} {row['disk'] or '-':<14} {harmless(row['name'])[:60]:<24} "
        f"{row['account']}/{row['region']}  {row['why'] or row['age']}".rstrip()
        for row in sorted(conclusion.rows, key=_worst_first)
    ]
    lines += [
        harmless(
            f"  waived     {each.finding.subject:<14} by {each.waiver.owner} until {each.waiver.until}: "
            f"{each.waiver.reason}"
        )
        for each in judged.waived
    ]
    return "\n".join(lines)


def _worst_first(row: Mapping[str, Any]) -> tuple[bool, str, str]:
    return row["status"] == "covered", row["region"], row["disk"]
