"""A run's report as one self-contained page: no script, nothing fetched, light and dark, wide and narrow."""

from __future__ import annotations

from typing import Any

from drkit.core.verdicts import Outcome
from drkit.report.copies import curves, map_of
from drkit.report.gathering import RunReport, StepReport
from drkit.report.page import render
from drkit.report.picture import MOST_HOSTS, lines

# Beyond this many rows the page would be slow to open; the rest is in the evidence.
MOST_ROWS = 2000
GOOD = frozenset(
    {
        "covered",
        "taken",
        "copied",
        "already there",
        "whole",
        "grown",
        "proven",
        "already proven",
        "taken back",
    }
)
# Beside what nobody knows, what nobody had to look at: neither is green, and neither is wrong.
UNSURE = frozenset({"unknown", "pending", "uncertain", "not its turn", "scratch"})
SQUARES_A_LINE = 30
# A square of twelve; beside colour, its form tells what it is, as in the picture of days.
SQUARE = {
    Outcome.PASS.value: "M{x} {y}h12v12h-12z",
    Outcome.UNKNOWN.value: "M{x} {y}m0 4h12v4h-12z",
    Outcome.FAIL.value: "M{x} {y}h12v12h-12zm4 4h4v4h-4z",
}
# What the picture shows, and what repeats another column.
NO_COLUMNS = frozenset({"tone", "why", "days", "seconds"})


def html(report: RunReport, language: str = "en") -> str:
    """The page."""
    steps = [_step(step) for step in report.steps.values()]
    return render("run.html", language, report=report, steps=steps, unread="not asked for")


def _step(step: StepReport) -> dict[str, Any]:
    rows = [{**row, "tone": tone(str(row.get("status", "")))} for row in step.rows[:MOST_ROWS]]
    columns = [
        name
        for name in (rows[0] if rows else {})
        if name not in NO_COLUMNS
        and any(row.get(name) for row in rows)
        and not any(isinstance(row.get(name), dict | list) for row in rows)
    ]
    picture = lines(step.rows)
    shown = [row for row in rows if row.get("disk") or row.get("host")]
    return {
        "step": step,
        "rows": rows,
        "columns": [*columns, "why"],
        "more": max(0, len(step.rows) - MOST_ROWS),
        "picture": picture[:MOST_HOSTS],
        "days": len(picture[0].marks) if picture else 0,
        "map": map_of(step.rows),
        "curves": curves(step.rows),
        "more_hosts": max(0, len(picture) - MOST_HOSTS),
        "squares": [] if picture or not shown else _squares(shown),
        "height": (len(rows) + SQUARES_A_LINE - 1) // SQUARES_A_LINE * 14,
        "width": min(len(rows), SQUARES_A_LINE) * 14,
    }


def _squares(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One square a thing, where there are no days to show."""
    return [
        {
            "path": SQUARE[row["tone"]].format(
                x=number % SQUARES_A_LINE * 14, y=number // SQUARES_A_LINE * 14
            ),
            "tone": row["tone"],
            "title": f"{row.get('disk') or row.get('host')}: {row['status']}",
        }
        for number, row in enumerate(rows)
    ]


def tone(status: str) -> str:
    """The colour class of a status: what is not surely good is never green."""
    if status in GOOD:
        return Outcome.PASS.value
    return Outcome.UNKNOWN.value if status in UNSURE else Outcome.FAIL.value
