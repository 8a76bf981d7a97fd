from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from drkit.sandbox.testing import InThread
from drkit.sandbox.world.things import Disk, Passing

Calling = Callable[..., Any]


@pytest.fixture
def disk(sandbox: InThread) -> Any:
    """A disk without a snapshot."""
    resources = sandbox.world.accounts["100000000001"].regions["ap-beijing"]
    return next(
        one for one in resources.disks.values() if not resources.snapshots_of(one.id, sandbox.clock.now())
    )


@pytest.fixture
def create(call: Calling, disk: Disk) -> Any:
    def creating(**parameters: Any) -> Any:
        return call("cbs", "CreateSnapshot", {"DiskId": disk.id, **parameters})["SnapshotId"]

    return creating


@pytest.fixture
def show(call: Calling) -> Any:
    def showing(snapshot: str) -> Any:
        return call("cbs", "DescribeSnapshots", {"SnapshotIds": [snapshot]})["SnapshotSet"][0]

    return showing


def passing(state: str, sandbox: InThread) -> Passing:
    now = sandbox.clock.now()
    return Passing(state, now, now + timedelta(seconds=10))


def refused(create: Calling, **parameters: Any) -> Any:
    with pytest.raises(TencentCloudSDKException) as caught:
        create(**parameters)
    return caught.value.code


def test_a_snapshot_is_creating_and_becomes_normal_by_the_clock(
    sandbox: InThread, create: Calling, show: Calling
) -> None:
    snapshot = create(SnapshotName="before the release")
    assert (show(snapshot)["SnapshotState"], show(snapshot)["Percent"]) == ("CREATING", 0)
    sandbox.clock.advance(timedelta(seconds=1))
    assert (show(snapshot)["SnapshotState"], show(snapshot)["Percent"]) == ("CREATING", 50)
    sandbox.clock.advance(timedelta(seconds=1))
    assert (show(snapshot)["SnapshotState"], show(snapshot)["Percent"]) == ("NORMAL", 100)


def test_a_snapshot_shows_what_it_was_made_of(
    sandbox: InThread, create: Calling, show: Calling, disk: Disk, call: Calling
) -> None:
    deadline = (sandbox.clock.now() + timedelta(days=7)).replace(microsecond=0)
    tags = [{"Key": "drkit:run", "Value": "r1"}]
    snapshot = create(SnapshotName="x" * 60, Deadline=deadline.isoformat(), Tags=tags)
    shown = show(snapshot)
    assert shown["SnapshotName"] == "x" * 60
    assert shown["Tags"] == tags
    assert (shown["DiskId"], shown["DiskUsage"], shown["DiskSize"]) == (disk.id, disk.usage, disk.size)
    assert shown["Placement"]["Zone"] == disk.zone
    assert not shown["IsPermanent"]
    # CBS writes UTC+8 and does not say so.
    beijing = timedelta(hours=8)
    assert (
        datetime.strptime(shown["DeadlineTime"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        == deadline + beijing
    )
    created = datetime.strptime(shown["CreateTime"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) - beijing
    assert abs(created - sandbox.clock.now()) < timedelta(seconds=1)
    shown_disk = call("cbs", "DescribeDisks", {"DiskIds": [disk.id]})["DiskSet"][0]
    assert shown_disk["SnapshotCount"] == 1


def test_a_snapshot_without_a_deadline_is_permanent(create: Calling, show: Calling) -> None:
    shown = show(create())
    assert (shown["IsPermanent"], shown["DeadlineTime"], shown["SnapshotName"]) == (True, "", "Unnamed")
    assert "AutoSnapshotPolicyId" not in shown


def test_a_snapshot_is_gone_at_its_deadline(sandbox: InThread, create: Calling, call: Calling) -> None:
    snapshot = create(Deadline=(sandbox.clock.now() + timedelta(days=2)).isoformat())
    sandbox.clock.advance(timedelta(days=2, seconds=-1))
    assert call("cbs", "DescribeSnapshots", {"SnapshotIds": [snapshot]})["TotalCount"] == 1
    sandbox.clock.advance(timedelta(seconds=1))
    assert call("cbs", "DescribeSnapshots", {"SnapshotIds": [snapshot]})["TotalCount"] == 0


def test_a_deadline_has_to_be_a_day_away_and_in_utc(sandbox: InThread, create: Calling) -> None:
    soon = sandbox.clock.now() + timedelta(hours=23, minutes=59)
    later = sandbox.clock.now() + timedelta(days=3)
    for deadline in (
        soon.isoformat(),
        later.replace(tzinfo=None).isoformat(),
        later.astimezone(tz=None).isoformat().replace("+00:00", "+08:00"),
        "tomorrow",
        "",
        "9999-12-31T23:59:59+00:00",
    ):
        assert refused(create, Deadline=deadline) == "InvalidParameterValue"
    assert create(Deadline=later.strftime("%Y-%m-%dT%H:%M:%SZ"))


def test_a_name_of_over_sixty_characters_is_refused(create: Calling) -> None:
    assert refused(create, SnapshotName="x" * 61) == "InvalidParameterValue"


def test_a_disk_that_cannot_have_a_snapshot_says_why(sandbox: InThread, create: Calling, disk: Disk) -> None:
    assert refused(create, DiskId="disk-00000000") == "InvalidDiskId.NotFound"
    assert refused(create, DiskId=None) == "MissingParameter"
    disk.snapshot_ability = False
    assert refused(create) == "InvalidDisk.NotSupportSnapshot"
    disk.snapshot_ability, disk.passing = True, passing("ROLLBACKING", sandbox)
    assert refused(create) == "ResourceInUse.DiskRollbacking"


def test_a_disk_that_is_being_rolled_back_shows_it(sandbox: InThread, call: Calling, disk: Disk) -> None:
    disk.passing = passing("ROLLBACKING", sandbox)
    sandbox.clock.advance(timedelta(seconds=3))
    shown = call("cbs", "DescribeDisks", {"DiskIds": [disk.id]})["DiskSet"][0]
    assert (shown["DiskState"], shown["Rollbacking"], shown["RollbackPercent"]) == ("ROLLBACKING", True, 30)


def test_a_second_snapshot_waits_for_the_first(sandbox: InThread, create: Calling) -> None:
    create()
    assert refused(create) == "InvalidDisk.SnapshotCreating"
    sandbox.clock.advance(timedelta(seconds=2))
    assert create()


def test_a_disk_holds_sixty_four_snapshots(sandbox: InThread, create: Calling) -> None:
    for _ in range(64):
        create()
        sandbox.clock.advance(timedelta(seconds=2))
    assert refused(create) == "ResourceUnavailable.DiskSnapshotChainTooLarge"


def test_what_is_not_emulated_of_create_snapshot_says_so(create: Calling) -> None:
    assert refused(create, DiskBackupId="dbp-00000000") == "UnsupportedOperation.NotEmulated"
    assert refused(create, LocalSnap=True) == "UnsupportedOperation.NotEmulated"


def test_the_seed_has_old_snapshots_of_a_policy_and_none_younger_than_three_days(
    sandbox: InThread, call: Calling
) -> None:
    snapshots = call("cbs", "DescribeSnapshots", {"Limit": 100})["SnapshotSet"]
    newest = datetime.fromisoformat(max(one["CreateTime"] for one in snapshots) + "+08:00")
    now = sandbox.clock.now()
    assert timedelta(days=3) <= now - newest < timedelta(days=3, minutes=1)
    assert all(one["AutoSnapshotPolicyId"].startswith("asp-") for one in snapshots)
    assert {one["SnapshotState"] for one in snapshots} == {"NORMAL"}


def test_every_documented_filter_of_describe_snapshots_selects(call: Calling) -> None:
    one = call("cbs", "DescribeSnapshots", {"Limit": 1})["SnapshotSet"][0]
    for name, value in {
        "snapshot-id": one["SnapshotId"],
        "snapshot-name": one["SnapshotName"],
        "snapshot-state": "NORMAL",
        "disk-usage": one["DiskUsage"],
        "project-id": "0",
        "disk-id": one["DiskId"],
        "zone": one["Placement"]["Zone"],
        "encrypt": "FALSE",
        "snapshot-type": "PRIVATE_SNAPSHOT",
    }.items():
        for wanted, expected in ((value, True), ("nothing", False)):
            filters = [{"Name": name, "Values": [wanted]}]
            found = call("cbs", "DescribeSnapshots", {"Filters": filters, "Limit": 100})["SnapshotSet"]
            assert (one in found) is expected, name


def test_a_filter_of_disk_ids_takes_ten(call: Calling) -> None:
    filters = [{"Name": "disk-id", "Values": [f"disk-{number:08}" for number in range(11)]}]
    with pytest.raises(TencentCloudSDKException, match="InvalidParameterValue"):
        call("cbs", "DescribeSnapshots", {"Filters": filters})


def test_the_snapshots_of_a_removed_disk_stay(
    sandbox: InThread, create: Calling, show: Calling, disk: Disk, call: Calling
) -> None:
    snapshot = create()
    sandbox.remove_disk(disk.id)
    assert call("cbs", "DescribeDisks", {"DiskIds": [disk.id]})["TotalCount"] == 0
    assert show(snapshot)["DiskId"] == disk.id
    assert refused(create) == "InvalidDiskId.NotFound"


def test_deleted_snapshots_are_gone(sandbox: InThread, create: Calling, call: Calling, disk: Disk) -> None:
    snapshot = create()
    sandbox.clock.advance(timedelta(seconds=2))
    call("cbs", "DeleteSnapshots", {"SnapshotIds": [snapshot, snapshot]})
    assert call("cbs", "DescribeSnapshots", {"SnapshotIds": [snapshot]})["TotalCount"] == 0
    assert call("cbs", "DescribeDisks", {"DiskIds": [disk.id]})["DiskSet"][0]["SnapshotCount"] == 0


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("snap-00000000", "InvalidSnapshotId.NotFound"),
        ("creating", "ResourceUnavailable.SnapshotCreating"),
        ("disk-00000000", "InvalidParameterValue"),
    ],
)
def test_one_snapshot_that_cannot_be_deleted_keeps_them_all(
    sandbox: InThread, create: Calling, call: Calling, bad: str, code: str
) -> None:
    good = call("cbs", "DescribeSnapshots", {"Limit": 1})["SnapshotSet"][0]["SnapshotId"]
    wanted = create() if bad == "creating" else bad
    with pytest.raises(TencentCloudSDKException) as caught:
        call("cbs", "DeleteSnapshots", {"SnapshotIds": [good, wanted]})
    assert caught.value.code == code
    assert call("cbs", "DescribeSnapshots", {"SnapshotIds": [good]})["TotalCount"] == 1


def test_deleting_no_snapshot_is_refused(call: Calling) -> None:
    with pytest.raises(TencentCloudSDKException, match="InvalidParameterValue"):
        call("cbs", "DeleteSnapshots", {"SnapshotIds": []})
    with pytest.raises(TencentCloudSDKException, match="MissingParameter"):
        call("cbs", "DeleteSnapshots", {})


def test_a_snapshot_of_another_region_is_not_deleted(call: Calling) -> None:
    there = call("cbs", "DescribeSnapshots", {"Limit": 1}, "ap-shanghai")["SnapshotSet"][0]["SnapshotId"]
    with pytest.raises(TencentCloudSDKException, match=r"InvalidSnapshotId\.NotFound"):
        call("cbs", "DeleteSnapshots", {"SnapshotIds": [there]})
