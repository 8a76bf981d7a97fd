"""``drkit gate run``: have an approved command carried out by the broker, once, and see what it says."""

from __future__ import annotations

import argparse
import base64
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from drkit.core.actions import Done, Failed, Outcome, Pending, outcome_from_data
from drkit.core.approval import listing, store
from drkit.core.approval.errors import DocumentError, StoreError
from drkit.core.approval.store import Filed
from drkit.core.commands import PLAYBOOK
from drkit.core.errors import ApprovalError, DrkitError, UsageError
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.text import harmless_lines
from drkit.core.times import now
from drkit.core.verdicts import STATUS, Verdict
from drkit.core.verdicts import Outcome as Concluded
from drkit.flows.approving.commands import command_of, words_of
from drkit.flows.broker.client import ask_command
from drkit.flows.gate.place import SHORT, Place, open_place
from drkit.flows.talking import say
from drkit.ports.errors import CloudError

IDENTIFIER = frozenset("0123456789abcdef")


def run(arguments: argparse.Namespace) -> int:
    """Run one approved command; the exit status says whether it ran, and whether it ended well."""
    check_output(arguments.output)
    place = open_place(arguments)
    filed = _find(place, arguments.words)
    command_of(filed.document)
    outcome, again = _followed(place, filed, quiet=arguments.format == "json")
    if again:
        raise ApprovalError(
            f"{filed.document.id[:SHORT]} was carried out before, and is never carried out again",
            hint=f"what came of it: drkit gate output {filed.document.id[:SHORT]}",
        )
    return _told(arguments, filed, outcome)


def _find(place: Place, words: list[str]) -> Filed:
    """The request of an id, or the latest for exactly these words.

    Raises:
        UsageError: there is none.
    """
    if len(words) == 1 and set(words[0]) <= IDENTIFIER:
        return place.find(words[0])
    found = [filed for filed in _usable(place) if words_of(filed.document) == words]
    if not found:
        raise UsageError(
            "nobody asked for this command, word by word, or it is too late for it",
            hint="drkit gate request --reason WHY -- COMMAND",
        )
    if len({_where(filed) for filed in found}) > 1:
        known = ", ".join(filed.document.id[:SHORT] for filed in found)
        raise UsageError(
            f"this was asked for in several places, or as several users: {known}",
            hint="name one of them: drkit gate run ID",
        )
    return found[0]


def _usable(place: Place) -> Iterator[Filed]:
    """The requests for commands that nobody has ended, the latest first."""
    at = now()
    for each in listing.listing(place.requests).requests:
        if each.playbook != PLAYBOOK or each.ended or at >= each.not_after:
            continue
        with suppress(DocumentError, StoreError, ApprovalError):  # anybody could have put it there
            filed = store.load(place.requests, each.id)
            command_of(filed.document)
            yield filed


def _where(filed: Filed) -> tuple[str, str]:
    action = command_of(filed.document)
    return action.thing, str(action.arguments.get("directory", action.region))


def output(arguments: argparse.Namespace) -> int:
    """Show again what a command said, for as long as that was not erased."""
    place = open_place(arguments)
    filed = place.find(arguments.id)
    command_of(filed.document)
    return _told(arguments, filed, _followed(place, filed, only_look=True)[0])


def _followed(
    place: Place, filed: Filed, *, quiet: bool = False, only_look: bool = False
) -> tuple[Outcome, bool]:
    """What came of it, and whether it was over before; what it says is passed on as it comes."""
    number = at = 0
    over: bool | None = None
    while True:
        answer = _asked(place, filed, number, at, only_look=only_look)
        outcome = outcome_from_data(answer["outcome"])
        if over is None:
            # A client that lost its connection may come back to what runs; what is over is over.
            over = bool(answer["again"]) and not isinstance(outcome, Pending) and not only_look
        for part in answer["said"]:
            number, at = part["number"], part["at"]
            if not quiet and not over:
                _pass_on(part)
        if not isinstance(outcome, Pending) and (over or not answer["said"]):
            return outcome, over
        if isinstance(outcome, Pending):
            time.sleep(outcome.poll_after)


def _asked(place: Place, filed: Filed, number: int, at: int, *, only_look: bool) -> Any:
    try:
        return ask_command(place.estate, filed.document.id, number, at, only_look=only_look)
    except CloudError as error:
        raise DrkitError(
            f"the broker does not say what became of it: {error.message}",
            hint="ask again with the same command: it is never begun twice",
        ) from None


def _pass_on(part: dict[str, Any]) -> None:
    stream = sys.stdout if part["channel"] == "out" else sys.stderr
    content = base64.b64decode(part["content"])
    if stream.isatty():  # which obeys what it is shown, whoever wrote it
        content = harmless_lines(content.decode(errors="replace")).encode()
    stream.buffer.write(content)
    stream.flush()


def _told(arguments: argparse.Namespace, filed: Filed, outcome: Outcome) -> int:
    identifier = filed.document.id[:SHORT]
    verdict, text = _concluded(outcome)
    if arguments.format == "json":
        told = dict(outcome.told) if isinstance(outcome, Done) else {}
        write_result(
            json_text(result("gate run", verdict, summary=told, id=filed.document.id, said=text)),
            arguments.output,
        )
    else:
        say(f"{identifier}: {text}")
    return STATUS[verdict.outcome]


def _concluded(outcome: Outcome) -> tuple[Verdict, str]:
    if isinstance(outcome, Done):
        status, why = outcome.told["status"], outcome.told["ended"]
        ended = {
            "time": "; it was ended, its time was up",
            "lost": "; it was ended, nobody listened any more",
        }
        text = f"it ended with status {status}{ended.get(why, '')}"
        if "request_id" in outcome.told:
            text = f"the cloud did it, request {outcome.told['request_id']}"
        return Verdict(Concluded.FAIL if status or why else Concluded.PASS), text
    assert not isinstance(outcome, Pending)
    reason = outcome.reason
    if isinstance(outcome, Failed):
        return Verdict(Concluded.FAIL, reason), f"it was not carried out: {reason}"
    return Verdict(Concluded.UNKNOWN, reason), reason
