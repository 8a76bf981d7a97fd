"""``drkit recover``: runs that were suspended or broken off are taken up again."""

from __future__ import annotations

import argparse
from pathlib import Path

from drkit.core import exits
from drkit.core.configuration.reading import Reader
from drkit.core.errors import ConfigurationError
from drkit.core.estate import Estate
from drkit.core.journal import RunRecord, RunState
from drkit.core.playbook import AfterCrash
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.state import State, find_state, state_root
from drkit.core.times import now
from drkit.core.verdicts import Outcome, Verdict
from drkit.flows.clouds import open_clouds
from drkit.flows.ending import Ended
from drkit.flows.loading import Loaded, LoadedPlaybook, load_estate, load_playbook
from drkit.flows.notifying import say_waivers
from drkit.flows.options import duration
from drkit.flows.report import report_ended
from drkit.flows.runner import refuse_elsewhere
from drkit.flows.running import take_up
from drkit.flows.sending import SendingOut
from drkit.flows.talking import confirm, progress, say
from drkit.flows.tools import Tools
from drkit.flows.undoing import undo_broken
from drkit.flows.workshop import open_together, open_tools

Unfinished = list[tuple[RunRecord, LoadedPlaybook]]


def recover(arguments: argparse.Namespace) -> int:
    """Take up every run that has not ended."""
    wait = duration("--wait", arguments.wait)
    check_output(arguments.output)
    estate = load_estate(arguments.estate)
    refuse_elsewhere(estate)
    state = find_state(state_root(arguments.state), estate.estate)
    with state.lock("drkit recover"):
        unfinished, lost = find_unfinished(state, estate)
        if not unfinished and not lost:
            write_result(_nothing(arguments.format), arguments.output)
            return exits.OK
        if unfinished and not arguments.yes and not confirm(_question(unfinished)):
            say("nothing was done")
            return exits.INTERRUPTED
        loaded = Loaded(estate, tuple(playbook for _, playbook in unfinished))
        say_waivers(estate, now())
        with progress():
            clouds = open_clouds(estate, loaded.accounts(now()))
        with (
            open_tools(estate, state, clouds, wait) as tools,
            SendingOut(tools.log, estate, state) as outside,
        ):
            ended = outside.send([_finish(record, playbook, tools) for record, playbook in unfinished])
    return report_ended(arguments, state.evidence, [*ended, *lost])


def _finish(record: RunRecord, playbook: LoadedPlaybook, tools: Tools) -> Ended:
    """Go on with a run; one that was broken off is torn down where its playbook says so."""
    if _is_undone(record, playbook):
        return undo_broken(record, tools)[0]
    return take_up(record, playbook, tools)


def _is_undone(record: RunRecord, playbook: LoadedPlaybook) -> bool:
    return record.state is RunState.RUNNING and playbook.playbook.after_crash is AfterCrash.UNDO


def _question(unfinished: Unfinished) -> str:
    undone = [record.id for record, playbook in unfinished if _is_undone(record, playbook)]
    if not undone:
        return "Take up what has not ended?"
    return f"Take up what has not ended, and tear down {', '.join(undone)} as the playbook says?"


def _nothing(form: str) -> str:
    if form != "json":
        return "every run has ended: there is nothing to take up"
    return json_text(result("recover", Verdict(Outcome.PASS), summary={"runs": 0}, runs=[]))


def find_unfinished(state: State, estate: Estate) -> tuple[Unfinished, list[Ended]]:
    """The runs that have not ended with their playbooks, and those whose playbook is gone."""
    with open_together(state, estate) as (journal, _):
        records = [
            (record, {action.account for action, _ in journal.actions(record.id)})
            for record in journal.unfinished()
        ]
    unfinished: Unfinished = []
    lost: list[Ended] = []
    for record, accounts in records:
        playbook = _playbook_of(record, state.playbooks, estate)
        gone = sorted(accounts - estate.accounts.keys())
        if playbook is None or gone:
            why = (
                f"the estate has no account '{gone[0]}' any more"
                if gone
                else "its playbook is gone or was changed"
            )
            say(f"run {record.id} cannot be taken up: {why}")
            verdict = Verdict(Outcome.UNKNOWN, f"cannot be taken up: {why}")
            lost.append(Ended(record.id, verdict, frozenset({exits.NOTHING_CONCLUDED}), lost=True))
        else:
            unfinished.append((record, playbook))
    return unfinished, lost


def _playbook_of(record: RunRecord, playbooks: Path, estate: Estate) -> LoadedPlaybook | None:
    """The very bytes that the run began with, against the estate as it is now."""
    reader = Reader()
    loaded = load_playbook(reader, playbooks / f"{record.sha256}.yaml", estate)
    try:
        reader.finish()
    except ConfigurationError as error:
        say(error.message)
        return None
    return loaded if loaded and loaded.sha256 == record.sha256 else None
