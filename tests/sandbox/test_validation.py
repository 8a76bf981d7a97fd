from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from drkit.sandbox.specification.load import Specification
from drkit.sandbox.testing import InThread

Calling = Callable[..., Any]

SPECIFICATION = Specification()


@pytest.mark.parametrize(
    ("parameters", "code", "message"),
    [
        ({"Nonsense": 1}, "UnknownParameter", "The parameter `Nonsense` is not recognized."),
        ({"Limit": "20"}, "InvalidParameter", "The value type of parameter `Limit` is not valid."),
        ({"Limit": -1}, "InvalidParameter", "The value type of parameter `Limit` is not valid."),
        ({"Limit": 1.0}, "InvalidParameter", "The value type of parameter `Limit` is not valid."),
        ({"Limit": True}, "InvalidParameter", "The value type of parameter `Limit` is not valid."),
        ({"Limit": 2**64}, "InvalidParameter", "The value type of parameter `Limit` is not valid."),
        ({"Order": 1}, "InvalidParameter", "The value type of parameter `Order` is not valid."),
        ({"DiskIds": "disk-1"}, "InvalidParameter", "The value type of parameter `DiskIds` is not valid."),
        ({"DiskIds": [5]}, "InvalidParameter", "The value type of parameter `DiskIds.0` is not valid."),
        ({"Filters": [3]}, "InvalidParameter", "The value type of parameter `Filters.0` is not valid."),
        (
            {"Filters": [{"Name": "zone", "Values": ["a", 2]}]},
            "InvalidParameter",
            "The value type of parameter `Filters.0.Values.1` is not valid.",
        ),
        (
            {"Filters": [{"Name": "zone", "Values": ["a"]}, {"Values": ["b"]}]},
            "MissingParameter",
            "The request is missing a required parameter `Filters.1.Name`.",
        ),
        (
            {"Filters": [{"Name": "zone", "Values": ["a"], "Also": 1}]},
            "UnknownParameter",
            "The parameter `Filters.0.Also` is not recognized.",
        ),
        ({"ReturnBindAutoSnapshotPolicy": 1}, "InvalidParameter", "The value type of parameter `Return"),
        (
            {"Limit": 101},
            "InvalidParameterValue",
            "The value `101` specified in the parameter `Limit` is not",
        ),
        (
            {"Limit": 0},
            "InvalidParameterValue",
            "The value `0` specified in the parameter `Limit` is not valid.",
        ),
        (
            {"DiskIds": []},
            "InvalidParameterValue",
            "The value `[]` specified in the parameter `DiskIds` is not",
        ),
        (
            {"Order": "UP"},
            "InvalidParameterValue",
            "The value `UP` specified in the parameter `Order` is not",
        ),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_what_the_specification_does_not_allow_is_refused_by_name(
    call: Calling, parameters: dict[str, Any], code: str, message: str
) -> None:
    with pytest.raises(TencentCloudSDKException) as caught:
        call("cbs", "DescribeDisks", parameters)
    assert caught.value.code == code
    assert caught.value.message.startswith(message)


def test_null_counts_as_not_given(call: Calling) -> None:
    assert call("cbs", "DescribeDisks", {"DiskIds": None, "Filters": None, "Limit": None})["TotalCount"] == 31


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"3", b'{"Limit": NaN}', b"\xff", b"[" * 100_000, b'{"Limit": ' + b"9" * 9000 + b"}"],
)
def test_a_body_that_is_no_json_object_is_refused(
    sandbox: InThread, sign: Calling, raw: Calling, error_code: Calling, body: bytes
) -> None:
    headers = sign(sandbox, "cbs", "DescribeDisks", body=body)
    assert error_code(raw(sandbox, headers, body=body)[2]) == "InvalidParameter"


def test_an_empty_body_has_no_parameters(
    sandbox: InThread, sign: Calling, raw: Calling, error_code: Calling
) -> None:
    assert error_code(raw(sandbox, sign(sandbox, "cbs", "DescribeDisks", body=b""), body=b"")[2]) == ""


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("Limit=5&Offset=1&Filters.0.Name=disk-usage&Filters.0.Values.0=DATA_DISK", ""),
        ("Filters.1.Name=zone&Filters.0.Name=zone&Filters.0.Values.0=a&Filters.1.Values.0=b", ""),
        ("ReturnBindAutoSnapshotPolicy=true", ""),
        ("ReturnBindAutoSnapshotPolicy=yes", "InvalidParameter"),
        ("Limit=five", "InvalidParameter"),
        ("Limit=1_0", "InvalidParameter"),
        ("Limit=" + "9" * 5000, "InvalidParameter"),
        ("Limit.0=5", "InvalidParameter"),
        ("Limit=5&Limit=6", "InvalidParameter"),
        ("Filters=1&Filters.0.Name=zone", "InvalidParameter"),
        ("Filters.0.Name=zone&Filters=1", "InvalidParameter"),
        ("Filters.x.Name=zone", "InvalidParameter"),
        ("Filters.0.Name=zone", "MissingParameter"),
        ("Nonsense=1", "UnknownParameter"),
        ("A" + ".0" * 500 + "=1", "UnknownParameter"),
        ("Limit", "InvalidParameter"),
        ("Order=%ff", "InvalidParameter"),
    ],
    ids=lambda value: value[:40],
)
def test_the_parameters_of_a_get_are_flattened(
    sandbox: InThread, sign: Calling, raw: Calling, error_code: Calling, query: str, code: str
) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    headers = sign(sandbox, "cbs", "DescribeDisks", method="GET", query=query, body=b"", before=form)
    assert error_code(raw(sandbox, headers, method="GET", target=f"/?{query}", body=b"")[2]) == code
