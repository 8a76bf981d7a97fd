"""``drkit access escalate``: what each principal of saved facts can come to hold."""

from __future__ import annotations

import argparse
import gc
from collections.abc import Collection, Iterable
from typing import Any

from drkit.access.escalate.escalated import Escalated, Escalation, escalated
from drkit.core import exits
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.text import harmless_lines
from drkit.core.verdicts import STATUS, Finding, Outcome, Severity, Verdict
from drkit.flows.saved_identities import read_identities

COMMAND = "access escalate"
CHECK = "access.escalate/administrator"
FIX = "take the first step away: narrow the statement that allows it to the things that it is for"
UNREAD = "something could not be read, or was not understood"
RARELY = 100_000


def escalate(arguments: argparse.Namespace) -> int:
    """Say of everybody in saved facts whether it can come to hold every right, and how.

    Raises:
        UsageError: there are no facts.
    """
    check_output(arguments.output)
    gc.set_threshold(RARELY)  # nothing that is made here is let go before the end
    found = escalated(read_identities(arguments.facts))
    declared = frozenset(arguments.administrator)
    bad = [each for each in found.principals if _bad(each, declared)]
    verdict = _verdict(bad, found)
    statuses = {STATUS[verdict.outcome]} | ({exits.NOTHING_CONCLUDED} if found.unread else set())
    write_result(_told(arguments.format, found, bad, verdict, statuses), arguments.output)
    return exits.first_that_applies(statuses)


def _bad(each: Escalated, declared: Collection[str]) -> bool:
    """Whether somebody can come to more than is declared; where nothing is, than it holds already."""
    return each.administrator and each.id not in declared and bool(declared or each.path or not each.certain)


def _verdict(bad: Iterable[Escalated], found: Escalation) -> Verdict:
    if any(each.certain for each in bad):
        return Verdict(Outcome.FAIL)
    if found.unread or bad:
        return Verdict(Outcome.UNKNOWN, UNREAD if found.unread else "a condition that nobody can decide")
    return Verdict(Outcome.PASS)


def _finding(each: Escalated) -> Finding:
    way = (
        " → ".join(f"{step.action} on {step.on or 'something new'}" for step in each.path) or "it holds them"
    )
    confidence = "certain" if each.certain else "likely"
    why = f"can come to hold every right: {way}"
    return Finding(CHECK, Severity.CRITICAL, each.id, each.account, why, FIX, confidence)


def _told(
    form: str, found: Escalation, bad: list[Escalated], verdict: Verdict, statuses: Collection[int]
) -> str:
    administrators = sum(each.administrator for each in found.principals)
    summary = {
        "principals": len(found.principals),
        "administrators": administrators,
        "by_escalation": sum(bool(each.path) for each in found.principals),
        "unread": len(found.unread),
    }
    findings = [_finding(each) for each in bad]
    if form == "json":
        return json_text(
            result(
                COMMAND,
                verdict,
                summary=summary,
                findings=[finding.as_data() for finding in findings],
                statuses=statuses,
                principals=[_as_data(each) for each in found.principals],
                unread=list(found.unread),
            )
        )
    lines = [line for each in bad for line in _lines(each)]
    lines += [f"{place} (not read)" for place in found.unread]
    lines.append(
        f"{summary['principals']} principals: {administrators} can hold every right, "
        f"{summary['by_escalation']} of them by escalation; {len(found.unread)} things not read"
    )
    return harmless_lines("\n".join(lines))


def _as_data(each: Escalated) -> dict[str, Any]:
    """A principal; ``from``, ``action``, ``on`` and ``to`` of each step are what scripts rely on."""
    path = [
        {
            "from": step.actor,
            "action": step.action,
            "on": step.on,
            "to": step.to,
            **({"with": list(step.further)} if step.further else {}),
            **({"source": step.source} if step.source else {}),
        }
        for step in each.path
    ]
    return {
        "id": each.id,
        "account": each.account,
        "kind": each.kind,
        "administrator": each.administrator,
        "confidence": "certain" if each.certain else "possible",
        "path": path,
        **({"acts_as": list(each.acts_as)} if each.acts_as else {}),
    }


def _lines(each: Escalated) -> Iterable[str]:
    yield f"{each.id}: every right{'' if each.certain else ', possibly'}"
    for step in each.path:
        further = f", with {', '.join(step.further)}" if step.further else ""
        yield f"  {step.actor}: {step.action} on {step.on or 'something new'}{further} → {step.to}"
