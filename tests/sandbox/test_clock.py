"""The sandbox's time is moved by its control door and by `drkit sandbox clock`."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from helpers import Drkit

from drkit.core import exits
from drkit.sandbox.testing import InThread, Running, running
from drkit.sandbox.world.clock import WorldClock

Calling = Callable[..., Any]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def now_of(sandbox: Any) -> datetime:
    return datetime.fromisoformat(sandbox.control("GET", "clock")["now"])


def refused(sandbox: Any, content: Any) -> Any:
    with pytest.raises(urllib.error.HTTPError) as caught:
        sandbox.control("POST", "clock", content)
    with caught.value as answer:
        assert answer.code == 400
        return json.load(answer)["error"]


def test_a_clock_stands_still_until_it_is_moved_and_may_run() -> None:
    clock = WorldClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(hours=1))
    assert clock.now() == NOON + timedelta(hours=1)
    clock.run()
    first = clock.now()
    assert NOON + timedelta(hours=1) <= first < NOON + timedelta(hours=1, seconds=10)
    while clock.now() == first:
        pass
    clock.stand(NOON + timedelta(days=1))
    assert clock.now() == clock.now() == NOON + timedelta(days=1)


def test_a_running_clock_is_advanced_and_runs_on() -> None:
    clock = WorldClock()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)
    clock.advance(timedelta(days=1))
    ahead = clock.now() - datetime.now(UTC)
    assert timedelta(hours=23, minutes=59) < ahead <= timedelta(days=1)


@pytest.mark.parametrize("first", [NOON, None])
def test_a_reset_undoes_that_time_was_moved_stopped_or_let_run(first: datetime | None) -> None:
    clock = WorldClock(first)
    for move in (
        lambda: clock.advance(timedelta(days=1)),
        lambda: clock.stand(NOON + timedelta(days=9000)),
        clock.run,
    ):
        move()
        clock.restart()
        assert abs(clock.now() - (first or datetime.now(UTC))) < timedelta(seconds=1)


def test_a_sandbox_that_was_reset_has_the_time_that_it_began_with(sandbox: InThread) -> None:
    before = now_of(sandbox)
    sandbox.control("POST", "clock", {"advance": 7200})
    sandbox.control("POST", "reset")
    assert now_of(sandbox) == before


def test_a_clock_does_not_go_backwards() -> None:
    clock = WorldClock(NOON)
    with pytest.raises(ValueError, match="forwards"):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(ValueError, match="forwards"):
        clock.stand(NOON - timedelta(seconds=1))
    with pytest.raises(ValueError, match="far"):
        clock.advance(timedelta(days=10**7))


def test_the_control_door_moves_the_clock_and_what_is_due_happens(sandbox: InThread, call: Calling) -> None:
    disk = call("cbs", "DescribeDisks", {"Limit": 1})["DiskSet"][0]["DiskId"]
    snapshot = call("cbs", "CreateSnapshot", {"DiskId": disk})["SnapshotId"]
    before = now_of(sandbox)
    sandbox.advance(timedelta(hours=1))
    assert now_of(sandbox) - before == timedelta(hours=1)
    shown = call("cbs", "DescribeSnapshots", {"SnapshotIds": [snapshot]})["SnapshotSet"][0]
    assert shown["SnapshotState"] == "NORMAL"
    target = before + timedelta(days=2)
    answer = sandbox.control("POST", "clock", {"set": target.isoformat()})
    assert answer == {"now": target.isoformat(), "running": False}
    assert sandbox.control("POST", "clock", {"running": True})["running"]


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"advance": -1},
        {"advance": "1h"},
        {"advance": 401 * 86400},
        {"advance": 1, "set": "2030-01-01T00:00:00Z"},
        {"set": "tomorrow"},
        {"set": "2030-01-01T00:00:00"},
        {"set": "2020-01-01T00:00:00Z"},
        {"set": "9999-01-01T00:00:00Z"},
        {"running": False},
        [],
        None,
    ],
    ids=str,
)
def test_what_a_clock_cannot_do_is_refused_and_it_stays(sandbox: InThread, content: Any) -> None:
    before = now_of(sandbox)
    assert refused(sandbox, content)
    assert now_of(sandbox) == before


def test_calls_are_signed_by_the_time_of_the_machine_whatever_the_time_of_the_world(
    sandbox: InThread, call: Calling
) -> None:
    sandbox.advance(timedelta(days=300))
    assert call("cbs", "DescribeDisks", {})["TotalCount"]


@pytest.fixture
def own(tmp_path: Any) -> Any:
    with running(home=tmp_path / "sandbox") as sandbox:
        yield sandbox


def test_the_command_tells_and_moves_the_time(own: Running, drkit: Drkit) -> None:
    home = ("--home", str(own.home.path))
    told = drkit("sandbox", "clock", *home, "--advance", "24h", "--format", "json")
    ahead = datetime.fromisoformat(told.json["summary"]["now"]) - datetime.now(UTC)
    assert timedelta(hours=23) < ahead < timedelta(hours=25)
    target = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    assert drkit("sandbox", "clock", *home, "--set", target).out == f"{target} (standing still)\n"
    assert "running" in drkit("sandbox", "clock", *home, "--running").out
    for wrong in (("--advance", "soon"), ("--set", "never"), ("--set", "2020-01-01T00:00:00Z")):
        assert drkit("sandbox", "clock", *home, *wrong).status == exits.USAGE


def test_the_command_says_that_no_sandbox_runs(drkit: Drkit, tmp_path: Path) -> None:
    ended = drkit("sandbox", "clock", "--home", str(tmp_path / "none"))
    assert (ended.status, "no sandbox runs" in ended.err) == (exits.USAGE, True)
