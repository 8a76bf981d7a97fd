"""The managed bastion: templates of commands, and what was typed through it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

Calling = Callable[..., Any]
REGION = "ap-beijing"


@pytest.fixture
def bh(call: Calling) -> Any:
    def calling(action: str, **parameters: Any) -> Any:
        return call("bh", action, parameters, REGION)

    return calling


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(TencentCloudSDKException) as caught:
        call()
    return str(caught.value.code)


def test_a_template_is_made_listed_changed_and_removed(bh: Calling) -> None:
    number = bh("CreateCmdTemplate", Name="drkit-1", CmdList="rm -rf .*\nmkfs.*")["Id"]
    encoded = base64.b64encode(b"dd .*").decode()
    other = bh("CreateCmdTemplate", Name="other", CmdList=encoded, Encoding=1)["Id"]
    found = bh("DescribeCmdTemplates", Name="drkit")
    assert found["CmdTemplateSet"] == [
        {"Id": number, "Name": "drkit-1", "CmdList": "rm -rf .*\nmkfs.*", "Type": 2}
    ]
    bh("ModifyCmdTemplate", Id=number, Name="drkit-2", CmdList="wipefs.*")
    listed = bh("DescribeCmdTemplates")["CmdTemplateSet"]
    assert [(each["Name"], each["CmdList"]) for each in listed] == [
        ("drkit-2", "wipefs.*"),
        ("other", "dd .*"),
    ]
    bh("DeleteCmdTemplates", IdSet=[number, other])
    assert bh("DescribeCmdTemplates")["TotalCount"] == 0


def test_a_template_with_a_bad_name_a_second_one_of_a_name_and_one_that_is_not_there_are_refused(
    bh: Calling,
) -> None:
    bh("CreateCmdTemplate", Name="one", CmdList="x")
    assert code_of(lambda: bh("CreateCmdTemplate", Name="one", CmdList="x")) == "InvalidParameterValue"
    assert code_of(lambda: bh("CreateCmdTemplate", Name="a b", CmdList="x")) == "InvalidParameterValue"
    assert (
        code_of(lambda: bh("CreateCmdTemplate", Name="two", CmdList="x" * 32_769)) == "InvalidParameterValue"
    )
    assert code_of(lambda: bh("DeleteCmdTemplates", IdSet=[7])) == "ResourceNotFound"


def test_what_was_typed_is_found_by_time_user_and_what_became_of_it(bh: Calling) -> None:
    since = (datetime.now(UTC) - timedelta(days=7)).isoformat(timespec="seconds")
    sessions = bh("SearchSession", StartTime=since, Kind=1, UserName="wang.wei")["SessionSet"]
    assert [each["DangerCount"] for each in sessions] == [2, 0]
    held = bh("SearchCommand", StartTime=since, AuditAction=[2])["Commands"]
    assert [each["Cmd"] for each in held] == ["mkfs.xfs /dev/vdb", "rm -rf /data/mysql/binlog"]
    assert bh("SearchCommand", StartTime=since, Limit=1, Offset=2)["TotalCount"] == 6
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="seconds")
    assert bh("SearchCommand", StartTime=tomorrow)["Commands"] == []
    assert code_of(lambda: bh("SearchSession", StartTime=since)) == "MissingParameter"
    assert code_of(lambda: bh("SearchCommand", StartTime="yesterday")) == "InvalidParameterValue"
