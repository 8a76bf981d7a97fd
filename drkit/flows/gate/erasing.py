"""``drkit gate erase``: nobody can read any more what a command said; that it said it stays in the evidence."""

from __future__ import annotations

import argparse

from drkit.core import exits
from drkit.core.errors import UsageError
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.signing import signer
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.state import open_state, state_root
from drkit.core.times import now
from drkit.core.verdicts import Outcome, Verdict
from drkit.flows.approving.commands import command_of
from drkit.flows.broker.commands import run_of
from drkit.flows.broker.recordings import erase as erase_key
from drkit.flows.broker.recordings import place_of
from drkit.flows.gate.place import SHORT, open_place, person
from drkit.flows.recording import Recorder


def erase(arguments: argparse.Namespace) -> int:
    """Erase the key of a recording, as the broker's user, while no broker runs.

    Raises:
        LockedError: the broker runs. UsageError: there is no such recording. DrkitError: it cannot be erased.
    """
    check_output(arguments.output)
    place = open_place(arguments)
    document = place.find(arguments.id).document
    command_of(document)
    who, run = person(arguments.as_), run_of(document)
    root, estate = state_root(arguments.state) / "broker", place.estate.estate
    if not (root / estate).is_dir():
        raise UsageError(
            f"the broker has no state in {root}",
            hint="on its host, as its user: --state, as `drkit broker` has it",
        )
    state = open_state(root, estate)
    with state.lock("drkit gate erase"), EvidenceLog.open(state.evidence, signer(state.keys, estate)) as log:
        recording = place_of(state.directory, run)
        if not recording.key.exists():
            raise UsageError(f"nothing is recorded of {document.id[:SHORT]}, or it was erased")
        # Written down first: what is gone without a word would look as if somebody had hidden it.
        Recorder(log, run, now).record(
            "recording.erased", approval=document.id, person=who, reason=arguments.reason
        )
        log.checkpoint()
        erase_key(recording)
    text = f"nobody can read any more what {document.id[:SHORT]} said; its hash stays in the evidence"
    if arguments.format == "json":
        text = json_text(result("gate erase", Verdict(Outcome.PASS), summary={}, id=document.id))
    write_result(text, arguments.output)
    return exits.OK
