"""``drkit run``: playbooks are carried out, each to its own verdict, and reported."""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path

from drkit.core import exits
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.signing import signer
from drkit.core.journal import Journal
from drkit.core.results import write_result
from drkit.core.state import State, open_state, state_root
from drkit.core.times import now
from drkit.flows.clouds import open_clouds
from drkit.flows.loading import Loaded, estate_path, load
from drkit.flows.options import duration
from drkit.flows.plan import as_text, plan_all
from drkit.flows.report import gather_runs, render
from drkit.flows.running import Ended, Tools, carry_out
from drkit.flows.talking import confirm, progress, say


def run(arguments: argparse.Namespace) -> int:
    """Carry out playbooks one after the other; the exit status is the first that applies of all."""
    wait = duration("--wait", arguments.wait)
    loaded = load(estate_path(arguments.estate), arguments.playbooks)
    state = open_state(state_root(arguments.state), loaded.estate.estate)
    with state.lock(f"drkit run {' '.join(str(path) for path in arguments.playbooks)}"):
        return _run_locked(arguments, loaded, state, wait)


def _run_locked(arguments: argparse.Namespace, loaded: Loaded, state: State, wait: timedelta) -> int:
    with progress() as show:
        clouds = open_clouds(loaded.estate, loaded.accounts(now()))
    agreed: dict[str, dict[str, str]] = {}
    if not arguments.yes:
        with progress() as show:
            planned = plan_all(loaded, clouds, now, show)
        if any(each.plan.actions for each in planned):
            say(as_text(planned))
            if not confirm("Carry this out?"):
                say("nothing was done")
                return exits.INTERRUPTED
        for each in planned:
            agreed.setdefault(str(each.playbook.path), {})[each.step.name] = each.plan.fingerprint
    journal = Journal(state.journal)
    try:
        key = signer(state.keys, loaded.estate.estate)
        with EvidenceLog.open(state.evidence, key) as log, progress() as show:
            tools = Tools(loaded.estate, clouds, journal, log, now, wait.total_seconds(), show)
            ended = [carry_out(each, tools, agreed.get(str(each.path))) for each in loaded.playbooks]
    finally:
        journal.close()
    _report(arguments, state.evidence, ended)
    return exits.first_that_applies({status for each in ended for status in each.statuses})


def _report(arguments: argparse.Namespace, evidence: Path, ended: list[Ended]) -> None:
    runs = gather_runs(evidence)
    write_result(render([runs[each.run] for each in ended], arguments.format, "run"), arguments.output)
