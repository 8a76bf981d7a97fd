"""``drkit gate report``: what each person asked for, agreed to and refused, and what the managed bastion saw."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from drkit.core.approval import listing, store
from drkit.core.approval.errors import DocumentError, StoreError
from drkit.core.errors import DrkitError, UsageError
from drkit.core.estate import Account
from drkit.core.evidence import layout
from drkit.core.evidence.reading import read
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.state import state_root
from drkit.core.times import now, text_of
from drkit.core.verdicts import STATUS, Outcome, Verdict
from drkit.flows.gate.place import Place, open_place
from drkit.flows.options import duration
from drkit.report.gate import Asked, Week, as_data, as_page, as_text, gather


def report(arguments: argparse.Namespace) -> int:
    """Count; exit status 3 where somebody broke the glass and nobody has reviewed it."""
    check_output(arguments.output)
    since, until = now() - duration("--since", arguments.since), now()
    place = open_place(arguments)
    week = Week(text_of(since), text_of(until))
    broker = arguments.broker or state_root(arguments.state) / "broker" / place.estate.estate / "evidence"
    entries = [*_entries(week, broker, "the broker's evidence"), *_runners(place)]
    try:
        gather(week, _requests(week, place), _denied(place, since, until), entries)
    except (KeyError, TypeError, AttributeError):
        raise DrkitError(
            "the evidence has entries that drkit did not write", hint="drkit evidence verify"
        ) from None
    for name in arguments.bastion:
        _look(week, name, place.estate.accounts, since, until)
    verdict = _verdict(week)
    write_result(_text(arguments, place.estate.estate, week, verdict), arguments.output)
    return STATUS[verdict.outcome]


def _text(arguments: argparse.Namespace, estate: str, week: Week, verdict: Verdict) -> str:
    if arguments.format == "html":
        return as_page(week, estate, verdict.outcome, arguments.language)
    if arguments.format == "text":
        return as_text(week, arguments.language)
    summary = {"people": len(week.people), "broken_glass": len(week.glass), "blocked": len(week.blocked)}
    findings = [each.as_data() for each in week.findings]
    return json_text(result("gate report", verdict, summary=summary, findings=findings, report=as_data(week)))


def _verdict(week: Week) -> Verdict:
    if week.findings:
        return Verdict(
            Outcome.FAIL, f"{len(week.findings)} times the glass was broken, and nobody has reviewed it"
        )
    if week.unread:
        return Verdict(Outcome.UNKNOWN, f"not everything could be read: {week.unread[0]}")
    return Verdict(Outcome.PASS)


def _requests(week: Week, place: Place) -> list[Asked]:
    found = listing.listing(place.requests)
    week.unread += [f"the request {each.name}: {each.why}" for each in found.refused]
    return [Asked(each.id, each.requester, text_of(each.requested_at)) for each in found.requests]


def _denied(place: Place, since: datetime, until: datetime) -> Iterator[tuple[str, str]]:
    """By the files, which prove nothing; the broker's evidence has those that it saw."""
    for each in listing.listing(place.requests).requests:
        if each.ended is None:
            continue
        try:
            answer = store.load(place.requests, each.id).answer
        except (DocumentError, StoreError):
            continue  # listed as unread
        if answer is not None and since <= answer.at <= until:
            yield each.id, answer.person


def _entries(week: Week, evidence: Path, whose: str) -> list[Mapping[str, Any]]:
    try:
        if not (evidence / layout.LOG).exists():
            week.unread.append(f"{whose}: there is none in {evidence}; as its user, or --broker DIR")
            return []
        return [entry for _, entry in read(evidence)]
    except (DrkitError, OSError) as error:
        told = error.message if isinstance(error, DrkitError) else error.strerror
        week.unread.append(f"{whose}: {told}")
        return []


def _runners(place: Place) -> list[Mapping[str, Any]]:
    """The runner's own evidence, where anything has run here."""
    evidence = place.state.evidence
    return [entry for _, entry in read(evidence)] if (evidence / layout.LOG).exists() else []


def _look(week: Week, name: str, accounts: Mapping[str, Account], since: datetime, until: datetime) -> None:
    """What the managed bastion of an account saw, in each of its regions.

    Raises:
        UsageError: there is no such account of Tencent Cloud, or no key pair for it.
    """
    from drkit.clouds.tencent.bastion import look
    from drkit.clouds.tencent.cloud import open_bastion

    account = accounts.get(name)
    if account is None or account.cloud != "tencent":
        raise UsageError(f"--bastion: the estate has no account '{name}' of Tencent Cloud")
    identity, api = open_bastion(account.credentials.look)
    for region in account.regions:
        try:
            if identity.caller().account != account.account:
                raise UsageError(f"the key pair to look at '{name}' belongs to another account")
            found = look(api, region, since, until)
        except DrkitError as error:
            if isinstance(error, UsageError):
                raise
            week.unread.append(f"the bastion of {name} in {region}: {error.message}")
            continue
        for user, count in found.sessions.items():
            week.person(user).sessions += count
        for typed in found.typed:
            week.person(typed.user).typed += 1
            if typed.blocked:
                week.person(typed.user).blocked += 1
                week.blocked.append((typed.user, typed.host, typed.text, typed.at))
