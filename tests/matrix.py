"""The kill matrix: which run is killed, at which writes, and what came of it, told at the end of the session."""

from __future__ import annotations

import os

import pytest
from accounting import PROPERTY

# `make soak` widens the matrix to the whole seed: 60 disks.
WHOLE = os.environ.get("DRKIT_SOAK") == "1"
THREE = """\
playbook: three
schedule: {every: day}
steps:
  - uses: snapshots.take
    with: {regions: [ap-beijing], tags: {service: orders}, keep_for: 7d}
"""
SIXTY = "playbook: three\nschedule: {every: day}\nsteps:\n  - {uses: snapshots.take, with: {keep_for: 7d}}\n"
PLAYBOOK = SIXTY if WHOLE else THREE
DISKS = 60 if WHOLE else 3
# Of each disk: intended, begun, settled. Beside them: the run's start and end, two checkpoints, the step's
# conclusion; and in the evidence started, looked, planned, rows, the step's conclusion and the run's.
WRITES = {"journal": 5 + 3 * DISKS, "evidence": 6 + 3 * DISKS}
# Before and after each: every one of the journal, and of the evidence those at which something changes hands.
POINTS = {
    "journal": range(1, WRITES["journal"] + 1),
    "evidence": range(1, WRITES["evidence"] + 1) if WHOLE else (1, 4, 5, 10),
}
CASES = [(what, when, point) for what in POINTS for point in POINTS[what] for when in ("before", "after")]


def summary(reports: list[pytest.TestReport]) -> str:
    """One line on the matrix's tests, whatever became of them."""
    told = [dict(report.user_properties).get(PROPERTY) for report in reports]
    known = [each for each in told if isinstance(each, dict)]
    kinds = ", ".join(f"{what} {_survived(what, reports)}" for what in POINTS)
    twice, unaccounted = (sum(each[name] for each in known) for name in ("twice", "unaccounted"))
    lost = f", {len(reports) - len(known)} never held to account" if len(known) < len(reports) else ""
    return f"kill matrix: {kinds} cases; {twice} done twice, {unaccounted} unaccounted for{lost}"


def _survived(what: str, reports: list[pytest.TestReport]) -> str:
    of_this = [report for report in reports if f"[{what}-" in report.nodeid]
    return f"{sum(report.passed for report in of_this)} of {2 * len(POINTS[what])}"
