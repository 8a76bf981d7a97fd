from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
import urllib.error
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from requests.exceptions import ChunkedEncodingError
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from drkit.sandbox.faults.failing import Failing, copies
from drkit.sandbox.faults.model import Fault, Kind
from drkit.sandbox.faults.orders import Faults, Target
from drkit.sandbox.faults.spoiling import Struck
from drkit.sandbox.seeds.catalogue import SEEDS
from drkit.sandbox.seeds.people import new_keys
from drkit.sandbox.testing import InThread, running
from drkit.sandbox.world.events import catch_up
from drkit.sandbox.world.model import World

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
    sandbox: InThread, client: Calling
) -> None:
    sandbox.fault("charset", code="UnauthorizedOperation")
    answer = client(sandbox, "cbs").call_json("DescribeDisks", {})["Response"]
    assert answer["Error"]["Code"] == "UnauthorizedOperation"
    sandbox.fault("charset")
    assert client(sandbox, "cbs").call_json("DescribeDisks", {})["Response"]["TotalCount"] == 31


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
        {"kind": "skewed_clock"},
        {"kind": "region_down"},
        {"kind": "fields"},
        {"kind": "fields", "nulls": ["a b"]},
        {"kind": "cut_before", "code": "X"},
        {"kind": "throttle", "rate": 0},
        {"kind": "throttle", "probability": 1.5},
        {"kind": "throttle", "after": -1},
        {"kind": "server_error", "status": 200},
        {"faults": []},
        {"faults": [{"kind": "throttle"}, {"kind": "flood"}]},
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


def test_every_kind_of_fault_is_carried_out() -> None:
    for kind in set(get_args(Kind)) - {"hang"}:
        assert callable(getattr(Struck, kind)), kind


def test_a_rate_lets_so_many_calls_of_a_second_through_for_each_action_and_key() -> None:
    now = [100.0]
    faults = Faults(now=lambda: now[0])
    faults.order([Fault(kind="throttle", rate=20)])
    target = Target("cbs", "DescribeDisks", "ap-beijing", "AKID1")

    struck = [faults.take(target) is not None for _ in range(25)]
    assert struck == [False] * 20 + [True] * 5
    for other in (
        Target("cbs", "DescribeSnapshots", "ap-beijing", "AKID1"),
        Target("cbs", "DescribeDisks", "ap-beijing", "AKID2"),
        Target("cbs", "DescribeDisks", "ap-beijing", "AKID1", "ap-shanghai"),
    ):
        assert faults.take(other) is None
    # The region of the call is not that of the access, which is what is counted.
    assert faults.take(Target("cbs", "DescribeDisks", "ap-shanghai", "AKID1")) is not None
    now[0] = 101.0
    assert faults.take(target) is None
    assert faults.waiting


def test_what_goes_beyond_a_rate_is_told_as_the_real_cloud_tells_it(sandbox: InThread, call: Calling) -> None:
    sandbox.fault("throttle", action="DescribeDisks", rate=1)
    # Some of 50 calls fall into one second, also on a machine that is busy.

    def call_on() -> None:
        for _ in range(50):
            call("cbs", "DescribeDisks", {"Limit": 1})

    with pytest.raises(TencentCloudSDKException) as caught:
        call_on()
    assert caught.value.code == "RequestLimitExceeded"
    assert "`2` in a second, which exceeds the frequency limit `1`" in caught.value.message


def test_a_fault_with_after_lets_the_first_calls_go_well() -> None:
    faults = Faults()
    faults.order([Fault(kind="server_error", action="DescribeDisks", after=2, times=1)])
    target, other = (
        Target("cbs", "DescribeDisks", "ap-beijing"),
        Target("cbs", "DescribeSnapshots", "ap-beijing"),
    )
    taken = [faults.take(one) is not None for one in (target, other, target, target, target)]
    assert taken == [False, False, False, True, False]
    assert faults.waiting == []


def test_a_fault_with_a_probability_strikes_the_same_calls_for_the_same_seed() -> None:
    def struck(seed: int) -> Any:
        faults = Faults()
        faults.order([Fault(kind="throttle", times=None, probability=0.3, seed=seed)])
        return [faults.take(Target("cbs", "DescribeDisks", "")) is not None for _ in range(1000)]

    assert struck(1) == struck(1) != struck(2)
    assert 200 < sum(struck(1)) < 400


def test_a_connection_cut_in_the_middle_of_the_body_leaves_the_action_done(
    sandbox: InThread, request_snapshot: Calling, sign: Calling, raw: Calling
) -> None:
    before = snapshots(sandbox)
    sandbox.fault("cut_middle", times=2)
    with pytest.raises(ChunkedEncodingError):  # the official client does not make it an error of its own
        request_snapshot()
    assert snapshots(sandbox) == before + 1
    with pytest.raises(http.client.IncompleteRead) as caught:
        raw(sandbox, sign(sandbox, "cbs", "DescribeDisks"))
    assert caught.value.partial.startswith(b'{"Response":{')


def test_fields_of_a_true_answer_become_null_go_away_or_are_added(
    sandbox: InThread, call: Calling, client: Calling
) -> None:
    plain = call("cbs", "DescribeDisks", {"Limit": 2})
    sandbox.fault(
        "fields",
        nulls=["DiskSet.Encrypt", "DiskSet.Nothing"],
        absent=["DiskSet.Placement.Zone", "TotalCount"],
        extra={"DiskSet.Novelty": [1], "Deprecated": "soon"},
    )
    answer = client(sandbox, "cbs").call_json("DescribeDisks", {"Limit": 2})["Response"]
    assert "TotalCount" not in answer
    assert answer["Deprecated"] == "soon"
    for disk, true in zip(answer["DiskSet"], plain["DiskSet"], strict=True):
        assert disk["Encrypt"] is None
        assert "Zone" not in disk["Placement"]
        assert disk["Novelty"] == [1]
        assert "Nothing" not in disk
        assert disk["DiskId"] == true["DiskId"]


def state_of(call: Calling, snapshot: str) -> Any:
    found = call("cbs", "DescribeSnapshots", {"SnapshotIds": [snapshot]})["SnapshotSet"]
    return [one["SnapshotState"] for one in found]


def test_a_stuck_snapshot_stays_creating_and_others_do_not(
    sandbox: InThread, request_snapshot: Calling, call: Calling
) -> None:
    sandbox.fault("stuck", action="CreateSnapshot")
    stuck = request_snapshot()["SnapshotId"]
    other = call("cbs", "DescribeDisks", {"Limit": 2})["DiskSet"][1]["DiskId"]
    usual = call("cbs", "CreateSnapshot", {"DiskId": other})["SnapshotId"]
    sandbox.clock.advance(timedelta(days=30))
    assert state_of(call, stuck) == ["CREATING"]
    assert state_of(call, usual) == ["NORMAL"]


def test_a_snapshot_whose_task_fails_is_creating_and_then_is_not_there(
    sandbox: InThread, request_snapshot: Calling, call: Calling
) -> None:
    sandbox.fault("fail_task", action="CreateSnapshot")
    failed = request_snapshot()["SnapshotId"]
    assert state_of(call, failed) == ["CREATING"]
    sandbox.clock.advance(timedelta(seconds=2))
    assert state_of(call, failed) == []


def test_a_host_whose_stopping_fails_runs_on(sandbox: InThread, call: Calling) -> None:
    def state() -> Any:
        return call("cvm", "DescribeInstances", {"InstanceIds": [host]})["InstanceSet"][0]["InstanceState"]

    host = call("cvm", "DescribeInstances", {"Limit": 1})["InstanceSet"][0]["InstanceId"]
    sandbox.fault("fail_task", action="StopInstances")
    call("cvm", "StopInstances", {"InstanceIds": [host]})
    assert state() == "STOPPING"
    sandbox.clock.advance(timedelta(minutes=10))
    assert state() == "RUNNING"
    call("cvm", "StopInstances", {"InstanceIds": [host]})
    sandbox.clock.advance(timedelta(minutes=10))
    assert state() == "STOPPED"


def test_a_failing_task_takes_back_what_it_made_and_gives_back_what_it_took(
    sandbox: InThread, call: Calling
) -> None:
    disks = call("cbs", "DescribeDisks", {"Limit": 100})["DiskSet"]
    attached = next(one["DiskId"] for one in disks if one["Portable"] and one["Attached"])
    host = next(one["InstanceId"] for one in disks if one["InstanceId"] and one["DiskId"] != attached)
    wanted = {
        "Placement": {"Zone": "ap-beijing-3"},
        "DiskChargeType": "POSTPAID_BY_HOUR",
        "DiskType": "CLOUD_PREMIUM",
        "DiskSize": 100,
    }
    sandbox.fault("fail_task", times=3)
    made = call("cbs", "CreateDisks", wanted)["DiskIdSet"]
    call("cbs", "DetachDisks", {"DiskIds": [attached]})
    call("cvm", "TerminateInstances", {"InstanceIds": [host]})
    sandbox.clock.advance(timedelta(hours=1))

    after = call("cbs", "DescribeDisks", {"Limit": 100})["DiskSet"]
    assert made[0] not in {one["DiskId"] for one in after}
    assert {one["DiskId"]: one["DiskState"] for one in after} == {
        one["DiskId"]: one["DiskState"] for one in disks
    }
    (still,) = call("cvm", "DescribeInstances", {"InstanceIds": [host]})["InstanceSet"]
    assert still["InstanceState"] == "RUNNING"


def test_a_task_that_was_to_fail_is_forgotten_with_its_world(
    sandbox: InThread, request_snapshot: Calling, call: Calling
) -> None:
    sandbox.fault("fail_task", action="CreateSnapshot")
    request_snapshot()
    sandbox.reset()
    again = request_snapshot()["SnapshotId"]
    sandbox.clock.advance(timedelta(hours=1))
    assert state_of(call, again) == ["NORMAL"]


@pytest.mark.parametrize(("seconds", "expired"), [(-600, True), (600, True), (-200, False)])
def test_a_skewed_clock_judges_timestamps_by_another_time(
    sandbox: InThread, call: Calling, seconds: float, *, expired: bool
) -> None:
    sandbox.fault("skewed_clock", seconds=seconds)
    for _ in range(2):  # it lasts until it is cleared
        if expired:
            with pytest.raises(TencentCloudSDKException) as caught:
                call("cbs", "DescribeDisks")
            assert caught.value.code == "AuthFailure.SignatureExpire"
            told = int(caught.value.message.rpartition(" ")[2].rstrip("."))
            assert abs(told - (time.time() + seconds)) < 30
        else:
            assert call("cbs", "DescribeDisks")["TotalCount"] == 31
    sandbox.clear_faults()
    assert call("cbs", "DescribeDisks")["TotalCount"] == 31


def test_an_expired_signature_is_told_once(sandbox: InThread, call: Calling) -> None:
    sandbox.fault("expired_signature")
    with pytest.raises(TencentCloudSDKException, match="SignatureExpire"):
        call("cbs", "DescribeDisks")
    call("cbs", "DescribeDisks")


def test_a_region_that_is_down_fails_whatever_goes_there(
    sandbox: InThread, call: Calling, client: Calling, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.fault("region_down", region="ap-shanghai")
    for service, action in (("cbs", "DescribeDisks"), ("cvm", "DescribeInstances")):
        with pytest.raises(TencentCloudSDKException, match="InternalError"):
            call(service, action, {}, "ap-shanghai")
        call(service, action, {}, "ap-beijing")
    monkeypatch.setenv("http_proxy", sandbox.endpoint)
    own = client(sandbox, "cbs", "ap-shanghai", endpoint="cbs.ap-shanghai.tencentcloudapi.com")
    with pytest.raises(TencentCloudSDKException, match="ClientNetworkError"):
        own.call_json("DescribeDisks", {})


def test_many_faults_are_ordered_at_once_and_the_first_that_strikes_is_the_one(
    sandbox: InThread, call: Calling
) -> None:
    sandbox.control(
        "POST",
        "faults",
        {"faults": [{"kind": "error", "code": "ResourceBusy"}, {"kind": "throttle", "times": None}]},
    )
    for code in ("ResourceBusy", "RequestLimitExceeded", "RequestLimitExceeded"):
        with pytest.raises(TencentCloudSDKException, match=code):
            call("cbs", "DescribeDisks")
    assert sandbox.faults() == [{"kind": "throttle", "times": None, "left": None, "struck": 2}]


FILE = """\
# What the night of the incident was like.
faults:
  - {kind: throttle, service: cbs, rate: 20}
  - {kind: cut_middle, action: CreateSnapshot, times: 2, after: 10}
  - kind: fields
    action: DescribeDisks
    times: null
    probability: 0.5
    seed: 7
    nulls: [DiskSet.Encrypt]
    extra: {DiskSet.Novelty: {deep: [1]}}
"""


def drkit(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "drkit", "sandbox", "fault", *words, "--home", str(home)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_faults_of_a_file_are_ordered_listed_and_cleared(tmp_path: Path) -> None:
    file = tmp_path / "night.yaml"
    file.write_text(FILE)
    with running(home=tmp_path / "home") as sandbox:
        ordered = drkit(sandbox.home.path, str(file))
        assert (ordered.returncode, ordered.stderr) == (0, "")
        assert len(ordered.stdout.splitlines()) == 3
        first, second, third = sandbox.faults()
        assert (first["rate"], first["left"]) == (20, None)
        assert (second["after"], second["left"]) == (10, 2)
        assert third["extra"] == {"DiskSet.Novelty": {"deep": [1]}}
        listed = drkit(sandbox.home.path, "--list", "--format", "json")
        assert [one["kind"] for one in json.loads(listed.stdout)["faults"]] == [
            "throttle",
            "cut_middle",
            "fields",
        ]
        assert drkit(sandbox.home.path, "--clear").stdout == "no fault waits\n"
        assert sandbox.faults() == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("faults:\n  - {kind: throtle}\n", ":2:12: "),
        ("faults:\n  - kind: error\n", "a fault of kind error needs the code"),
        ("faults:\n  - {kind: throttle, tims: 3}\n", "did you mean 'times'?"),
        ("faults: []\n", ":1:9: "),
        ("faults:\n  - {kind: hang, seconds: ten}\n", ":2:27: "),
        ("- kind: throttle\n", ":1:1: "),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_place_and_nothing_is_ordered(
    tmp_path: Path, content: str, told: str
) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(content)
    done = drkit(tmp_path / "no-sandbox", str(file))
    assert done.returncode == 2
    assert str(file) in done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_faults_without_a_sandbox_or_without_a_file_are_told(tmp_path: Path) -> None:
    for words, told in ((("--list",), "no sandbox runs"), ((str(tmp_path / "x.yaml"),), "no such file")):
        done = drkit(tmp_path, *words)
        assert done.returncode == 2
        assert told in done.stderr


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


def test_a_failing_task_is_found_among_very_many_snapshots_in_no_time() -> None:
    world, now = World(), datetime.now(UTC)
    SEEDS["thousand"].built_with(new_keys())(world, now)
    catch_up(world, now + timedelta(hours=10))
    before, failing = copies(world), Failing()
    assert sum(len(held.snapshots) for held in before.values()) == 10_000
    began = time.process_time()
    failing.note(before, world, now)
    assert time.process_time() - began < 1
    assert failing.tasks == []
