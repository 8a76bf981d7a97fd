"""Full copies against the sandbox: made by way of scratch, which goes again whatever happens in between."""

from __future__ import annotations

import os
import re
import signal
from collections import Counter

import pytest
from accounting import state_of
from helpers import Drkit, snapshots_named
from scratching import REGION, Scene
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from drkit.sandbox.testing import Running

# `make soak` widens the matrix: before each write of the journal too, and every write of the evidence.
WHOLE = os.environ.get("DRKIT_SOAK") == "1"
# The run's start, three sizes of the evidence, the step's conclusion and the run's end; of each of the three
# actions the intention, and what came of it at first and at last.
LEAST = 6 + 3 * 3
BEFORE = range(2, LEAST + 1) if WHOLE else (5, 8, 11)
JOURNAL = [*((n, "after") for n in range(2, LEAST + 1)), *((n, "before") for n in BEFORE)]


@pytest.fixture
def scene(cloud: Drkit, sandbox: Running) -> Scene:
    made = Scene(cloud, sandbox)
    made.take()
    return made


def assert_one_copy_and_no_scratch(scene: Scene) -> None:
    """One full copy, no scratch, every run ended, and every intention with an end."""
    (copy,) = snapshots_named(scene.sandbox, "drkit-full-")
    assert copy["SnapshotState"] == "NORMAL"
    assert scene.disks() == []
    runs = [r for r in scene.drkit("history", "--format", "json").json["runs"] if r["playbook"] == "full"]
    assert {run["state"] for run in runs} == {"ended"}
    assert [id_ for run in runs for id_ in run["kept"]] == [copy["SnapshotId"]]
    assert [id_ for run in runs for id_ in run["left"]] == []
    made = Counter(id_ for run in runs for id_ in run["created"])
    assert set(made.values()) <= {1}
    entries = [entry for entry in scene.entries() if entry["run"] in {run["id"] for run in runs}]
    intended = {entry["action"]["key"] for entry in entries if entry["kind"] == "action.intended"}
    settled = {
        entry["key"]
        for entry in entries
        if entry["kind"] == "action.settled" and entry["outcome"] != "pending"
    }
    assert intended == settled


def test_a_full_copy_is_made_and_its_scratch_disk_is_gone_with_the_run(scene: Scene) -> None:
    with scene.broker():
        ran = scene.drkit("run", "--yes", scene.full(), "--format", "json")

    assert (ran.status, ran.json["verdict"]) == (0, "pass"), ran.err
    (row,) = ran.json["runs"][0]["steps"][0]["rows"]
    assert (row["status"], row["scratch"]) == ("copied", "removed")
    assert_one_copy_and_no_scratch(scene)
    (copy,) = snapshots_named(scene.sandbox, "drkit-full-")
    tags = {tag["Key"]: tag["Value"] for tag in copy["Tags"]}
    assert (tags["drkit:source"], tags["drkit:run"]) == (row["disk"], ran.json["runs"][0]["id"])
    # It hangs on no other: it is the first of the chain of a disk that is gone.
    assert copy["DiskId"] != row["disk"]
    assert scene.drkit("evidence", "verify").status in (0, 1)


def test_the_second_run_of_a_slot_makes_nothing(scene: Scene) -> None:
    with scene.broker():
        scene.drkit("run", "--yes", scene.full())
        again = scene.drkit("run", "--yes", scene.full(), "--format", "json")

    assert (again.status, again.json["runs"][0]["created"]) == (0, [])
    assert_one_copy_and_no_scratch(scene)


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "hang"])
def test_silence_at_the_making_of_the_scratch_disk_makes_no_second_one(scene: Scene, kind: str) -> None:
    scene.drkit.environment["DRKIT_TIMEOUT"] = "2"
    scene.sandbox.fault(kind, action="CreateDisks")
    with scene.broker():
        ran = scene.drkit("run", "--yes", scene.full(), "--format", "json")

    assert (ran.status, len(ran.json["runs"][0]["created"])) == (0, 2), ran.err
    assert_one_copy_and_no_scratch(scene)


def test_where_the_cloud_makes_no_scratch_disk_nothing_else_is_attempted(scene: Scene) -> None:
    scene.sandbox.fault("error", action="CreateDisks", code="ResourceInsufficient")
    with scene.broker():
        ran = scene.drkit("run", "--yes", scene.full(), "--format", "json")

    assert (ran.status, ran.json["verdict"]) == (3, "fail")
    assert "ResourceInsufficient" in ran.json["findings"][0]["why"]
    assert snapshots_named(scene.sandbox, "drkit-full-") == []
    settled = [
        e for e in scene.entries() if e["kind"] == "action.settled" and e.get("code") == "NotAttempted"
    ]
    assert len(settled) == 2
    assert all("ResourceInsufficient" in entry["reason"] for entry in settled)


def test_where_no_copy_could_be_made_the_scratch_disk_goes_all_the_same(scene: Scene) -> None:
    scene.sandbox.fault("error", action="CreateSnapshot", code="ResourceUnavailable.X")
    with scene.broker():
        ran = scene.drkit("run", "--yes", scene.full())

    assert (ran.status, scene.disks()) == (3, [])


def test_what_was_resolved_is_in_the_evidence_before_it_is_acted_upon(scene: Scene) -> None:
    with scene.broker():
        scene.drkit("run", "--yes", scene.full())

    told = [
        (entry["kind"], entry.get("action", entry).get("target"))
        for entry in scene.entries()
        if entry.get("step") == "snapshots.full" and entry["kind"].startswith("action.")
    ]
    (scratch,) = {e["created"] for e in scene.entries() if e.get("created", "").startswith("disk-")}
    assert [target for kind, target in told if kind == "action.intended"][1:] == [scratch, scratch]


def writes(scene: Scene) -> int:
    """How often a run that is not killed writes its journal."""
    with scene.broker():
        ran = scene.drkit.killed("journal", "never", 0, "run", "--yes", scene.full())
    assert ran.status == 0, ran.err
    return int(re.findall(r"writes: (\d+)", ran.err)[0])


def test_a_run_that_is_not_killed_writes_as_often_as_the_matrix_says(scene: Scene) -> None:
    assert writes(scene) == LEAST


def test_another_run_of_the_slot_goes_on_with_the_scratch_of_one_that_was_broken_off(scene: Scene) -> None:
    """It makes the copy; the scratch is the other run's, and goes when that is recovered."""
    with scene.broker():
        assert scene.drkit.killed("journal", "after", 7, "run", "--yes", scene.full()).status < 0
        (scratch,) = [disk["DiskId"] for disk in scene.disks()]
        other = scene.drkit("run", "--yes", scene.full(), "--format", "json")
        recovered = scene.drkit("recover", "--yes")

    (run,) = other.json["runs"]
    assert (other.status, run["verdict"], len(run["created"])) == (7, "pass", 1)
    assert scratch in other.err
    assert "another run" in run["steps"][0]["rows"][0]["scratch"]
    assert recovered.status == 0, recovered.out + recovered.err
    assert_one_copy_and_no_scratch(scene)


@pytest.mark.parametrize(("point", "when"), JOURNAL)
def test_killed_at_a_write_of_the_journal_and_recovered(scene: Scene, when: str, point: int) -> None:
    """Nothing is made twice, nothing left behind, nothing unaccounted for."""
    scene.sandbox.create_in(0)
    with scene.broker():
        killed = scene.drkit.killed("journal", when, point, "run", "--yes", scene.full())
        assert killed.status == -signal.SIGKILL
        recovered = scene.drkit("recover", "--yes")

    assert recovered.status == 0, recovered.out + recovered.err
    assert_one_copy_and_no_scratch(scene)


@pytest.mark.parametrize("point", range(4, 14) if WHOLE else (5, 8, 11))
def test_killed_at_a_write_of_the_evidence_and_recovered(scene: Scene, point: int) -> None:
    with scene.broker():
        killed = scene.drkit.killed("evidence", "after", point, "run", "--yes", scene.full())
        assert killed.status == -signal.SIGKILL
        recovered = scene.drkit("recover", "--yes")

    assert recovered.status == 0, recovered.out + recovered.err
    assert_one_copy_and_no_scratch(scene)


def test_killed_with_the_journal_lost_and_recovered_from_the_evidence(scene: Scene) -> None:
    with scene.broker():
        scene.drkit.killed("journal", "after", 8, "run", "--yes", scene.full())
        for part in ("", "-wal", "-shm"):
            (state_of(scene.drkit) / f"journal.sqlite3{part}").unlink(missing_ok=True)
        recovered = scene.drkit("recover", "--yes")

    assert recovered.status == 0, recovered.out + recovered.err
    assert_one_copy_and_no_scratch(scene)


def test_the_operators_own_credential_cannot_end_the_scratch_disk(scene: Scene) -> None:
    scene.estate(broker=None)
    scene.drkit("run", "--yes", scene.full())
    (scratch,) = scene.disks()
    pair = scene.sandbox.key("drkit-make")
    http = HttpProfile(protocol="http", endpoint=f"127.0.0.1:{scene.sandbox.port}", reqTimeout=10)
    client = CommonClient(
        "cbs",
        "2017-03-12",
        Credential(pair.secret_id, pair.secret_key),
        REGION,
        ClientProfile(httpProfile=http),
    )

    with pytest.raises(TencentCloudSDKException, match="UnauthorizedOperation"):
        client.call_json("TerminateDisks", {"DiskIds": [scratch["DiskId"]]})

    assert scene.exists(scratch["DiskId"])
