"""``drkit collect``: what the clouds answer, saved, so that it can be judged without them.

What was broken off is taken up again: `BEGUN` says what is saved already, and goes once all is.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from drkit.core.errors import UsageError
from drkit.core.estate import Estate
from drkit.core.files import sync_directory
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.text import harmless
from drkit.core.times import now, text_of
from drkit.core.verdicts import STATUS, Outcome, Verdict, worst
from drkit.flows.clouds import open_clouds
from drkit.flows.loading import load_estate
from drkit.flows.looking import look
from drkit.flows.saved_facts import HEAD, head_of, write_head, write_region
from drkit.flows.saved_identities import write_identities
from drkit.flows.talking import progress
from drkit.flows.tools import Look
from drkit.ports.facts import NOT_ASKED, Kind, Query, Scope

BEGUN = "collecting.json"
AT_ONCE = 8  # places, of which nothing is saved where it is broken off before they are all read
PLACE = ("account", "region")
# What an entry of the head says beside its kinds.
ABOUT = frozenset({*PLACE, "cloud", "number"})


def collect(arguments: argparse.Namespace) -> int:
    """Look at everything of the estate and save it.

    Raises:
        UsageError: the directory holds something else, or cannot be written.
    """
    check_output(arguments.output)
    estate = load_estate(arguments.estate)
    head = _begun(arguments.to)
    with progress() as show:
        clouds = open_clouds(estate, set(estate.accounts), powers=("look",))
        try:
            _gather(estate, Look(clouds.look, now, show), head, arguments.to)
        except OSError as error:
            raise UsageError(
                f"cannot write {arguments.to}: {error.strerror}", hint="see that its disk is not full"
            ) from None
    seen = {_place(entry): counts(entry) for entry in (*head["regions"], *head["identities"])}
    verdict = worst([Verdict(Outcome.PASS), *_unread(seen)])
    text = "\n".join(_lines(seen, verdict, arguments.to))
    if arguments.format == "json":
        summary = {"regions": len(head["regions"]), "accounts": len(head["identities"])}
        text = json_text(result("collect", verdict, summary=summary, seen=seen))
    write_result(text, arguments.output)
    return STATUS[verdict.outcome]


def _begun(directory: Path) -> dict[str, Any]:
    """What was saved before it was broken off; nothing in a directory that is empty or new."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (directory / BEGUN).exists() and not (directory / HEAD).exists():
            begun = orjson.loads((directory / BEGUN).read_bytes())
            if isinstance(begun, dict) and begun.keys() == head_of("", [], []).keys():
                return begun
        if any(directory.iterdir()):
            raise UsageError(f"{directory} is not empty", hint="name a new directory")
    except OSError as error:
        raise UsageError(f"cannot write {directory}: {error.strerror}", hint="choose another --to") from None
    except orjson.JSONDecodeError:
        raise UsageError(f"{directory / BEGUN} cannot be read", hint="name a new directory") from None
    return head_of(text_of(now()), [], [])


def _gather(estate: Estate, eyes: Look, head: dict[str, Any], directory: Path) -> None:
    """Look at what is not saved yet, some places side by side, and write down that they are."""
    write_head(directory, BEGUN, head)
    saved = {_place(entry) for entry in (*head["regions"], *head["identities"])}
    left = [query for query, name in _queries(estate) if name not in saved]
    for begin in range(0, len(left), AT_ONCE):
        facts = look(_together(left[begin : begin + AT_ONCE]), eyes)
        eyes.progress(f"writing {directory}")
        head["regions"] += [write_region(region, directory) for region in facts.regions]
        head["identities"] += [write_identities(each, directory) for each in facts.identities]
        write_head(directory, BEGUN, head)
    write_head(directory, HEAD, head)
    (directory / BEGUN).unlink()
    sync_directory(directory)


def _queries(estate: Estate) -> Iterator[tuple[Query, str]]:
    """One question a place, with the place's name."""
    for name, account in sorted(estate.accounts.items()):
        for region in account.regions:
            scope = Scope(name, region)
            yield Query((scope,), frozenset(Kind)), str(scope)
        yield Query((), frozenset(), ((name, account.account),)), name


def _together(queries: list[Query]) -> Query:
    return Query(
        tuple(scope for query in queries for scope in query.scopes),
        frozenset(Kind),
        tuple(identity for query in queries for identity in query.identities),
    )


def _place(entry: dict[str, Any]) -> str:
    return "/".join(entry[part] for part in PLACE if part in entry)


def counts(entry: dict[str, Any]) -> dict[str, Any]:
    """How many of each kind were saved, or why none were."""
    told: dict[str, Any] = {}
    for name, said in entry.items():
        if not isinstance(said, dict) or name in ABOUT:
            continue
        if "unread" in said or "count" in said:
            if said.get("unread") == NOT_ASKED.reason:
                continue
            told[name] = said if "unread" in said else said["count"]
            if "incomplete" in said:
                told[f"{name} of which some are incomplete"] = {"unread": said["why"]}
        else:
            told |= counts(said)
    return told


def _unread(seen: dict[str, dict[str, Any]]) -> Iterable[Verdict]:
    return [
        Verdict(Outcome.UNKNOWN, f"{place} was not read: {read['unread']}")
        for place, kinds in seen.items()
        for read in kinds.values()
        if isinstance(read, dict)
    ]


def _lines(seen: dict[str, dict[str, Any]], verdict: Verdict, directory: Path) -> list[str]:
    places = [
        f"  {place}: " + ", ".join(f"{_told(count)} {kind}" for kind, count in counts.items())
        for place, counts in seen.items()
    ]
    told = harmless(f"{verdict.outcome.value.upper()}  {verdict.reason}").rstrip()
    return [told, *places, f"  in {directory}"]


def _told(count: object) -> str:
    return "unread" if isinstance(count, dict) else str(count)
