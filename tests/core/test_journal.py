"""The journal keeps each intention by itself, and what belongs together all or not at all."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drkit.core.actions import Action, Done, Effect, Failed, Outcome, Pending, Uncertain
from drkit.core.journal import Journal, RunRecord, RunState

ACTION = Action("disks.create_snapshot", Effect.CREATE, "production", "ap-beijing", "disk-1", {}, "why")
RUN = RunRecord("run", "daily", "0", "2026-11-22T01:30:00Z", RunState.RUNNING, "2026-11-22T01:30:00Z")
DIES_WITHIN = """\
import os, signal, sys
from pathlib import Path
from drkit.core.journal import Journal
journal = Journal(Path(sys.argv[1]))
journal.first_seen("before", "monday")
with journal.together():
    journal.first_seen("within", "monday")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.sqlite3")
    yield opened
    opened.close()


def seen(path: Path) -> set[str]:
    """The findings that another connection sees."""
    connection = sqlite3.connect(path)
    found = {fingerprint for (fingerprint,) in connection.execute("SELECT fingerprint FROM findings")}
    connection.close()
    return found


def test_an_intention_and_its_outcome_are_each_there_for_others_when_they_are_written(
    journal: Journal,
) -> None:
    other = Journal(journal.path)
    journal.start(RUN)
    journal.intend("run", "step", ACTION, "monday")
    assert other.actions("run") == [(ACTION, None)]
    journal.settle("run", "step", ACTION, Done("snap-1"), "monday")
    assert other.actions("run") == [(ACTION, Done("snap-1"))]
    other.close()


@pytest.mark.parametrize(
    ("outcome", "known"),
    [
        (Done("snap-1"), {"snap-1": ACTION}),
        (Pending("snap-1", 1), {"snap-1": ACTION}),
        (Done(), {}),
        (Failed("HeldTooShort", "snap-1 was begun"), {}),
        (Uncertain("no answer"), {}),
        (None, {}),
    ],
)
def test_only_what_an_action_surely_made_for_this_playbook_and_slot_is_known_as_made(
    journal: Journal, outcome: Outcome | None, known: dict[str, Action]
) -> None:
    journal.start(RUN)
    journal.intend("run", "step", ACTION, "monday")
    if outcome:
        journal.settle("run", "step", ACTION, outcome, "monday")

    assert journal.made("daily", RUN.slot) == known
    assert journal.made("weekly", RUN.slot) == journal.made("daily", "2026-11-21T01:30:00Z") == {}


def test_an_intention_that_is_tried_again_takes_back_what_was_known_of_it(journal: Journal) -> None:
    journal.start(RUN)
    journal.intend("run", "step", ACTION, "monday")
    journal.settle("run", "step", ACTION, Pending("snap-1", 1), "monday")
    journal.intend("run", "step", ACTION, "tuesday")

    assert journal.made("daily", RUN.slot) == {}


def test_it_waits_for_the_disk_at_every_write(journal: Journal) -> None:
    connection = journal._connection
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_what_is_written_together_is_seen_by_nobody_until_all_of_it_is(journal: Journal) -> None:
    with journal.together():
        assert [journal.first_seen(name, "monday") for name in ("a", "b", "a")] == ["monday"] * 3
        assert seen(journal.path) == set()

    assert seen(journal.path) == {"a", "b"}


def test_an_error_within_takes_all_of_it_back_and_is_told_as_it_is(journal: Journal) -> None:
    def write_and_fail() -> None:
        with journal.together():
            journal.first_seen("a", "monday")
            raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        write_and_fail()

    assert seen(journal.path) == set()
    assert journal.first_seen("a", "tuesday") == "tuesday"


def test_a_process_that_is_killed_within_leaves_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    done = subprocess.run([sys.executable, "-c", DIES_WITHIN, str(path)], check=False, env={**os.environ})

    assert (done.returncode, seen(path)) == (-signal.SIGKILL, {"before"})
