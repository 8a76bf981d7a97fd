"""Answers with absent, extra and strange fields go through our parsers; so do states that ministack never shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from clouds.aws.conftest import REGION
from clouds.aws.relay import Relay

from drkit.clouds.aws.cloud import AwsCloud
from drkit.clouds.aws.disks import parse_disk, parse_snapshot
from drkit.clouds.aws.machines import parse_host
from drkit.clouds.aws.times import read_tag, read_time
from drkit.ports.disks import SnapshotState
from drkit.ports.errors import RefusedError
from drkit.ports.machines import Volume

SNAPSHOT = (
    b"<DescribeSnapshotsResponse><snapshotSet><item><snapshotId>snap-1</snapshotId><volumeId>vol-1</volumeId>"
    b"<status>%s</status><startTime>2026-11-22T01:30:00.123Z</startTime><tagSet><item><key>Name</key>"
    b"<value>drkit-x</value></item><item><key>drkit:delete-after</key><value>2026-11-29T01:30:00Z</value></item>"
    b"</tagSet><unheardOf>1</unheardOf></item></snapshotSet></DescribeSnapshotsResponse>"
)


@pytest.mark.parametrize("parse", [parse_disk, parse_snapshot, parse_host])
@pytest.mark.parametrize("value", [None, [], {}, 5, "x", True, [None], [{}]])
def test_absent_and_ill_typed_fields_read_as_absent_and_never_raise(parse: Any, value: Any) -> None:
    fields = ("VolumeId", "State", "Placement", "Tags", "CreateTime", "StartTime", "Attachments", "Size")
    for field in (
        *fields,
        "BlockDeviceMappings",
        "InstanceId",
        "SnapshotId",
        "StorageTier",
        "RootDeviceType",
    ):
        parse({field: value, "Unheard": value})


def test_what_was_not_asked_for_is_not_taken_for_what_was(cloud: AwsCloud, relay: Relay) -> None:
    """Whoever judges a thing by its id, such as the broker, must not judge another one."""
    items = b"".join(b"<item><volumeId>vol-%d</volumeId></item>" % each for each in (1, 2))
    answer = b"<DescribeVolumesResponse><volumeSet>%s</volumeSet></DescribeVolumesResponse>" % items
    relay.answers["DescribeVolumes"] = 200, "text/xml", answer
    relay.answers["DescribeSnapshots"] = 200, "text/xml", SNAPSHOT % b"completed"

    assert [each.id for each in cloud.disks.get_disks(REGION, ["vol-2"])] == ["vol-2"]
    assert cloud.disks.get_snapshots(REGION, ["snap-2"]) == ()


@pytest.mark.parametrize(
    ("word", "state"),
    [
        (b"pending", SnapshotState.CREATING),
        (b"completed", SnapshotState.GOOD),
        (b"error", SnapshotState.OTHER),
        (b"recoverable", SnapshotState.OTHER),
        (b"shiny", SnapshotState.OTHER),
    ],
)
def test_a_snapshot_is_read_from_the_wire_with_its_deadline(
    cloud: AwsCloud, relay: Relay, word: bytes, state: SnapshotState
) -> None:
    relay.answers["DescribeSnapshots"] = 200, "text/xml", SNAPSHOT % word

    (snapshot,) = cloud.disks.list_snapshots(REGION)

    assert (snapshot.state, snapshot.name, snapshot.disk, snapshot.permanent) == (
        state,
        "drkit-x",
        "vol-1",
        False,
    )
    assert snapshot.created is not None
    assert (
        snapshot.created.earliest == snapshot.created.latest == datetime(2026, 11, 22, 1, 30, 0, 123000, UTC)
    )
    assert snapshot.deadline is not None
    assert snapshot.deadline.latest == datetime(2026, 11, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("word", [b"pending", b"error"])
def test_a_snapshot_that_is_not_completed_is_not_deleted(cloud: AwsCloud, relay: Relay, word: bytes) -> None:
    """EC2 would accept that."""
    relay.answers["DescribeSnapshots"] = 200, "text/xml", SNAPSHOT % word
    with pytest.raises(RefusedError, match="snap-1 is"):
        cloud.disks.delete_snapshot(REGION, "snap-1")
    assert "DeleteSnapshot" not in relay.actions()


def test_a_snapshot_in_the_archive_is_not_good() -> None:
    assert parse_snapshot({"State": "completed", "StorageTier": "archive"}).state is SnapshotState.OTHER


def test_a_snapshot_without_the_tag_of_a_deadline_is_permanent_and_one_with_a_broken_tag_is_neither() -> None:
    bare = parse_snapshot({"SnapshotId": "snap-1"})
    broken = parse_snapshot({"Tags": [{"Key": "drkit:delete-after", "Value": "soon"}]})
    naive = parse_snapshot({"Tags": [{"Key": "drkit:delete-after", "Value": "2026-11-29T01:30:00"}]})

    assert (bare.permanent, bare.deadline) == (True, None)
    assert [(each.permanent, each.deadline) for each in (broken, naive)] == [(False, None)] * 2


def test_a_copy_is_of_no_disk_and_found_by_its_name(cloud: AwsCloud, relay: Relay) -> None:
    copy = (SNAPSHOT % b"completed").replace(b"vol-1", b"vol-ffffffff")
    relay.answers["DescribeSnapshots"] = 200, "text/xml", copy
    (found,) = cloud.disks.find_copies(REGION, "drkit-x")
    assert (found.disk, found.copied) == ("", True)
    assert cloud.disks.find_copies(REGION, "drkit") == ()
    relay.answers["DescribeSnapshots"] = 200, "text/xml", SNAPSHOT % b"completed"
    assert cloud.disks.find_copies(REGION, "drkit-x") == ()


def test_what_data_lifecycle_manager_made_names_its_policy() -> None:
    tags = [{"Key": "aws:dlm:lifecycle-policy-id", "Value": "policy-0123456789abcdef0"}]
    assert parse_snapshot({"Tags": tags}).policy == "policy-0123456789abcdef0"


def test_whether_a_host_starts_from_an_attached_disk_is_not_known() -> None:
    attached = parse_disk({"State": "in-use", "Attachments": [{"InstanceId": "i-2"}, {"InstanceId": "i-1"}]})
    assert (attached.system, attached.host, attached.made) == (None, "i-1", True)
    assert parse_disk({"State": "creating"}).busy


def test_volumes_that_are_not_said_are_still_volumes_and_an_instance_store_is_local() -> None:
    host = parse_host(
        {
            "RootDeviceType": "instance-store",
            "BlockDeviceMappings": [{"Ebs": {"VolumeId": "vol-1"}}, {"DeviceName": "/dev/sdb"}],
        }
    )
    assert host.volumes == (Volume("vol-1", local=False), Volume("", local=False), Volume("", local=True))


def test_a_host_that_was_terminated_is_none(cloud: AwsCloud, root: Any) -> None:
    first, *others = [host.id for host in cloud.machines.list_hosts(REGION)]
    root("ec2").terminate_instances(InstanceIds=[first])
    assert [host.id for host in cloud.machines.list_hosts(REGION)] == others


def test_a_time_without_an_entry_in_the_table_is_not_read_and_a_naive_one_is_none() -> None:
    moment = datetime(2026, 11, 22, tzinfo=timezone(timedelta(hours=8)))
    with pytest.raises(KeyError):
        read_time("ec2", "Snapshot", "SomeOtherTime", {"SomeOtherTime": moment})
    with pytest.raises(KeyError):
        read_tag({}, "some-other")
    assert read_time("ec2", "Snapshot", "StartTime", {"StartTime": moment.replace(tzinfo=None)}) is None
    assert read_time("ec2", "Snapshot", "StartTime", {"StartTime": "2026-11-22"}) is None
