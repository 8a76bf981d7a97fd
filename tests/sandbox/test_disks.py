from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from drkit.sandbox.testing import InThread

Calling = Callable[..., Any]


def refused(
    call: Calling, parameters: dict[str, Any], service: str = "cbs", action: str = "DescribeDisks"
) -> Any:
    with pytest.raises(TencentCloudSDKException) as caught:
        call(service, action, parameters)
    return caught.value.code


def where(name: str, *values: Any) -> Any:
    return {"Filters": [{"Name": name, "Values": list(values)}], "Limit": 100}


def test_the_seed_is_forty_hosts_and_sixty_disks_in_two_regions(call: Calling) -> None:
    regions = ("ap-beijing", "ap-shanghai")
    hosts = [
        one
        for region in regions
        for one in call("cvm", "DescribeInstances", {"Limit": 100}, region)["InstanceSet"]
    ]
    disks = [
        one for region in regions for one in call("cbs", "DescribeDisks", {"Limit": 100}, region)["DiskSet"]
    ]
    assert (len(hosts), len(disks)) == (40, 60)
    assert [one["InstanceState"] for one in hosts].count("STOPPED") == 1
    assert [one["DiskUsage"] for one in disks].count("SYSTEM_DISK") == 40
    unattached = [one for one in disks if one["DiskState"] == "UNATTACHED"]
    assert len(unattached) == 4
    assert all(one["DiskUsage"] == "DATA_DISK" and one["LastAttachInsId"] is None for one in unattached)
    assert all(one["SnapshotAbility"] for one in disks)
    covered = [one for one in disks if one["SnapshotCount"]]
    assert len(covered) == 29
    assert {one["SnapshotCount"] for one in covered} == {1, 2}
    assert all(one["Attached"] for one in covered)
    assert len({one["DiskId"] for one in disks}) == 60
    assert len({one["Placement"]["Zone"] for one in hosts}) == 6


def test_the_seed_is_the_same_each_time_but_for_the_key_pair(call: Calling) -> None:
    from drkit.sandbox.testing import in_thread

    with in_thread() as another:
        assert set(another.world.accounts["100000000001"].regions["ap-beijing"].disks) == {
            one["DiskId"] for one in call("cbs", "DescribeDisks", {"Limit": 100})["DiskSet"]
        }


def test_pages_of_twenty_show_every_disk_once(call: Calling) -> None:
    first = call("cbs", "DescribeDisks")
    second = call("cbs", "DescribeDisks", {"Offset": 20})
    assert first["TotalCount"] == second["TotalCount"] == 31
    assert (len(first["DiskSet"]), len(second["DiskSet"])) == (20, 11)
    assert len({one["DiskId"] for one in first["DiskSet"] + second["DiskSet"]}) == 31
    assert call("cbs", "DescribeDisks", {"Offset": 1000})["DiskSet"] == []


def test_disks_come_newest_first_unless_told(call: Calling) -> None:
    newest = [one["CreateTime"] for one in call("cbs", "DescribeDisks", {"Limit": 100})["DiskSet"]]
    oldest = [
        one["CreateTime"] for one in call("cbs", "DescribeDisks", {"Limit": 100, "Order": "ASC"})["DiskSet"]
    ]
    assert newest == sorted(newest, reverse=True)
    assert oldest == sorted(oldest)


def test_every_documented_filter_of_describe_disks_selects(call: Calling) -> None:
    disks = call("cbs", "DescribeDisks", {"Limit": 100})["DiskSet"]
    hosts = {
        one["InstanceId"]: one for one in call("cvm", "DescribeInstances", {"Limit": 100})["InstanceSet"]
    }
    disk = next(one for one in disks if one["DiskUsage"] == "DATA_DISK" and one["Attached"])
    host = hosts[disk["InstanceId"]]
    for name, value in {
        "disk-id": disk["DiskId"],
        "disk-name": disk["DiskName"],
        "disk-usage": "DATA_DISK",
        "disk-type": disk["DiskType"],
        "disk-state": "ATTACHED",
        "disk-charge-type": "POSTPAID_BY_HOUR",
        "portable": "TRUE",
        "project-id": "0",
        "instance-id": disk["InstanceId"],
        "instance-name": host["InstanceName"],
        "instance-ip-address": host["PrivateIpAddresses"][0],
        "zone": disk["Placement"]["Zone"],
        "tag:service": host["Tags"][1]["Value"],
        "tag-key": "environment",
        "tag-value": "production",
    }.items():
        found = call("cbs", "DescribeDisks", where(name, value))["DiskSet"]
        assert disk in found, name
        assert disk not in call("cbs", "DescribeDisks", where(name, "nothing"))["DiskSet"], name
    assert call("cbs", "DescribeDisks", where("dedicated-cluster-id", "x"))["TotalCount"] == 0


def test_values_of_a_filter_are_alternatives_and_filters_add_up(call: Calling) -> None:
    both = call("cbs", "DescribeDisks", where("zone", "ap-beijing-3", "ap-beijing-5"))["TotalCount"]
    each = [
        call("cbs", "DescribeDisks", where("zone", zone))["TotalCount"]
        for zone in ("ap-beijing-3", "ap-beijing-5")
    ]
    assert both == sum(each)
    filters = where("zone", "ap-beijing-3")["Filters"] + where("disk-usage", "DATA_DISK")["Filters"]
    found = call("cbs", "DescribeDisks", {"Filters": filters})["DiskSet"]
    assert found
    assert all((one["DiskUsage"], one["Placement"]["Zone"]) == ("DATA_DISK", "ap-beijing-3") for one in found)


def test_ids_and_filters_exclude_each_other_and_are_checked(call: Calling) -> None:
    one = call("cbs", "DescribeDisks", {"Limit": 1})["DiskSet"][0]["DiskId"]
    assert call("cbs", "DescribeDisks", {"DiskIds": [one, "disk-00000000"]})["TotalCount"] == 1
    assert refused(call, {"DiskIds": [one], **where("zone", "x")}) == "InvalidParameterValue"
    assert refused(call, {"DiskIds": ["disk-!"]}) == "InvalidParameterValue"
    assert (
        refused(call, {"DiskIds": [f"disk-{number:08}" for number in range(101)]}) == "InvalidParameterValue"
    )
    assert refused(call, where("nonsense", "x")) == "InvalidFilter"
    assert refused(call, where("zone")) == "InvalidParameterValue"


def test_a_disk_that_is_not_in_the_region_is_not_found_there(call: Calling) -> None:
    elsewhere = call("cbs", "DescribeDisks", {"Limit": 1}, "ap-shanghai")["DiskSet"][0]["DiskId"]
    assert call("cbs", "DescribeDisks", {"DiskIds": [elsewhere]})["TotalCount"] == 0


def test_instances_are_listed_filtered_and_paged(call: Calling) -> None:
    assert len(call("cvm", "DescribeInstances")["InstanceSet"]) == 20
    stopped = call("cvm", "DescribeInstances", where("instance-state", "STOPPED"), "ap-shanghai")[
        "InstanceSet"
    ]
    assert [one["InstanceName"] for one in stopped] == ["marketing-02"]
    mysql = call("cvm", "DescribeInstances", where("tag:service", "mysql"))["InstanceSet"][0]
    assert mysql["CreatedTime"].endswith("Z")
    assert len(mysql["DataDisks"]) == 2
    for name, value in {
        "instance-id": mysql["InstanceId"],
        "uuid": mysql["Uuid"],
        "vpc-id": mysql["VirtualPrivateCloud"]["VpcId"],
        "subnet-id": mysql["VirtualPrivateCloud"]["SubnetId"],
        "security-group-id": mysql["SecurityGroupIds"][0],
        "private-ip-address": mysql["PrivateIpAddresses"][0],
    }.items():
        assert mysql in call("cvm", "DescribeInstances", where(name, value))["InstanceSet"]


def test_describe_instances_refuses_with_its_own_codes(call: Calling) -> None:
    def code(parameters: dict[str, Any]) -> Any:
        return refused(call, parameters, "cvm", "DescribeInstances")

    assert code({"Limit": 101}) == "InvalidParameterValue.LimitExceeded"
    assert code({"Offset": -1}) == "InvalidParameterValue"
    assert code({"InstanceIds": ["i-1"]}) == "InvalidInstanceId.Malformed"
    assert code({"InstanceIds": ["ins-00000000"] * 101}) == "InvalidParameterValue.LimitExceeded"
    assert code({"InstanceIds": ["ins-00000000"], **where("zone", "x")}) == "InvalidParameter"
    assert code(where("zone", *"abcdef")) == "InvalidFilterValue.LimitExceeded"
    assert code({"Filters": where("zone", "a")["Filters"] * 11}) == "InvalidFilterValue.LimitExceeded"


def test_regions_and_zones_speak_the_language_of_the_caller(
    sandbox: InThread, client: Calling, call: Calling
) -> None:
    assert {"ap-beijing", "ap-shanghai"} <= {
        one["Region"] for one in call("cvm", "DescribeRegions")["RegionSet"]
    }
    zones = call("cvm", "DescribeZones")["ZoneSet"]
    assert {
        "Zone": "ap-beijing-3",
        "ZoneName": "Beijing Zone 3",
        "ZoneId": "800003",
        "ZoneState": "AVAILABLE",
    } in zones
    assert zones[0]["ZoneState"] == "UNAVAILABLE"
    chinese = client(sandbox, "cvm", "ap-guangzhou", language="zh-CN").call_json("DescribeZones", {})[
        "Response"
    ]
    assert chinese["ZoneSet"][2]["ZoneName"] == "广州三区"


def test_the_empty_seed_has_an_account_and_nothing_in_it(client: Calling) -> None:
    from drkit.sandbox.testing import in_thread

    with in_thread("empty") as empty:
        assert client(empty, "cbs").call_json("DescribeDisks", {})["Response"]["TotalCount"] == 0
        assert (
            client(empty, "sts").call_json("GetCallerIdentity", {})["Response"]["AccountId"] == "100000000001"
        )
