"""Pages in a real browser: nothing overflows, nothing is refused, light and dark, wide and narrow."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from drkit.report.gathering import gather
from drkit.report.html import html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--allow-file-access-from-files",
    "--enable-logging=stderr", "--hide-scrollbars", "--virtual-time-budget=3000",
)  # fmt: skip
# The page in a frame of the wanted width, measured by a page around it: the report itself allows no script.
FRAME = """<!doctype html><iframe id="f" src="report.html" style="width:{width}px;height:900px;border:0"></iframe>
<script>
const seen = document => [...document.querySelectorAll("main *")].filter(each => each.checkVisibility());
const smallest = document => Math.min(...seen(document)
  .filter(each => each.innerText && each.innerText.trim())
  .map(each => parseFloat(f.contentWindow.getComputedStyle(each).fontSize)));
const cells = document => Math.min(...[...document.querySelectorAll(".days svg")]
  .map(each => each.getBoundingClientRect().width / 30)).toFixed(1);
f.onload = () => {{ const page = f.contentDocument.documentElement;
  document.title = page.scrollWidth + " of " + page.clientWidth
    + ", text " + smallest(f.contentDocument) + ", cells " + cells(f.contentDocument)
    + ", ground " + f.contentWindow.getComputedStyle(f.contentDocument.body).backgroundColor; }}</script>"""


@pytest.fixture(params=["en", "zh"])
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A report with long names, findings and rows."""
    long = "a-very-long-name-without-any-break-" * 6
    rows = [
        {"account": "production", "region": "ap-beijing", "host": f"ins-{n}", "disk": f"disk-{n}", "name": long,
         "status": status, "why": f"why {n}", "snapshot": "", "age": "", "days": days, "automatic": long}
        for n, (status, days) in enumerate(
            [("covered", " " * 9 + "#" * 21), ("stale", "#" * 27 + "..."), ("unknown", "?" * 30)] * 30
        )
    ]  # fmt: skip
    finding = {
        "id": "snapshots.cover/stale",
        "subject": "disk-1",
        "where": long,
        "why": long,
        "fix": "take one",
    }
    common = {"at": "2026-11-22T01:30:00Z", "run": "r1"}
    entries = [
        {**common, "kind": "run.started", "estate": long, "playbook": "daily", "description": "", "slot": "s",
         "drkit": "0", "accounts": {"production": {"look": {"account": "1", "principal": long}}}},
        {**common, "kind": "step.rows", "step": "cover", "rows": rows},
        {**common, "kind": "step.concluded", "step": "cover", "uses": "snapshots.cover", "verdict": "fail",
         "reason": long, "summary": {"volumes": 90}, "findings": [{**finding, "first_seen": "now"}]},
        {**common, "kind": "run.concluded", "verdict": "fail", "reason": long, "statuses": [3]},
    ]  # fmt: skip
    path = tmp_path / "report.html"
    path.write_text(html(gather(entries)["r1"], request.param), encoding="utf-8")
    return path


def look(page: Path, width: int, *options: str) -> tuple[str, str]:
    """What the browser measured, and what it logged."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium here: `make setup` installs it where it may")
    frame = page.with_name("frame.html")
    frame.write_text(FRAME.format(width=width))
    profile = page.with_name("profile")
    done = subprocess.run(
        [CHROMIUM, *QUIET, f"--user-data-dir={profile}", *options, "--dump-dom", frame.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.split("<title>")[1].split("</title>")[0], done.stderr


@pytest.mark.parametrize("width", [390, 1280])
def test_a_page_is_never_wider_than_its_window_and_nothing_in_it_is_refused(page: Path, width: int) -> None:
    measured, logged = look(page, width)

    assert measured.startswith(f"{width} of {width}, ")
    assert "Content Security Policy" not in logged


@pytest.mark.parametrize(("width", "cell"), [(390, 10), (1280, 15)])
def test_text_can_be_read_and_a_day_be_told_from_the_next(page: Path, width: int, cell: int) -> None:
    measured, _ = look(page, width)

    assert float(measured.split(", text ")[1].split(",")[0]) >= 11
    assert float(measured.split(", cells ")[1].split(",")[0]) >= cell


def test_a_page_follows_the_dark_of_the_system(page: Path) -> None:
    light, _ = look(page, 1280)
    dark, _ = look(page, 1280, "--blink-settings=preferredColorScheme=0")

    assert light.endswith("rgb(251, 250, 247)")
    assert dark.endswith("rgb(22, 24, 26)")
