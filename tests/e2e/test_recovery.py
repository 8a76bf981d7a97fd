"""Runs survive the death of their process: nothing is done twice, and nothing is left unaccounted for."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from accounting import account, state_of
from helpers import Drkit, Ran, ask, snapshots_named
from matrix import DISKS, PLAYBOOK, WHOLE, WRITES

from drkit.core.evidence.reading import read
from drkit.sandbox.testing import Running


def killed(cloud: Drkit, what: str, when: str, point: int) -> Ran:
    """A run that dies at one write."""
    return cloud.killed(what, when, point, "run", "--yes", cloud.write("three.yaml", PLAYBOOK))


def assert_accounted_for(cloud: Drkit, sandbox: Running) -> None:
    """Each disk was snapshotted once at most, the evidence has every snapshot, and every run has ended."""
    accounts = account(cloud, sandbox, "drkit-three-")
    assert (accounts.twice, accounts.unaccounted) == ((), ())


def test_what_was_recovered_is_not_taken_up_again(cloud: Drkit, sandbox: Running) -> None:
    sandbox.create_in(0)
    killed(cloud, "journal", "after", 6)
    cloud("recover", "--yes")

    assert cloud("recover", "--yes").out == "every run has ended: there is nothing to take up\n"
    (run,) = cloud("history", "--format", "json").json["runs"]
    assert (run["state"], run["verdict"], len(run["created"])) == ("ended", "pass", DISKS)


@pytest.mark.parametrize("point", [4, 6, 9])
@pytest.mark.parametrize("lost", ["deleted", "from yesterday"])
def test_a_journal_that_was_lost_is_read_from_the_evidence(
    cloud: Drkit, sandbox: Running, point: int, lost: str
) -> None:
    sandbox.create_in(0)
    other = cloud.write(
        "other.yaml", "playbook: other\nschedule: {every: day}\nsteps: [{uses: snapshots.cover}]\n"
    )
    cloud("run", "--yes", other)
    state = state_of(cloud)
    shutil.copy(state / "journal.sqlite3", state / "yesterday")
    killed(cloud, "journal", "after", point)
    for part in ("", "-wal", "-shm"):
        (state / f"journal.sqlite3{part}").unlink(missing_ok=True)
    if lost == "from yesterday":
        shutil.move(state / "yesterday", state / "journal.sqlite3")

    assert cloud("recover", "--yes").status == 0

    assert_accounted_for(cloud, sandbox)
    assert len(snapshots_named(sandbox, "drkit-three-")) == DISKS


def test_a_run_is_suspended_without_a_process_and_taken_up_when_the_cloud_is_done(
    cloud: Drkit, sandbox: Running
) -> None:
    sandbox.create_in(3600)
    playbook = cloud.write("three.yaml", PLAYBOOK)
    suspended = cloud("run", "--yes", "--wait", "0s", playbook)
    assert (suspended.status, f"suspended: {DISKS} still being created" in suspended.out) == (1, True)
    assert cloud("history", "--format", "json").json["runs"][0]["state"] == "suspended"
    still = cloud("recover", "--yes", "--wait", "0s")
    assert (still.status, "suspended" in still.out) == (1, True)

    sandbox.control("POST", "finish-snapshots")
    done = cloud("recover", "--yes")

    assert (done.status, f"{DISKS} taken" in done.out) == (0, True)
    assert_accounted_for(cloud, sandbox)


def test_a_run_whose_slot_has_passed_is_accounted_for_and_begins_nothing(
    cloud: Drkit, sandbox: Running
) -> None:
    sandbox.create_in(0)
    killed(cloud, "journal", "after", 6)
    begun = len(snapshots_named(sandbox, "drkit-three-"))
    # As if a day had gone by: the run was for the slot of yesterday.
    journal = sqlite3.connect(state_of(cloud) / "journal.sqlite3")
    journal.execute("UPDATE runs SET slot = '2020-01-01T00:00:00Z'")
    journal.commit()
    journal.close()

    recovered = cloud("recover", "--yes", "--format", "json")

    (run,) = recovered.json["runs"]
    assert (recovered.status, run["state"], run["verdict"]) == (1, "ended", "unknown")
    assert len(run["created"]) == len(snapshots_named(sandbox, "drkit-three-")) == begun > 0


def test_two_runners_at_once_take_each_snapshot_once(cloud: Drkit, sandbox: Running) -> None:
    playbook = cloud.write("three.yaml", PLAYBOOK)

    both = [cloud.start("run", "--yes", playbook) for _ in range(2)]
    statuses = sorted(process.wait(timeout=120) for process in both)
    for process in both:
        process.communicate()

    assert statuses in ([0, 6], [0, 0])
    assert len(snapshots_named(sandbox, "drkit-three-")) == DISKS
    assert_accounted_for(cloud, sandbox)


@pytest.mark.parametrize("kilobytes", [1, 4, 8, 20, 33, 40] if not WHOLE else range(1, 80))
def test_a_disk_that_fills_up_loses_nothing(cloud: Drkit, sandbox: Running, kilobytes: int) -> None:
    sandbox.create_in(0)
    playbook = cloud.write("three.yaml", PLAYBOOK)

    full = cloud("run", "--yes", playbook, prefix=("prlimit", f"--fsize={kilobytes * 1024}"))

    assert full.status in (0, 1, 2)
    if full.status:
        assert full.err
        assert "PASS" not in full.out
        cloud("recover", "--yes")
        assert cloud("run", "--yes", playbook).status == 0
    assert_accounted_for(cloud, sandbox)
    assert len(snapshots_named(sandbox, "drkit-three-")) == DISKS


def test_a_run_whose_playbook_is_gone_is_said_to_be_unknown_and_left_alone(
    cloud: Drkit, sandbox: Running
) -> None:
    killed(cloud, "journal", "after", 5)
    for kept in (state_of(cloud) / "playbooks").iterdir():
        kept.write_text("playbook: another\n")

    recovered = cloud("recover", "--yes")

    assert recovered.status == 1
    assert "its playbook is gone or was changed" in recovered.err


def test_evidence_that_is_shorter_than_the_journal_remembers_stops_everything(cloud: Drkit) -> None:
    playbook = cloud.write("three.yaml", PLAYBOOK)
    cloud("run", "--yes", playbook)
    shutil.rmtree(state_of(cloud) / "evidence")

    ran = cloud("run", "--yes", playbook)

    assert ran.status == 1
    assert "has 0 signed entries, and the journal remembers" in ran.err


def test_nothing_is_taken_up_without_consent(cloud: Drkit, sandbox: Running) -> None:
    killed(cloud, "journal", "after", 5)
    before = len(snapshots_named(sandbox, "drkit-three-"))

    ran = cloud("recover")

    assert (ran.status, "no terminal to ask at" in ran.err) == (2, True)
    assert len(snapshots_named(sandbox, "drkit-three-")) == before


def test_an_action_that_failed_and_was_tried_again_when_the_process_died_is_accounted_for(
    cloud: Drkit, sandbox: Running
) -> None:
    sandbox.create_in(0)
    sandbox.fault("error", action="CreateSnapshot", code="ResourceUnavailable.X")
    # Dies when the step is about to conclude; the first of the actions has failed by then.
    killed(cloud, "journal", "before", WRITES["journal"] - 3)
    # The next process tries that one again, and dies right after the cloud has begun it.
    assert cloud.killed("evidence", "before", 5, "recover", "--yes").status == -signal.SIGKILL

    recovered = cloud("recover", "--yes")

    assert recovered.status == 0, recovered.out + recovered.err
    assert_accounted_for(cloud, sandbox)
    assert len(snapshots_named(sandbox, "drkit-three-")) == DISKS


def test_a_suspended_run_whose_snapshots_vanished_ends(cloud: Drkit, sandbox: Running) -> None:
    sandbox.create_in(600)
    cloud("run", "--yes", "--wait", "0s", cloud.write("three.yaml", PLAYBOOK))
    for snapshot in snapshots_named(sandbox, "drkit-three-"):
        sandbox.control("DELETE", f"snapshots/{snapshot['SnapshotId']}")

    statuses = [cloud("recover", "--yes", "--wait", "0s").status for _ in range(7)]

    assert statuses[0] == 1
    assert statuses[-1] in (0, 3)
    assert "ended" in {run["state"] for run in cloud("history", "--format", "json").json["runs"]}


def test_a_run_of_an_account_that_the_estate_no_longer_has_is_said_to_be_lost_and_holds_up_nothing(
    cloud: Drkit, sandbox: Running
) -> None:
    sandbox.create_in(600)
    playbook = cloud.write("three.yaml", PLAYBOOK)
    cloud("run", "--yes", "--wait", "0s", playbook)
    estate = Path(cloud.environment["DRKIT_ESTATE"]).read_text().replace("production:", "prod:")
    renamed = cloud.write("estate.yaml", estate)

    lost = cloud("recover", "--yes", "--estate", renamed, "--format", "json")

    assert (lost.status, lost.json["statuses"]) == (1, [1])
    assert (
        lost.json["runs"][0]["reason"]
        == "cannot be taken up: the estate has no account 'production' any more"
    )


def test_a_strangers_snapshot_of_the_right_name_is_not_taken_for_our_own(
    cloud: Drkit, sandbox: Running
) -> None:
    sandbox.create_in(0)
    killed(cloud, "evidence", "after", 4)  # one intention is written down, and nothing was begun
    entries = [entry for _, entry in read(state_of(cloud) / "evidence")]
    (intended,) = [entry["action"] for entry in entries if entry["kind"] == "action.intended"]
    soon = (datetime.now(UTC) + timedelta(hours=26)).isoformat(timespec="seconds")
    name = intended["arguments"]["name"]
    ask(
        sandbox,
        "CreateSnapshot",
        intended["region"],
        DiskId=intended["target"],
        SnapshotName=name,
        Deadline=soon,
    )

    assert cloud("recover", "--yes").status == 0

    ours = [each for each in snapshots_named(sandbox, "drkit-three-") if each["DiskId"] == intended["target"]]
    assert len(ours) == 2


def test_a_snapshot_that_another_run_of_the_slot_made_is_not_claimed_by_one_that_was_broken_off(
    cloud: Drkit, sandbox: Running
) -> None:
    sandbox.create_in(0)
    killed(cloud, "evidence", "after", 4)  # one intention is written down, and nothing was begun
    other = cloud("run", "--yes", cloud.directory / "three.yaml", "--format", "json")

    recovered = cloud("recover", "--yes", "--format", "json")

    assert (other.status, len(other.json["runs"][0]["created"])) == (0, DISKS)
    (run,) = recovered.json["runs"]
    assert (recovered.status, run["verdict"], run["created"]) == (0, "pass", []), recovered.out
    assert_accounted_for(cloud, sandbox)
    assert len(snapshots_named(sandbox, "drkit-three-")) == DISKS


def test_evidence_that_was_cut_off_is_not_recovered_from(cloud: Drkit) -> None:
    cloud("run", "--yes", cloud.write("three.yaml", PLAYBOOK))
    evidence = state_of(cloud) / "evidence"
    history = sorted((evidence / "checkpoints").iterdir())
    lines = (evidence / "log.jsonl").read_bytes().splitlines(keepends=True)
    (evidence / "log.jsonl").write_bytes(b"".join(lines[: int(history[0].name)]))
    shutil.copy(history[0], evidence / "checkpoint")
    for later in history[1:]:
        later.unlink()
    (evidence / "tree").unlink(missing_ok=True)

    for words in (("recover", "--yes"), ("evidence", "checkpoint")):
        ran = cloud(*words)
        assert (ran.status, "and the journal remembers" in ran.err) == (1, True), words


def test_rows_that_were_told_before_the_process_died_stand_once_in_the_report(
    cloud: Drkit, sandbox: Running
) -> None:
    sandbox.create_in(0)
    killed(cloud, "evidence", "after", WRITES["evidence"] - 2)

    recovered = cloud("recover", "--yes", "--format", "json")

    (step,) = recovered.json["runs"][0]["steps"]
    assert len(step["rows"]) == step["summary"]["disks"] == DISKS


def test_what_is_suspended_says_so_in_its_statuses(cloud: Drkit, sandbox: Running) -> None:
    sandbox.create_in(600)

    ran = cloud("run", "--yes", "--wait", "0s", cloud.write("three.yaml", PLAYBOOK), "--format", "json")

    assert (ran.status, ran.json["statuses"], ran.json["verdict"]) == (1, [1], "unknown")


def test_an_intention_whose_region_cannot_be_read_any_more_is_told_of_as_uncertain(
    cloud: Drkit, sandbox: Running
) -> None:
    killed(cloud, "evidence", "after", 4)  # one intention is written down, and nothing was begun
    sandbox.fault("garbage", action="DescribeDisks", times=None)

    assert cloud("recover", "--yes").status == 1

    assert_accounted_for(cloud, sandbox)
