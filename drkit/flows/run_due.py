"""``drkit run --due``: what is due and was not done is carried out, oldest slot first."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from drkit.core import exits
from drkit.core.errors import ApprovalError, LockedError, UsageError
from drkit.core.estate import Estate
from drkit.core.past import read_attempts
from drkit.core.results import json_text, result, write_result
from drkit.core.state import State, open_state, state_root
from drkit.core.times import now
from drkit.core.verdicts import Outcome, Verdict
from drkit.flows.clouds import Opened, open_clouds
from drkit.flows.ending import Ended
from drkit.flows.loading import Loaded
from drkit.flows.notifying import say_waivers
from drkit.flows.recover import Unfinished, find_unfinished
from drkit.flows.report import report_ended
from drkit.flows.run import Agreed, agree
from drkit.flows.runner import host_name, refuse_elsewhere
from drkit.flows.running import carry_out, take_up
from drkit.flows.sending import SendingOut
from drkit.flows.standings import Stands, load_scheduled, stand
from drkit.flows.talking import confirm, progress, say
from drkit.flows.workshop import open_together, open_tools


def run_due(arguments: argparse.Namespace, wait: timedelta) -> int:
    """Carry out what is due; with nothing due, say so without taking the lock."""
    if arguments.format == "html":
        raise UsageError(
            "one page shows one run, and any number may be due", hint="use `drkit report RUN --format html`"
        )
    loaded = load_scheduled(arguments.estate, arguments.playbooks)
    refuse_elsewhere(loaded.estate)
    state = open_state(state_root(arguments.state), loaded.estate.estate)
    stands = _stand(loaded, state)
    if not _to_do(stands):
        write_result(_nothing(stands, arguments.format), arguments.output)
        return exits.OK
    try:
        with state.lock("drkit run --due"):
            return _run_locked(arguments, loaded, state, wait)
    except LockedError:
        if any(each.standing.due for each in stands):
            raise
        # What is under way is at work in another process: that is as it should be.
        write_result(_nothing(stands, arguments.format), arguments.output)
        return exits.OK


def _stand(loaded: Loaded, state: State) -> list[Stands]:
    return stand(loaded.playbooks, read_attempts(state.journal), host_name(), now())


def _to_do(stands: list[Stands]) -> list[Stands]:
    """Those with something to begin, or to take up."""
    return [each for each in stands if each.standing.due or each.standing.under_way]


def _nothing(stands: list[Stands], form: str) -> str:
    if form == "json":
        return json_text(
            result("run", Verdict(Outcome.PASS), summary={"runs": 0}, statuses=[exits.OK], runs=[])
        )
    soonest = min(stands, key=_begins)
    lines = [f"nothing is due; next is {soonest.name} at {soonest.local(_begins(soonest))}"]
    for each in stands:
        if run := each.standing.under_way:
            lines.append(f"{each.name}: run {run.run} is under way")
        if until := each.standing.not_before:
            lines.append(f"{each.name}: tried in vain; again after {each.local(until)}")
    return "\n".join(lines)


def _begins(stands: Stands) -> datetime:
    return stands.standing.next + stands.standing.delay


def _run_locked(arguments: argparse.Namespace, loaded: Loaded, state: State, wait: timedelta) -> int:
    """Look again: what another process did while this one came for the lock is not done twice."""
    with open_together(state, loaded.estate):
        pass  # what the journal lost is read from the evidence, before anybody asks it
    to_do = _to_do(_stand(loaded, state))
    unfinished = _unfinished_of({each.name for each in to_do}, loaded.estate, state)
    due = Loaded(loaded.estate, tuple(each.playbook for each in to_do))
    known = Loaded(loaded.estate, (*due.playbooks, *(playbook for _, playbook in unfinished)))
    say_waivers(loaded.estate, now())
    with progress():
        clouds = open_clouds(loaded.estate, known.accounts(now()))
    agreed = {} if arguments.yes else _agree(due, unfinished, clouds)
    if agreed is None:
        say("nothing was done")
        return exits.INTERRUPTED
    with (
        open_tools(loaded.estate, state, clouds, wait) as tools,
        SendingOut(tools.log, loaded.estate, state) as outside,
    ):
        jobs = _Jobs()
        for record, playbook in unfinished:
            jobs.do(partial(take_up, record, playbook, tools))
        for each in _stand(due, state):
            plans = agreed.get(str(each.playbook.path))
            for slot in each.standing.due:
                jobs.do(partial(carry_out, each.playbook, tools, plans, slot))
        ended = outside.send(jobs.ended())
    return report_ended(arguments, state.evidence, ended)


def _agree(due: Loaded, unfinished: Unfinished, clouds: Opened) -> Agreed | None:
    """Ask a person; None where they do not agree."""
    if unfinished and not confirm(f"Take up {len(unfinished)} runs that have not ended?"):
        return None
    return agree(due, clouds)


def _unfinished_of(names: set[str], estate: Estate, state: State) -> Unfinished:
    """The runs of some playbooks that are to be taken up first; of those that cannot be, it tells."""
    past = read_attempts(state.journal)
    if all(attempt.ended for name in names for attempt in past.get(name, ())):
        return []
    unfinished, _ = find_unfinished(state, estate)
    return [(record, playbook) for record, playbook in unfinished if record.playbook in names]


@dataclass(frozen=True, slots=True)
class _Jobs:
    """Runs one after the other; one that lacks an approval does not keep the others from their slots."""

    _ended: list[Ended] = field(default_factory=list)
    _refused: list[ApprovalError] = field(default_factory=list)

    def do(self, job: Callable[[], Ended]) -> None:
        """Carry one out."""
        try:
            self._ended.append(job())
        except ApprovalError as error:
            say(f"drkit: {error.message}")
            self._refused.append(error)

    def ended(self) -> list[Ended]:
        """How they ended.

        Raises:
            ApprovalError: nothing ran for want of an approval.
        """
        if not self._ended and self._refused:
            raise self._refused[0]
        nothing = frozenset({exits.NOTHING_CONCLUDED})
        refused = [Ended("", Verdict(Outcome.UNKNOWN, error.message), nothing) for error in self._refused]
        return [*self._ended, *refused]
