"""Facts in, rows out: what can be said of each volume, told as data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drkit.clouds.tencent.disks import parse_snapshot
from drkit.core.times import Reading
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.ports.machines import Host, Volume
from drkit.snapshots.coverage import Promised, Row, cover
from drkit.snapshots.judging import Status

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = Promised(timedelta(hours=25))


def disk(**changes: Any) -> Disk:
    usual = {"id": "disk-1", "name": "data", "zone": "z", "state": "ATTACHED", "busy": False}
    return Disk(**{**usual, "can_snapshot": True, "host": "", "tags": {}, **changes})


def snapshot(
    hours_old: float | None, state: SnapshotState = SnapshotState.GOOD, id_: str = "snap-1"
) -> Snapshot:
    created = None if hours_old is None else NOW - timedelta(hours=hours_old)
    return Snapshot(id_, "", "disk-1", state, Reading(created, created) if created else None)


def judge(*snapshots: Snapshot, of: Disk | None = None) -> Row:
    """What is said of one disk with these snapshots."""
    region = RegionFacts(Scope("production", "ap-beijing"), (), (of or disk(),), snapshots)
    (row,) = cover(Facts(NOW, (region,)), DAY)
    return row


@pytest.mark.parametrize(
    ("snapshots", "status"),
    [
        ([], Status.NONE),
        ([snapshot(1)], Status.COVERED),
        ([snapshot(25)], Status.COVERED),
        ([snapshot(25.01)], Status.STALE),
        ([snapshot(100), snapshot(2)], Status.COVERED),
        ([snapshot(1, SnapshotState.CREATING)], Status.NONE),
        ([snapshot(1, SnapshotState.OTHER)], Status.NONE),
        ([snapshot(1, SnapshotState.CREATING), snapshot(72)], Status.STALE),
        ([snapshot(None)], Status.UNKNOWN),
        ([snapshot(None), snapshot(2)], Status.COVERED),
        ([snapshot(None), snapshot(72)], Status.UNKNOWN),
        ([snapshot(-5)], Status.UNKNOWN),
        ([snapshot(-0.1)], Status.COVERED),
    ],
)
def test_a_disk_is_judged_by_its_newest_good_snapshot(snapshots: list[Snapshot], status: Status) -> None:
    assert judge(*snapshots).status is status


@pytest.mark.parametrize(
    ("hours", "status"),
    [
        (23, Status.COVERED),
        (25, Status.COVERED),
        (31, Status.UNKNOWN),
        (33, Status.UNKNOWN),
        (34, Status.STALE),
    ],
)
def test_a_time_without_a_zone_counts_as_fresh_only_if_it_is_so_in_either_zone(
    hours: int, status: Status
) -> None:
    china = NOW - timedelta(hours=hours) + timedelta(hours=8)
    item = {
        "SnapshotId": "snap-1",
        "DiskId": "disk-1",
        "SnapshotState": "NORMAL",
        "CreateTime": f"{china:%F %T}",
    }

    row = judge(parse_snapshot(item))

    assert row.status is status
    if status is Status.UNKNOWN:
        told = f"{hours - 8}.0 h or {hours}.0 h old: its time has no zone"
        assert row.why == f"the newest good snapshot is {told}"


def test_a_disk_that_the_cloud_cannot_snapshot_is_impossible_and_not_left_out() -> None:
    assert judge(of=disk(can_snapshot=False)).status is Status.IMPOSSIBLE


def host(*volumes: Volume) -> Host:
    return Host("ins-1", "web", "z", "RUNNING", volumes, {})


def region_with(*hosts: Host, disks: Any = (), snapshots: Any = ()) -> Facts:
    return Facts(NOW, (RegionFacts(Scope("production", "ap-beijing"), hosts, disks, snapshots),))


def test_a_hosts_local_disk_is_impossible() -> None:
    (row,) = cover(region_with(host(Volume("ldisk-1", local=True))), DAY)

    assert (row.host, row.status) == ("ins-1", Status.IMPOSSIBLE)


def test_a_volume_that_the_list_of_disks_lacks_is_unknown() -> None:
    (row,) = cover(region_with(host(Volume("disk-9", local=False))), DAY)

    assert (row.disk, row.status) == ("disk-9", Status.UNKNOWN)


def test_a_host_without_volumes_is_unknown() -> None:
    (row,) = cover(region_with(host()), DAY)

    assert (row.host, row.status) == ("ins-1", Status.UNKNOWN)


def test_a_disk_attached_to_a_host_is_one_row_and_an_unattached_one_another() -> None:
    facts = region_with(
        host(Volume("disk-1", local=False)), disks=(disk(), disk(id="disk-2")), snapshots=(snapshot(1),)
    )

    rows = cover(facts, DAY)

    assert [(row.host, row.disk, row.status) for row in rows] == [
        ("ins-1", "disk-1", Status.COVERED),
        ("", "disk-2", Status.NONE),
    ]


@pytest.mark.parametrize("unread", ["hosts", "disks", "snapshots"])
def test_a_region_of_which_anything_was_not_read_is_one_unknown_row(unread: str) -> None:
    read: dict[str, Any] = {"hosts": (host(),), "disks": (disk(),), "snapshots": (snapshot(1),)}
    read[unread] = Unread("denied")
    region = RegionFacts(Scope("production", "ap-beijing"), **read)

    (row,) = cover(Facts(NOW, (region,)), DAY)

    assert (row.status, row.why) == (Status.UNKNOWN, "not read: denied")
