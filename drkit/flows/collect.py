"""``drkit collect``: what the clouds answer, saved, so that it can be judged without them."""

from __future__ import annotations

import argparse
from pathlib import Path

from drkit.core.errors import UsageError
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.times import now
from drkit.core.verdicts import STATUS, Outcome, Verdict, worst
from drkit.flows.clouds import open_clouds
from drkit.flows.loading import load_estate
from drkit.flows.looking import look
from drkit.flows.saved_facts import write_facts
from drkit.flows.talking import progress
from drkit.flows.tools import Look
from drkit.ports.facts import Facts, Kind, Query, Scope, Unread


def collect(arguments: argparse.Namespace) -> int:
    """Look at everything of the estate and save it.

    Raises:
        UsageError: the directory is not empty, or cannot be written.
    """
    check_output(arguments.output)
    estate = load_estate(arguments.estate)
    _prepare(arguments.to)
    scopes = tuple(
        Scope(name, region) for name, account in sorted(estate.accounts.items()) for region in account.regions
    )
    with progress() as show:
        clouds = open_clouds(estate, set(estate.accounts), powers=("look",))
        facts = look(Query(scopes, frozenset(Kind)), Look(clouds.look, now, show))
        show(f"writing {arguments.to}")
        try:
            write_facts(facts, arguments.to)
        except OSError as error:
            raise UsageError(
                f"cannot write {arguments.to}: {error.strerror}", hint="see that its disk is not full"
            ) from None
    verdict = worst([Verdict(Outcome.PASS), *_unread(facts)])
    seen = {str(region.scope): region.counts() for region in facts.regions}
    text = "\n".join(_lines(seen, verdict, arguments.to))
    if arguments.format == "json":
        text = json_text(result("collect", verdict, summary={"regions": len(seen)}, seen=seen))
    write_result(text, arguments.output)
    return STATUS[verdict.outcome]


def _prepare(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise UsageError(f"{directory} is not empty", hint="name a new directory")
    except OSError as error:
        raise UsageError(f"cannot write {directory}: {error.strerror}", hint="choose another --to") from None


def _unread(facts: Facts) -> list[Verdict]:
    return [
        Verdict(Outcome.UNKNOWN, f"{region.scope} was not read: {read.reason}")
        for region in facts.regions
        for read in (region.hosts, region.disks, region.snapshots, region.policies)
        if isinstance(read, Unread)
    ]


def _lines(seen: dict[str, dict[str, object]], verdict: Verdict, directory: Path) -> list[str]:
    places = [
        f"  {place}: " + ", ".join(f"{_told(count)} {kind}" for kind, count in counts.items())
        for place, counts in seen.items()
    ]
    return [f"{verdict.outcome.value.upper()}  {verdict.reason}".rstrip(), *places, f"  in {directory}"]


def _told(count: object) -> str:
    return "unread" if isinstance(count, dict) else str(count)
