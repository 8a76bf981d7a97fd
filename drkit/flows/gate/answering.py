"""``drkit gate approve | deny | withdraw``: what a person answers to a request."""

from __future__ import annotations

import argparse

from drkit.core import exits
from drkit.core.approval import sshsig, store
from drkit.core.approval.answers import Answer, Verb
from drkit.core.approval.approvers import count
from drkit.core.approval.document import Document
from drkit.core.approval.intended import Danger
from drkit.core.approval.store import Filed
from drkit.core.calls import wanted_in
from drkit.core.commands import PLAYBOOK
from drkit.core.errors import ApprovalError, UsageError
from drkit.core.results import json_text, result, write_result
from drkit.core.times import now
from drkit.core.verdicts import Outcome, Verdict
from drkit.flows.approving.commands import command_of, intend_command
from drkit.flows.gate.binding import this_machine
from drkit.flows.gate.place import SHORT, Place, open_place, person
from drkit.flows.gate.seeing import decide_as_asked
from drkit.flows.gate.signing import by_hand, sign
from drkit.flows.gate.words import decision_lines, document_lines
from drkit.flows.talking import confirm, say

PASSED = Verdict(Outcome.PASS)


def approve(arguments: argparse.Namespace) -> int:
    """Sign a request, or file a signature that was made elsewhere; one that would not count is refused."""
    place = open_place(arguments)
    filed = place.find(arguments.id)
    who = person(arguments.as_)
    document = filed.document
    if document.playbook == PLAYBOOK:
        intend_command(
            place.estate, command_of(document)
        )  # nobody agrees to what the gate sees otherwise here
    _refuse_same_machine(document)
    if arguments.signature:
        armored = store.content(arguments.signature, sshsig.LARGEST_SIGNATURE)
    elif arguments.key:
        say("\n".join(document_lines(document)))
        if not arguments.yes and not confirm(f"Approve this as {who}?"):
            say("nothing was signed")
            return exits.INTERRUPTED
        armored = sign(document.raw, arguments.key, sshsig.APPROVE)
    else:
        path = place.requests / document.id / store.REQUEST
        raise UsageError("sign it with which key?", hint=f"--key KEY; or by hand: {by_hand(path, who)}")
    _refuse_worthless(place, filed, who, armored)
    store.approve(place.requests, document.id, who, armored)
    return _told(arguments, place, document.id, "approve")


def deny(arguments: argparse.Namespace) -> int:
    """Say no; nobody can use the request from then on."""
    return _answer(arguments, Verb.DENY)


def withdraw(arguments: argparse.Namespace) -> int:
    """Take a request back."""
    return _answer(arguments, Verb.WITHDRAW)


def _answer(arguments: argparse.Namespace, verb: Verb) -> int:
    place = open_place(arguments)
    filed = place.find(arguments.id)
    given = Answer(filed.document.id, verb, person(arguments.as_), arguments.reason, now())
    store.answer(place.requests, given)
    return _told(arguments, place, filed.document.id, verb.value)


def _refuse_same_machine(document: Document) -> None:
    """Whoever holds the requester's machine could ask and agree on it.

    It keeps the careful from a mistake; what keeps the others is the security key.

    Raises:
        ApprovalError: the worst that there is was asked for on this machine.
    """
    if document.danger is Danger.DISASTER and document.playbook == PLAYBOOK:
        asked_from = wanted_in(command_of(document)).asked_from
        if asked_from and asked_from == this_machine():
            raise ApprovalError(
                "this was asked for on this machine, and what the gate denies is approved on another",
                hint="approve it where you alone work, with your security key",
            )


def _refuse_worthless(place: Place, filed: Filed, who: str, armored: bytes) -> None:
    """One signature that does not count would spoil the request, so it is not even filed.

    Raises:
        ApprovalError: it does not count, or it is another person's.
    """
    counted = count(filed.document, [armored], place.roster(), now())
    if counted.reasons:
        raise ApprovalError("; ".join(map(str, counted.reasons)), hint="nothing was filed")
    if counted.people != (who,):
        raise ApprovalError(
            f"the key is {counted.people[0]}'s, and not {who}'s",
            hint=f"say who you are: --as {counted.people[0]}",
        )


def _told(arguments: argparse.Namespace, place: Place, identifier: str, verb: str) -> int:
    """How the request stands after the answer."""
    decision = decide_as_asked(place, store.load(place.requests, identifier), now())
    text = "\n".join([f"request {identifier[:SHORT]}", *decision_lines(decision)])
    if arguments.format == "json":
        summary = {"accepted": decision.accepted, "approvers": len(decision.approvers)}
        told = decision.as_data()
        text = json_text(result(f"gate {verb}", PASSED, summary=summary, id=identifier, decision=told))
    write_result(text, arguments.output)
    return exits.OK
