"""The journal is held against the evidence, and what it lost is read from there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drkit.core import verdicts
from drkit.core.actions import Outcome, Pending, action_from_data, outcome_from_data
from drkit.core.errors import DrkitError
from drkit.core.journal import Journal, RunRecord, RunState

Entry = Mapping[str, Any]
OUTCOME_FIELDS = ("outcome", "created", "token", "poll_after", "code", "reason")


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
    for run, told in by_run.items():
        record = known.get(run)
        if record is not None and record.state is RunState.ENDED:
            continue
        try:
            _reconcile_run(journal, run, told)
        except (KeyError, TypeError, ValueError) as error:
            raise DrkitError(
                f"the evidence of run {run} cannot be understood: {error!r}",
                hint="verify it: drkit evidence verify",
            ) from None


def _reconcile_run(journal: Journal, run: str, told: list[Entry]) -> None:
    actions = {action.key: outcome for action, outcome in journal.actions(run)}
    for entry in told:
        match entry["kind"]:
            case "run.started":
                journal.start(
                    RunRecord(
                        run,
                        entry["playbook"],
                        entry["playbook_sha256"],
                        entry["slot"],
                        RunState.RUNNING,
                        entry["at"],
                    )
                )
            case "action.intended" if entry["action"]["key"] not in actions:
                journal.intend(run, entry["step"], action_from_data(entry["action"]), entry["at"])
                actions[entry["action"]["key"]] = None
            case "action.settled" if isinstance(actions.get(entry["key"]), Pending | None):
                actions[entry["key"]] = _settle(journal, run, entry)
            case "step.concluded":
                verdict = verdicts.Verdict(verdicts.Outcome(entry["verdict"]), entry["reason"])
                journal.conclude(run, entry["step"], verdict)
            case "run.concluded":
                journal.end(run, entry["verdict"], entry["at"])


def _settle(journal: Journal, run: str, entry: Entry) -> Outcome:
    outcome = outcome_from_data({name: entry[name] for name in OUTCOME_FIELDS if name in entry})
    for action, _ in journal.actions(run, entry["step"]):
        if action.key == entry["key"]:
            journal.settle(run, entry["step"], action, outcome, entry["at"])
    return outcome
