"""Snapshots are proven: a disk of real content is made of one, read on a real host, and gone again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import Drkit
from holding import ssh_host
from proving import CONTENT, Proving, assert_all_is_accounted_for, make_image, needs_hosts, row_of, where
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from drkit.sandbox.testing import Running

pytestmark = needs_hosts
# `make soak` widens the matrix to every write.
WHOLE = os.environ.get("DRKIT_SOAK") == "1"
ATTACHED = 12  # the write of the journal before which the disk hangs on its drill host
JOURNAL = [(n, "after") for n in range(2, 20)] if WHOLE else [(n, "after") for n in (11,)]
EVIDENCE = range(4, 20) if WHOLE else (11,)


@pytest.fixture
def proving(cloud: Drkit, sandbox: Running, tmp_path: Path) -> Iterator[Proving]:
    directory = tmp_path / "host"
    directory.mkdir()
    with ssh_host(directory) as host:
        yield Proving(cloud, sandbox, host, directory)


def test_a_good_snapshot_is_proven_and_nothing_is_left_of_it(proving: Proving) -> None:
    proving.fill()

    ran = proving.run()

    assert (ran.status, ran.json["verdict"]) == (0, "pass"), ran.out + ran.err
    row = row_of(ran)
    assert (row["status"], row["files"], row["scratch"]) == ("proven", 2, "removed")
    assert (row["snapshot"], row["weeks"]) == (proving.snapshot, 1)
    assert proving.scratch() == []
    assert list(proving.devices.iterdir()) == []


def test_a_snapshot_whose_file_has_another_byte_fails_by_that_name(proving: Proving) -> None:
    image = proving.fill()
    proving.sandbox.fault("flipped_byte", action="CreateDisks", offset=where(image, CONTENT) + 100)

    ran = proving.run()

    (finding,) = ran.json["findings"]
    assert (ran.status, finding["id"]) == (3, "snapshots.prove/content-differs")
    assert (finding["subject"], "ledger" in finding["why"]) == (proving.disk["DiskId"], True)
    assert proving.snapshot in finding["why"]
    assert row_of(ran)["scratch"] == "removed"
    assert proving.scratch() == []


def test_a_snapshot_without_a_manifest_is_unknown_and_says_what_was_looked_at(proving: Proving) -> None:
    proving.fill(make_image(proving.directory, manifest=False))

    ran = proving.run()

    row = row_of(ran)
    assert (ran.status, ran.json["verdict"], row["status"]) == (1, "unknown", "unknown"), ran.out
    assert "its file system is sound, and there is no .drkit-manifest" in row["why"]
    assert proving.scratch() == []


def test_a_drill_host_that_is_down_is_unknown_and_the_disk_goes_all_the_same(proving: Proving) -> None:
    proving.fill()

    ran = proving.run(drill={"port": 9})

    assert (ran.status, ran.json["verdict"], ran.json["findings"]) == (1, "unknown", []), ran.out
    assert "was not reached" in row_of(ran)["why"]
    assert proving.scratch() == []


@pytest.mark.skipif(
    not WHOLE, reason="`make soak`; what is planned and concluded is tests/snapshots/test_prove.py"
)
def test_a_disk_that_the_cloud_does_not_attach_fails_by_that_name_and_is_removed(proving: Proving) -> None:
    proving.fill()
    proving.sandbox.fault("error", action="AttachDisks", code="LimitExceeded.InstanceAttachedDisk")

    ran = proving.run()

    (finding,) = ran.json["findings"]
    assert (ran.status, finding["id"]) == (3, "snapshots.prove/not-attached")
    assert "LimitExceeded" in finding["why"]
    assert proving.scratch() == []


def test_a_second_run_of_the_slot_proves_nothing_again_and_says_when_it_was_proven(proving: Proving) -> None:
    proving.fill()
    with proving.broker():
        first, second = (
            proving.cloud("run", "--yes", proving.playbook(), "--format", "json") for _ in range(2)
        )

    assert (first.status, second.status) == (0, 0), second.out
    row = row_of(second)
    assert (row["status"], row["weeks"]) == ("already proven", 1)
    assert second.json["runs"][0]["created"] == []
    told = [each for each in proving.scene.entries() if each.get("told")]
    assert len(told) == 1
    assert (told[0]["told"]["manifest"], told[0]["told"]["files"]) == (row_of(first)["manifest"], 2)


def test_an_estate_that_declares_no_drill_host_is_unknown_before_anything_is_made(proving: Proving) -> None:
    proving.fill()
    proving.scene.estate()

    ran = proving.cloud("run", "--yes", proving.playbook(), "--format", "json")

    assert (ran.status, ran.json["verdict"], ran.json["runs"][0]["created"]) == (1, "unknown", [])
    assert f"does not name {proving.drill}" in row_of(ran)["why"]


def test_the_operators_own_credential_can_neither_attach_nor_detach(proving: Proving) -> None:
    for action in ("AttachDisks", "DetachDisks"):
        with pytest.raises(TencentCloudSDKException, match="UnauthorizedOperation"):
            proving.as_maker(action, DiskIds=[proving.disk["DiskId"]], InstanceId=proving.drill)


def test_a_disk_that_hangs_on_its_drill_host_is_swept_after_its_time_and_no_other_is_detached(
    proving: Proving,
) -> None:
    proving.fill()
    with proving.broker():
        proving.cloud.killed("journal", "before", ATTACHED, "run", "--yes", proving.playbook())
        (left,) = proving.scratch()
        assert left["InstanceId"] == proving.drill
        early = proving.cloud("sweep", "--remove", "--yes")
        undone = proving.cloud("undo", proving.runs()[-1], "--yes")

    assert (early.status, "it may stay until" in early.out) == (7, True), early.out
    assert undone.status == 0, undone.out + undone.err
    assert proving.scratch() == []
    assert list(proving.devices.iterdir()) == []


@pytest.mark.parametrize(("point", "when"), JOURNAL)
def test_killed_at_a_write_of_the_journal_and_recovered(proving: Proving, when: str, point: int) -> None:
    """Nothing is left behind, nothing unaccounted for, and the snapshot is proven."""
    proving.fill()
    with proving.broker():
        killed = proving.cloud.killed("journal", when, point, "run", "--yes", proving.playbook())
        assert killed.status == -signal.SIGKILL
        recovered = proving.cloud("recover", "--yes", "--format", "json")

    assert recovered.status == 0, recovered.out + recovered.err
    assert row_of(recovered)["status"] in {"proven", "already proven"}
    assert_all_is_accounted_for(proving)


@pytest.mark.parametrize("point", EVIDENCE)
def test_killed_at_a_write_of_the_evidence_and_recovered(proving: Proving, point: int) -> None:
    proving.fill()
    with proving.broker():
        killed = proving.cloud.killed("evidence", "after", point, "run", "--yes", proving.playbook())
        assert killed.status == -signal.SIGKILL
        recovered = proving.cloud("recover", "--yes", "--format", "json")

    assert recovered.status == 0, recovered.out + recovered.err
    assert_all_is_accounted_for(proving)
