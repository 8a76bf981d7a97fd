"""Requests and decisions in the words of those who have to read them."""

from __future__ import annotations

import shlex

from drkit.core.actions import Action, Plan
from drkit.core.approval.document import Document
from drkit.core.approval.reasons import Decision
from drkit.core.calls import BoundCall, wanted_in
from drkit.core.canonical import canonical
from drkit.core.commands import PLAYBOOK, Bound
from drkit.core.text import harmless, told_arguments
from drkit.core.times import text_of

MOST_ACTIONS = 100


def action_lines(document: Document) -> list[str]:
    """What a request allows: each action with all that it says, or the limits of a standing one."""
    if not isinstance(document.allows, Plan):
        limits = document.allows.limits
        things = f"{limits.things} things" if limits.things is not None else ""
        percent = f"{limits.percent} % of what exists" if limits.percent is not None else ""
        most = " and ".join(each for each in (things, percent) if each)
        return [
            f"{document.danger.value} at most {most} within {limits.window}, whenever {document.playbook} runs"
        ]
    actions = document.allows.actions
    if document.playbook == PLAYBOOK and len(actions) == 1:
        return command_lines(actions[0])
    lines = []
    for action in actions[:MOST_ACTIONS]:
        place = f"{action.account} ({document.accounts[action.account]}), {action.region}"
        lines += [
            harmless(f"{action.effect.value} {action.target} in {place}: {action.reason}"),
            harmless(f"  {action.verb}: {told_arguments(action.arguments)}"),
        ]
    if (more := len(actions) - MOST_ACTIONS) > 0:
        lines.append(f"and {more} more: drkit gate show {document.id[:16]} --format json")
    return lines


def command_lines(action: Action) -> list[str]:
    """A command or a call whole, and all that decides what it does."""
    try:
        wanted = wanted_in(action)
    except ValueError as error:
        return [str(error)]
    said = wanted.verdict
    lines = _call_lines(action, wanted) if isinstance(wanted, BoundCall) else _bound_lines(action, wanted)
    return [
        *(
            ["BREAKING THE GLASS: one other person is enough, and everybody is told"]
            if wanted.break_glass
            else []
        ),
        harmless(lines[0]),
        *(f"  {harmless(line)}" for line in lines[1:]),
        harmless(f"  the gate says {said['verdict']}:"),
        *(harmless(f"    {each['why']} [{each['rule']}]") for each in said["reasons"]),
    ]


def _bound_lines(action: Action, bound: Bound) -> list[str]:
    environment = " ".join(f"{name}={shlex.quote(value)}" for name, value in bound.environment.items())
    where = f"on {bound.host}, {bound.host_key}" if bound.host else "on the broker's own host"
    return [
        f"run, as {action.target}: {shlex.join(bound.words)}",
        *(f"| {line}" for line in (bound.script or "").split("\n")[: None if bound.script else 0]),
        f"{where}, in {bound.directory}, for {bound.seconds} seconds at most, with {environment}",
        f"{bound.program} sha256 {bound.program_sha256}",
        *(f"{path} sha256 {sha256}" for path, sha256 in bound.files.items()),
    ]


def _call_lines(action: Action, call: BoundCall) -> list[str]:
    where = f" in {call.region}" if call.region else ""
    return [
        f"call {action.target}{where}, account {action.account}, by the role that destroys",
        *(f"{name}: {canonical(value).decode()}" for name, value in call.parameters.items()),
        f"as it was typed: {shlex.join(call.words)} (version {call.version})",
    ]


def document_lines(document: Document) -> list[str]:
    """A request in the order in which a second person reads: what, to what, why and by whom, and only then the rest."""
    accounts = ", ".join(f"{name} {number}" for name, number in document.accounts.items())
    return [
        f"request {document.id}",
        f"  it would {document.danger.value}:",
        *(f"    {line}" for line in action_lines(document)),
        f"  why: {harmless(document.reason)}",
        f"  asked by {document.requester} at {text_of(document.requested_at)}",
        f"  may run from {text_of(document.not_before)} until {text_of(document.not_after)}{_how_often(document)}",
        f"  playbook {document.playbook}, estate {document.estate}, accounts {accounts}",
        f"  needs {document.approvals} other people",
    ]


def _how_often(document: Document) -> str:
    return ", once" if document.kind == "plan" else ", again and again within the limit"


def decision_lines(decision: Decision) -> list[str]:
    """How it stands."""
    approved = ", ".join(decision.approvers) or "nobody"
    lines = [f"  approved by {approved}"]
    if decision.accepted:
        return [*lines, "  it holds now; that the plan is still the same is seen when it runs"]
    return [
        *lines,
        "  it does not hold now:",
        *(f"    {harmless(str(reason))}" for reason in decision.reasons),
    ]
