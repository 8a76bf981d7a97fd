"""``drkit history``: every run of the estate, from its evidence."""

from __future__ import annotations

import argparse
from typing import Any

from drkit.core import exits
from drkit.core.results import json_text, result, write_result
from drkit.core.state import find_state, state_root
from drkit.core.verdicts import Outcome, Verdict
from drkit.flows.loading import load_estate
from drkit.flows.report import gather_runs
from drkit.report.gathering import RunReport


def history(arguments: argparse.Namespace) -> int:
    """List every run, the latest last, with what it made."""
    estate = load_estate(arguments.estate)
    runs = list(gather_runs(find_state(state_root(arguments.state), estate.estate).evidence).values())
    if arguments.format == "json":
        fine = Verdict(Outcome.PASS)
        data = [_as_data(run) for run in runs]
        text = json_text(result("history", fine, summary={"runs": len(runs)}, runs=data))
    else:
        text = "\n".join(_line(run) for run in runs) or "nothing has run yet"
    write_result(text, arguments.output)
    return exits.OK


def _line(run: RunReport) -> str:
    ended = run.verdict.value.upper() if run.state == "ended" else run.state
    counts = f"{len(run.created)} created, {len(run.kept)} kept, {len(run.removed)} removed"
    left = f", left behind: {', '.join(run.left)}" if run.left else ""
    return f"{run.run}  {run.playbook}  slot {run.slot}  {ended}  {counts}{left}"


def _as_data(run: RunReport) -> dict[str, Any]:
    return {
        "id": run.run,
        "playbook": run.playbook,
        "slot": run.slot,
        "state": run.state,
        "started": run.started,
        "ended": run.ended,
        "created": run.created,
        "kept": run.kept,
        "removed": run.removed,
        "left": run.left,
        "verdict": run.verdict.value,
        "reason": run.reason,
    }
