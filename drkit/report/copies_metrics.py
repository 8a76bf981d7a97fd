"""Cold copies as OpenMetrics gauges, of a run's evidence; alert on the time of the look as well.

A copy that could not be judged has no count of what is wrong with it: `drkit_copies_copies` says how many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from drkit.report.copies import LOST, WRONG
from drkit.report.gathering import RunReport, StepReport
from drkit.report.openmetrics import family, sample

COPIES = "drkit_copies_copies"
OBJECTS = "drkit_copies_objects"
WRONG_OBJECTS = "drkit_copies_wrong_objects"
AGE = "drkit_copies_age_seconds"
RULE = "drkit_copies_rule_kept"
LOOKED = "drkit_copies_looked_timestamp_seconds"
LABELS = ("dataset", "copy", "account", "cloud", "region")
STATUSES = {
    "copies.reconcile": ("whole", "differs", "unknown"),
    "copies.grow": ("grown", "lost", "unknown"),
}
Row = Mapping[str, Any]


def openmetrics(reports: Iterable[RunReport]) -> str:
    """The exposition of what runs found out about copies."""
    runs = list(reports)
    steps = [step for run in runs for step in run.steps.values() if step.uses in STATUSES]
    return "\n".join(
        [*_copies(steps), *_objects(steps), *_wrong(steps), *_rules(steps), *_looked(runs), "# EOF", ""]
    )


def _copies(steps: list[StepReport]) -> Iterator[str]:
    yield from family(COPIES, "", "Copies by what can be said of them.")
    for uses, statuses in STATUSES.items():
        rows = _rows(steps, uses)
        counts = Counter((row["dataset"], row["status"]) for row in rows)
        for dataset in dict.fromkeys(row["dataset"] for row in rows):
            for status in statuses:
                labels = {"dataset": dataset, "step": uses, "status": status}
                yield sample(COPIES, labels, counts[dataset, status])


def _objects(steps: list[StepReport]) -> Iterator[str]:
    rows = _rows(steps, "copies.reconcile")
    yield from family(OBJECTS, "", "Objects of a copy.")
    for row in rows:
        if row.get("objects") is not None:
            yield sample(OBJECTS, _labels(row), row["objects"])
    yield from family(AGE, "seconds", "How long ago what tells of a copy was begun.")
    for row in rows:
        if row.get("age") is not None:
            yield sample(AGE, _labels(row), row["age"])


def _wrong(steps: list[StepReport]) -> Iterator[str]:
    yield from family(WRONG_OBJECTS, "", "Objects of a copy with which something is wrong.")
    for uses, names in (("copies.reconcile", WRONG), ("copies.grow", LOST)):
        for row in _rows(steps, uses):
            for name in names:
                if row.get(name) is not None:
                    yield sample(WRONG_OBJECTS, {**_labels(row), "what": name}, row[name])


def _rules(steps: list[StepReport]) -> Iterator[str]:
    yield from family(RULE, "", "Whether the rule of a dataset, such as 3-2-1-1-0, is surely kept.")
    kept = {row["dataset"]: row["rule"]["kept"] for row in _rows(steps, "copies.reconcile")}
    for dataset, outcome in kept.items():
        yield sample(RULE, {"dataset": dataset}, int(outcome == "pass"))


def _looked(runs: list[RunReport]) -> Iterator[str]:
    yield from family(LOOKED, "seconds", "When the copies were last looked at.")
    started = [run.started for run in runs if run.started]
    if started:
        yield sample(LOOKED, {}, int(datetime.fromisoformat(max(started)).timestamp()))


def _rows(steps: list[StepReport], uses: str) -> list[Row]:
    """The rows of a verb, one a copy: the last that was told."""
    found = {(row["dataset"], row["copy"]): row for step in steps if step.uses == uses for row in step.rows}
    return list(found.values())


def _labels(row: Row) -> dict[str, str]:
    return {name: str(row[name]) for name in LABELS}
