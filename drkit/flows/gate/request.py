"""``drkit gate request``: ask other people to approve what a playbook would destroy or weaken."""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from drkit.core import exits
from drkit.core.approval import requesting, sshsig, store
from drkit.core.approval.document import LONGEST_ONCE, Document
from drkit.core.approval.intended import Danger
from drkit.core.approval.standing import LONGEST, Limits
from drkit.core.calls import Wanted
from drkit.core.configuration.types import format_duration
from drkit.core.errors import UsageError
from drkit.core.estate import Estate
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.times import now, text_of
from drkit.core.verdicts import Outcome, Verdict
from drkit.flows.approving.intention import dangerous, intend
from drkit.flows.clouds import open_clouds
from drkit.flows.gate.place import SHORT, open_place, person
from drkit.flows.gate.signing import by_hand, sign
from drkit.flows.gate.words import action_lines
from drkit.flows.loading import Loaded, estate_path, load
from drkit.flows.options import duration
from drkit.flows.planning import foresee
from drkit.flows.talking import progress, say
from drkit.flows.tools import Look

PASSED = Verdict(Outcome.PASS)


def request(arguments: argparse.Namespace) -> int:
    """Plan, or bind a command, and file a request that names exactly what would run."""
    check_output(arguments.output)
    playbook = _playbook(arguments)
    loaded = load(estate_path(arguments.estate), (playbook,) if playbook else ())
    place = open_place(arguments, loaded.estate)
    who = person(arguments.as_)
    place.roster()  # an approval that nobody can give is not asked for
    at = now()
    if playbook is None:
        document: Document | None = _command(arguments, loaded.estate, who, at)
    elif arguments.standing:
        document = _standing(arguments, loaded, who, at)
    else:
        document = _once(arguments, loaded, who, at)
    if document is None:
        write_result(_nothing(arguments, loaded), arguments.output)
        return exits.OK
    proof = sign(document.raw, arguments.key, sshsig.REQUEST) if arguments.key else None
    path = store.add(place.requests, document)
    if proof is not None:
        store.prove(place.requests, document.id, proof)
    else:
        say("nothing proves who asks, so one more person must agree; sign the request with --key KEY")
    write_result(_told(arguments, document, path), arguments.output)
    return exits.OK


def _playbook(arguments: argparse.Namespace) -> Path | None:
    """The playbook that is named; None where it is a command."""
    words = arguments.words
    if len(words) == 1 and words[0].endswith((".yaml", ".yml")) and not arguments.script:
        return Path(words[0])
    if arguments.standing:
        raise UsageError("a standing approval is for a playbook", hint="name its file")
    return None


def _command(arguments: argparse.Namespace, estate: Estate, who: str, at: datetime) -> Document:
    """A request for one command; raises as `drkit.flows.gate.binding.bind`."""
    from drkit.flows.approving.commands import BREAK_GLASS, intend_command
    from drkit.flows.gate.binding import account_of, bind, bind_call

    is_call = arguments.words[:1] == ["tccli"] and not arguments.host
    bound: Wanted = bind_call(arguments, estate) if is_call else bind(arguments, estate)
    if bound.verdict["verdict"] == "allow":
        say("note: nothing of this needs a second person; `drkit gate check` says so")
    action = bound.as_action(account_of(arguments, estate))
    if bound.break_glass and not estate.notify:
        raise UsageError(
            "nobody would be told that the glass was broken",
            hint="name who is told under `notify` in the estate",
        )
    lasts = _lasts(arguments, BREAK_GLASS if bound.break_glass else LONGEST_ONCE)
    return requesting.request(
        intend_command(estate, action), requester=who, reason=arguments.reason, now=at, lasts=lasts
    )


def _once(arguments: argparse.Namespace, loaded: Loaded, who: str, at: datetime) -> Document | None:
    """A request for one run; None where nothing needs an approval."""
    [playbook] = loaded.playbooks
    with progress() as show:
        clouds = open_clouds(loaded.estate, loaded.accounts(at), powers=("look",))
        setting = playbook.setting(loaded.estate, at)
        foreseen = foresee(playbook, setting, Look(clouds.look, now, show))
    actions = dangerous(foreseen.actions)
    if not actions:
        return None
    intended = intend(loaded.estate, playbook, actions, at)
    lasts = _lasts(arguments, LONGEST_ONCE)
    return requesting.request(intended, requester=who, reason=arguments.reason, now=at, lasts=lasts)


def _standing(arguments: argparse.Namespace, loaded: Loaded, who: str, at: datetime) -> Document:
    """A request for all runs within limits."""
    if arguments.things is None and arguments.percent is None:
        raise UsageError(
            "a standing approval needs a limit", hint="--things N, --percent P, or both; --per 24h"
        )
    [playbook] = loaded.playbooks
    intended = intend(loaded.estate, playbook, (), at)
    approvals = loaded.estate.approvals
    assert approvals is not None
    needed = approvals.destroy if arguments.danger == Danger.DESTROY else approvals.change
    limits = Limits(arguments.things, arguments.percent, _window(arguments.per))
    return requesting.request_standing(
        replace(intended, approvals=needed),
        limits,
        danger=Danger(arguments.danger),
        requester=who,
        reason=arguments.reason,
        now=at,
        lasts=_lasts(arguments, LONGEST),
    )


def _window(text: str) -> timedelta:
    """Whole hours: a window that was shortened silently would let more through than was asked for."""
    window = duration("--per", text)
    if window % timedelta(hours=1) or window > LONGEST:
        raise UsageError(f"--per: whole hours, at most {format_duration(LONGEST)}", hint="such as 24h or 7d")
    return window


def _lasts(arguments: argparse.Namespace, longest: timedelta) -> timedelta:
    if arguments.lasts is None:
        return longest
    lasts = duration("--lasts", arguments.lasts)
    if lasts > longest:
        raise UsageError(f"--lasts: at most {format_duration(longest)}")
    return lasts


def _nothing(arguments: argparse.Namespace, loaded: Loaded) -> str:
    name = loaded.playbooks[0].playbook.playbook
    if arguments.format == "json":
        return json_text(result("gate request", PASSED, summary={"actions": 0}, request=None))
    return f"{name} would destroy or weaken nothing now: no approval is needed"


def _told(arguments: argparse.Namespace, document: Document, path: Path) -> str:
    if arguments.format == "json":
        summary = {"approvals": document.approvals, "not_after": text_of(document.not_after)}
        more = {"id": document.id, "path": str(path)}
        return json_text(result("gate request", PASSED, summary=summary, request=more))
    lines = [f"request {document.id[:SHORT]} of {document.requester}, until {text_of(document.not_after)}"]
    lines += [f"  {line}" for line in action_lines(document)]
    others = f"{document.approvals} other people" if document.approvals > 1 else "another person"
    lines += [f"{others} must approve it:", f"  drkit gate approve {document.id[:SHORT]} --key KEY"]
    lines += ["or, without drkit:", f"  {by_hand(path, 'NAME')}"]
    return "\n".join(lines)
