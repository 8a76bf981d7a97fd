"""A command that somebody wants to run, judged by whoever decides: how dangerous, and who must agree."""

from __future__ import annotations

import posixpath
import re
import shlex
from datetime import timedelta

from drkit.core.actions import Action
from drkit.core.approval.document import Document
from drkit.core.approval.intended import Danger, Intended
from drkit.core.calls import BoundCall, Wanted, wanted_in
from drkit.core.canonical import digest
from drkit.core.commands import PATH, PLAYBOOK, Bound, told
from drkit.core.errors import ApprovalError, UsageError
from drkit.core.estate import Account, Estate
from drkit.flows.approving.intention import estate_digest
from drkit.flows.gate.protected import places_of
from drkit.gate.classify.api import judge_call
from drkit.gate.classify.shell import SHELLS, judge_shell
from drkit.gate.verdict import Judgement, Verdict, judged, review

_PLAIN = re.compile(r"[A-Za-z0-9_.:+@-]{0,64}")
_PLAINLY = frozenset({"LANG", "LC_ALL", "TERM", "TZ", "USER", "LOGNAME"})

BREAK_GLASS = timedelta(hours=1)
"""How long an approval lasts at most that one other person alone gave."""


def judge(estate: Estate, wanted: Wanted) -> Judgement:
    """What the gate says of a command or a call."""
    if isinstance(wanted, Bound):
        return _judge_command(estate, wanted)
    return judge_call(
        {
            "cloud": "tencent",
            "service": wanted.service,
            "action": wanted.action,
            "params": dict(wanted.parameters),
        }
    )


def _judge_command(estate: Estate, bound: Bound) -> Judgement:
    """Of its words, its variables, and the script that it reads; by two parsers."""
    places = places_of(estate.gate, bound.directory)
    texts = _texts(bound) if bound.script is None else [_setting(bound), bound.script]
    found = [
        judge_shell(text, places, user=bound.user, shell=_shell(bound), twice=True) for text in texts if text
    ]
    reasons = [reason for each in found for reason in each.reasons]
    if bound.script is not None and not _is_plain_shell(bound):
        reasons += review(
            "opaque", f"a script of {shlex.join(bound.words)} may be read otherwise than here"
        ).reasons
    return judged(reasons)


def _shell(bound: Bound) -> str:
    """Whose language a script is in; where nobody knows, it is read as one in which the worst can be told."""
    name = posixpath.basename(bound.words[0])
    return name if bound.script is not None and name in SHELLS else "bash"


def _is_plain_shell(bound: Bound) -> bool:
    """Whether a script is read by a shell, by its name and by what the name stands for, and by nothing else."""
    names = {posixpath.basename(bound.words[0]), posixpath.basename(bound.program)}
    return names <= SHELLS and len(bound.words) == 1


def _texts(bound: Bound) -> list[str]:
    """The command as it would be typed, by the name that was said and by the program that runs under it."""
    names = dict.fromkeys((bound.words[0], bound.program))
    return [" ".join([*_settings(bound), shlex.join([name, *bound.words[1:]])]) for name in names]


def _setting(bound: Bound) -> str:
    """What a script's variables come to, before its first line."""
    settings = _settings(bound)
    return " ".join([*settings, "true"]) if settings else ""


def _settings(bound: Bound) -> list[str]:
    """Every variable that is not as every command has it."""
    return [
        f"{name}={shlex.quote(value)}"
        for name, value in bound.environment.items()
        if not (value == PATH if name == "PATH" else name in _PLAINLY and _PLAIN.fullmatch(value))
    ]


def danger_of(judgement: Judgement) -> Danger:
    """What is denied is a disaster; anything else that a person wants to have run by the broker may destroy."""
    return Danger.DISASTER if judgement.verdict is Verdict.DENY else Danger.DESTROY


def intend_command(estate: Estate, action: Action) -> Intended:
    """What is about to run, as whoever decides judges it himself.

    Args:
        estate: as whoever decides knows it.
        action: the command, from `drkit.core.commands.Bound.as_action`.

    Raises:
        ApprovalError: the estate names nobody who could approve, or does not have its account or host; or it is no
            command.
    """
    approvals = estate.approvals
    if approvals is None:
        raise ApprovalError(
            "the estate says nothing of approvals, so no command is run",
            hint="add `approvals` with a roster and its pin to the estate: docs/approvals.md",
        )
    try:
        bound = wanted_in(action)
    except ValueError as error:
        raise ApprovalError(str(error)) from None
    _refuse_strangers(estate, bound, action.account)
    judgement = judge(estate, bound)
    if judgement.as_data() != bound.verdict:
        # Who agrees reads what the gate is said to say. It was written by whoever asks.
        raise ApprovalError(
            f"the gate says otherwise here than in the request: {judgement.verdict.word}, {told(judgement.as_data())}",
            hint="ask again, with the same drkit and the same estate as here",
        )
    danger = danger_of(judgement)
    needed = approvals.disaster if danger is Danger.DISASTER else approvals.destroy
    return Intended(
        estate=estate.estate,
        estate_sha256=estate_digest(estate),
        accounts={action.account: estate.accounts[action.account].account},
        playbook=PLAYBOOK,
        playbook_sha256=digest(bound.as_arguments()),
        actions=(action,),
        approvals=1 if bound.break_glass else needed,
        worse=danger,
    )


def command_of(document: Document) -> Action:
    """The command that a request asks for.

    Raises:
        ApprovalError: it asks for something else, or for too long.
    """
    actions = document.allows.actions if document.kind == "plan" else ()  # type: ignore[union-attr]
    if document.playbook != PLAYBOOK or len(actions) != 1:
        raise ApprovalError(
            "this request is for a playbook, and not for a command", hint="drkit run PLAYBOOK"
        )
    try:
        bound = wanted_in(actions[0])
    except ValueError as error:
        raise ApprovalError(str(error)) from None
    if bound.break_glass and document.not_after - document.requested_at > BREAK_GLASS:
        raise ApprovalError("breaking the glass is for an hour at most")
    return actions[0]


def _refuse_other_call(account: Account, bound: BoundCall) -> None:
    """The words are what people recognise, so they have to come to what is called."""
    from drkit.clouds.tencent import tccli

    if account.cloud != "tencent":
        raise ApprovalError(f"calls are made on Tencent Cloud, and this account is one of {account.cloud}")
    if bound.region and bound.region not in account.regions:
        raise ApprovalError(f"the account has no region '{bound.region}' in the estate")
    try:
        typed = tccli.read(bound.words)
    except UsageError as error:
        raise ApprovalError(error.message) from None
    said = (typed.service, typed.version, typed.action, typed.region, dict(typed.parameters))
    if said != (bound.service, bound.version, bound.action, bound.region, dict(bound.parameters)):
        raise ApprovalError("the words of this call do not come to the call")


def words_of(document: Document) -> list[str]:
    """The words of a command's request; raises as `command_of`."""
    return list(command_of(document).arguments["words"])


def _refuse_strangers(estate: Estate, bound: Wanted, account: str) -> None:
    if account not in estate.accounts:
        raise ApprovalError(f"the estate has no account '{account}'")
    if isinstance(bound, BoundCall):
        _refuse_other_call(estate.accounts[account], bound)
        return
    if not bound.host:
        return
    host = estate.gate.hosts.get(bound.host)
    if host is None:
        raise ApprovalError(f"the estate has no host '{bound.host}'", hint="name it under gate.hosts")
    if (host.account, host.host_key, host.user) != (account, bound.host_key, bound.user):
        raise ApprovalError(f"the estate knows '{bound.host}' with another account, key or user")
