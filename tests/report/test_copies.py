"""Copies as a map and as curves, and as figures for a monitor: nothing unsure is green."""

from __future__ import annotations

from typing import Any

from drkit.core.verdicts import Outcome
from drkit.report.copies import curves, map_of, text_lines
from drkit.report.copies_metrics import openmetrics
from drkit.report.gathering import RunReport, StepReport
from drkit.report.html import html

NASTY = "<script>alert(1)</script>"
RULE = {"rule": "3-2-1-1-0", "kept": "unknown", "copies": 3, "why": "not judged: nanjing"}


def row(copy: str, region: str, **changed: Any) -> dict[str, Any]:
    usual = {
        "dataset": "archive",
        "copy": copy,
        "account": "home",
        "cloud": "tencent",
        "region": region,
        "status": "whole",
        "objects": 7,
        "age": 7200,
        "missing": 0,
        "why": "",
        "rule": RULE,
    }
    return {**usual, **changed}


ROWS = [
    row("beijing", "ap-beijing"),
    row("shanghai", "ap-shanghai", status="differs", missing=2),
    row(
        "nanjing",
        "ap-nanjing",
        status="unknown",
        objects=None,
        age=None,
        missing=None,
        why=f"file-cut: {NASTY}",
    ),
]


def report(rows: list[dict[str, Any]], uses: str = "copies.reconcile") -> RunReport:
    step = StepReport(uses, uses, Outcome.FAIL, "", rows=rows)
    return RunReport(
        "r1", "e", "cold", started="2026-03-01T00:00:00Z", verdict=Outcome.FAIL, reason="", steps={uses: step}
    )


def test_each_copy_stands_in_its_region_in_the_tone_of_its_status():
    found = map_of(ROWS)
    assert found is not None
    assert found.regions == ("tencent ap-beijing", "tencent ap-shanghai", "tencent ap-nanjing")
    (line,) = found.lines
    assert [[copy.tone for copy in cell] for cell in line.cells] == [["pass"], ["fail"], ["unknown"]]
    assert line.rule_tone == "unknown"


def test_rows_of_other_steps_are_no_map():
    assert map_of([{"disk": "disk-1", "region": "ap-beijing", "status": "covered"}]) is None
    assert list(text_lines([{"disk": "disk-1"}])) == []


def test_a_curve_goes_from_nothing_up_and_needs_two_manifests():
    growth = [
        ["2026-03-01T00:00:00Z", 0, "0"],
        ["2026-03-02T00:00:00Z", 5, "9"],
        ["2026-03-03T00:00:00Z", 10, "9"],
    ]
    (curve,) = curves([row("a", "r-1", growth=growth), row("b", "r-1", growth=growth[:1])])
    assert curve.path == "M0.0 39.0L150.0 20.0L300.0 1.0"
    assert (curve.least, curve.most, curve.now, curve.manifests) == (0, 10, 10, 3)


def test_the_page_shows_the_map_in_both_languages_without_a_script():
    for language, words in (("en", "Copies by dataset and region"), ("zh", "各数据集在各地域的副本")):
        page = html(report(ROWS), language)
        assert words in page
        assert NASTY not in page
        assert "style=" not in page
        assert page.count('class="tone-fail"') + page.count("tone-fail") >= 1


def test_the_text_has_a_line_for_each_copy():
    lines = list(text_lines(ROWS))
    assert (
        lines[1]
        == "differs  archive/shanghai         tencent ap-shanghai      7 objects, 2.0 h old, 2 missing"
    )
    assert "file-cut" in lines[2]


def test_what_is_not_known_has_no_figure_and_is_counted_as_unknown():
    told = openmetrics([report(ROWS)])
    assert 'drkit_copies_copies{dataset="archive",step="copies.reconcile",status="unknown"} 1' in told
    assert 'copy="nanjing"' not in told
    assert 'region="ap-shanghai",what="missing"} 2' in told
    assert 'drkit_copies_rule_kept{dataset="archive"} 0' in told
    assert "drkit_copies_looked_timestamp_seconds 1772323200" in told
    assert told.endswith("# EOF\n")


def test_the_exposition_is_what_openmetrics_allows():
    """Each family is declared before its samples, once."""
    declared, seen = [], set()
    for line in openmetrics([report(ROWS)]).splitlines():
        if line.startswith("# TYPE"):
            declared.append(line.split()[2])
        elif not line.startswith("#"):
            name = line.partition("{")[0].partition(" ")[0]
            assert name == declared[-1]
            seen.add(line.rpartition(" ")[0])
    assert len(declared) == len(set(declared))
