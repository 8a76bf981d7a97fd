"""``drkit evidence``: a directory that is named, or the estate's own."""

from __future__ import annotations

import argparse
import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drkit.core import exits
from drkit.core.errors import UsageError
from drkit.core.estate import Estate
from drkit.core.evidence import commands, keys, layout, signing
from drkit.core.evidence.checkpoint import Checkpoint
from drkit.core.evidence.export import Attached, Exported, Source, export_log
from drkit.core.evidence.export_run import export_run
from drkit.core.evidence.outside import Outside, name_of
from drkit.core.evidence.sending import Unsent, send_out
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.state import State, find_state, open_state, state_root
from drkit.core.times import now
from drkit.core.verdicts import STATUS, Finding, Outcome, Severity, Verdict
from drkit.flows.approving.handing import hand_out
from drkit.flows.gate.place import open_place
from drkit.flows.loading import load_estate
from drkit.flows.sending import open_outsides, outside_directories, say_unsent
from drkit.flows.talking import say
from drkit.flows.workshop import open_together

SELF_SIGNED = "self-signed only: the estate names no outside, and no --to was given"


def show(arguments: argparse.Namespace) -> int:
    """Read the evidence."""
    if arguments.directory is None:
        arguments.directory = _found(arguments)[1].evidence
    return commands.show(arguments)


def verify(arguments: argparse.Namespace) -> int:
    """Verify the evidence; the estate's own is held against the estate's outsides."""
    if arguments.directory is not None:
        return commands.verify(arguments)
    estate = load_estate(arguments.estate)
    known = outside_directories(estate)
    root = state_root(arguments.state)
    # What an outside saw is missing here, however thoroughly it was removed.
    state = State(root / estate.estate) if known or arguments.outside else find_state(root, estate.estate)
    arguments.directory = state.evidence
    return commands.verify(arguments, known)


def keygen(arguments: argparse.Namespace) -> int:
    """Make the key pair that signs the estate's checkpoints, and print its public half.

    Raises:
        UsageError: there is one already.
    """
    check_output(arguments.output)
    estate = load_estate(arguments.estate)
    directory = arguments.to or open_state(state_root(arguments.state), estate.estate).keys
    key = str(signing.make(directory, estate.estate).key)
    say(f"The private key is in {directory}. Keep this verifier key where that host cannot write:")
    if arguments.format == "json":
        summary = {"directory": str(directory)}
        key = json_text(result("evidence keygen", Verdict(Outcome.PASS), summary=summary, key=key))
    write_result(key, arguments.output)
    return exits.OK


def checkpoint(arguments: argparse.Namespace) -> int:
    """Sign what the log holds and send it out; prints the signed checkpoint.

    Raises:
        UsageError: there is no log, no key, or the directory that was named is not there.
    """
    check_output(arguments.output)
    estate, state = _found(arguments)
    if arguments.to is not None and not arguments.to.is_dir():
        raise UsageError(f"there is no directory {arguments.to}", hint="mount it, or make it, first")
    if not (state.evidence / layout.LOG).is_file():
        raise UsageError(f"there is no evidence in {state.evidence}", hint="nothing has run yet")
    named = [arguments.to] if arguments.to else []
    outsides = open_outsides([*outside_directories(estate), *named], state)
    with (
        state.lock("drkit evidence checkpoint"),
        open_together(state, estate) as (_, log),
    ):
        unsent = send_out(log, outsides, now)
        signed = log.checkpoint()
    say_unsent(unsent)
    verdict = _sent_verdict(outsides, unsent)
    if not outsides:
        say(f"drkit: {SELF_SIGNED}; keep what is printed here where this host cannot write")
    text = signed.signed.decode()
    if arguments.format == "json":
        text = json_text(_checkpoint_as_data(signed, outsides, unsent, verdict))
    write_result(text, arguments.output)
    return STATUS[verdict.outcome]


def export(arguments: argparse.Namespace) -> int:
    """Write a bundle that another party verifies without drkit.

    Raises:
        UsageError: there is no log, no such run, or the directory is not empty.
    """
    check_output(arguments.output)
    estate, state = _found(arguments)
    if not (state.evidence / layout.LOG).is_file():
        raise UsageError(f"there is no evidence in {state.evidence}", hint="nothing has run yet")
    source = Source(
        estate.estate,
        state.evidence,
        state.keys / keys.VERIFIER,
        outside_directories(estate),
        Path(estate.approvals.roster) if estate.approvals else state.directory / "roster",
        hand_out(open_place(arguments, estate), arguments.run or "") if estate.approvals else Attached(),
    )
    if arguments.run is None:
        exported = export_log(source, arguments.to, now())
    else:
        exported = export_run(source, arguments.to, arguments.run, now())
    for note in (*exported.missing, *exported.notes):
        say(f"drkit: {note}")
    verdict = Verdict(Outcome.UNKNOWN, exported.missing[0]) if exported.missing else Verdict(Outcome.PASS)
    write_result(_exported(arguments, exported, verdict), arguments.output)
    return STATUS[verdict.outcome]


def _found(arguments: argparse.Namespace) -> tuple[Estate, State]:
    estate = load_estate(arguments.estate)
    return estate, find_state(state_root(arguments.state), estate.estate)


def _sent_verdict(outsides: Sequence[Outside], unsent: Sequence[Unsent]) -> Verdict:
    if unsent:
        return Verdict(Outcome.UNKNOWN, unsent[0].reason)
    return Verdict(Outcome.PASS) if outsides else Verdict(Outcome.UNKNOWN, SELF_SIGNED)


def _checkpoint_as_data(
    signed: Checkpoint, outsides: Sequence[Outside], unsent: Sequence[Unsent], verdict: Verdict
) -> dict[str, Any]:
    without = {one.outside for one in unsent}
    return result(
        "evidence checkpoint",
        verdict,
        summary={"entries": signed.size, "root": base64.b64encode(signed.root).decode()},
        findings=[_finding(one, signed.origin) for one in unsent],
        checkpoint=signed.signed.decode(),
        name=name_of(signed),
        sent=[outside.where for outside in outsides if outside.where not in without],
    )


def _finding(one: Unsent, origin: str) -> dict[str, Any]:
    finding = Finding(
        "evidence.checkpoint/unsent", Severity.HIGH, one.outside, origin, one.reason, one.hint
    ).as_data()
    return {**finding, "first_seen": None}


def _exported(arguments: argparse.Namespace, exported: Exported, verdict: Verdict) -> str:
    directory: Path = arguments.to
    summary = {
        "directory": str(directory),
        "entries": exported.entries,
        "checkpoints": exported.checkpoints,
        "outside": exported.outside,
    }
    if arguments.format == "json":
        return json_text(result("evidence export", verdict, summary=summary, notes=exported.notes))
    return (
        f"{directory}: {exported.entries} entries, {exported.checkpoints} checkpoints, "
        f"{exported.outside} of them as kept outside\n{directory / 'README.md'} says how to verify it"
    )
