"""``drkit snapshots cover``: which volumes have a good snapshot now; needs no playbook."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drkit import __version__
from drkit.core.actions import Plan
from drkit.core.configuration.problems import suggest
from drkit.core.errors import UsageError
from drkit.core.estate import Estate
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.text import harmless
from drkit.core.times import now, text_of
from drkit.core.verdicts import STATUS, Conclusion
from drkit.core.waivers import Judged, judge
from drkit.flows.clouds import open_clouds
from drkit.flows.loading import load_estate
from drkit.flows.looking import look
from drkit.flows.options import duration
from drkit.flows.talking import progress
from drkit.flows.tools import Look, Progress
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.ports.steps import Setting
from drkit.snapshots.judging import Status
from drkit.snapshots.steps.cover import STEP, Cover

if TYPE_CHECKING:
    from drkit.report.gathering import RunReport


def cover(arguments: argparse.Namespace) -> int:
    """Look at every volume of the estate, or at what was saved of it, and judge it."""
    check_output(arguments.output)
    estate = load_estate(arguments.estate)
    asked = _asked(arguments, estate)
    setting = Setting(estate, "snapshots-cover", now())
    with progress() as show:
        facts = _saved(arguments.facts, asked, setting) if arguments.facts else _looked(asked, setting, show)
        show("judging")
        conclusion = STEP.conclude(facts, Plan(), {}, asked, setting)
    if estate.waivers:
        from drkit.flows.notifying import say_waivers

        say_waivers(estate, now())
    judged = judge(conclusion, estate.waivers, now())
    write_result(_rendered(arguments, estate, facts, conclusion, judged), arguments.output)
    return STATUS[judged.verdict.outcome]


def _asked(arguments: argparse.Namespace, estate: Estate) -> Cover:
    """The arguments of the step.

    Raises:
        UsageError: they name what the estate does not have.
    """
    for name in arguments.account or []:
        if name not in estate.accounts:
            raise UsageError(f"the estate has no account '{name}'{suggest(name, estate.accounts)}")
    asked = Cover(
        accounts=tuple(arguments.account or ()),
        younger_than=duration("--younger-than", arguments.younger_than),
        copied_to=tuple(dict.fromkeys(arguments.copied_to or ())),
        vaults=tuple(dict.fromkeys(arguments.vault or ())),
    )
    for _, message in STEP.problems(asked, estate):
        raise UsageError(message)
    return asked


def _looked(asked: Cover, setting: Setting, show: Progress) -> Facts:
    query = STEP.needs(asked, setting)
    clouds = open_clouds(setting.estate, {scope.account for scope in query.scopes}, powers=("look",))
    return look(query, Look(clouds.look, now, show))


def _saved(directory: Path, asked: Cover, setting: Setting) -> Facts:
    """What was saved of the places that are asked for; one of which nothing was saved is Unread."""
    from drkit.flows.saved_facts import read_facts

    facts = read_facts(directory)
    saved = {region.scope: region for region in facts.regions}
    query = STEP.needs(asked, setting)
    return Facts(facts.looked_at, tuple(saved.get(scope) or _nothing(scope) for scope in query.scopes))


def _nothing(scope: Scope) -> RegionFacts:
    unread = Unread("nothing of it was saved")
    return RegionFacts(scope, unread, unread, unread, unread)


def _rendered(
    arguments: argparse.Namespace, estate: Estate, facts: Facts, conclusion: Conclusion, judged: Judged
) -> str:
    match arguments.format:
        case "json":
            return _as_json(facts, conclusion, judged)
        case "openmetrics":
            from drkit.report.openmetrics import openmetrics

            return openmetrics(conclusion.rows, [status.value for status in Status], facts.looked_at)
        case "html":
            from drkit.report.html import html

            return html(_as_report(estate, facts, conclusion, judged), arguments.language)
        case _:
            return _as_text(facts, conclusion, judged)


def _as_report(estate: Estate, facts: Facts, conclusion: Conclusion, judged: Judged) -> RunReport:
    """A look as a page shows it: a run without an id."""
    from drkit.report.gathering import RunReport, StepReport

    step = StepReport(
        "snapshots.cover",
        "snapshots.cover",
        judged.verdict.outcome,
        judged.verdict.reason,
        summary=conclusion.summary,
        findings=[{**finding.as_data(), "first_seen": None} for finding in judged.open],
        waived=[{**waived.as_data(), "first_seen": None} for waived in judged.waived],
        rows=list(conclusion.rows),
        seen={str(region.scope): region.counts() for region in facts.regions},
    )
    return RunReport(
        run="",
        estate=estate.estate,
        playbook="snapshots cover",
        started=text_of(facts.looked_at),
        drkit=__version__,
        verdict=judged.verdict.outcome,
        reason=judged.verdict.reason,
        steps={step.name: step},
    )


def _as_json(facts: Facts, conclusion: Conclusion, judged: Judged) -> str:
    return json_text(
        result(
            "snapshots cover",
            judged.verdict,
            summary=conclusion.summary,
            findings=[{**finding.as_data(), "first_seen": None} for finding in judged.open],
            waived=[{**waived.as_data(), "first_seen": None} for waived in judged.waived],
            rows=list(conclusion.rows),
            looked_at=text_of(facts.looked_at),
        )
    )


def _as_text(facts: Facts, conclusion: Conclusion, judged: Judged) -> str:
    from drkit.report.picture import grid

    verdict = judged.verdict
    lines = [f"{verdict.outcome.value.upper()}  {verdict.reason}".rstrip()]
    lines.append("  " + ", ".join(f"{count} {name}" for name, count in conclusion.summary.items()))
    # Saved facts are judged as of their own moment, and nobody takes an old one for today.
    lines.append(f"  as it was at {text_of(facts.looked_at)}")
    lines += [
        f"  {row['status']:<10} {row['disk'] or '-':<14} {harmless(row['name'])[:60]:<24} "
        f"{_place(row)}  {row['why'] or row['age']}{_automatic(row)}".rstrip()
        for row in sorted(conclusion.rows, key=_worst_first)
    ]
    lines += [
        harmless(
            f"  waived     {each.finding.subject:<14} by {each.waiver.owner} until {each.waiver.until}: "
            f"{each.waiver.reason}"
        )
        for each in judged.waived
    ]
    lines += [harmless(f"  {line}") for line in grid(conclusion.rows)]
    return "\n".join(lines)


def _place(row: Mapping[str, Any]) -> str:
    return harmless("/".join(part for part in (row["account"], row["region"]) if part))


def _automatic(row: Mapping[str, Any]) -> str:
    return harmless(f"; {row['automatic']}") if row["automatic"] else ""


def _worst_first(row: Mapping[str, Any]) -> tuple[bool, str, str]:
    return row["status"] == "covered", row["region"], row["disk"]
