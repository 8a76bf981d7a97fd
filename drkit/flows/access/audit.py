"""``drkit access audit``: what is wrong with who may do what: in accounts, in saved facts, in policies alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from drkit.access.audit import Audited, audit
from drkit.access.checks import checks
from drkit.access.language.form import Dialect
from drkit.core import exits
from drkit.core.configuration.problems import suggest
from drkit.core.errors import UsageError
from drkit.core.estate import Estate
from drkit.core.results import check_output, write_result
from drkit.core.times import now
from drkit.core.verdicts import STATUS, Conclusion, Outcome, Verdict
from drkit.core.waivers import judge
from drkit.flows.access.auditing import Looked, of_accounts
from drkit.flows.access.telling import Told, told
from drkit.flows.loading import load_estate
from drkit.flows.notifying import say_waivers


def audit_access(arguments: argparse.Namespace) -> int:
    """Audit each account of the estate, what was saved of them, or each ``.json`` file of a directory.

    Raises:
        UsageError: there is nothing to audit, or it cannot be read.
    """
    check_output(arguments.output)
    _check(arguments)
    if arguments.policies:
        estate = load_estate(arguments.estate) if arguments.estate else None
        shown = _policies(arguments, estate)
    else:
        looked = of_accounts(arguments)
        shown = _judged(looked.conclusion, looked, looked.estate)
    write_result(told(shown, arguments.format, arguments.language), arguments.output)
    return exits.first_that_applies(shown.statuses)


def _check(arguments: argparse.Namespace) -> None:
    """Refuse what does not go together."""
    if arguments.policies and (arguments.facts or arguments.since):
        raise UsageError("--policies are texts alone: they have neither --facts nor --since")
    if bool(arguments.policies) is not bool(arguments.dialect):
        raise UsageError("--policies and --dialect go together", hint="--dialect cam, or --dialect aws")
    known = [module.CHECK.id.partition("/")[2] for module in checks()]
    for name in arguments.without:
        if name not in known:
            raise UsageError(
                f"there is no check '{name}'{suggest(name, known)}", hint="docs/access.md lists them"
            )


def _policies(arguments: argparse.Namespace, estate: Estate | None) -> Told:
    directory: Path = arguments.policies
    paths = sorted(directory.glob("*.json"))
    if not paths:
        raise UsageError(f"{directory} holds no .json file", hint="one policy document a file")
    texts = {str(path): _read(path) for path in paths}
    audited = [audit(Dialect(arguments.dialect), name, raw) for name, raw in texts.items()]
    without = {f"access.audit/{name}" for name in arguments.without}
    whole = Audited(
        tuple(finding for each in audited for finding in each.findings if finding.id not in without),
        tuple(place for each in audited for place in each.unknown),
    )
    summary = {
        "policies": len(audited),
        "findings": len(whole.findings),
        "not_understood": len(whole.unknown),
    }
    unknown = Verdict(Outcome.UNKNOWN, "some policies were not understood")
    otherwise = unknown if whole.unknown else Verdict(Outcome.PASS)
    verdict = Verdict(Outcome.FAIL) if whole.findings else otherwise
    conclusion = Conclusion(verdict, summary, whole.findings, otherwise=otherwise)
    sources = {name: raw.decode("utf-8", "replace") for name, raw in texts.items()}
    return _judged(conclusion, Looked(conclusion, whole.unknown, (), sources), estate)


def _judged(conclusion: Conclusion, looked: Looked, estate: Estate | None) -> Told:
    waivers = estate.waivers if estate else ()
    if estate:
        say_waivers(estate, now())
    judged = judge(conclusion, waivers, now())
    outcomes = {judged.verdict.outcome}
    if looked.unknown:
        outcomes.add(Outcome.UNKNOWN)
    statuses = {STATUS[outcome] for outcome in outcomes}
    return Told(judged, conclusion.summary, looked, estate.estate if estate else "", statuses)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
