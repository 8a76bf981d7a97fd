from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from drkit.sandbox.testing import InThread

Calling = Callable[..., Any]


def refusal(call: Calling, *arguments: Any) -> Any:
    with pytest.raises(TencentCloudSDKException) as caught:
        call(*arguments)
    return caught.value


def test_an_action_that_exists_but_is_not_emulated_says_so(call: Calling) -> None:
    error = refusal(call, "cbs", "DescribeDiskStoragePool", {})
    assert error.code == "UnsupportedOperation.NotEmulated"
    assert "drkit sandbox coverage" in error.message


def test_an_action_that_does_not_exist_is_refused_in_the_words_of_the_real_cloud(call: Calling) -> None:
    error = refusal(call, "cbs", "DescribeNothing")
    assert error.code == "InvalidAction"
    assert error.message == (
        "The request action=`DescribeNothing` is invalid or not found "
        "in service=`cbs` and version=`2017-03-12`."
    )


@pytest.mark.parametrize(
    ("service", "version", "action", "code"),
    [
        ("cbs", "2018-01-01", "DescribeDisks", "NoSuchVersion"),
        ("nothing", "2017-03-12", "DescribeDisks", "NoSuchProduct"),
        ("tke", "2018-05-25", "DescribeClusters", "UnsupportedOperation.NotEmulated"),
        ("tke", "2018-05-25", "Describe", "InvalidAction"),
        ("sts", "2018-08-13", "GetCallerIdentity", ""),
    ],
)
def test_service_version_and_action_are_told_apart(
    sandbox: InThread,
    sign: Calling,
    raw: Calling,
    error_code: Calling,
    service: str,
    version: str,
    action: str,
    code: str,
) -> None:
    headers = sign(sandbox, service, action, after={"X-TC-Version": version})
    assert error_code(raw(sandbox, headers)[2]) == code


def test_actions_taken_offline_say_so(
    sandbox: InThread, sign: Calling, raw: Calling, error_code: Calling
) -> None:
    from drkit.sandbox.specification.load import Specification

    service, version, action = next(
        (service, version, action)
        for service, versions in Specification().index.items()
        for version, names in versions.items()
        for action in sorted(names.offline)
    )
    headers = sign(sandbox, service, action, after={"X-TC-Version": version})
    assert error_code(raw(sandbox, headers)[2]) == "ActionOffline"


def test_an_unknown_region_is_refused(call: Calling) -> None:
    assert refusal(call, "cbs", "DescribeDisks", {}, "ap-atlantis").code == "UnsupportedRegion"


def test_sts_and_describe_regions_need_no_region(
    sandbox: InThread, sign: Calling, raw: Calling, error_code: Calling
) -> None:
    for service, action in (("sts", "GetCallerIdentity"), ("cvm", "DescribeRegions")):
        headers = sign(sandbox, service, action, after={"X-TC-Region": None})
        assert error_code(raw(sandbox, headers)[2]) == ""


def test_the_caller_is_a_user_of_the_account_of_the_seed(call: Calling) -> None:
    identity = call("sts", "GetCallerIdentity")
    assert identity["AccountId"] == "100000000001"
    assert identity["Type"] == "CAMUser"
    assert identity["UserId"] == identity["PrincipalId"] != identity["AccountId"]
