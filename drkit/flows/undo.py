"""``drkit undo RUN``: what a run made and does not keep is removed."""

from __future__ import annotations

import argparse

from drkit.core import exits
from drkit.core.errors import UsageError
from drkit.core.estate import Estate
from drkit.core.journal import RunRecord, RunState
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.state import State, find_state, state_root
from drkit.core.text import harmless
from drkit.core.verdicts import Outcome, Verdict
from drkit.flows.clouds import open_clouds
from drkit.flows.loading import load_estate
from drkit.flows.options import duration
from drkit.flows.runner import refuse_elsewhere
from drkit.flows.sending import SendingOut
from drkit.flows.talking import confirm, progress, say
from drkit.flows.tools import Tools
from drkit.flows.undoing import Undone, undo_broken, undo_run
from drkit.flows.workshop import open_together, open_tools


def undo(arguments: argparse.Namespace) -> int:
    """Remove what one run made and does not keep; what is left is named, and the status is 7."""
    wait = duration("--wait", arguments.wait)
    check_output(arguments.output)
    estate = load_estate(arguments.estate)
    refuse_elsewhere(estate)
    state = find_state(state_root(arguments.state), estate.estate)
    with state.lock(f"drkit undo {arguments.run}"):
        record, accounts = _choose(state, estate, arguments.run)
        if not arguments.yes and not confirm(f"Remove what run {record.id} made and does not keep?"):
            say("nothing was done")
            return exits.INTERRUPTED
        with progress():
            clouds = open_clouds(estate, accounts)
        with (
            open_tools(estate, state, clouds, wait) as tools,
            SendingOut(tools.log, estate, state) as outside,
        ):
            undone = _undo(record, tools)
            outside.send([])
    return _report(arguments, record, undone)


def _undo(record: RunRecord, tools: Tools) -> Undone:
    if record.state is RunState.ENDED:
        return undo_run(record, tools)
    return undo_broken(record, tools)[1]


def _choose(state: State, estate: Estate, prefix: str) -> tuple[RunRecord, set[str]]:
    """The run that is meant, and the accounts that it worked in.

    Raises:
        UsageError: there is none, or there are several; or the estate does not have its accounts any more.
    """
    with open_together(state, estate) as (journal, _):
        found = [record for record in journal.runs() if record.id.startswith(prefix)]
        if len(found) != 1:
            names = ", ".join(record.id for record in found[:5])
            told = f"{len(found)} runs begin with {prefix}: {names}" if found else f"there is no run {prefix}"
            raise UsageError(told, hint="`drkit history` lists them")
        accounts = {action.account for action, _ in journal.actions(found[0].id)}
    if gone := sorted(accounts - estate.accounts.keys()):
        raise UsageError(
            f"run {found[0].id} worked in the account '{gone[0]}', which the estate does not have any more",
            hint="name the account in the estate again, and undo the run then",
        )
    return found[0], accounts


def _report(arguments: argparse.Namespace, record: RunRecord, undone: Undone) -> int:
    statuses = {exits.LEFT_BEHIND} if undone.left else {exits.OK}
    if arguments.format == "json":
        counts = {name: len(each) for name, each in undone.as_data().items()}
        verdict = Verdict(Outcome.FAIL, "something was left behind") if undone.left else Verdict(Outcome.PASS)
        told = result("undo", verdict, summary=counts, statuses=statuses, run=record.id, **undone.as_data())
        write_result(json_text(told), arguments.output)
    else:
        write_result("\n".join(map(harmless, _lines(record, undone))), arguments.output)
    return exits.first_that_applies(statuses)


def _lines(record: RunRecord, undone: Undone) -> list[str]:
    lines = [f"run {record.id} of {record.playbook}: {len(undone.removed)} removed, {len(undone.kept)} kept"]
    lines += [f"  removed      {id_}" for id_ in undone.removed]
    lines += [f"  left behind  {id_}: {why}" for id_, why in undone.left]
    return lines
