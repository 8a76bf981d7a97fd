"""Disks are made, attached, detached, grown, changed and returned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from drkit.sandbox.testing import InThread
from drkit.sandbox.world.model import Resources

Calling = Callable[..., Any]
SETTLED = timedelta(seconds=2)
NEW = {
    "Placement": {"Zone": "ap-beijing-3"},
    "DiskChargeType": "POSTPAID_BY_HOUR",
    "DiskType": "CLOUD_PREMIUM",
    "DiskSize": 50,
}


@pytest.fixture
def resources(sandbox: InThread) -> Resources:
    return sandbox.world.accounts["100000000001"].regions["ap-beijing"]


@pytest.fixture
def host(resources: Resources) -> Any:
    return next(one for one in resources.instances.values() if one.zone == "ap-beijing-3")


@pytest.fixture
def create(sandbox: InThread, call: Calling) -> Any:
    def creating(**parameters: Any) -> Any:
        made = call("cbs", "CreateDisks", {**NEW, **parameters})["DiskIdSet"]
        sandbox.clock.advance(SETTLED)
        return made[0]

    return creating


@pytest.fixture
def show(call: Calling) -> Any:
    def showing(disk: str) -> Any:
        return call("cbs", "DescribeDisks", {"DiskIds": [disk]})["DiskSet"][0]

    return showing


def test_a_new_disk_is_listed_once_it_is_there(sandbox: InThread, call: Calling) -> None:
    wanted = {**NEW, "DiskName": "data", "DiskCount": 2, "Tags": [{"Key": "service", "Value": "mysql"}]}
    made = call("cbs", "CreateDisks", wanted)["DiskIdSet"]
    assert len(set(made)) == 2
    assert call("cbs", "DescribeDisks", {"DiskIds": made})["TotalCount"] == 0
    sandbox.clock.advance(SETTLED)
    shown = call("cbs", "DescribeDisks", {"DiskIds": made})["DiskSet"]
    for one in shown:
        assert (one["DiskState"], one["DiskName"], one["DiskSize"]) == ("UNATTACHED", "data", 50)
        assert one["Tags"] == wanted["Tags"]
        assert one["Portable"]


def test_the_same_client_token_makes_no_second_disk(create: Calling, call: Calling) -> None:
    assert create(ClientToken="once") == create(ClientToken="once") != create(ClientToken="twice")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Placement": {"Zone": "ap-shanghai-2"}}, "InvalidParameterValue"),
        ({"Placement": {"Zone": "ap-beijing-1"}}, "ResourceInsufficient"),
        ({"DiskType": "CLOUD_TSSD"}, "InvalidParameter.DiskConfigNotSupported"),
        ({"DiskType": "CLOUD_SSD", "DiskSize": 10}, "InvalidParameterValue"),
        ({"DiskSize": None}, "MissingParameter"),
        ({"DiskSize": 32001}, "InvalidParameterValue"),
        ({"DiskCount": 51}, "InvalidParameterValue.LimitExceeded"),
        ({"DiskChargeType": "PREPAID"}, "MissingParameter"),
        ({"DiskChargeType": "PREPAID", "DiskChargePrepaid": {"Period": 13}}, "InvalidParameterValue"),
        ({"SnapshotId": "snap-00000000"}, "InvalidSnapshotId.NotFound"),
        ({"ClientToken": "x" * 65}, "InvalidParameter.InvalidClientToken"),
        ({"Encrypt": "ENCRYPT", "Shareable": True}, "InvalidParameterValue"),
        ({"ThroughputPerformance": 100}, "InvalidParameterValue"),
        ({"AutoMountConfiguration": {"InstanceId": ["ins-1"]}}, "UnsupportedOperation.NotEmulated"),
    ],
)
def test_a_disk_that_cannot_be_made_says_why(refused: Calling, change: dict[str, Any], code: str) -> None:
    assert refused("CreateDisks", {**NEW, **change}) == code


def test_a_disk_is_made_of_a_data_snapshot_and_as_large_as_it(
    sandbox: InThread, call: Calling, create: Calling, refused: Calling, show: Calling
) -> None:
    snapshot = call("cbs", "CreateSnapshot", {"DiskId": create()})["SnapshotId"]
    assert refused("CreateDisks", {**NEW, "SnapshotId": snapshot}) == "ResourceBusy"
    sandbox.clock.advance(SETTLED)
    assert show(create(SnapshotId=snapshot, DiskSize=None))["DiskSize"] == 50
    assert refused("CreateDisks", {**NEW, "SnapshotId": snapshot, "DiskSize": 40}) == "InvalidParameterValue"


def test_a_snapshot_of_a_system_disk_makes_no_disk(call: Calling, refused: Calling) -> None:
    filters = [{"Name": "disk-usage", "Values": ["SYSTEM_DISK"]}]
    snapshot = call("cbs", "DescribeSnapshots", {"Filters": filters})["SnapshotSet"][0]["SnapshotId"]
    assert refused("CreateDisks", {**NEW, "SnapshotId": snapshot}) == "InvalidParameterValue"


def test_a_disk_comes_to_a_host_and_leaves_it(
    sandbox: InThread, call: Calling, create: Calling, show: Calling, host: Any
) -> None:
    disk = create()
    call("cbs", "AttachDisks", {"InstanceId": host.id, "DiskIds": [disk], "DeleteWithInstance": True})
    assert (show(disk)["DiskState"], show(disk)["Attached"]) == ("ATTACHING", False)
    sandbox.clock.advance(SETTLED)
    shown = show(disk)
    assert (shown["DiskState"], shown["InstanceId"], shown["Attached"]) == ("ATTACHED", host.id, True)
    assert shown["DeleteWithInstance"]
    held = call("cvm", "DescribeInstances", {"InstanceIds": [host.id]})["InstanceSet"][0]["DataDisks"]
    assert disk in [one["DiskId"] for one in held]
    call("cbs", "DetachDisks", {"DiskIds": [disk], "InstanceId": host.id})
    assert show(disk)["DiskState"] == "DETACHING"
    sandbox.clock.advance(SETTLED)
    assert (show(disk)["DiskState"], show(disk)["InstanceId"]) == ("UNATTACHED", "")
    assert show(disk)["LastAttachInsId"] == host.id


def test_disks_are_attached_all_or_none(
    call: Calling, create: Calling, show: Calling, refused: Calling, host: Any
) -> None:
    disk, elsewhere = create(), create(Placement={"Zone": "ap-beijing-5"})
    wanted = {"InstanceId": host.id, "DiskIds": [disk, elsewhere]}
    assert refused("AttachDisks", wanted) == "ResourceUnavailable.ZoneNotMatch"
    assert show(disk)["DiskState"] == "UNATTACHED"


def test_disks_that_cannot_be_attached_say_why(
    resources: Resources, create: Calling, refused: Calling, call: Calling, host: Any
) -> None:
    def attach(*disks: str, to: str = host.id) -> Any:
        return refused("AttachDisks", {"InstanceId": to, "DiskIds": list(disks)})

    system = next(one for one in resources.disks.values() if not one.portable)
    data = next(one for one in resources.disks.values() if one.portable and one.instance)
    disk = create()
    assert attach(disk, to="ins-00000000") == "InvalidInstanceId.NotFound"
    assert attach("disk-00000000") == "InvalidDiskId.NotFound"
    assert attach(system.id) == "InvalidDisk.NotPortable"
    assert attach(data.id) == "ResourceUnavailable.Attached"
    assert attach(*[disk] + [f"disk-{n:08}" for n in range(10)]) == "InvalidParameterValue.LimitExceeded"
    call("cbs", "AttachDisks", {"InstanceId": host.id, "DiskIds": [disk]})
    assert attach(disk) == "ResourceBusy"


def test_a_host_takes_twenty_elastic_disks(
    sandbox: InThread, call: Calling, create: Calling, refused: Calling, host: Any
) -> None:
    made = call("cbs", "CreateDisks", {**NEW, "DiskCount": 21})["DiskIdSet"]
    sandbox.clock.advance(SETTLED)
    for some in (made[:10], made[10:20]):
        call("cbs", "AttachDisks", {"InstanceId": host.id, "DiskIds": some})
    shown = call("cbs", "DescribeInstancesDiskNum", {"InstanceIds": [host.id]})["AttachDetail"]
    assert shown == [{"InstanceId": host.id, "AttachedDiskCount": 20, "MaxAttachCount": 20}]
    wanted = {"InstanceId": host.id, "DiskIds": made[20:]}
    assert refused("AttachDisks", wanted) == "LimitExceeded.InstanceAttachedDisk"


def test_disks_that_cannot_be_detached_say_why(
    resources: Resources, create: Calling, refused: Calling
) -> None:
    system = next(one for one in resources.disks.values() if not one.portable)
    data = next(one for one in resources.disks.values() if one.portable and one.instance)
    assert refused("DetachDisks", {"DiskIds": [system.id]}) == "InvalidDisk.NotPortable"
    assert refused("DetachDisks", {"DiskIds": [create()]}) == "ResourceUnavailable.NotSupported"
    wrong = {"DiskIds": [data.id], "InstanceId": "ins-00000000"}
    assert refused("DetachDisks", wrong) == "InvalidParameterValue"


def test_a_disk_grows(sandbox: InThread, call: Calling, create: Calling, show: Calling) -> None:
    disk = create()
    call("cbs", "ResizeDisk", {"DiskId": disk, "DiskSize": 80})
    assert (show(disk)["DiskState"], show(disk)["DiskSize"]) == ("EXPANDING", 50)
    sandbox.clock.advance(SETTLED)
    assert (show(disk)["DiskState"], show(disk)["DiskSize"]) == ("UNATTACHED", 80)


def test_a_disk_that_cannot_grow_says_why(
    resources: Resources, call: Calling, create: Calling, refused: Calling
) -> None:
    disk = create()
    system = next(one for one in resources.disks.values() if not one.portable)
    assert refused("ResizeDisk", {"DiskSize": 80}) == "MissingParameter"
    assert refused("ResizeDisk", {"DiskId": disk, "DiskSize": 50}) == "InvalidParameterValue"
    assert refused("ResizeDisk", {"DiskId": system.id, "DiskSize": 500}) == "InvalidDisk.NotSupported"
    call("cbs", "CreateSnapshot", {"DiskId": disk})
    assert refused("ResizeDisk", {"DiskId": disk, "DiskSize": 80}) == "ResourceUnavailable.SnapshotCreating"


def test_a_pay_as_you_go_disk_is_gone_at_once_and_its_snapshots_stay(
    sandbox: InThread, call: Calling, create: Calling
) -> None:
    disk = create()
    snapshot = call("cbs", "CreateSnapshot", {"DiskId": disk})["SnapshotId"]
    sandbox.clock.advance(SETTLED)
    call("cbs", "TerminateDisks", {"DiskIds": [disk]})
    assert call("cbs", "DescribeDisks", {"DiskIds": [disk]})["TotalCount"] == 0
    assert call("cbs", "DescribeSnapshots", {"SnapshotIds": [snapshot]})["TotalCount"] == 1


def test_snapshots_with_a_deadline_die_with_their_disk_where_that_is_asked_for(
    sandbox: InThread, call: Calling, create: Calling
) -> None:
    disk = create(DeleteSnapshot=1)
    deadline = (sandbox.clock.now() + timedelta(days=9)).isoformat()
    mortal = call("cbs", "CreateSnapshot", {"DiskId": disk, "Deadline": deadline})["SnapshotId"]
    sandbox.clock.advance(SETTLED)
    permanent = call("cbs", "CreateSnapshot", {"DiskId": disk})["SnapshotId"]
    sandbox.clock.advance(SETTLED)
    call("cbs", "TerminateDisks", {"DiskIds": [disk]})
    left = call("cbs", "DescribeSnapshots", {"SnapshotIds": [mortal, permanent]})["SnapshotSet"]
    assert [one["SnapshotId"] for one in left] == [permanent]


def test_a_subscribed_disk_goes_to_the_recycle_bin_for_seven_days(
    sandbox: InThread, call: Calling, create: Calling, show: Calling
) -> None:
    paid = {"DiskChargeType": "PREPAID", "DiskChargePrepaid": {"Period": 1}}
    one, other = create(**paid), create(**paid)
    assert show(one)["DifferDaysOfDeadline"] == 29
    call("cbs", "TerminateDisks", {"DiskIds": [one, other]})
    assert show(one)["DiskState"] == "TORECYCLE"
    call("cbs", "TerminateDisks", {"DiskIds": [other]})
    assert call("cbs", "DescribeDisks", {"DiskIds": [other]})["TotalCount"] == 0
    sandbox.clock.advance(timedelta(days=7, seconds=-1))
    assert show(one)["DiskState"] == "TORECYCLE"
    sandbox.clock.advance(timedelta(seconds=1))
    assert call("cbs", "DescribeDisks", {"DiskIds": [one]})["TotalCount"] == 0


def test_a_renewed_disk_comes_back_out_of_the_recycle_bin_and_stays(
    sandbox: InThread, call: Calling, create: Calling, show: Calling, refused: Calling
) -> None:
    disk = create(DiskChargeType="PREPAID", DiskChargePrepaid={"Period": 1})
    call("cbs", "TerminateDisks", {"DiskIds": [disk]})
    sandbox.clock.advance(timedelta(days=5))
    renewal = {"DiskId": disk, "DiskChargePrepaid": {"Period": 2}}
    call("cbs", "RenewDisk", renewal)
    call("cbs", "TerminateDisks", {"DiskIds": [disk]})
    sandbox.clock.advance(timedelta(days=3))
    assert show(disk)["DiskState"] == "TORECYCLE"  # seven days from the second time on
    call("cbs", "RenewDisk", renewal)
    sandbox.clock.advance(timedelta(days=9))
    assert (show(disk)["DiskState"], show(disk)["DifferDaysOfDeadline"]) == ("UNATTACHED", 132)
    hourly = {**renewal, "DiskId": create()}
    assert refused("RenewDisk", hourly) == "InvalidDisk.NotSupported"
    forever = {**renewal, "DiskChargePrepaid": {"Period": 99}}
    assert refused("RenewDisk", forever) == "InvalidParameterValue"


def test_disks_are_returned_all_or_none(
    resources: Resources, create: Calling, show: Calling, refused: Calling
) -> None:
    disk = create()
    attached = next(one for one in resources.disks.values() if one.portable and one.instance)
    for bad, code in (
        (attached.id, "ResourceUnavailable.NotSupported"),
        ("disk-00000000", "InvalidParameterValue"),
    ):
        assert refused("TerminateDisks", {"DiskIds": [disk, bad]}) == code
    assert show(disk)["DiskState"] == "UNATTACHED"


def test_attributes_of_disks_change_all_or_none(
    resources: Resources, call: Calling, create: Calling, show: Calling, refused: Calling
) -> None:
    disk = create()
    call("cbs", "ModifyDiskAttributes", {"DiskIds": [disk], "DiskName": "renamed", "ProjectId": 7})
    assert (show(disk)["DiskName"], show(disk)["Placement"]["ProjectId"]) == ("renamed", 7)
    system = next(one for one in resources.disks.values() if not one.portable)
    wanted = {"DiskIds": [disk, system.id], "ProjectId": 8}
    assert refused("ModifyDiskAttributes", wanted) == "InvalidDisk.NotSupported"
    assert show(disk)["Placement"]["ProjectId"] == 7
    assert refused("ModifyDiskAttributes", {"DiskIds": [disk]}) == "MissingParameter"
    call("cbs", "ModifyDisksRenewFlag", {"DiskIds": [disk], "RenewFlag": "NOTIFY_AND_AUTO_RENEW"})
    assert show(disk)["RenewFlag"] == "NOTIFY_AND_AUTO_RENEW"
    assert refused("ModifyDisksRenewFlag", {"DiskIds": [disk], "RenewFlag": "no"}) == "InvalidParameterValue"


def test_what_is_shown_of_a_disk_follows_every_change(
    sandbox: InThread, resources: Resources, call: Calling, create: Calling, show: Calling
) -> None:
    disk = create()
    before = show(disk)
    resources.disks[disk].tags["changed"] = "yes"
    assert show(disk)["Tags"] == [{"Key": "changed", "Value": "yes"}]
    snapshot = call("cbs", "CreateSnapshot", {"DiskId": disk})["SnapshotId"]
    assert (before["SnapshotCount"], show(disk)["SnapshotCount"]) == (0, 1)
    sandbox.clock.advance(SETTLED)
    call("cbs", "DeleteSnapshots", {"SnapshotIds": [snapshot]})
    assert show(disk)["SnapshotCount"] == 0


def test_only_detached_data_disks_are_initialized(
    resources: Resources, call: Calling, create: Calling, refused: Calling
) -> None:
    call("cbs", "InitializeDisks", {"DiskIds": [create()]})
    attached = next(one for one in resources.disks.values() if one.instance)
    assert refused("InitializeDisks", {"DiskIds": [attached.id]}) == "ResourceBusy"


def test_the_price_of_the_documented_example(call: Calling, create: Calling, refused: Calling) -> None:
    wanted = {"DiskType": "CLOUD_PREMIUM", "DiskSize": 100, "DiskChargeType": "POSTPAID_BY_HOUR"}
    price = call("cbs", "InquiryPriceCreateDisks", wanted)["DiskPrice"]
    assert (price["UnitPriceHigh"], price["UnitPrice"], price["ChargeUnit"]) == ("0.042", 0.04, "HOUR")
    paid = {**wanted, "DiskChargeType": "PREPAID", "DiskChargePrepaid": {"Period": 2}}
    assert call("cbs", "InquiryPriceCreateDisks", paid)["DiskPrice"]["OriginalPrice"] == 60.48
    disk = create()
    grown = call("cbs", "InquiryPriceResizeDisk", {"DiskId": disk, "DiskSize": 150})["DiskPrice"]
    assert grown["UnitPriceHigh"] == "0.042"
    assert refused("InquiryPriceResizeDisk", {"DiskId": disk, "DiskSize": 10}) == "InvalidParameterValue"
