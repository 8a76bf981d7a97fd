"""Verdicts, schedules, journal and state: what they promise in a sentence each."""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drkit.core import verdicts
from drkit.core.actions import Action, Done, Effect, Failed, Outcome, Pending, Uncertain
from drkit.core.errors import LockedError, UsageError
from drkit.core.files import write_whole
from drkit.core.journal import Journal, RunRecord, RunState
from drkit.core.playbook import Schedule
from drkit.core.state import open_state, state_root
from drkit.core.verdicts import Finding, Severity, Verdict, worst

ACTION = Action(
    "disks.create_snapshot", Effect.CREATE, "production", "ap-beijing", "disk-1", {"name": "n"}, "why"
)
RECORD = RunRecord("run-1", "daily", "sha", "slot", RunState.RUNNING, "now")
PASSED, FAILED, UNKNOWN = (
    Verdict(outcome, "why")
    for outcome in (verdicts.Outcome.PASS, verdicts.Outcome.FAIL, verdicts.Outcome.UNKNOWN)
)


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ([PASSED, PASSED], verdicts.Outcome.PASS),
        ([PASSED, UNKNOWN], verdicts.Outcome.UNKNOWN),
        ([UNKNOWN, PASSED, FAILED], verdicts.Outcome.FAIL),
        ([], verdicts.Outcome.UNKNOWN),
    ],
)
def test_the_worst_verdict_decides_and_nothing_checked_is_unknown(
    given: list[Verdict], outcome: verdicts.Outcome
) -> None:
    assert worst(given).outcome is outcome


def test_unknown_without_a_reason_cannot_be_said() -> None:
    with pytest.raises(ValueError, match="reason"):
        Verdict(verdicts.Outcome.UNKNOWN)


def test_a_findings_fingerprint_outlives_its_wording() -> None:
    first = Finding("check", Severity.HIGH, "disk-1", "production", "31 h old", "fix")
    later = Finding("check", Severity.HIGH, "disk-1", "production", "55 h old", "another fix")
    other = Finding("check", Severity.HIGH, "disk-2", "production", "31 h old", "fix")

    assert first.fingerprint == later.fingerprint != other.fingerprint


@given(
    st.integers(min_value=1_577_836_800, max_value=2_051_222_400),  # 2020 to 2035
    st.times(),
    st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]),
)
def test_a_daily_slot_lies_in_the_last_day_and_at_the_schedules_time(
    moment: int, at: time, zone: str
) -> None:
    now = datetime.fromtimestamp(moment, UTC)
    at = at.replace(second=0, microsecond=0)
    schedule = Schedule(every="day", at=at, time_zone=ZoneInfo(zone))

    slot = schedule.slot(now)

    assert now - timedelta(hours=26) < slot <= now
    local = slot.astimezone(schedule.time_zone)
    clocks_moved = local.utcoffset() != (local - timedelta(hours=3)).utcoffset()
    assert local.time() == at or clocks_moved


def test_an_intention_is_on_disk_before_anything_else_happens(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite3")
    journal.start(RECORD)
    journal.intend("run-1", "take", ACTION, "now")

    # Seen by another connection, as after a crash: nothing was closed and nothing is in memory only.
    other = sqlite3.connect(tmp_path / "journal.sqlite3")
    seen = other.execute("SELECT action, outcome FROM actions").fetchall()
    other.close()
    assert [(json.loads(action)["target"], outcome) for action, outcome in seen] == [("disk-1", None)]
    assert journal.actions("run-1") == [(ACTION, None)]
    journal.close()


@pytest.mark.parametrize(
    "outcome", [Done("snap-1"), Failed("Code", "no"), Pending("snap-1", 1.0, 2), Uncertain("why")]
)
def test_what_came_of_an_intention_is_read_back_as_it_was(tmp_path: Path, outcome: Outcome) -> None:
    journal = Journal(tmp_path / "journal.sqlite3")
    journal.start(RECORD)
    journal.intend("run-1", "take", ACTION, "now")
    journal.settle("run-1", "take", ACTION, outcome, "later")
    journal.close()

    again = Journal(tmp_path / "journal.sqlite3")
    assert again.actions("run-1", "take") == [(ACTION, outcome)]
    assert again.unfinished() == [RECORD]
    again.end("run-1", "pass", "later")
    assert again.unfinished() == []
    again.close()


def test_a_state_of_version_one_is_brought_forward_by_whoever_holds_the_lock(tmp_path: Path) -> None:
    state = open_state(tmp_path, "estate")
    old = sqlite3.connect(state.journal)
    old.executescript(
        "CREATE TABLE runs (id TEXT); CREATE TABLE findings (fingerprint TEXT, first_seen TEXT);"
    )
    old.execute("INSERT INTO findings VALUES ('f', 'monday')")
    old.commit()
    old.close()
    schema = state.directory / "schema.json"
    schema.write_text('{"schema": 1}')

    open_state(tmp_path, "estate")
    assert json.loads(schema.read_text()) == {"schema": 1}
    with state.lock("a run"):
        journal = Journal(state.journal)
        assert journal.runs() == []
        journal.close()

    assert json.loads(schema.read_text()) == {"schema": 2}


def test_a_finding_is_seen_first_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite3")

    assert [journal.first_seen("f", at) for at in ("monday", "tuesday")] == ["monday", "monday"]
    journal.close()


def test_a_journal_on_a_full_disk_is_an_error_and_not_a_silence(tmp_path: Path) -> None:
    code = f"""
import resource, signal
from drkit.core.journal import Journal, RunRecord, RunState
from drkit.core.errors import DrkitError
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal(Path({str(tmp_path / "journal.sqlite3")!r}))
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
try:
    for number in range(1000):
        journal.start(RunRecord(f"run-{{number}}", "p" * 500, "", "s", RunState.RUNNING, "t"))
except DrkitError as error:
    print(error.hint)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "see that its disk is writable and not full" in done.stdout


def test_a_lock_is_held_by_one_and_says_by_whom(tmp_path: Path) -> None:
    state = open_state(tmp_path, "estate")

    with (
        state.lock("drkit run a.yaml"),
        pytest.raises(LockedError, match=rf"process {os.getpid()}, drkit run a.yaml"),
        state.lock("drkit run b.yaml"),
    ):
        pass
    with state.lock("afterwards it is free"):
        pass


def test_a_newer_state_is_refused_and_left_alone(tmp_path: Path) -> None:
    state = open_state(tmp_path, "estate")
    (state.directory / "schema.json").write_text('{"schema": 99}')

    with pytest.raises(UsageError, match="written by a newer drkit"):
        open_state(tmp_path, "estate")
    assert (state.directory / "schema.json").read_text() == '{"schema": 99}'


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"schema": "x"}', "\x00"])
def test_a_spoiled_schema_file_is_one_clear_error(tmp_path: Path, content: str) -> None:
    state = open_state(tmp_path, "estate")
    (state.directory / "schema.json").write_text(content)

    with pytest.raises(UsageError):
        open_state(tmp_path, "estate")


def test_the_state_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    assert open_state(tmp_path / "new", "estate").directory.stat().st_mode & 0o077 == 0


def test_the_states_place_is_flag_then_variable_then_the_machines_usual_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRKIT_STATE", str(tmp_path / "variable"))

    assert state_root(tmp_path / "flag") == tmp_path / "flag"
    assert state_root(None) == tmp_path / "variable"
    monkeypatch.delenv("DRKIT_STATE")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    expected = Path("/var/lib/drkit") if os.geteuid() == 0 else tmp_path / "drkit"
    assert state_root(None) == expected


def test_a_file_is_whole_or_as_it_was_when_the_disk_is_full(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    write_whole(path, b"old")
    code = f"""
import resource, signal
from pathlib import Path
from drkit.core.files import write_whole
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
write_whole(Path({str(path)!r}), b"x" * 5000)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert done.returncode != 0
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000
    assert (path.read_bytes(), [entry.name for entry in tmp_path.iterdir()]) == (b"old", ["result.json"])
