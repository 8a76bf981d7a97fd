"""A bad day in the sandbox, as docs/snapshots.md walks through it; the faults are those that the page has.

The week that follows is in test_keep.py: the grid is kept by a clock that all share.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers import ROOT, Drkit

from drkit.sandbox.testing import Running

DAILY = ROOT / "playbooks" / "daily-snapshots.yaml"
PAGE = ROOT / "docs" / "snapshots.md"


@pytest.fixture
def bad_day(cloud: Drkit, sandbox: Running) -> Drkit:
    """A cloud with the faults of the documentation switched on."""
    (text,) = re.findall(r"```yaml\n# bad-day.yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    sandbox.create_in(1)
    sandbox.control("POST", "faults", yaml.safe_load(text))
    return cloud


def red(cloud: Drkit) -> set[str]:
    """The disks that the coverage calls surely not covered."""
    said = cloud("snapshots", "cover", "--format", "json").json
    return {each["subject"] for each in said["findings"]}


def steps_of(said: dict[str, Any]) -> tuple[Any, Any]:
    take, cover = said["runs"][0]["steps"]
    return take, cover


def test_a_bad_day_is_red_for_exactly_the_disks_that_went_wrong_and_green_after_kill_and_recover(
    bad_day: Drkit, sandbox: Running
) -> None:
    ran = bad_day("run", "--yes", DAILY, "--format", "json")

    assert (ran.status, ran.json["verdict"]) == (3, "fail"), ran.err
    take, cover = steps_of(ran.json)
    wrong = {
        row["disk"]: row["status"] for row in take["rows"] if row["status"] not in ("taken", "already there")
    }
    assert sorted(wrong.values()) == ["failed", "quota", "vanished"]
    sandbox.clear_faults()
    assert red(bad_day) == set(wrong)
    assert {row["disk"] for row in cover["rows"] if row["status"] != "covered"} == set(wrong)

    # The slot again, for the disks that are left; it dies by SIGKILL when the second of them is intended.
    killed = bad_day.killed("journal", "after", 5, "run", "--yes", DAILY)
    recovered = bad_day("recover", "--yes")

    assert killed.status < 0
    assert recovered.status == 0, recovered.out + recovered.err
    assert red(bad_day) == set()
    assert {each["state"] for each in bad_day("history", "--format", "json").json["runs"]} == {"ended"}


# --- what `drkit snapshots cover` writes ---


def test_the_page_in_chinese_is_written_as_a_file_that_is_whole(cloud: Drkit) -> None:
    page = cloud.directory / "coverage.html"

    ran = cloud("snapshots", "cover", "--language", "zh", "--format", "html", "--output", page)

    text = page.read_text(encoding="utf-8")
    assert (ran.status, ran.out) == (3, ""), ran.err
    assert '<html lang="zh-CN">' in text
    assert text.endswith("</html>\n")
    for word in ("不合格", "主机每日覆盖情况", "没有可用快照", "资产"):
        assert word in text
    assert "<script" not in text
    assert [each.name for each in page.parent.iterdir() if "coverage" in each.name] == ["coverage.html"]


def test_the_page_goes_to_stdout_where_no_file_is_named(cloud: Drkit) -> None:
    ran = cloud("snapshots", "cover", "--format", "html")

    assert ran.status == 3
    assert ran.out.startswith("<!doctype html>")
    assert '<html lang="en">' in ran.out


def test_openmetrics_replace_the_file_of_before_and_count_every_volume(cloud: Drkit) -> None:
    file = cloud.write("coverage.prom", "what was there before\n")

    ran = cloud("snapshots", "cover", "--format", "openmetrics", "--output", file)

    text = file.read_text(encoding="utf-8")
    counts: Counter[str] = Counter()
    for status, count in re.findall(r'^drkit_snapshots_volumes{.*status="(.+)"} (\d+)$', text, re.MULTILINE):
        counts[status] += int(count)
    summary = cloud("snapshots", "cover", "--format", "json").json["summary"]
    assert (ran.status, ran.out) == (3, ""), ran.err
    assert text.endswith("# EOF\n")
    assert "what was there before" not in text
    assert sum(counts.values()) == summary["volumes"] == 60
    assert {status: count for status, count in counts.items() if count} == {
        status: count for status, count in summary.items() if status != "volumes"
    }


def test_json_in_a_file_is_what_stdout_has(cloud: Drkit) -> None:
    file = cloud.directory / "coverage.json"

    cloud("snapshots", "cover", "--format", "json", "--output", file)
    said = cloud("snapshots", "cover", "--format", "json").json

    written = json.loads(file.read_text(encoding="utf-8"))
    assert (written["summary"], written["verdict"]) == (said["summary"], said["verdict"])


@pytest.mark.parametrize("words", [("--language", "fr"), ("--format", "pdf"), ("--output", "/nowhere/x")])
def test_a_language_a_format_or_a_file_that_cannot_be_is_refused(
    cloud: Drkit, words: tuple[str, str]
) -> None:
    ran = cloud("snapshots", "cover", "--format", "html", *words)

    assert (ran.status, ran.out) == (2, ""), ran.err
    assert words[1].split("/")[-1] in ran.err or words[1] in ran.err or "/nowhere" in ran.err


def test_a_directory_that_is_not_there_is_noticed_before_anything_is_asked(
    cloud: Drkit, sandbox: Running
) -> None:
    sandbox.fault("error", action="GetCallerIdentity", code="InternalError", times=1)

    ran = cloud("snapshots", "cover", "--output", Path("no") / "such" / "file")

    assert ran.status == 2
    assert len(sandbox.faults()) == 1
    sandbox.clear_faults()
