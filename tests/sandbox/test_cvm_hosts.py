"""Hosts are made, started, stopped, protected and returned; images are made of them."""

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
NEW = {"Placement": {"Zone": "ap-beijing-3"}, "ImageId": "img-sandbox0", "InstanceType": "S5.2XLARGE16"}


@pytest.fixture
def resources(sandbox: InThread) -> Resources:
    return sandbox.world.accounts["100000000001"].regions["ap-beijing"]


@pytest.fixture
def host(resources: Resources) -> Any:
    """A host with data disks."""
    disk = next(one for one in resources.disks.values() if one.portable and one.instance)
    return resources.instances[disk.instance or ""]


@pytest.fixture
def run(sandbox: InThread, call: Calling) -> Any:
    def running(**parameters: Any) -> Any:
        made = call("cvm", "RunInstances", {**NEW, **parameters})["InstanceIdSet"]
        sandbox.clock.advance(SETTLED)
        return made[0]

    return running


@pytest.fixture
def show(call: Calling) -> Any:
    def showing(instance: str) -> Any:
        return call("cvm", "DescribeInstances", {"InstanceIds": [instance]})["InstanceSet"][0]

    return showing


@pytest.fixture
def refused(call: Calling) -> Any:
    def refusing(action: str, parameters: dict[str, Any], service: str = "cvm") -> Any:
        with pytest.raises(TencentCloudSDKException) as caught:
            call(service, action, parameters)
        return caught.value.code

    return refusing


def test_a_new_host_is_pending_then_running_with_its_disks_and_tags(
    sandbox: InThread, call: Calling, show: Calling
) -> None:
    wanted = {
        **NEW,
        "InstanceName": "web",
        "InstanceCount": 2,
        "SystemDisk": {"DiskSize": 100, "DiskType": "CLOUD_BSSD"},
        "DataDisks": [{"DiskSize": 200, "DiskType": "CLOUD_PREMIUM"}],
        "TagSpecification": [{"ResourceType": "instance", "Tags": [{"Key": "drkit:run", "Value": "r1"}]}],
        "InternetAccessible": {"InternetMaxBandwidthOut": 5},
    }
    made = call("cvm", "RunInstances", wanted)["InstanceIdSet"]
    assert [show(one)["InstanceName"] for one in made] == ["web1", "web2"]
    assert (show(made[0])["InstanceState"], show(made[0])["LatestOperationState"]) == ("PENDING", "OPERATING")
    sandbox.clock.advance(SETTLED)
    shown = show(made[0])
    assert (shown["InstanceState"], shown["CPU"], shown["Memory"]) == ("RUNNING", 8, 16)
    assert shown["SystemDisk"]["DiskSize"] == 100
    assert shown["DataDisks"][0]["DeleteWithInstance"]
    assert shown["Tags"][0]["Key"] == "drkit:run"
    assert shown["PublicIpAddresses"]
    disk = call("cbs", "DescribeDisks", {"DiskIds": [shown["DataDisks"][0]["DiskId"]]})["DiskSet"][0]
    assert (disk["InstanceId"], disk["DiskSize"], disk["Tags"]) == (
        made[0],
        200,
        [{"Key": "drkit:run", "Value": "r1"}],
    )


def test_names_follow_the_documented_pattern(call: Calling, show: Calling) -> None:
    wanted = {**NEW, "InstanceName": "server_{R:3,F:3}", "InstanceCount": 2}
    made = call("cvm", "RunInstances", wanted)["InstanceIdSet"]
    assert [show(one)["InstanceName"] for one in made] == ["server_003", "server_004"]


def test_the_same_client_token_makes_no_second_host_and_a_dry_run_none(
    resources: Resources, run: Calling, call: Calling
) -> None:
    assert run(ClientToken="once") == run(ClientToken="once")
    before = len(resources.instances)
    assert call("cvm", "RunInstances", {**NEW, "DryRun": True})["InstanceIdSet"] == []
    assert len(resources.instances) == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Placement": None}, "MissingParameter"),
        ({"ImageId": None}, "MissingParameter"),
        ({"Placement": {"Zone": "ap-shanghai-2"}}, "InvalidZone.MismatchRegion"),
        ({"Placement": {"Zone": "ap-beijing-1"}}, "ResourceInsufficient.AvailabilityZoneSoldOut"),
        ({"ImageId": "img-00000000"}, "InvalidImageId.NotFound"),
        ({"ImageId": "image"}, "InvalidImageId.Malformed"),
        ({"InstanceType": "large"}, "InvalidInstanceType.Malformed"),
        ({"InstanceType": "S5.HUGE"}, "InvalidParameterValue.InstanceTypeNotFound"),
        ({"InstanceType": f"S5.LARGE{10**30}"}, "InvalidParameterValue.InstanceTypeNotFound"),
        ({"InstanceCount": 501}, "InvalidParameterValue.Range"),
        ({"InstanceName": "x" * 129}, "InvalidInstanceName.TooLong"),
        ({"InstanceChargeType": "PREPAID"}, "MissingParameter"),
        (
            {"InstanceChargeType": "PREPAID", "InstanceChargePrepaid": {"Period": 13}},
            "InvalidPeriod",
        ),
        ({"DataDisks": [{"DiskSize": 50, "SnapshotId": "snap-0"}]}, "InvalidParameter.SnapshotNotFound"),
        ({"ClientToken": "x" * 65}, "InvalidClientToken.TooLong"),
        ({"LaunchTemplate": {"LaunchTemplateId": "lt-1"}}, "UnsupportedOperation.NotEmulated"),
    ],
)
def test_a_host_that_cannot_be_made_says_why(refused: Calling, change: dict[str, Any], code: str) -> None:
    assert refused("RunInstances", {**NEW, **change}) == code


def test_a_host_stops_starts_and_restarts_by_the_clock(
    sandbox: InThread, call: Calling, run: Calling, show: Calling, refused: Calling
) -> None:
    host = run()
    named = {"InstanceIds": [host]}
    for action, between, after in (
        ("StopInstances", "STOPPING", "STOPPED"),
        ("StartInstances", "STARTING", "RUNNING"),
        ("RebootInstances", "REBOOTING", "RUNNING"),
    ):
        call("cvm", action, named)
        assert (show(host)["InstanceState"], show(host)["LatestOperation"]) == (between, action)
        spelt = between.capitalize()
        assert refused(action, named) == f"UnsupportedOperation.InstanceState{spelt}"
        sandbox.clock.advance(SETTLED)
        assert (show(host)["InstanceState"], show(host)["LatestOperationState"]) == (after, "SUCCESS")
    assert refused("StartInstances", named) == "UnsupportedOperation.InstanceStateRunning"
    both = {**named, "StopType": "HARD", "ForceStop": True}
    assert refused("StopInstances", both) == "InvalidParameterCombination"


def test_hosts_change_all_or_none(call: Calling, run: Calling, show: Calling, refused: Calling) -> None:
    host = run()
    for bad, code in (
        ("ins-00000000", "InvalidInstanceId.NotFound"),
        ("i-1", "InvalidInstanceId.Malformed"),
    ):
        assert refused("StopInstances", {"InstanceIds": [host, bad]}) == code
    assert show(host)["InstanceState"] == "RUNNING"


def test_a_protected_host_is_not_returned_until_its_protection_is_lifted(
    sandbox: InThread, call: Calling, run: Calling, show: Calling, refused: Calling
) -> None:
    host = run(DisableApiTermination=True)
    assert show(host)["DisableApiTermination"]
    named = {"InstanceIds": [host]}
    assert refused("TerminateInstances", named) == "UnsupportedOperation.InstancesProtected"
    call("cvm", "ModifyInstancesAttribute", {**named, "DisableApiTermination": False})
    call("cvm", "TerminateInstances", named)
    assert show(host)["InstanceState"] == "TERMINATING"
    sandbox.clock.advance(SETTLED)
    assert call("cvm", "DescribeInstances", named)["TotalCount"] == 0


def test_a_returned_host_takes_its_system_disk_and_leaves_other_disks_and_all_snapshots(
    sandbox: InThread, resources: Resources, call: Calling, host: Any
) -> None:
    disks = resources.disks_of(host.id)
    system = next(one for one in disks if not one.portable)
    snapshot = call("cbs", "CreateSnapshot", {"DiskId": system.id})["SnapshotId"]
    call("cvm", "TerminateInstances", {"InstanceIds": [host.id]})
    sandbox.clock.advance(SETTLED)
    left = call("cbs", "DescribeDisks", {"DiskIds": [one.id for one in disks]})["DiskSet"]
    assert {one["DiskId"] for one in left} == {one.id for one in disks if one.portable}
    assert {one["DiskState"] for one in left} == {"UNATTACHED"}
    assert call("cbs", "DescribeSnapshots", {"SnapshotIds": [snapshot]})["TotalCount"] == 1


def test_disks_that_are_to_go_with_their_host_do(sandbox: InThread, call: Calling, run: Calling) -> None:
    wanted = [{"DiskSize": 50}, {"DiskSize": 60, "DeleteWithInstance": False}]
    host = run(DataDisks=wanted)
    call("cvm", "TerminateInstances", {"InstanceIds": [host]})
    sandbox.clock.advance(SETTLED)
    filters = [{"Name": "disk-name", "Values": ["Unnamed-data"]}]
    left = call("cbs", "DescribeDisks", {"Filters": filters})["DiskSet"]
    assert [one["DiskSize"] for one in left] == [60]


def test_a_subscribed_host_goes_to_the_recycle_bin_for_seven_days(
    sandbox: InThread, call: Calling, run: Calling, show: Calling, refused: Calling
) -> None:
    paid = {"InstanceChargeType": "PREPAID", "InstanceChargePrepaid": {"Period": 1}}
    host, other, hourly = run(**paid), run(**paid), run()
    mixed = {"InstanceIds": [host, hourly]}
    assert refused("TerminateInstances", mixed) == "UnsupportedOperation.InstanceMixedPricingModel"
    call("cvm", "TerminateInstances", {"InstanceIds": [host, other]})
    shown = show(host)
    assert (shown["InstanceState"], shown["RestrictState"], shown["IsolatedSource"]) == (
        "SHUTDOWN",
        "PROTECTIVELY_ISOLATED",
        "MANMADE",
    )
    wanted = {"InstanceIds": [host]}
    assert refused("StartInstances", wanted) == "UnsupportedOperation.InstanceStateShutdown"
    call("cvm", "TerminateInstances", {"InstanceIds": [other]})
    sandbox.clock.advance(SETTLED)
    assert call("cvm", "DescribeInstances", {"InstanceIds": [other]})["TotalCount"] == 0
    sandbox.clock.advance(timedelta(days=7))
    assert call("cvm", "DescribeInstances", wanted)["TotalCount"] == 0


def test_a_renewed_host_comes_back_out_of_the_recycle_bin_stopped(
    sandbox: InThread, call: Calling, run: Calling, show: Calling, refused: Calling
) -> None:
    paid = {"InstanceChargeType": "PREPAID", "InstanceChargePrepaid": {"Period": 1}}
    host = run(**paid)
    before = show(host)["ExpiredTime"]
    call("cvm", "TerminateInstances", {"InstanceIds": [host]})
    renewal = {"InstanceIds": [host], "InstanceChargePrepaid": {"Period": 1}}
    call("cvm", "RenewInstances", renewal)
    sandbox.clock.advance(timedelta(days=8))
    shown = show(host)
    assert (shown["InstanceState"], shown["IsolatedSource"]) == ("STOPPED", "NOTISOLATED")
    assert shown["ExpiredTime"] > before
    hourly = {**renewal, "InstanceIds": [run()]}
    assert refused("RenewInstances", hourly) == "UnsupportedOperation.InstanceChargeType"
    assert refused("RenewInstances", {"InstanceIds": [host]}) == "MissingParameter"
    forever = {**renewal, "InstanceChargePrepaid": {"Period": 99}}
    assert refused("RenewInstances", forever) == "InvalidPeriod"


def test_one_attribute_of_hosts_changes_at_once(
    sandbox: InThread, call: Calling, run: Calling, show: Calling, refused: Calling
) -> None:
    host = run()
    named = {"InstanceIds": [host]}
    call("cvm", "ModifyInstancesAttribute", {**named, "InstanceName": "renamed"})
    call("cvm", "ModifyInstancesAttribute", {**named, "SecurityGroups": ["sg-12345678"]})
    assert (show(host)["InstanceName"], show(host)["SecurityGroupIds"]) == ("renamed", ["sg-12345678"])
    call("cvm", "ModifyInstancesAttribute", {**named, "HostName": "web"})
    assert show(host)["InstanceState"] == "REBOOTING"
    sandbox.clock.advance(SETTLED)
    two = {**named, "InstanceName": "x", "HostName": "y"}
    assert refused("ModifyInstancesAttribute", two) == "InvalidParameterValue"
    assert refused("ModifyInstancesAttribute", named) == "MissingParameter"
    long = {**named, "InstanceName": "x" * 61}
    assert refused("ModifyInstancesAttribute", long) == "InvalidInstanceName.TooLong"


def test_a_host_is_set_up_anew(
    sandbox: InThread, call: Calling, run: Calling, show: Calling, refused: Calling
) -> None:
    host = run()
    wanted = {"InstanceId": host, "ImageId": "img-sandbox1", "SystemDisk": {"DiskSize": 80}}
    call("cvm", "ResetInstance", wanted)
    assert show(host)["LatestOperation"] == "ResetInstance"
    sandbox.clock.advance(SETTLED)
    assert (show(host)["ImageId"], show(host)["SystemDisk"]["DiskSize"]) == ("img-sandbox1", 80)
    smaller = {**wanted, "SystemDisk": {"DiskSize": 50}}
    assert refused("ResetInstance", smaller) == "InvalidParameterValue"


def test_an_image_of_a_whole_host_makes_another_with_its_data(
    sandbox: InThread, resources: Resources, call: Calling, run: Calling, show: Calling, host: Any
) -> None:
    data = [one.id for one in resources.disks_of(host.id) if one.portable]
    wanted = {"ImageName": "golden", "InstanceId": host.id, "DataDiskIds": data}
    image = call("cvm", "CreateImage", wanted)["ImageId"]
    shown = call("cvm", "DescribeImages", {"ImageIds": [image]})["ImageSet"][0]
    assert (shown["ImageState"], shown["ImageType"]) == ("CREATING", "PRIVATE_IMAGE")
    assert {one["DiskUsage"] for one in shown["SnapshotSet"]} == {"SYSTEM_DISK", "DATA_DISK"}
    sandbox.clock.advance(SETTLED)
    made = show(run(ImageId=image))
    sizes = sorted(resources.disks[one].size for one in data)
    assert sorted(one["DiskSize"] for one in made["DataDisks"]) == sizes


def test_a_snapshot_in_an_image_is_deleted_only_with_the_image(
    sandbox: InThread, call: Calling, refused: Calling, host: Any
) -> None:
    image = call("cvm", "CreateImage", {"ImageName": "golden", "InstanceId": host.id})["ImageId"]
    sandbox.clock.advance(SETTLED)
    shown = call("cvm", "DescribeImages", {"ImageIds": [image]})["ImageSet"][0]
    snapshots = [one["SnapshotId"] for one in shown["SnapshotSet"]]
    in_image = "UnsupportedOperation.SnapshotHasBindedImage"
    assert refused("DeleteSnapshots", {"SnapshotIds": snapshots}, "cbs") == in_image
    listed = call("cbs", "DescribeSnapshots", {"SnapshotIds": snapshots})["SnapshotSet"][0]
    assert listed["Images"] == [{"ImageId": image, "ImageName": "golden"}]
    call("cbs", "DeleteSnapshots", {"SnapshotIds": snapshots, "DeleteBindImages": True})
    assert call("cvm", "DescribeImages", {"ImageIds": [image]})["TotalCount"] == 0


def test_images_are_deleted_all_or_none_and_with_their_snapshots_where_that_is_asked_for(
    sandbox: InThread, call: Calling, refused: Calling, host: Any
) -> None:
    image = call("cvm", "CreateImage", {"ImageName": "golden", "InstanceId": host.id})["ImageId"]
    assert refused("DeleteImages", {"ImageIds": [image]}) == "InvalidImageId.IncorrectState"
    sandbox.clock.advance(SETTLED)
    both = {"ImageIds": [image, "img-00000000"]}
    assert refused("DeleteImages", both) == "InvalidImageId.NotFound"
    before = call("cbs", "DescribeSnapshots", {})["TotalCount"]
    call("cvm", "DeleteImages", {"ImageIds": [image], "DryRun": True})
    call("cvm", "DeleteImages", {"ImageIds": [image], "DeleteBindedSnap": True})
    assert call("cbs", "DescribeSnapshots", {})["TotalCount"] == before - 1
    assert call("cvm", "DescribeImages", {"ImageIds": [image]})["TotalCount"] == 0


def test_a_snapshot_that_another_image_needs_outlives_the_image_it_is_to_be_deleted_with(
    sandbox: InThread, call: Calling, resources: Resources, host: Any
) -> None:
    first = call("cvm", "CreateImage", {"InstanceId": host.id, "ImageName": "first"})["ImageId"]
    sandbox.clock.advance(SETTLED)
    parts = list(resources.images[first].snapshots)
    second = call("cvm", "CreateImage", {"SnapshotIds": parts, "ImageName": "second"})["ImageId"]
    sandbox.clock.advance(SETTLED)
    call("cvm", "DeleteImages", {"ImageIds": [first], "DeleteBindedSnap": True})
    assert [one for one in parts if resources.snapshot(one, sandbox.clock.now())] == parts
    call("cvm", "DeleteImages", {"ImageIds": [second], "DeleteBindedSnap": True})
    assert [one for one in parts if resources.snapshot(one, sandbox.clock.now())] == []


def test_an_image_that_cannot_be_made_says_why(
    resources: Resources, call: Calling, refused: Calling, host: Any
) -> None:
    call("cvm", "CreateImage", {"ImageName": "golden", "InstanceId": host.id})
    system = next(one for one in resources.disks_of(host.id) if not one.portable)
    for parameters, code in (
        ({"InstanceId": host.id, "ImageName": "golden"}, "InvalidImageName.Duplicate"),
        ({"InstanceId": host.id, "ImageName": "x" * 61}, "InvalidParameterValue.TooLarge"),
        ({}, "InvalidParameter.SpecifyOneParameter"),
        ({"InstanceId": "ins-00000000"}, "InvalidInstanceId.NotFound"),
        ({"SnapshotIds": ["snap-00000000"]}, "InvalidParameter.SnapshotNotFound"),
        (
            {"InstanceId": host.id, "DataDiskIds": [system.id]},
            "InvalidParameter.DataDiskIdContainsRootDisk",
        ),
        (
            {"InstanceId": host.id, "DataDiskIds": ["disk-00000000"]},
            "InvalidParameter.DataDiskNotBelongSpecifiedInstance",
        ),
    ):
        assert refused("CreateImage", {"ImageName": "another", **parameters}) == code


def test_a_shared_image_is_used_by_the_other_account(
    sandbox: InThread, call: Calling, client: Calling, refused: Calling, host: Any
) -> None:
    image = call("cvm", "CreateImage", {"ImageName": "golden", "InstanceId": host.id})["ImageId"]
    sandbox.clock.advance(SETTLED)
    other = next(uin for uin, one in sandbox.world.accounts.items() if one.name == "vault")
    share = {"ImageId": image, "AccountIds": [other], "Permission": "SHARE"}
    call("cvm", "ModifyImageSharePermission", share)
    permissions = call("cvm", "DescribeImageSharePermission", {"ImageId": image})["SharePermissionSet"]
    assert [one["AccountId"] for one in permissions] == [other]
    keys = Credential(*sandbox.key("vault-administrator"))
    vault = client(sandbox, "cvm", credential=keys)
    filters = {"Filters": [{"Name": "image-type", "Values": ["SHARED_IMAGE"]}]}
    seen = vault.call_json("DescribeImages", filters)["Response"]["ImageSet"]
    assert [one["ImageId"] for one in seen] == [image]
    assert vault.call_json("RunInstances", {**NEW, "ImageId": image})["Response"]["InstanceIdSet"]
    assert refused("DeleteImages", {"ImageIds": [image]}) == "InvalidImageId.InShared"
    call("cvm", "ModifyImageSharePermission", {**share, "Permission": "CANCEL"})
    assert vault.call_json("DescribeImages", filters)["Response"]["TotalCount"] == 0
    own = {**share, "AccountIds": ["100000000001"]}
    assert refused("ModifyImageSharePermission", own) == "InvalidAccountIs.YourSelf"
    assert (
        refused("ModifyImageSharePermission", {**share, "AccountIds": ["1"]}) == "InvalidAccountId.NotFound"
    )


def test_an_image_is_copied_to_another_region(
    sandbox: InThread, call: Calling, refused: Calling, host: Any
) -> None:
    image = call("cvm", "CreateImage", {"ImageName": "golden", "InstanceId": host.id})["ImageId"]
    wanted = {"ImageIds": [image], "DestinationRegions": ["ap-shanghai"], "ImageSetRequired": True}
    assert refused("SyncImages", wanted) == "InvalidImageId.IncorrectState"
    sandbox.clock.advance(SETTLED)
    (copied,) = call("cvm", "SyncImages", wanted)["ImageSet"]
    there = {"ImageIds": [copied["ImageId"]]}
    shown = call("cvm", "DescribeImages", there, "ap-shanghai")["ImageSet"][0]
    assert (shown["ImageState"], shown["ImageName"]) == ("SYNCING", "golden")
    sandbox.clock.advance(SETTLED)
    shown = call("cvm", "DescribeImages", there, "ap-shanghai")["ImageSet"][0]
    assert shown["ImageState"] == "NORMAL"
    same = {**wanted, "DestinationRegions": ["ap-beijing"]}
    assert refused("SyncImages", same) == "InvalidParameterValue.InvalidRegion"


def test_images_are_listed_and_filtered(call: Calling, refused: Calling) -> None:
    everything = call("cvm", "DescribeImages", {})
    assert everything["TotalCount"] == len(everything["ImageSet"]) == 3
    ubuntu = {"Filters": [{"Name": "platform", "Values": ["Ubuntu"]}]}
    assert [one["ImageId"] for one in call("cvm", "DescribeImages", ubuntu)["ImageSet"]] == ["img-sandbox1"]
    assert refused("DescribeImages", {"ImageIds": ["i"]}) == "InvalidImageId.Malformed"
    both = {"ImageIds": ["img-sandbox0"], **ubuntu}
    assert refused("DescribeImages", both) == "InvalidParameter.InvalidParameterCoexistImageIdsFilters"
