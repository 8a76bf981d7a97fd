"""Places are looked at side by side: in order all the same, none delayed by another, and ended at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers import Drkit, Ran, bare_environment

from drkit.core import exits
from drkit.sandbox.seeds.people import ACCOUNT
from drkit.sandbox.testing import InThread, in_thread

REGIONS = ("ap-beijing", "ap-shanghai", "ap-guangzhou", "ap-chengdu")
ESTATE = {
    "estate": "thousand",
    "accounts": {
        "production": {
            "cloud": "tencent",
            "account": ACCOUNT,
            "environment": "production",
            "regions": REGIONS,
        }
    },
}
LONG = 60.0  # seconds that nothing here takes


@pytest.fixture(scope="module")
def started() -> Iterator[InThread]:
    with in_thread("thousand") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: InThread) -> Iterator[InThread]:
    """A thousand disks in four regions, whose clock stands still."""
    yield started
    started.clear_faults()


@pytest.fixture
def environment(sandbox: InThread, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "estate.yaml").write_text(json.dumps(ESTATE))
    return {
        **bare_environment(tmp_path),
        "DRKIT_TENCENT_ENDPOINT": sandbox.endpoint,
        "TENCENTCLOUD_SECRET_ID": sandbox.secret_id,
        "TENCENTCLOUD_SECRET_KEY": sandbox.secret_key,
    }


@pytest.fixture
def cover(environment: dict[str, str], tmp_path: Path) -> Callable[..., Ran]:
    """`drkit snapshots cover`."""
    drkit = Drkit(tmp_path, environment)
    return lambda *words, **more: drkit("snapshots", "cover", *words, **more)


def told(ran: Ran) -> list[dict[str, Any]]:
    """The rows and findings in their order."""
    return [*ran.json["rows"], *ran.json["findings"]]


def asked(sandbox: InThread) -> list[tuple[str, str]]:
    """Every action that was answered, with its region."""
    events = sandbox.world.accounts[ACCOUNT].audit.newest_first()
    return [(event.action, event.region) for event in events]


@pytest.mark.parametrize("slow", [REGIONS[0], REGIONS[-1]])
def test_rows_and_findings_stand_in_one_order_whichever_region_ends_last(
    cover: Callable[..., Ran], sandbox: InThread, slow: str
) -> None:
    usual = told(cover("--format", "json"))
    sandbox.fault("hang", region=slow, seconds=0.3, times=None)

    assert told(cover("--format", "json")) == usual
    assert len(usual) >= 1000


def test_three_dead_regions_are_unknown_by_name_and_take_as_long_as_one(
    cover: Callable[..., Ran], sandbox: InThread
) -> None:
    alive, *dead = REGIONS
    for region in dead:
        sandbox.fault("hang", region=region, times=None)

    began = time.monotonic()
    ran = cover("--format", "json", DRKIT_TIMEOUT="1")
    took = time.monotonic() - began

    rows = ran.json["rows"]
    assert {row["region"] for row in rows if row["status"] != "unknown"} == {alive}
    assert {row["region"] for row in rows if row["status"] == "unknown"} == set(dead)
    assert all("no answer" in row["why"] for row in rows if row["region"] in dead)
    # Five attempts of a second each and the waits between them, once; one after the other there would be twelve.
    assert took < 3 * 9


def test_an_interrupted_look_ends_at_once_though_a_region_hangs(
    environment: dict[str, str], sandbox: InThread, tmp_path: Path
) -> None:
    sandbox.fault("hang", region="ap-shanghai", times=None)
    before = len(asked(sandbox))
    process = subprocess.Popen(
        [sys.executable, "-m", "drkit", "snapshots", "cover"],
        cwd=tmp_path,
        env={**os.environ, **environment, "DRKIT_TIMEOUT": "600"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until = time.monotonic() + LONG
        while ("DescribeSnapshots", "ap-chengdu") not in asked(sandbox)[: len(asked(sandbox)) - before]:
            assert time.monotonic() < until
            time.sleep(0.01)
        process.send_signal(
            signal.SIGTERM
        )  # as Ctrl-C, which is ignored where tests are run in the background
        began = time.monotonic()
        _, errors = process.communicate(timeout=LONG)
    finally:
        process.kill()

    assert time.monotonic() - began < 5
    assert (process.returncode, errors) == (exits.INTERRUPTED, "drkit: interrupted\n")


def test_a_person_sees_how_many_regions_are_read_and_the_last_only_when_all_are(
    environment: dict[str, str], sandbox: InThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    from drkit.clouds.tencent.cloud import TencentCloud
    from drkit.core.times import now
    from drkit.flows.looking import look
    from drkit.flows.tools import Look
    from drkit.ports.facts import Kind, Query, Scope

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    sandbox.fault("hang", action="DescribeDisks", region="ap-beijing", seconds=0.5)
    seen: list[str] = []
    scopes = tuple(Scope("production", region) for region in REGIONS)

    facts = look(
        Query(scopes, frozenset({Kind.DISKS})),
        Look({"production": TencentCloud("TENCENTCLOUD")}, now, seen.append),
    )

    assert [region.scope for region in facts.regions] == list(scopes)
    assert seen[0] == "looking: 0 of 4"
    assert seen[-1] == "looking: 4 of 4, production/ap-beijing"
    assert len(seen) == 5


def test_to_look_at_coverage_starts_without_what_other_commands_need() -> None:
    others = {
        "botocore",
        "duckdb",
        "jinja2",
        "sqlite3",
        "drkit.clouds.tencent.people",
        "drkit.core.evidence.log",
        "drkit.core.schedule",
        "drkit.flows.registry",
        "drkit.ports.identities",
        "drkit.report.html",
    }
    code = "import sys, drkit.flows.cover, drkit.clouds.tencent.cloud; print(*sys.modules)"

    started = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert others & set(started.stdout.split()) == set()
