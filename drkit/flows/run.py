"""``drkit run``: playbooks are carried out, each to its own verdict, and reported."""

from __future__ import annotations

import argparse
from datetime import timedelta

from drkit.core import exits
from drkit.core.errors import UsageError
from drkit.core.journal import Journal
from drkit.core.results import check_output
from drkit.core.state import State, open_state, state_root
from drkit.core.times import now
from drkit.flows.clouds import Opened, open_clouds
from drkit.flows.loading import Loaded, estate_path, load
from drkit.flows.notifying import say_waivers
from drkit.flows.options import duration
from drkit.flows.plan import as_text, plan_all
from drkit.flows.report import report_ended
from drkit.flows.runner import refuse_elsewhere
from drkit.flows.running import carry_out
from drkit.flows.sending import SendingOut
from drkit.flows.talking import confirm, progress, say
from drkit.flows.tools import Look
from drkit.flows.workshop import open_tools

# Fingerprints of the plans that a person agreed to: by the playbook's path, by the step's name.
Agreed = dict[str, dict[str, str]]


def run(arguments: argparse.Namespace) -> int:
    """Carry out playbooks one after the other; the exit status is the first that applies of all."""
    wait = duration("--wait", arguments.wait)
    check_output(arguments.output)
    if arguments.due:
        from drkit.flows.run_due import run_due

        return run_due(arguments, wait)
    if not arguments.playbooks:
        raise UsageError("run what?", hint="name playbooks, or carry out what is due: drkit run --due")
    if arguments.format == "html" and len(arguments.playbooks) > 1:
        raise UsageError(
            "one page shows one run", hint="run one playbook, or `drkit report RUN --format html`"
        )
    loaded = load(estate_path(arguments.estate), arguments.playbooks)
    refuse_elsewhere(loaded.estate)
    state = open_state(state_root(arguments.state), loaded.estate.estate)
    with state.lock(f"drkit run {' '.join(str(path) for path in arguments.playbooks)}"):
        return _run_locked(arguments, loaded, state, wait)


def _run_locked(arguments: argparse.Namespace, loaded: Loaded, state: State, wait: timedelta) -> int:
    say_waivers(loaded.estate, now())
    with progress():
        clouds = open_clouds(loaded.estate, loaded.accounts(now()))
    agreed: Agreed | None = {} if arguments.yes else agree(loaded, clouds)
    if agreed is None:
        say("nothing was done")
        return exits.INTERRUPTED
    with (
        open_tools(loaded.estate, state, clouds, wait) as tools,
        SendingOut(tools.log, loaded.estate, state) as outside,
    ):
        _tell_of_unfinished(tools.journal)
        ended = [carry_out(each, tools, agreed.get(str(each.path))) for each in loaded.playbooks]
        ended = outside.send(ended)
    return report_ended(arguments, state.evidence, ended)


def agree(loaded: Loaded, clouds: Opened) -> Agreed | None:
    """Show a person the plans; None where they are not agreed to."""
    with progress() as show:
        planned = plan_all(loaded, Look(clouds.look, now, show))
    if any(each.plan.actions for each in planned):
        say(as_text(planned))
        if not confirm("Carry this out?"):
            return None
    agreed: Agreed = {}
    for each in planned:
        agreed.setdefault(str(each.playbook.path), {})[each.step.name] = each.plan.fingerprint
    return agreed


def _tell_of_unfinished(journal: Journal) -> None:
    if unfinished := journal.unfinished():
        names = ", ".join(record.id for record in unfinished[:3])
        say(f"{len(unfinished)} runs have not ended ({names}): `drkit recover` takes them up")
