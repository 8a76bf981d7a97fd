"""Snapshots of EBS are proven: a volume of real content is made of one, read on a real host, and gone again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import Drkit
from holding import ssh_host
from proving import CONTENT, assert_all_is_accounted_for, make_image, needs_hosts, row_of, where
from proving_aws import ProvingAws

from drkit.sandbox.testing import Running

pytestmark = needs_hosts
# `make soak` widens the matrix to every write.
WHOLE = os.environ.get("DRKIT_SOAK") == "1"
ATTACHED = 11  # the write of the journal before which the volume hangs on its drill host
JOURNAL = range(2, 19) if WHOLE else (11,)  # after the 19th the run has ended


@pytest.fixture
def proving(cloud: Drkit, sandbox: Running, tmp_path: Path) -> Iterator[ProvingAws]:
    directory = tmp_path / "host"
    directory.mkdir()
    with ssh_host(directory) as host:
        yield ProvingAws(cloud, sandbox, host, directory)


def test_good_snapshots_of_a_volume_and_of_a_root_volume_are_proven_and_nothing_is_left_of_them(
    proving: ProvingAws,
) -> None:
    image = proving.fill()
    snapshots = {proving.volume: proving.snapshot, proving.root: proving.hold(proving.root, image)}

    ran = proving.run(tags={}, disks=[proving.volume, proving.root])

    assert (ran.status, ran.json["verdict"]) == (0, "pass"), ran.out + ran.err
    rows = {row["disk"]: row for row in ran.json["runs"][0]["steps"][0]["rows"]}
    assert {id_: row["snapshot"] for id_, row in rows.items()} == snapshots
    assert {(row["status"], row["files"], row["scratch"]) for row in rows.values()} == {
        ("proven", 2, "removed")
    }
    assert_all_is_accounted_for(proving)


def test_a_snapshot_whose_file_has_another_byte_fails_by_that_name(proving: ProvingAws) -> None:
    image = make_image(proving.directory)
    at = where(image, CONTENT) + 100
    with image.open("r+b") as file:
        file.seek(at)
        file.write(bytes([CONTENT[100] ^ 0xFF]))
    proving.fill(image)

    ran = proving.run()

    (finding,) = ran.json["findings"]
    assert (ran.status, finding["id"]) == (3, "snapshots.prove/content-differs"), ran.out + ran.err
    assert (finding["subject"], "ledger" in finding["why"]) == (proving.volume, True)
    assert_all_is_accounted_for(proving)


def test_a_volume_that_hangs_on_its_drill_host_is_torn_down_by_undo_and_from_no_other_host(
    proving: ProvingAws,
) -> None:
    proving.fill()
    with proving.broker():
        proving.cloud.killed("journal", "before", ATTACHED, "run", "--yes", proving.playbook())
        (left,) = proving.scratch()
        assert [(each["InstanceId"], each["State"]) for each in left["Attachments"]] == [
            (proving.drill, "attached")
        ]
        move(proving, left["VolumeId"], proving.other)
        (run,) = proving.cloud("history", "--format", "json").json["runs"]
        elsewhere = proving.cloud("undo", run["id"], "--yes")
        assert elsewhere.status == 7, elsewhere.out + elsewhere.err
        assert f"it is attached to {proving.other}" in elsewhere.out
        move(proving, left["VolumeId"], proving.drill)
        undone = proving.cloud("undo", run["id"], "--yes")

    assert undone.status == 0, undone.out + undone.err
    assert proving.scratch() == []
    assert list(proving.devices.iterdir()) == []


def move(proving: ProvingAws, volume: str, host: str) -> None:
    """Somebody else hangs a volume on another host."""
    proving.ec2.detach_volume(VolumeId=volume)
    proving.ec2.get_waiter("volume_available").wait(VolumeIds=[volume], WaiterConfig={"Delay": 0})
    proving.ec2.attach_volume(VolumeId=volume, InstanceId=host, Device="/dev/sdf")
    proving.ec2.describe_volumes()


@pytest.mark.parametrize("point", JOURNAL)
def test_killed_at_a_write_of_the_journal_and_recovered(proving: ProvingAws, point: int) -> None:
    """Nothing is left behind, nothing unaccounted for, and the snapshot is proven."""
    proving.fill()
    with proving.broker():
        killed = proving.cloud.killed("journal", "after", point, "run", "--yes", proving.playbook())
        assert killed.status == -signal.SIGKILL
        recovered = proving.cloud("recover", "--yes", "--format", "json")

    assert recovered.status == 0, recovered.out + recovered.err
    assert row_of(recovered)["status"] in {"proven", "already proven"}
    assert_all_is_accounted_for(proving)


def test_a_host_that_has_no_free_name_leaves_the_disk_unread_by_that_name(proving: ProvingAws) -> None:
    proving.fill()
    for letter in "fghijklmnop":
        spare = proving.ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
        proving.ec2.attach_volume(VolumeId=spare, InstanceId=proving.drill, Device=f"/dev/sd{letter}")

    ran = proving.run()

    (finding,) = ran.json["findings"]
    assert (ran.status, finding["id"]) == (3, "snapshots.prove/not-attached")
    assert "no name of a device is free" in finding["why"]
    assert_all_is_accounted_for(proving)
