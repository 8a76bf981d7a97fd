"""Calls by the official SDK to a real server: what is repeated, what is not, what an answer means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from drkit.clouds.tencent.client import Call, TencentClient
from drkit.clouds.tencent.disks import TencentDisks
from drkit.clouds.tencent.paging import read_all
from drkit.clouds.tencent.retry import PatientCaller
from drkit.clouds.tencent.settings import Endpoint, KeyPair
from drkit.core.actions import Pending, Uncertain
from drkit.core.errors import AccountError
from drkit.core.estate import Estate
from drkit.ports.cloud import Hands
from drkit.ports.errors import RefusedError, ThrottledError, UncertainError
from drkit.ports.facts import Scope
from drkit.ports.steps import Setting
from drkit.sandbox.testing import InThread, in_thread
from drkit.snapshots.beginning import poll, run
from drkit.snapshots.wanted import Wanted

ESTATE = Estate.model_validate_json(
    """{"estate": "e", "accounts": {"production": {"cloud": "tencent", "account": "100000000001",
        "environment": "production", "regions": ["ap-beijing"]}}}"""
)
DESCRIBE = Call("cbs", "2017-03-12", "DescribeDisks", "ap-beijing")
CREATE = Call("cbs", "2017-03-12", "CreateSnapshot", "ap-beijing", writes=True)


@pytest.fixture
def sandbox() -> Iterator[InThread]:
    with in_thread() as started:
        yield started


class Counted:
    """The real client, with every attempt and every wait written down."""

    def __init__(self, sandbox: InThread, **credential: str) -> None:
        pair = KeyPair(**{"id": sandbox.secret_id, "key": sandbox.secret_key, **credential})
        self.client = TencentClient(pair, Endpoint("http", f"127.0.0.1:{sandbox.port}"), timeout=1)
        self.attempts: list[str] = []
        self.waits: list[float] = []
        self.patient = PatientCaller(self, sleep=self.waits.append)

    def call(self, call: Call, parameters: Any) -> dict[str, Any]:
        self.attempts.append(call.action)
        return self.client.call(call, parameters)


@pytest.fixture
def counted(sandbox: InThread) -> Counted:
    return Counted(sandbox)


def disk_of(counted: Counted) -> str:
    id_: str = counted.client.call(DESCRIBE, {"Limit": 1})["DiskSet"][0]["DiskId"]
    return id_


def test_a_throttled_call_is_made_again_after_growing_waits(sandbox: InThread, counted: Counted) -> None:
    sandbox.fault("throttle", action="DescribeDisks", times=3)

    counted.patient.call(DESCRIBE, {})

    assert len(counted.attempts) == 4
    assert 0.5 <= max(counted.waits) <= 1  # the third wait: four times the first, less its jitter


def test_a_throttled_write_is_made_again_because_it_did_nothing(sandbox: InThread, counted: Counted) -> None:
    disk = disk_of(counted)
    sandbox.fault("throttle", action="CreateSnapshot", times=2)

    counted.patient.call(CREATE, {"DiskId": disk})

    assert counted.attempts.count("CreateSnapshot") == 3
    assert counted.client.call(DESCRIBE, {"DiskIds": [disk]})["TotalCount"] == 1


def test_throttling_without_end_is_an_error_after_five_attempts(sandbox: InThread, counted: Counted) -> None:
    sandbox.fault("throttle", action="DescribeDisks", times=None)

    with pytest.raises(ThrottledError, match="RequestLimitExceeded"):
        counted.patient.call(DESCRIBE, {})

    assert len(counted.attempts) == 5


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "garbage", "server_error", "hang"])
def test_a_read_without_an_answer_is_made_again(sandbox: InThread, counted: Counted, kind: str) -> None:
    sandbox.fault(kind, action="DescribeDisks")

    assert counted.patient.call(DESCRIBE, {})["TotalCount"] == 31

    assert len(counted.attempts) == 2


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "garbage", "server_error", "hang"])
def test_a_write_without_an_answer_is_never_made_again(
    sandbox: InThread, counted: Counted, kind: str
) -> None:
    disk = disk_of(counted)
    sandbox.fault(kind, action="CreateSnapshot", times=None)

    with pytest.raises(UncertainError):
        counted.patient.call(CREATE, {"DiskId": disk})

    assert counted.attempts == ["CreateSnapshot"]


def test_an_error_under_an_unusual_content_type_is_an_error(sandbox: InThread, counted: Counted) -> None:
    sandbox.fault("charset", action="DescribeDisks", code="UnauthorizedOperation")

    with pytest.raises(RefusedError, match="UnauthorizedOperation") as raised:
        counted.patient.call(DESCRIBE, {})

    assert raised.value.code == "UnauthorizedOperation"
    assert len(counted.attempts) == 1


def test_a_success_under_an_unusual_content_type_is_a_success(sandbox: InThread, counted: Counted) -> None:
    sandbox.fault("charset", action="DescribeDisks")

    assert counted.patient.call(DESCRIBE, {})["TotalCount"] == 31


def test_a_bad_credential_is_an_account_error_that_does_not_show_the_key(sandbox: InThread) -> None:
    wrong = Counted(sandbox, key="not-the-key")

    with pytest.raises(AccountError) as raised:
        wrong.patient.call(DESCRIBE, {})

    assert "not-the-key" not in raised.value.message
    assert "not-the-key" not in repr(KeyPair("id", "not-the-key"))


def test_a_netrc_does_not_overwrite_what_was_signed(
    counted: Counted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    assert counted.client.call(DESCRIBE, {})["TotalCount"] == 31


def test_calls_of_one_action_keep_to_twenty_a_second(counted: Counted) -> None:
    # The clock stands still, so that a slow machine changes nothing.
    patient = PatientCaller(counted, sleep=counted.waits.append, monotonic=lambda: 1000.0)
    for _ in range(5):
        patient.call(DESCRIBE, {"Limit": 1})

    # The first goes at once, each later one is told to wait for its turn; nothing slept here, so they add up.
    assert len(counted.waits) == 4
    assert counted.waits == pytest.approx([0.05, 0.1, 0.15, 0.2])


def test_a_list_of_several_pages_is_read_whole(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drkit.clouds.tencent.paging.PAGE", 10)

    disks = read_all(counted.patient, DESCRIBE, "DiskSet", "DiskId")

    assert len({disk["DiskId"] for disk in disks}) == 31
    assert counted.attempts == ["DescribeDisks"] * 4


class Shrinking(Counted):
    """Real answers, while somebody deletes a disk behind each page."""

    def __init__(self, sandbox: InThread, times: int) -> None:
        super().__init__(sandbox)
        self.sandbox, self.times = sandbox, times

    def call(self, call: Call, parameters: Any) -> dict[str, Any]:
        answer = super().call(call, parameters)
        if self.times:
            self.times -= 1
            self.sandbox.remove_disk(answer["DiskSet"][0]["DiskId"])
        return answer


def test_a_list_that_changed_while_it_was_read_is_read_again(
    sandbox: InThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drkit.clouds.tencent.paging.PAGE", 10)

    disks = read_all(Shrinking(sandbox, times=1).patient, DESCRIBE, "DiskSet", "DiskId")

    assert len(disks) == 30


def test_a_list_that_never_stands_still_is_refused_and_not_guessed(
    sandbox: InThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drkit.clouds.tencent.paging.PAGE", 5)

    with pytest.raises(UncertainError, match="kept changing"):
        read_all(Shrinking(sandbox, times=30).patient, DESCRIBE, "DiskSet", "DiskId")


def test_a_snapshot_is_found_by_its_disk_and_exact_name(sandbox: InThread, counted: Counted) -> None:
    disks, disk = TencentDisks(counted.patient), disk_of(counted)
    deadline = datetime.now(UTC) + timedelta(days=3)

    made = disks.create_snapshot(
        "ap-beijing", disk, name="drkit-a", deadline=deadline, tags={"drkit:run": "r1"}
    )

    assert [found.id for found in disks.find_snapshots("ap-beijing", disk, "drkit-a")] == [made]
    assert disks.find_snapshots("ap-beijing", disk, "drkit") == ()
    assert [found.id for found in disks.get_snapshots("ap-beijing", [made])] == [made]
    item = counted.client.call(
        Call("cbs", "2017-03-12", "DescribeSnapshots", "ap-beijing"), {"SnapshotIds": [made]}
    )["SnapshotSet"][0]
    assert item["Tags"] == [{"Key": "drkit:run", "Value": "r1"}]


@dataclass
class Account:
    """One account, as hands hold it."""

    disks: TencentDisks


def begun_in_silence(sandbox: InThread, counted: Counted, **fault: Any) -> Any:
    """What `snapshots.take` makes of a creation whose answer is cut off, with a fault when it looks for it."""
    disk = TencentDisks(counted.patient).list_disks("ap-beijing")[0]
    setting = Setting(ESTATE, "p", datetime.now(UTC) - timedelta(hours=1))
    action = Wanted(setting, timedelta(days=7), datetime.now(UTC)).action(
        Scope("production", "ap-beijing"), disk
    )
    sandbox.fault("cut_after", action="CreateSnapshot")
    if fault:
        sandbox.fault(action="DescribeSnapshots", times=None, **fault)
    return run(action, Hands({"production": Account(TencentDisks(counted.patient))}, "run-1"))


def test_after_silence_the_snapshot_that_was_begun_is_found(sandbox: InThread, counted: Counted) -> None:
    assert isinstance(begun_in_silence(sandbox, counted), Pending)


@pytest.mark.parametrize("fault", [{"kind": "error", "code": "UnauthorizedOperation"}, {"kind": "garbage"}])
def test_after_silence_a_look_that_fails_leaves_it_uncertain_and_never_failed(
    sandbox: InThread, counted: Counted, fault: Any
) -> None:
    assert isinstance(begun_in_silence(sandbox, counted, **fault), Uncertain)


def test_a_snapshot_that_the_list_does_not_have_yet_is_asked_for_again_and_given_up_in_the_end(
    counted: Counted,
) -> None:
    hands = Hands({"production": Account(TencentDisks(counted.patient))}, "run-1")
    setting = Setting(ESTATE, "p", datetime.now(UTC))
    action = Wanted(setting, timedelta(days=7), datetime.now(UTC)).action(
        Scope("production", "ap-beijing"), TencentDisks(counted.patient).list_disks("ap-beijing")[0]
    )
    outcome: Any = Pending("snap-00000000", 1)

    asked = 0
    while isinstance(outcome, Pending):
        asked += 1
        outcome = poll({"key": (action, outcome)}, hands)["key"]

    assert (asked, outcome.code) == (6, "Vanished")
