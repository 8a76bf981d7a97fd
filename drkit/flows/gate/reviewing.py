"""``drkit gate review``: a third person looks into a command that broke the glass, and says so."""

from __future__ import annotations

import argparse

from drkit.core import exits
from drkit.core.approval import sshsig
from drkit.core.approval.review import Review
from drkit.core.errors import UsageError
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.times import now
from drkit.core.verdicts import Outcome, Verdict
from drkit.flows.broker.client import ask_review
from drkit.flows.gate.place import SHORT, open_place, person
from drkit.flows.gate.signing import sign
from drkit.flows.gate.words import document_lines
from drkit.flows.talking import say


def review(arguments: argparse.Namespace) -> int:
    """Sign what was found, and have the broker write it down."""
    check_output(arguments.output)
    if arguments.key is None:
        raise UsageError("sign it with which key?", hint="--key KEY")
    place = open_place(arguments)
    document = place.find(arguments.id).document
    say("\n".join(document_lines(document)))
    said = Review(document.id, person(arguments.as_), arguments.reason, now())
    signature = sign(said.raw, arguments.key, sshsig.REVIEW)
    ask_review(place.estate, document.id, said.raw, signature)
    text = f"{document.id[:SHORT]} was reviewed by {said.person}"
    if arguments.format == "json":
        text = json_text(
            result("gate review", Verdict(Outcome.PASS), summary={}, id=document.id, review=said.as_data())
        )
    write_result(text, arguments.output)
    return exits.OK
