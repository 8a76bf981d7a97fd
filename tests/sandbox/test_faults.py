from __future__ import annotations

import json
import urllib.error
from collections.abc import Callable
from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from drkit.sandbox.testing import InThread

Calling = Callable[..., Any]


def snapshots(sandbox: InThread) -> Any:
    resources = sandbox.world.accounts["100000000001"].regions["ap-beijing"]
    return len(resources.snapshots(sandbox.clock.now()))


@pytest.fixture
def request_snapshot(sandbox: InThread, call: Calling) -> Any:
    disk = call("cbs", "DescribeDisks", {"Limit": 1})["DiskSet"][0]["DiskId"]
    return lambda: call("cbs", "CreateSnapshot", {"DiskId": disk})


def test_the_next_calls_of_an_action_are_throttled_and_others_are_not(
    sandbox: InThread, call: Calling
) -> None:
    sandbox.fault("throttle", service="cbs", action="DescribeDisks", times=2)
    for _ in range(2):
        with pytest.raises(TencentCloudSDKException) as caught:
            call("cbs", "DescribeDisks")
        assert caught.value.code == "RequestLimitExceeded"
        call("cbs", "DescribeSnapshots")
    call("cbs", "DescribeDisks")
    assert sandbox.faults() == []


def test_a_fault_may_concern_every_call_until_it_is_cleared(sandbox: InThread, call: Calling) -> None:
    sandbox.fault("error", code="ResourceBusy", times=None)
    for service, action in (("cbs", "DescribeDisks"), ("cvm", "DescribeInstances"), ("cbs", "DescribeDisks")):
        with pytest.raises(TencentCloudSDKException, match="ResourceBusy"):
            call(service, action)
    sandbox.clear_faults()
    call("cbs", "DescribeDisks")


def test_a_fault_may_concern_one_region(sandbox: InThread, call: Calling) -> None:
    sandbox.fault("error", code="InternalError.FailQueryResource", message="ill", region="ap-shanghai")
    call("cbs", "DescribeDisks")
    with pytest.raises(TencentCloudSDKException, match="ill"):
        call("cbs", "DescribeDisks", {}, "ap-shanghai")


def test_with_a_charset_the_official_client_takes_an_error_for_a_success(
    sandbox: InThread, call: Calling
) -> None:
    sandbox.fault("charset", code="UnauthorizedOperation")
    assert call("cbs", "DescribeDisks")["Error"]["Code"] == "UnauthorizedOperation"
    sandbox.fault("charset")
    assert call("cbs", "DescribeDisks")["TotalCount"] == 31


def test_the_charset_is_in_the_content_type(sandbox: InThread, sign: Calling, raw: Calling) -> None:
    sandbox.fault("charset")
    assert raw(sandbox, sign(sandbox, "cbs", "DescribeDisks"))[1] == "application/json; charset=utf-8"


def test_garbage_is_no_json(sandbox: InThread, call: Calling) -> None:
    sandbox.fault("garbage", action="DescribeDisks")
    with pytest.raises(json.JSONDecodeError):
        call("cbs", "DescribeDisks")


def test_a_connection_cut_before_the_action_leaves_nothing_done(
    sandbox: InThread, request_snapshot: Calling
) -> None:
    before = snapshots(sandbox)
    sandbox.fault("cut_before", action="CreateSnapshot")
    with pytest.raises(TencentCloudSDKException, match="ClientNetworkError"):
        request_snapshot()
    assert snapshots(sandbox) == before


def test_a_connection_cut_after_the_action_leaves_it_done(
    sandbox: InThread, request_snapshot: Calling
) -> None:
    before = snapshots(sandbox)
    sandbox.fault("cut_after", action="CreateSnapshot")
    with pytest.raises(TencentCloudSDKException, match="ClientNetworkError"):
        request_snapshot()
    assert snapshots(sandbox) == before + 1


def test_a_hanging_call_is_answered_late(sandbox: InThread, call: Calling) -> None:
    sandbox.fault("hang", seconds=0.05)
    assert call("cbs", "DescribeDisks")["TotalCount"] == 31


def test_a_hanging_call_does_not_hold_up_others_or_the_end(
    sandbox: InThread, sign: Calling, call: Calling
) -> None:
    import socket

    sandbox.fault("hang", action="DescribeInstances")
    with socket.create_connection(("127.0.0.1", sandbox.port)) as hanging:
        headers = "".join(
            f"{name}: {value}\r\n" for name, value in sign(sandbox, "cvm", "DescribeInstances").items()
        )
        hanging.sendall(f"POST / HTTP/1.1\r\n{headers}Content-Length: 2\r\n\r\n{{}}".encode())
        assert call("cbs", "DescribeDisks")["TotalCount"] == 31


def test_a_server_error_is_http_500(sandbox: InThread, sign: Calling, raw: Calling) -> None:
    sandbox.fault("server_error")
    assert raw(sandbox, sign(sandbox, "cbs", "DescribeDisks"))[0] == 500


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "flood"},
        {"kind": "error"},
        {"kind": "throttle", "times": 0},
        {"kind": "throttle", "times": "2"},
        {"kind": "throttle", "times": True},
        {"kind": "hang", "seconds": -1},
        {"kind": "hang", "seconds": None},
        {"kind": "throttle", "colour": "red"},
        ["throttle"],
        {"kind": ["throttle"]},
    ],
    ids=str,
)
def test_a_fault_that_makes_no_sense_is_refused(sandbox: InThread, fault: Any) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        sandbox.control("POST", "faults", fault)
    assert caught.value.code == 400
    assert json.loads(caught.value.read())["error"]
    assert sandbox.faults() == []


def test_the_control_door_opens_to_the_token_alone(sandbox: InThread, raw: Calling) -> None:
    for token in ("", "wrong", "é"):
        status, _, _ = raw(sandbox, {"X-Sandbox-Token": token.encode()}, method="GET", target="/-/health")
        assert status == 403
    assert sandbox.control("GET", "health")["status"] == "ok"


def test_what_the_control_door_does_not_have_is_404(sandbox: InThread) -> None:
    for method, path in (("GET", "nothing"), ("DELETE", "disks/disk-00000000"), ("POST", "health")):
        with pytest.raises(urllib.error.HTTPError) as caught:
            sandbox.control(method, path)
        assert caught.value.code == 404
        caught.value.close()
