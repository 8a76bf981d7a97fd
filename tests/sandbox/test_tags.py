"""The tag service changes what the other services show."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from drkit.sandbox.testing import InThread

Calling = Callable[..., Any]
ACCOUNT = "100000000001"


@pytest.fixture
def disk(sandbox: InThread) -> Any:
    return next(iter(sandbox.world.accounts[ACCOUNT].regions["ap-beijing"].disks.values()))


@pytest.fixture
def tag(call: Calling) -> Any:
    def calling(action: str, parameters: dict[str, Any] | None = None) -> Any:
        return call("tag", action, parameters, "")

    return calling


@pytest.fixture
def refused(tag: Calling) -> Any:
    def refusing(action: str, parameters: dict[str, Any]) -> Any:
        with pytest.raises(TencentCloudSDKException) as caught:
            tag(action, parameters)
        return caught.value.code

    return refusing


def name(disk: Any, account: str = ACCOUNT, service: str = "cvm", kind: str = "volume") -> str:
    return f"qcs::{service}:ap-beijing:uin/{account}:{kind}/{disk if isinstance(disk, str) else disk.id}"


def pair(key: str, value: str = "v") -> dict[str, str]:
    return {"TagKey": key, "TagValue": value}


def test_tags_come_onto_things_and_off_them(tag: Calling, call: Calling, disk: Any) -> None:
    def shown() -> Any:
        tags = call("cbs", "DescribeDisks", {"DiskIds": [disk.id]})["DiskSet"][0]["Tags"]
        return {one["Key"]: one["Value"] for one in tags}

    before = shown()
    wanted = {"ResourceList": [name(disk)], "Tags": [pair("drkit:run", "r1"), pair("service", "changed")]}
    assert tag("TagResources", wanted)["FailedResources"] == []
    assert shown() == {**before, "drkit:run": "r1", "service": "changed"}
    gone = {"ResourceList": [name(disk)], "TagKeys": ["drkit:run", "never"]}
    assert tag("UnTagResources", gone)["FailedResources"] == []
    assert "drkit:run" not in shown()
    change = {"Resource": name(disk), "ReplaceTags": [pair("a")], "DeleteTags": [{"TagKey": "service"}]}
    tag("ModifyResourceTags", change)
    assert shown() == {**{key: value for key, value in before.items() if key != "service"}, "a": "v"}


def test_hosts_snapshots_and_images_have_tags_too(sandbox: InThread, tag: Calling, call: Calling) -> None:
    resources = sandbox.world.accounts[ACCOUNT].regions["ap-beijing"]
    host, snapshot = next(iter(resources.instances)), resources.snapshots(sandbox.clock.now())[0].id
    image = call("cvm", "CreateImage", {"ImageName": "golden", "InstanceId": host})["ImageId"]
    things = [name(host, kind="instance"), name(snapshot, kind="snapshot"), name(image, kind="image")]
    assert tag("TagResources", {"ResourceList": things, "Tags": [pair("k")]})["FailedResources"] == []
    filters = {"TagFilters": [{"TagKey": "k", "TagValue": ["v", "w"]}]}
    found = tag("GetResources", filters)["ResourceTagMappingList"]
    assert {one["Resource"] for one in found} == set(things)
    rows = tag("DescribeResourcesByTags", {**filters, "ResourcePrefix": "snapshot"})["Rows"]
    assert [(one["ResourceId"], one["ResourceRegion"]) for one in rows] == [(snapshot, "ap-beijing")]


def test_things_that_do_not_exist_fail_alone(tag: Calling, call: Calling, disk: Any) -> None:
    wanted = {"ResourceList": [name("disk-00000000"), name(disk)], "Tags": [pair("k")]}
    failed = tag("TagResources", wanted)["FailedResources"]
    assert [one["Resource"] for one in failed] == [name("disk-00000000")]
    assert {"Key": "k", "Value": "v"} in call("cbs", "DescribeDisks", {"DiskIds": [disk.id]})["DiskSet"][0][
        "Tags"
    ]


def test_a_thing_has_fifty_tags(tag: Calling, disk: Any) -> None:
    disk.tags = {f"k{number}": "v" for number in range(50)}
    failed = tag("TagResources", {"ResourceList": [name(disk)], "Tags": [pair("one-more")]})
    assert failed["FailedResources"][0]["Code"] == "LimitExceeded.ResourceAttachedTags"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ResourceList": ["disk-1"]}, "InvalidParameterValue.ResourceDescriptionError"),
        ({"ResourceList": [name("disk-1", service="cos")]}, "InvalidParameter.UnsupportedService"),
        ({"ResourceList": [name("disk-1", "200000000002")]}, "AuthFailure.UnauthorizedOperation"),
        ({"ResourceList": [name(f"disk-{n}") for n in range(11)]}, "LimitExceeded.ResourceNumPerRequest"),
        ({"Tags": [pair(f"k{n}") for n in range(11)]}, "LimitExceeded.TagNumPerRequest"),
        ({"Tags": [pair("k"), pair("k")]}, "InvalidParameterValue.TagKeyDuplicate"),
        ({"Tags": [pair("")]}, "InvalidParameterValue.TagKeyEmpty"),
        ({"Tags": [pair("x" * 128)]}, "InvalidParameterValue.TagKeyLengthExceeded"),
        ({"Tags": [pair("<k>")]}, "InvalidParameterValue.TagKeyCharacterIllegal"),
        ({"Tags": [pair("qcs:k")]}, "InvalidParameter.ReservedTagKey"),
        ({"Tags": [pair("k", "x" * 256)]}, "InvalidParameterValue.TagValueLengthExceeded"),
        ({"Tags": [pair("k", "\n")]}, "InvalidParameterValue.TagValueCharacterIllegal"),
    ],
)
def test_what_cannot_be_tagged_says_why(
    refused: Calling, disk: Any, change: dict[str, Any], code: str
) -> None:
    assert refused("TagResources", {"ResourceList": [name(disk)], "Tags": [pair("k")], **change}) == code


def test_a_change_that_contradicts_itself_is_refused(refused: Calling, disk: Any) -> None:
    both = {"Resource": name(disk), "ReplaceTags": [pair("k")], "DeleteTags": [{"TagKey": "k"}]}
    assert refused("ModifyResourceTags", both) == "InvalidParameterValue.DeleteTagsParamError"
    assert refused("ModifyResourceTags", {"Resource": name(disk)}) == "InvalidParameter.Tag"


def test_tags_are_listed_by_key_page_after_page(tag: Calling) -> None:
    everything = tag("DescribeTags", {"Limit": 1000})
    services = tag("DescribeTags", {"TagKeys": ["service"], "Limit": 5})
    assert services["TotalCount"] == everything["TotalCount"] - 1
    assert len(services["Tags"]) == 5
    assert {one["CanDelete"] for one in services["Tags"]} == {0}
    assert tag("DescribeTagKeys")["Tags"] == ["environment", "service"] == tag("GetTagKeys")["TagKeys"]
    values = tag("DescribeTagValues", {"TagKeys": ["environment"]})["Tags"]
    assert [one["TagValue"] for one in values] == ["production"]

    found, token = [], ""
    while True:
        page = tag("GetTags", {"MaxResults": 5, "PaginationToken": token})
        found += page["Tags"]
        token = page["PaginationToken"]
        if not token:
            break
    assert found == [
        {key: one[key] for key in ("TagKey", "TagValue", "Category")} for one in everything["Tags"]
    ]


def test_pages_that_cannot_be_are_refused(refused: Calling) -> None:
    assert refused("DescribeTags", {"Limit": 10, "Offset": 5}) == "FailedOperation"
    assert refused("GetTags", {"PaginationToken": "x"}) == "InvalidParameter.PaginationTokenInvalid"
    before_the_first = base64.urlsafe_b64encode(b"after -5").decode()
    wanted = {"PaginationToken": before_the_first}
    assert refused("GetTags", wanted) == "InvalidParameter.PaginationTokenInvalid"
    assert refused("GetTagValues", {"TagKeys": []}) == "InvalidParameter"


def test_a_tag_exists_without_a_thing_until_it_is_deleted(tag: Calling, refused: Calling, disk: Any) -> None:
    tag("CreateTag", pair("new"))
    assert refused("CreateTag", pair("new")) == "ResourceInUse.TagDuplicate"
    assert tag("DescribeTags", pair("new"))["Tags"][0]["CanDelete"] == 1
    tag("TagResources", {"ResourceList": [name(disk)], "Tags": [pair("new")]})
    assert refused("DeleteTag", pair("new")) == "FailedOperation.TagAttachedResource"
    tag("UnTagResources", {"ResourceList": [name(disk)], "TagKeys": ["new"]})
    tag("DeleteTag", pair("new"))
    assert refused("DeleteTag", pair("new")) == "ResourceNotFound.TagNonExist"


def test_the_tags_of_named_things_come_a_row_for_each(tag: Calling, disk: Any) -> None:
    wanted = {
        "ServiceType": "cvm",
        "ResourcePrefix": "volume",
        "ResourceIds": [disk.id],
        "ResourceRegion": "ap-beijing",
    }
    rows = tag("DescribeResourceTagsByResourceIds", wanted)["Tags"]
    assert {one["TagKey"]: one["TagValue"] for one in rows} == disk.tags
