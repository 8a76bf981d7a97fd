"""``drkit copies release``: ask other people to approve that objects leave copies; docs/copies.md."""

from __future__ import annotations

import argparse

from drkit.copies.steps.grow import RELEASE
from drkit.core import exits
from drkit.core.actions import Action, Effect
from drkit.core.approval import requesting, sshsig, store
from drkit.core.configuration.problems import suggest
from drkit.core.errors import UsageError
from drkit.core.estate import Estate
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.times import now, text_of
from drkit.core.verdicts import Outcome, Verdict
from drkit.flows.approving.released import intended
from drkit.flows.gate.place import SHORT, open_place, person
from drkit.flows.gate.signing import by_hand, sign
from drkit.flows.gate.words import action_lines
from drkit.flows.loading import load_estate
from drkit.flows.talking import say

COMMAND = "copies release"


def release(arguments: argparse.Namespace) -> int:
    """File a request that names the objects; drkit removes none of them.

    Raises:
        UsageError: it names nothing, or what the estate does not have.
        ApprovalError: the estate names nobody who could approve, or the roster does not hold.
    """
    check_output(arguments.output)
    estate = load_estate(arguments.estate)
    place = open_place(arguments, estate)
    who, at = person(arguments.as_), now()
    place.roster()  # an approval that nobody can give is not asked for
    about = intended(estate, _actions(arguments, estate))
    document = requesting.request(about, requester=who, reason=arguments.reason, now=at)
    proof = sign(document.raw, arguments.key, sshsig.REQUEST) if arguments.key else None
    path = store.add(place.requests, document)
    if proof is not None:
        store.prove(place.requests, document.id, proof)
    else:
        say("nothing proves who asks, so one more person must agree; sign the request with --key KEY")
    lines = [f"request {document.id[:SHORT]} of {who}, until {text_of(document.not_after)}"]
    lines += [f"  {line}" for line in action_lines(document)]
    lines += [
        f"{document.approvals} other people must approve it: drkit gate approve {document.id[:SHORT]} --key KEY",
        f"or, without drkit: {by_hand(path, 'NAME')}",
    ]
    text = "\n".join(lines)
    if arguments.format == "json":
        summary = {"approvals": document.approvals, "not_after": text_of(document.not_after)}
        more = {"id": document.id, "path": str(path)}
        text = json_text(result(COMMAND, Verdict(Outcome.PASS), summary=summary, request=more))
    write_result(text, arguments.output)
    return exits.OK


def _actions(arguments: argparse.Namespace, estate: Estate) -> list[Action]:
    dataset = estate.datasets.get(arguments.dataset)
    if dataset is None:
        told = suggest(arguments.dataset, estate.datasets)
        raise UsageError(f"the estate has no dataset '{arguments.dataset}'{told}")
    if not arguments.object and not arguments.prefix:
        raise UsageError(
            "release what?", hint="name objects with --object, or all that begin so with --prefix"
        )
    if "" in (*arguments.object, *arguments.prefix):
        raise UsageError("an empty --object or --prefix names everything", hint="name what may go")
    for name in arguments.copy:
        if name not in dataset.copies:
            raise UsageError(f"{arguments.dataset} has no copy '{name}'{suggest(name, dataset.copies)}")
    return [
        Action(
            verb=RELEASE,
            effect=Effect.DESTROY,
            account=copy.account,
            region=copy.region,
            target=f"{arguments.dataset}/{name}",
            arguments={"keys": arguments.object, "prefixes": arguments.prefix},
            reason=arguments.reason,
        )
        for name, copy in dataset.reference_first.items()
        if not arguments.copy or name in arguments.copy
    ]
