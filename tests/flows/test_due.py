"""``due``, ``run --due`` and ``daemon`` as processes; the past is written into a journal, the clouds are the sandbox's."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from helpers import ROOT, Drkit, snapshots_named

from drkit.cli import build
from drkit.core.configuration.reading import read
from drkit.core.journal import Journal, RunRecord, RunState
from drkit.core.playbook import Playbook
from drkit.core.state import open_state
from drkit.core.times import now, text_of
from drkit.flows.ticking import Pauses
from drkit.sandbox.testing import Running

DAY = timedelta(days=1)
TAKE = (
    "steps: [{uses: snapshots.take, with: {regions: [ap-beijing], tags: {service: redis}, keep_for: 9d}}]\n"
)


@pytest.fixture
def scheduled(cloud: Drkit) -> Drkit:
    """An estate of the sandbox in the working directory, without playbooks yet."""
    cloud.write("estate.yaml", Path(cloud.environment["DRKIT_ESTATE"]).read_text())
    cloud.environment["DRKIT_ESTATE"] = str(cloud.directory / "estate.yaml")
    return cloud


def playbook(drkit: Drkit, name: str = "small", schedule: str = "{every: day}") -> Path:
    return drkit.write(f"playbooks/{name}.yaml", f"playbook: {name}\nschedule: {schedule}\n{TAKE}")


def today() -> datetime:
    """The last slot of ``{every: day}``."""
    return now().replace(hour=0, minute=0, second=0, microsecond=0)


def remember(drkit: Drkit, *runs: tuple[datetime, str], name: str = "small") -> None:
    """Runs of the past, by slot and verdict; without a verdict, not ended."""
    state = open_state(Path(drkit.environment["DRKIT_STATE"]), "weimob")
    journal = Journal(state.journal)
    for number, (slot, verdict) in enumerate(runs):
        id_, at = f"past-{name}-{number}", text_of(slot + timedelta(minutes=1))
        journal.start(RunRecord(id_, name, "0" * 64, text_of(slot), RunState.RUNNING, at))
        if verdict:
            journal.end(id_, verdict, at)
    journal.close()


def files_of(directory: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()}


def test_without_a_state_everything_is_due_nothing_was_missed_and_looking_makes_no_state(
    scheduled: Drkit,
) -> None:
    playbook(scheduled)

    text, data = scheduled("due"), scheduled("due", "--format", "json")

    # A timer that never fired and a state that is somewhere else look like this: nothing to be called fine.
    assert (text.status, data.status, data.json["verdict"]) == (1, 1, "unknown")
    assert "small: due" in text.out
    assert "last done  never" in text.out
    (row,) = data.json["playbooks"]
    assert (row["due"], row["done"], row["last_done"], row["missed"]) == (True, False, None, [])
    assert row["last_slot"] == text_of(today())
    assert row["next_slot"] == text_of(today() + DAY)
    assert not (scheduled.directory / "state").exists()


def test_a_missed_slot_is_a_finding_and_due_ends_with_3_and_reads_only(scheduled: Drkit) -> None:
    playbook(scheduled)
    remember(scheduled, (today() - 3 * DAY, "pass"), (today() - DAY, "pass"), (today(), "fail"))
    before = files_of(scheduled.directory)

    found = scheduled("due", "--format", "json")

    assert (found.status, found.json["verdict"], found.json["statuses"]) == (3, "fail", [3])
    assert found.json["summary"] == {"playbooks": 1, "due": 0, "missed": 1}
    (finding,) = found.json["findings"]
    assert finding["id"] == "schedule/missed"
    assert finding["subject"] == f"small {text_of(today() - 2 * DAY)}"
    assert (finding["severity"], finding["confidence"], finding["where"]) == ("medium", "certain", "weimob")
    assert finding["why"] == "nothing ran for it; it is not carried out any more"
    assert "drkit run " in finding["fix"]
    assert files_of(scheduled.directory) == before
    assert scheduled("due").out.startswith("FAIL  1 slot was missed")
    assert scheduled("due", "--since", "30m").status == 0


def test_run_due_carries_out_what_is_due_once_without_a_terminal(scheduled: Drkit, sandbox: Running) -> None:
    playbook(scheduled)

    first, second = (scheduled("run", "--due", "--yes", "--format", "json") for _ in range(2))

    assert (first.status, first.json["verdict"]) == (0, "pass")
    assert [run["slot"] for run in first.json["runs"]] == [text_of(today())]
    assert (second.status, second.json["runs"]) == (0, [])
    assert scheduled("run", "--due", "--yes").out.startswith("nothing is due; next is small at ")
    assert scheduled("due", "--format", "json").json["playbooks"][0]["done"] is True
    assert len({snapshot["SnapshotName"] for snapshot in snapshots_named(sandbox, "drkit-small-")}) == 1


def test_run_due_needs_yes_like_any_run(scheduled: Drkit, sandbox: Running) -> None:
    playbook(scheduled)

    refused = scheduled("run", "--due")

    assert (refused.status, snapshots_named(sandbox, "drkit-")) == (2, [])
    assert "there is no terminal to ask at" in refused.err


def test_a_run_for_a_slot_of_the_past_bears_its_name(scheduled: Drkit, sandbox: Running) -> None:
    playbook(scheduled, schedule="{every: day, catch_up: all, within: 3d}")
    remember(scheduled, (today() - 3 * DAY, "pass"))

    ran = scheduled("run", "--due", "--yes", "--format", "json")

    wanted = [today() - 2 * DAY, today() - DAY, today()]
    assert (ran.status, [run["slot"] for run in ran.json["runs"]]) == (0, [text_of(slot) for slot in wanted])
    names = [snapshot["SnapshotName"] for snapshot in snapshots_named(sandbox, "drkit-small-")]
    assert all(any(f"{slot:%Y%m%dT%H%M}" in name for name in names) for slot in wanted)


def test_unknown_is_not_done_and_the_slot_is_tried_again(scheduled: Drkit, sandbox: Running) -> None:
    playbook(scheduled)
    sandbox.fault("error", action="CreateSnapshot", code="InternalError", times=None)

    assert scheduled("run", "--due", "--yes").status == 1
    (row,) = scheduled("due", "--format", "json").json["playbooks"]
    assert (row["due"], row["done"]) == (True, False)
    sandbox.reset()
    assert scheduled("run", "--due", "--yes").status == 0


def test_only_what_is_named_is_carried_out_and_another_playbooks_slot_stays_due(scheduled: Drkit) -> None:
    one = playbook(scheduled, "one")
    playbook(scheduled, "two")

    ran = scheduled("run", "--due", "--yes", one, "--format", "json")

    assert [run["playbook"] for run in ran.json["runs"]] == ["one"]
    rows = scheduled("due", "--format", "json").json["playbooks"]
    assert {row["playbook"]: row["due"] for row in rows} == {"one": False, "two": True}


def test_a_suspended_run_is_taken_up_and_no_second_one_begins(scheduled: Drkit, sandbox: Running) -> None:
    playbook(scheduled)
    assert scheduled("run", "--due", "--yes", "--wait", "0s").status == 1
    (row,) = scheduled("due", "--format", "json").json["playbooks"]
    assert (row["state"], row["due"]) == ("waiting", False)

    taken_up = scheduled("run", "--due", "--yes", "--format", "json")

    assert taken_up.status == 0
    assert [run["id"] for run in taken_up.json["runs"]] == [row["under_way"]]


def test_two_playbooks_of_one_id_are_refused(scheduled: Drkit) -> None:
    playbook(scheduled)
    scheduled.write("playbooks/again.yaml", (scheduled.directory / "playbooks/small.yaml").read_text())

    refused = scheduled("due")

    assert refused.status == 2
    assert "are both the playbook 'small'" in refused.err


@pytest.mark.parametrize("words", [("run", "--due"), ("run",), ("run", "--due", "--yes", "--format", "html")])
def test_what_says_nothing_is_a_usage_error(scheduled: Drkit, words: tuple[str, ...]) -> None:
    assert scheduled(*words).status == 2


def test_an_estate_with_a_runner_is_run_there_alone(scheduled: Drkit, sandbox: Running) -> None:
    path = playbook(scheduled)
    scheduled.write("estate.yaml", (scheduled.directory / "estate.yaml").read_text() + "runner: backup-1\n")

    refused = [
        scheduled("run", "--yes", path, DRKIT_HOST="backup-2"),
        scheduled("run", "--due", "--yes", DRKIT_HOST="backup-2"),
        scheduled("daemon", "--once", DRKIT_HOST="backup-2"),
    ]

    assert [ran.status for ran in refused] == [2, 2, 2]
    assert all("is run by backup-1, and this host is backup-2" in ran.err for ran in refused)
    assert snapshots_named(sandbox, "drkit-") == []
    assert scheduled("check", DRKIT_HOST="backup-2").status == 0
    assert scheduled("run", "--due", "--yes", DRKIT_HOST="backup-1").status == 0


def test_the_daemon_runs_what_is_due_in_a_process_of_its_own(scheduled: Drkit, sandbox: Running) -> None:
    playbook(scheduled)

    ran = scheduled("daemon", "--once")

    events = [line.split(" drkit daemon: ")[1] for line in ran.err.splitlines() if " drkit daemon: " in line]
    assert ran.status == 0, ran.err
    assert events == [
        "begins: estate weimob, 1 playbooks",
        f"small: begins, slot {text_of(today())}",
        "small: ended with 0: concluded, nothing wrong",
        "ends",
    ]
    assert len(snapshots_named(sandbox, "drkit-small-")) > 0


def test_a_run_that_crashes_does_not_end_the_daemon(scheduled: Drkit, sandbox: Running) -> None:
    playbook(scheduled)
    sandbox.fault("hang", action="CreateSnapshot", seconds=30)
    with daemon(scheduled) as process:
        until(lambda: not sandbox.faults())

        kill_children(process, signal.SIGKILL)

        until(lambda: told(scheduled, "small: ended with -9: a signal"))
        assert process.poll() is None


def test_sigterm_waits_for_the_run_that_is_under_way(scheduled: Drkit, sandbox: Running) -> None:
    playbook(scheduled)
    sandbox.fault("hang", action="CreateSnapshot", seconds=3)
    with daemon(scheduled) as process:
        until(lambda: not sandbox.faults())

        process.send_signal(signal.SIGTERM)

        assert process.wait(60) == 0
    assert told(scheduled, "small: ended with")
    assert not told(scheduled, "told to end")


def test_sigterm_is_passed_on_when_patience_ends(scheduled: Drkit, sandbox: Running) -> None:
    playbook(scheduled)
    sandbox.fault("hang", action="CreateSnapshot", seconds=60)
    with daemon(scheduled, "--patience", "1s") as process:
        until(lambda: not sandbox.faults())

        process.send_signal(signal.SIGTERM)

        assert process.wait(30) == 130
    assert told(scheduled, "still under way after 1 s, told to end")


def test_sigterm_between_runs_ends_it_at_once_and_a_second_daemon_is_refused(scheduled: Drkit) -> None:
    playbook(scheduled)
    scheduled("run", "--due", "--yes")
    with daemon(scheduled) as process:
        until(lambda: told(scheduled, "begins: estate"))

        second = scheduled("daemon", "--once")

        assert (second.status, "daemon.lock" in second.err) == (6, True)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert scheduled("daemon", "--once").status == 0


def test_the_daemon_goes_on_when_a_file_is_broken_and_mended(scheduled: Drkit) -> None:
    path = playbook(scheduled)
    scheduled("run", "--due", "--yes")
    good = path.read_text()
    with daemon(scheduled, "--tick", "1s"):
        until(lambda: told(scheduled, "begins: estate"))
        path.write_text("playbook: [")
        until(lambda: told(scheduled, "nothing could be asked: "))
        path.write_text(good.replace("playbook: small", "playbook: other"))
        until(lambda: told(scheduled, "other: ended with 0"))


class daemon:  # noqa: N801 - read as a word
    """A daemon whose stderr goes to a file, ended at the end of the block."""

    def __init__(self, drkit: Drkit, *words: str) -> None:
        self.drkit, self.words = drkit, words

    def __enter__(self) -> subprocess.Popen[bytes]:
        log = (self.drkit.directory / "daemon.log").open("wb")
        self.process = subprocess.Popen(
            self.drkit.command("daemon", *self.words), cwd=self.drkit.directory, env=self.drkit.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
        )  # fmt: skip
        log.close()
        return self.process

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            kill_children(self.process, signal.SIGKILL)
            self.process.kill()
            self.process.wait()


def kill_children(process: subprocess.Popen[bytes], number: int) -> None:
    for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        os.kill(int(child), number)


def told(drkit: Drkit, what: str) -> bool:
    log = drkit.directory / "daemon.log"
    return log.exists() and what in log.read_text()


def until(condition: Callable[[], object], seconds: float = 40) -> None:
    """Wait until something is so, and fail when it never is."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it never came to be"
        time.sleep(0.05)


def test_a_playbook_that_ends_in_vain_is_left_alone_ever_longer_until_it_concludes() -> None:
    pauses, moment, minute = Pauses(), now(), timedelta(minutes=1)

    for length in (1, 2, 4, 8, 16, 32, 60, 60):
        pauses.ended("small", 1, moment)
        assert pauses.hold("small", moment + length * minute - timedelta.resolution)
        assert not pauses.hold("small", moment + length * minute)
    pauses.ended("small", 3, moment)
    assert not pauses.hold("small", moment)


def test_every_schedule_in_the_docs_is_one(tmp_path: Path) -> None:
    blocks = re.findall(
        r"^```yaml\n(schedule:.*?)^```", (ROOT / "docs/schedules.md").read_text(), re.MULTILINE | re.DOTALL
    )
    for block in blocks:
        path = tmp_path / "p.yaml"
        path.write_text(f"playbook: p\nsteps: [{{uses: snapshots.cover}}]\n{block}")
        assert read(path, Playbook).schedule
    assert len(blocks) == 7


def test_what_units_and_crontab_start_are_commands_of_drkit() -> None:
    units = [path.read_text() for path in (ROOT / "configs/systemd").glob("*.service")]
    lines = [
        line for unit in units for line in re.findall(r"^ExecStart=/usr/bin/drkit (.*)$", unit, re.MULTILINE)
    ]
    lines += re.findall(
        r"^\*/5 \* \* \* \* drkit (.*)$", (ROOT / "docs/schedules.md").read_text(), re.MULTILINE
    )
    assert len(lines) == 4
    for line in lines:
        words = line.split()
        assert build(tuple(words[:2])).parse_args(words).command in {"run", "daemon", "broker"}
    directives = [line for unit in units for line in unit.splitlines() if line.startswith("TimeoutStopSec=")]
    assert "TimeoutStopSec=11min" in directives  # longer than the patience of the daemon that it starts


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for path in (ROOT / "configs/systemd").iterdir():
        (tmp_path / path.name).write_text(path.read_text().replace("/usr/bin/drkit", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", *sorted(tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
