"""Reports are pure: entries in, the same document out; nothing from outside can act in a page."""

from __future__ import annotations

from typing import Any

import pytest

from drkit.core.verdicts import Outcome
from drkit.report.gathering import gather
from drkit.report.html import html, tone
from drkit.report.text import text

STARTED = {
    "at": "2026-11-22T01:30:00Z", "run": "r1", "kind": "run.started", "estate": "e", "playbook": "daily",
    "description": "d", "slot": "2026-11-22T01:30:00Z", "drkit": "0.1.0",
    "accounts": {"production": {"look": {"account": "100000000001", "principal": "p"}}},
}  # fmt: skip
NASTY = "<script>alert(1)</script>\"'&{{7*7}}"


def entry(kind: str, **fields: Any) -> dict[str, Any]:
    return {"at": "2026-11-22T01:31:00Z", "run": "r1", "kind": kind, **fields}


def row(status: str = "covered", **changes: str) -> dict[str, str]:
    usual = {
        "account": "production",
        "region": "ap-beijing",
        "host": "ins-1",
        "disk": "disk-1",
        "name": "web",
    }
    return {**usual, "status": status, "why": "", "snapshot": "snap-1", "age": "1.0 h", **changes}


def finding(**changes: str) -> dict[str, str]:
    usual = {
        "id": "snapshots.cover/stale",
        "severity": "high",
        "subject": "disk-1",
        "where": "production/ap-beijing",
    }
    return {**usual, "why": "31 h old", "fix": "take one", "first_seen": "2026-11-22T01:31:00Z", **changes}


def run_with(*rows: Any, findings: Any = (), verdict: str = "pass", reason: str = "") -> list[dict[str, Any]]:
    """The entries of a run of one step."""
    step = {"step": "snapshots.cover"}
    return [
        STARTED,
        entry("step.looked", **step, looked_at="", seen={"production/ap-beijing": {"disks": 1, "hosts": {"unread": "denied"}}}),
        entry("step.planned", **step, fingerprint="f", actions=0, skipped=0),
        entry("step.rows", **step, rows=list(rows)),
        entry(
            "step.concluded", **step, uses="snapshots.cover", verdict=verdict, reason=reason,
            summary={"covered": len(rows), "volumes": len(rows)}, findings=list(findings),
        ),
        entry("run.concluded", verdict=verdict, reason=reason, statuses=[0]),
    ]  # fmt: skip


def test_the_same_entries_give_the_same_bytes_in_every_form() -> None:
    entries = run_with(row(), findings=[finding()])

    for form in (html, text):
        assert form(gather(entries)["r1"]) == form(gather(entries)["r1"])


@pytest.mark.parametrize("where", ["row", "finding", "reason", "estate"])
def test_what_comes_from_outside_is_text_and_nothing_more(where: str) -> None:
    entries = run_with(
        row(name=NASTY if where == "row" else "web"),
        findings=[finding(why=NASTY if where == "finding" else "w")],
        reason=NASTY if where == "reason" else "",
    )
    entries[0] = {**STARTED, "estate": NASTY if where == "estate" else "e"}

    page = html(gather(entries)["r1"])

    assert "<script" not in page
    assert "{{7*7}}" in page
    assert "&lt;script&gt;" in page


def test_the_page_allows_no_script_and_fetches_nothing() -> None:
    page = html(gather(run_with(row()))["r1"])

    assert "default-src 'none'; style-src 'sha256-" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "src=" not in page.replace("default-src", "").replace("style-src", "")


def test_a_run_without_an_end_is_unknown_and_says_so() -> None:
    report = gather([STARTED])["r1"]

    assert report.verdict is Outcome.UNKNOWN
    assert text(report).startswith("UNKNOWN  daily on e")
    assert "did not conclude" in html(report)


def test_a_step_that_did_not_conclude_is_unknown_even_where_the_run_has_others() -> None:
    entries = [*run_with(row()), entry("step.looked", step="later", looked_at="", seen={})]

    assert gather(entries)["r1"].steps["later"].verdict is Outcome.UNKNOWN


def test_a_broken_run_tells_what_broke_it() -> None:
    report = gather([STARTED, entry("run.broken", reason="the disk is full")])["r1"]

    assert (report.verdict, report.reason) == (Outcome.UNKNOWN, "broken off: the disk is full")


def test_what_was_not_read_is_shown_in_every_form() -> None:
    report = gather(run_with(row()))["r1"]

    assert "not read: hosts of production/ap-beijing: denied" in text(report)
    assert "Not read: hosts of production/ap-beijing: denied" in html(report)


def test_runs_are_told_apart_and_entries_of_no_run_are_passed_over() -> None:
    other = {**STARTED, "run": "r2"}

    assert list(gather([{"kind": "evidence.torn"}, STARTED, other])) == ["r1", "r2"]


@pytest.mark.parametrize("status", ["stale", "none", "impossible", "failed", "busy", "some new status"])
def test_no_status_is_green_unless_it_is_surely_good(status: str) -> None:
    assert tone(status) == "fail"
    assert tone("unknown") == tone("pending") == tone("uncertain") == "unknown"
    assert tone("covered") == tone("taken") == "pass"
    assert tone("proven") == tone("already proven") == tone("taken back") == "pass"


def test_a_page_with_many_rows_stays_openable_and_says_how_many_there_are() -> None:
    page = html(gather(run_with(*[row(disk=f"disk-{n}") for n in range(2500)]))["r1"])

    assert page.count('fill-rule="evenodd"') == 2000
    assert "All 2500, the first 2000; the rest is in the evidence" in page
