"""Snapshots are applied, kept, copied to other regions, shared with other accounts, and grouped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from drkit.sandbox.testing import InThread
from drkit.sandbox.world.model import Resources

Calling = Callable[..., Any]
SETTLED = timedelta(seconds=2)
VAULT = "vault-administrator"


@pytest.fixture
def resources(sandbox: InThread) -> Resources:
    return sandbox.world.accounts["100000000001"].regions["ap-beijing"]


@pytest.fixture
def data(resources: Resources) -> Any:
    """A data disk of a host."""
    return next(one for one in resources.disks.values() if one.portable and one.instance)


@pytest.fixture
def loose(resources: Resources) -> Any:
    """A data disk without a host."""
    return next(one for one in resources.disks.values() if not one.instance)


@pytest.fixture
def snap(sandbox: InThread, call: Calling) -> Any:
    def snapping(disk: Any, **parameters: Any) -> Any:
        made = call("cbs", "CreateSnapshot", {"DiskId": disk.id, **parameters})["SnapshotId"]
        sandbox.clock.advance(SETTLED)
        return made

    return snapping


@pytest.fixture
def show(call: Calling) -> Any:
    def showing(snapshot: str, region: str = "ap-beijing") -> Any:
        return call("cbs", "DescribeSnapshots", {"SnapshotIds": [snapshot]}, region)["SnapshotSet"][0]

    return showing


@pytest.fixture
def vault(sandbox: InThread, client: Calling) -> Any:
    """Call CBS as the administrator of the other account."""

    def calling(action: str, parameters: dict[str, Any], region: str = "ap-beijing") -> Any:
        keys = Credential(*sandbox.key(VAULT))
        return client(sandbox, "cbs", region, credential=keys).call_json(action, parameters)["Response"]

    return calling


def uin_of_vault(sandbox: InThread) -> Any:
    return next(uin for uin, one in sandbox.world.accounts.items() if one.name == "vault")


def test_a_disk_is_rolled_back_with_a_percentage(
    sandbox: InThread, call: Calling, snap: Calling, show: Calling, loose: Any
) -> None:
    snapshot = snap(loose)
    call("cbs", "ApplySnapshot", {"SnapshotId": snapshot, "DiskId": loose.id})
    sandbox.clock.advance(timedelta(seconds=1))
    shown = call("cbs", "DescribeDisks", {"DiskIds": [loose.id]})["DiskSet"][0]
    assert (shown["DiskState"], shown["Rollbacking"], shown["RollbackPercent"]) == ("ROLLBACKING", True, 50)
    assert show(snapshot)["SnapshotState"] == "ROLLBACKING"
    sandbox.clock.advance(timedelta(seconds=1))
    shown = call("cbs", "DescribeDisks", {"DiskIds": [loose.id]})["DiskSet"][0]
    assert (shown["DiskState"], shown["Rollbacking"], shown["RollbackPercent"]) == ("UNATTACHED", False, 0)
    assert show(snapshot)["SnapshotState"] == "NORMAL"


def test_a_snapshot_is_applied_to_its_own_disk_only(
    call: Calling, snap: Calling, refused: Calling, loose: Any, data: Any
) -> None:
    snapshot = snap(loose)
    for disk, code in (
        (data.id, "InvalidParameterValue"),
        ("disk-00000000", "InvalidDiskId.NotFound"),
    ):
        assert refused("ApplySnapshot", {"SnapshotId": snapshot, "DiskId": disk}) == code
    gone = {"SnapshotId": "snap-00000000", "DiskId": loose.id}
    assert refused("ApplySnapshot", gone) == "InvalidSnapshotId.NotFound"
    unfinished = call("cbs", "CreateSnapshot", {"DiskId": loose.id})["SnapshotId"]
    wanted = {"SnapshotId": unfinished, "DiskId": loose.id}
    assert refused("ApplySnapshot", wanted) == "ResourceUnavailable.SnapshotCreating"


def test_an_attached_disk_is_rolled_back_only_with_its_host_stopped(
    sandbox: InThread, resources: Resources, call: Calling, snap: Calling, refused: Calling, data: Any
) -> None:
    wanted = {"SnapshotId": snap(data), "DiskId": data.id}
    assert refused("ApplySnapshot", wanted) == "InvalidDisk.Busy"
    assert refused("ApplySnapshot", {**wanted, "AutoStartInstance": True}) == "InvalidParameterValue"
    host = resources.instances[data.instance]
    call("cbs", "ApplySnapshot", {**wanted, "AutoStopInstance": True, "AutoStartInstance": True})
    assert host.shown_state == "STOPPED"
    sandbox.clock.advance(SETTLED)
    states = call("cvm", "DescribeInstancesStatus", {"InstanceIds": [host.id]})["InstanceStatusSet"]
    assert states == [{"InstanceId": host.id, "InstanceState": "RUNNING"}]


def test_a_system_disk_is_rolled_back_when_its_host_is_off(
    sandbox: InThread, resources: Resources, call: Calling, snap: Calling, refused: Calling
) -> None:
    system = next(one for one in resources.disks.values() if not one.portable)
    wanted = {"SnapshotId": snap(system), "DiskId": system.id}
    assert refused("ApplySnapshot", wanted) == "InvalidInstance.NotSupported"
    call("cvm", "StopInstances", {"InstanceIds": [system.instance]})
    sandbox.clock.advance(SETTLED)
    call("cbs", "ApplySnapshot", wanted)
    assert refused("ApplySnapshot", wanted) == "ResourceBusy"


def test_a_snapshot_is_kept_for_good_or_for_longer(
    sandbox: InThread, call: Calling, snap: Calling, show: Calling, refused: Calling, loose: Any
) -> None:
    deadline = sandbox.clock.now() + timedelta(days=2)
    snapshot = snap(loose, Deadline=deadline.isoformat())
    later = {"SnapshotId": snapshot, "Deadline": (deadline + timedelta(days=5)).isoformat()}
    call("cbs", "ModifySnapshotAttribute", {**later, "SnapshotName": "kept"})
    sandbox.clock.advance(timedelta(days=4))
    assert (show(snapshot)["SnapshotName"], show(snapshot)["IsPermanent"]) == ("kept", False)
    call("cbs", "ModifySnapshotAttribute", {"SnapshotId": snapshot, "IsPermanent": True})
    sandbox.clock.advance(timedelta(days=400))
    assert (show(snapshot)["IsPermanent"], show(snapshot)["DeadlineTime"]) == (True, "")
    assert refused("ModifySnapshotAttribute", {"SnapshotId": snapshot}) == "MissingParameter"
    past = {"SnapshotId": snapshot, "Deadline": deadline.isoformat()}
    assert refused("ModifySnapshotAttribute", past) == "InvalidParameterValue"


def test_a_deadline_that_is_brought_forward_comes(
    sandbox: InThread, call: Calling, snap: Calling, loose: Any
) -> None:
    snapshot = snap(loose)
    soon = (sandbox.clock.now() + timedelta(minutes=5)).isoformat()
    call("cbs", "ModifySnapshotAttribute", {"SnapshotId": snapshot, "Deadline": soon})
    sandbox.clock.advance(timedelta(minutes=5))
    assert call("cbs", "DescribeSnapshots", {"SnapshotIds": [snapshot]})["TotalCount"] == 0


def test_a_copy_in_another_region_has_no_disk_and_comes_by_the_clock(
    sandbox: InThread, call: Calling, snap: Calling, show: Calling, loose: Any
) -> None:
    snapshot = snap(loose)
    wanted = {"SnapshotId": snapshot, "DestinationRegions": ["ap-shanghai", "ap-beijing", "no-such"]}
    answers = call("cbs", "CopySnapshotCrossRegions", wanted)["SnapshotCopyResultSet"]
    assert [one["Code"] for one in answers] == ["Success", "InvalidParameterValue", "InvalidParameterValue"]
    copied = answers[0]["SnapshotId"]
    there = show(copied, "ap-shanghai")
    assert (there["SnapshotState"], there["DiskId"], there["CopyFromRemote"]) == (
        "COPYING_FROM_REMOTE",
        "",
        True,
    )
    assert there["SnapshotName"].startswith(f"Copied {snapshot} from ")
    assert there["Placement"]["Zone"].startswith("ap-shanghai-")
    assert show(snapshot)["CopyingToRegions"] == ["ap-shanghai"]
    sandbox.clock.advance(SETTLED)
    there = show(copied, "ap-shanghai")
    assert (there["SnapshotState"], there["Percent"], there["DiskSize"]) == ("NORMAL", 100, loose.size)
    assert show(snapshot)["CopyingToRegions"] == []


def test_a_second_copy_to_a_region_waits_for_the_first_and_the_source_stays_meanwhile(
    sandbox: InThread, call: Calling, snap: Calling, refused: Calling, loose: Any
) -> None:
    wanted = {"SnapshotId": snap(loose), "DestinationRegions": ["ap-shanghai"]}

    def code() -> Any:
        return call("cbs", "CopySnapshotCrossRegions", wanted)["SnapshotCopyResultSet"][0]["Code"]

    assert (code(), code()) == ("Success", "ResourceInUse.CopySnapshotConflict")
    assert refused("DeleteSnapshots", {"SnapshotIds": [wanted["SnapshotId"]]}) == "ResourceBusy"
    sandbox.clock.advance(SETTLED)
    assert code() == "Success"
    assert refused("CopySnapshotCrossRegions", {"DestinationRegions": ["ap-shanghai"]}) == "MissingParameter"


def test_a_shared_snapshot_is_seen_and_used_but_not_changed_by_the_other_account(
    sandbox: InThread,
    call: Calling,
    snap: Calling,
    show: Calling,
    refused: Calling,
    vault: Calling,
    loose: Any,
) -> None:
    snapshot, other = snap(loose), uin_of_vault(sandbox)
    share = {"SnapshotIds": [snapshot], "AccountIds": [other], "Permission": "SHARE"}
    call("cbs", "ModifySnapshotsSharePermission", share)
    assert show(snapshot)["ShareReference"] == 1
    permissions = call("cbs", "DescribeSnapshotSharePermission", {"SnapshotId": snapshot})
    assert [one["AccountId"] for one in permissions["SharePermissionSet"]] == [other]

    seen = vault("DescribeSnapshots", {})["SnapshotSet"]
    assert [(one["SnapshotId"], one["SnapshotType"]) for one in seen] == [(snapshot, "SHARED_SNAPSHOT")]
    assert vault("DescribeSnapshots", {}, "ap-shanghai")["TotalCount"] == 0
    for action, parameters in (
        ("DeleteSnapshots", {"SnapshotIds": [snapshot]}),
        ("ModifySnapshotAttribute", {"SnapshotId": snapshot, "SnapshotName": "mine"}),
    ):
        with pytest.raises(TencentCloudSDKException, match=r"InvalidSnapshot\.NotSupported"):
            vault(action, parameters)
    disk = {
        "Placement": {"Zone": "ap-beijing-3"},
        "DiskChargeType": "POSTPAID_BY_HOUR",
        "DiskType": "CLOUD_PREMIUM",
        "SnapshotId": snapshot,
    }
    made = vault("CreateDisks", disk)["DiskIdSet"]
    sandbox.clock.advance(SETTLED)
    assert vault("DescribeDisks", {"DiskIds": made})["DiskSet"][0]["DiskSize"] == loose.size

    assert refused("DeleteSnapshots", {"SnapshotIds": [snapshot]}) == "UnsupportedOperation.SnapHasShared"
    call("cbs", "ModifySnapshotsSharePermission", {**share, "Permission": "CANCEL"})
    assert vault("DescribeSnapshots", {})["TotalCount"] == 0
    with pytest.raises(TencentCloudSDKException, match=r"InvalidSnapshotId\.NotFound"):
        vault("CreateDisks", disk)
    call("cbs", "DeleteSnapshots", {"SnapshotIds": [snapshot]})


def test_what_cannot_be_shared_says_why(
    sandbox: InThread, resources: Resources, snap: Calling, refused: Calling, loose: Any
) -> None:
    system = next(one for one in resources.disks.values() if not one.portable)
    other, snapshot = uin_of_vault(sandbox), snap(loose)

    def share(snapshot: str, account: str = other, permission: str = "SHARE") -> Any:
        wanted = {"SnapshotIds": [snapshot], "AccountIds": [account], "Permission": permission}
        return refused("ModifySnapshotsSharePermission", wanted)

    assert share(snap(system)) == "InvalidSnapshot.NotSupported"
    assert share("snap-00000000") == "InvalidSnapshotId.NotFound"
    assert share(snapshot, "100000000001") == "InvalidParameter"
    assert share(snapshot, "1") == "InvalidParameter"
    assert share(snapshot, permission="GIVE") == "InvalidParameter"


def test_a_group_holds_disks_of_one_host_at_one_moment(
    sandbox: InThread, resources: Resources, call: Calling, show: Calling, data: Any
) -> None:
    disks = [one.id for one in resources.disks_of(data.instance)]
    made = call("cbs", "CreateSnapshotGroup", {"DiskIds": disks, "SnapshotGroupName": "before"})
    wanted = {"Filters": [{"Name": "snapshot-group-id", "Values": [made["SnapshotGroupId"]]}]}
    group = call("cbs", "DescribeSnapshotGroups", wanted)["SnapshotGroupSet"][0]
    assert (group["SnapshotGroupState"], group["ContainRootSnapshot"]) == ("CREATING", True)
    sandbox.clock.advance(SETTLED)
    group = call("cbs", "DescribeSnapshotGroups", wanted)["SnapshotGroupSet"][0]
    assert (group["SnapshotGroupState"], group["Percent"]) == ("NORMAL", 100)
    shown = [show(one) for one in group["SnapshotIdSet"]]
    assert [one["SnapshotName"] for one in shown] == [f"before_{number}" for number in range(len(disks))]
    assert len({one["CreateTime"] for one in shown}) == 1
    assert {one["DiskId"] for one in shown} == set(disks)


def test_the_tags_of_a_group_are_not_those_of_its_snapshots(call: Calling, data: Any) -> None:
    tags = [{"Key": "a", "Value": "b"}]
    call("cbs", "CreateSnapshotGroup", {"DiskIds": [data.id], "SnapshotGroupName": "g", "Tags": tags})
    (begun,) = call("cbs", "DescribeSnapshots", {"Filters": [{"Name": "disk-id", "Values": [data.id]}]})[
        "SnapshotSet"
    ][:1]
    assert (begun["SnapshotName"], begun["Tags"], begun["IsPermanent"]) == ("g_0", [], True)


def test_a_disk_that_cannot_be_in_a_group_is_refused_by_the_codes_of_groups(
    refused: Calling, data: Any
) -> None:
    data.snapshot_ability = False
    assert refused("CreateSnapshotGroup", {"DiskIds": [data.id]}) == "InvalidDisk.NotSupported"


def test_a_group_is_applied_and_deleted_as_a_whole(
    sandbox: InThread, resources: Resources, call: Calling, refused: Calling, data: Any
) -> None:
    disks = [one.id for one in resources.disks_of(data.instance)]
    group = call("cbs", "CreateSnapshotGroup", {"DiskIds": disks})["SnapshotGroupId"]
    assert refused("DeleteSnapshotGroup", {"SnapshotGroupId": group}) == "UnsupportedOperation.StateError"
    sandbox.clock.advance(SETTLED)
    held = call("cbs", "DescribeSnapshotGroups", {})["SnapshotGroupSet"][0]["SnapshotIdSet"]
    pairs = [{"SnapshotId": snapshot, "DiskId": disk} for snapshot, disk in zip(held, disks, strict=True)]
    wanted = {"SnapshotGroupId": group, "ApplyDisks": pairs}
    assert refused("ApplySnapshotGroup", wanted) == "UnsupportedOperation.StateError"
    swapped = [{**pairs[0], "DiskId": disks[1]}]
    assert refused("ApplySnapshotGroup", {**wanted, "ApplyDisks": swapped}) == "InvalidParameter"
    call("cbs", "ApplySnapshotGroup", {**wanted, "AutoStopInstance": True})
    state = call("cbs", "DescribeSnapshotGroups", {})["SnapshotGroupSet"][0]["SnapshotGroupState"]
    assert state == "ROLLBACKING"
    sandbox.clock.advance(SETTLED)
    call("cbs", "DeleteSnapshotGroup", {"SnapshotGroupIds": [group]})
    assert call("cbs", "DescribeSnapshotGroups", {})["TotalCount"] == 0
    assert call("cbs", "DescribeSnapshots", {"SnapshotIds": held})["TotalCount"] == 0


def test_disks_of_several_hosts_make_no_group(
    resources: Resources, refused: Calling, data: Any, loose: Any
) -> None:
    other = next(one for one in resources.disks.values() if one.instance and one.instance != data.instance)
    for disks, code in (
        ([data.id, other.id], "InvalidParameter"),
        ([loose.id], "InvalidParameter"),
        (["disk-00000000"], "InvalidDiskId.NotFound"),
        ([], "InvalidParameterValue"),
    ):
        assert refused("CreateSnapshotGroup", {"DiskIds": disks}) == code
    assert refused("DeleteSnapshotGroup", {}) == "MissingParameter"
    assert refused("DeleteSnapshotGroup", {"SnapshotGroupId": "csnap-00000000"}) == "InvalidParameter"
    odd = {"Filters": [{"Name": "zone", "Values": ["x"]}]}
    assert refused("DescribeSnapshotGroups", odd) == "InvalidFilter"
