"""The journal is held against the evidence, and what it lost is read from there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drkit.core import verdicts
from drkit.core.actions import Action, Outcome, Pending, action_from_data
from drkit.core.errors import DrkitError
from drkit.core.journal import Journal, RunRecord, RunState
from drkit.flows.recording import outcome_of

Entry = Mapping[str, Any]


def reconcile(journal: Journal, entries: Iterable[Entry]) -> None:
    """Bring a journal that was lost, or restored from yesterday, to where the evidence is.

    Intentions are written to the journal first, and what came of them to the evidence first. So an
    intention that only the journal knows was not acted upon, and an outcome is never in the journal alone.

    Raises:
        DrkitError: an entry is not what drkit writes.
    """
    by_run: dict[str, list[Entry]] = {}
    for entry in entries:
        if isinstance(entry.get("run"), str):
            by_run.setdefault(entry["run"], []).append(entry)
    known = {record.id: record for record in journal.runs()}
    ended = {run for run, record in known.items() if record.state is RunState.ENDED}
    with journal.together():
        for run, told in by_run.items():
            if run not in ended:
                _understand(journal, run, told)


def _understand(journal: Journal, run: str, told: list[Entry]) -> None:
    try:
        _reconcile_run(journal, run, told)
    except (KeyError, TypeError, ValueError) as error:
        raise DrkitError(
            f"the evidence of run {run} cannot be understood: {error!r}",
            hint="verify it: drkit evidence verify",
        ) from None


def _reconcile_run(journal: Journal, run: str, told: list[Entry]) -> None:
    """Replay one run in its order: an action that is tried again has no outcome until that is told."""
    actions: dict[tuple[str, str], tuple[Action, Outcome | None, str]] = {}
    for entry in told:
        match entry["kind"]:
            case "run.started":
                journal.start(_record(run, entry))
            case "action.intended":
                action = action_from_data(entry["action"])
                actions[entry["step"], action.key] = action, None, entry["at"]
            case "action.settled":
                place = entry["step"], entry["key"]
                actions[place] = actions[place][0], outcome_of(entry), entry["at"]
            case "step.concluded":
                verdict = verdicts.Verdict(verdicts.Outcome(entry["verdict"]), entry["reason"])
                journal.conclude(run, entry["step"], verdict)
            case "run.concluded":
                journal.end(run, entry["verdict"], entry["at"])
    _write_actions(journal, run, actions)


def _record(run: str, entry: Entry) -> RunRecord:
    return RunRecord(
        run, entry["playbook"], entry["playbook_sha256"], entry["slot"], RunState.RUNNING, entry["at"]
    )


def _write_actions(
    journal: Journal, run: str, actions: Mapping[tuple[str, str], tuple[Action, Outcome | None, str]]
) -> None:
    """Where the journal says otherwise, the evidence is right; how often a pending one was missed is not in it."""
    for step in dict.fromkeys(step for step, _ in actions):
        known = {action.key: outcome for action, outcome in journal.actions(run, step)}
        for (of, key), (action, outcome, at) in actions.items():
            if of != step or (isinstance(outcome, Pending) and isinstance(known.get(key), Pending)):
                continue
            if key not in known or (outcome is None and known[key] is not None):
                journal.intend(run, step, action, at)
            if outcome is not None and known.get(key) != outcome:
                journal.settle(run, step, action, outcome, at)
