# ruff: noqa: RUF001 - full-width punctuation is what Chinese is written with
"""Coverage as a picture: one line a host, the worst of its volumes each day; nothing unsure is green."""

from __future__ import annotations

from typing import Any

import pytest

from drkit.core.verdicts import Outcome
from drkit.report.gathering import RunReport, StepReport
from drkit.report.html import html
from drkit.report.picture import grid, lines
from drkit.report.text import text
from drkit.report.words import translator

NASTY = "<script>alert(1)</script>"


def row(days: str, host: str = "ins-1", disk: str = "disk-1", **changes: Any) -> dict[str, Any]:
    usual = {"account": "production", "region": "ap-beijing", "host": host, "disk": disk, "name": "web"}
    return {**usual, "status": "covered", "why": "", "days": days, **changes}


def report(*rows: dict[str, Any], run: str = "r1") -> RunReport:
    step = StepReport("cover", "snapshots.cover", Outcome.PASS, "", rows=list(rows))
    return RunReport(run, "e", "daily", verdict=Outcome.PASS, reason="", steps={"cover": step})


def test_a_host_shows_the_worst_of_its_volumes_each_day() -> None:
    (line,) = lines([row(" #?#."), row(" ##??", disk="disk-2")])

    assert (line.marks, line.volumes, line.covered, line.days) == (" #??.", 2, 1, 4)


def test_volumes_without_a_host_have_lines_of_their_own_and_the_worst_of_today_comes_first() -> None:
    found = lines([row("##"), row("#.", "", "disk-7"), row("#?", "", "disk-8")])

    assert [line.id for line in found] == ["disk-7", "disk-8", "ins-1"]
    assert [line.today for line in found] == ["fail", "unknown", "pass"]


def test_each_mark_is_drawn_in_its_own_tone_and_what_was_not_there_is_not_drawn() -> None:
    (line,) = lines([row(" #?.")])

    drawn = {tone: path.count("M") for tone, path in line.paths}

    assert drawn == {"pass": 1, "unknown": 1, "fail": 2}


def test_the_page_shows_a_line_a_host_instead_of_squares() -> None:
    page = html(report(row("#" * 30), row("." * 30, "ins-2", name="db")))

    assert page.count('preserveAspectRatio="none"') == 2
    assert "web: covered on 30 of 30 days" in page
    assert "<rect" not in page


def test_a_host_cannot_put_anything_into_the_page_but_its_name() -> None:
    page = html(report(row("#" * 30, name=NASTY, host=f'"{NASTY}')))

    assert "<script" not in page


@pytest.mark.parametrize("days", ["", None])
def test_rows_without_days_have_no_picture(days: Any) -> None:
    assert not lines([row(days)])
    assert not list(grid([row(days)]))


def test_text_shows_the_last_two_weeks_in_characters() -> None:
    shown = text(report(row("." * 16 + "?" + "#" * 13)))

    assert "web  ?#############  production/ap-beijing" in shown


def test_text_says_how_many_hosts_it_leaves_out() -> None:
    assert list(grid(row("#", f"ins-{n}") for n in range(30)))[-1] == "and 10 more hosts"


def test_a_page_in_chinese_says_so_and_leaves_names_as_they_are() -> None:
    page = html(report(row("#" * 30, name="covered")), "zh")

    assert '<html lang="zh-CN">' in page
    assert "主机每日覆盖情况" in page
    assert ">covered</p>" in page


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("the newest good snapshot is 3 days old", "最新可用快照已有 3 天"),
        ("the newest good snapshot is 3 days old; 1 being created", "最新可用快照已有 3 天；1 个正在创建"),
        ("the newest good snapshot is 23.0 h or 31.0 h old: its time has no zone", "最新可用快照已有 23.0 小时 或 31.0 小时：其时间没有时区"),
        ("the newest good snapshot is 4 days old; asp-1 says every 1d, the newest good snapshot by it is 4 days old", "最新可用快照已有 4 天；asp-1 声称每 1 天 一次，由它创建的最新可用快照已有 4 天"),
        ("denied: cvm:DescribeInstances", "denied: cvm:DescribeInstances"),
        (7, 7),
    ],
)  # fmt: skip
def test_sentences_of_coverage_are_translated_and_others_stay(english: Any, chinese: Any) -> None:
    assert translator("zh")(english) == chinese
    assert translator("en")(english) == english
