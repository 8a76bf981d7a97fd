"""A runner or a broker that dies in the middle: the same run goes on with what is left, and nothing is done twice."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from gating import People, Stranger, approve, begin, broker, playbook, request, snapshots, start_broker, there

from drkit.core.evidence.reading import read
from drkit.sandbox.testing import Running

SOAK = os.environ.get("DRKIT_SOAK") == "1"


def entries(people: People, *, of: str = "") -> list[dict[str, Any]]:
    """The runner's evidence, or that of the broker."""
    return [entry for _, entry in read(people.drkit.directory / "state" / of / "weimob" / "evidence")]


def intended(people: People, of: str = "") -> list[str]:
    """The targets of actions that were about to be carried out, one for each time."""
    return [e["action"]["target"] for e in entries(people, of=of) if e["kind"] == "action.intended"]


def deletions(sandbox: Running) -> list[str]:
    """The snapshots that the cloud was asked to delete, one for each time, by its audit trail."""
    from tencentcloud.common.common_client import CommonClient
    from tencentcloud.common.credential import Credential
    from tencentcloud.common.profile.client_profile import ClientProfile
    from tencentcloud.common.profile.http_profile import HttpProfile

    http = HttpProfile(protocol="http", endpoint=f"127.0.0.1:{sandbox.port}", reqTimeout=10)
    pair = sandbox.key("administrator")
    client = CommonClient(
        "cloudaudit", "2019-03-19", Credential(pair.secret_id, pair.secret_key), "ap-beijing",
        ClientProfile(httpProfile=http),
    )  # fmt: skip
    now = int(time.time())
    answer = client.call_json(
        "LookUpEvents",
        {
            "StartTime": now - 86_400, "EndTime": now + 86_400, "MaxResults": 50,
            "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "DeleteSnapshots"}],
        },
    )["Response"]  # fmt: skip
    return [event["CloudAuditEvent"] for event in answer["Events"]]


def approved(people: People, sandbox: Running, count: int) -> tuple[Path, dict[str, Any], list[str]]:
    ids = snapshots(sandbox, count)
    file = playbook(people, *ids)
    asked = request(people, file)
    approve(people, asked, "bob", "carol")
    return file, asked, ids


@pytest.mark.parametrize("point", [5, 7, 9, 11])
def test_a_runner_that_dies_goes_on_under_the_same_approval_and_no_other_run_can(
    people: People, sandbox: Running, point: int
) -> None:
    file, asked, ids = approved(people, sandbox, 3)
    with broker(people, sandbox):
        died = people.drkit.killed("evidence", "after", point, "run", "--yes", file)
        assert died.status == -signal.SIGKILL, died
        if any(entry["kind"] == "approval.used" for entry in entries(people, of="broker")):
            with Stranger(people.socket) as stranger:
                answer = stranger.say(begin(asked, file, "20261122T000000Z-abcdef"))
            assert answer is not None
            assert "replayed" in answer["refused"]
        recovered = people.drkit("recover", "--yes")
    assert recovered.status == 0, recovered.err + recovered.out
    assert not any(there(sandbox, id_) for id_ in ids)
    assert sorted(intended(people, "broker")) == sorted(ids)
    assert len(deletions(sandbox)) == len(ids)


# Its writes: the roster, what was asked, what is spent, the power, then each action before and after.
@pytest.mark.parametrize(
    ("when", "point"), [("after", 3), ("after", 5), ("before", 6), ("before", 8), ("after", 10)]
)
def test_a_broker_that_dies_does_nothing_twice(
    people: People, sandbox: Running, when: str, point: int
) -> None:
    file, asked, ids = approved(people, sandbox, 3)
    process = start_broker(people, sandbox, killed=("evidence", when, point))
    assert process.stderr
    assert "listens" in process.stderr.readline()
    first = people.drkit("run", "--yes", file)
    process.communicate(timeout=20)
    assert process.returncode == -signal.SIGKILL
    assert first.status != 0
    with broker(people, sandbox):
        recovered = people.drkit("recover", "--yes")
        with Stranger(people.socket) as stranger:
            answer = stranger.say(begin(asked, file))
        assert answer is not None
        assert "replayed" in answer["refused"]
    assert recovered.status == 0, recovered.err + recovered.out
    assert not any(there(sandbox, id_) for id_ in ids)
    assert len(deletions(sandbox)) == len(ids)


def test_a_cloud_that_does_not_give_the_power_does_not_use_an_approval_up(
    people: People, sandbox: Running
) -> None:
    file, _, ids = approved(people, sandbox, 1)
    with broker(people, sandbox):
        sandbox.fault("error", action="AssumeRole", code="UnauthorizedOperation", times=1)
        first = people.drkit("run", "--yes", file)
        assert first.status == 1, first
        assert all(there(sandbox, id_) for id_ in ids)
        recovered = people.drkit("recover", "--yes")
    assert recovered.status == 0, recovered.err + recovered.out
    assert not any(there(sandbox, id_) for id_ in ids)


def test_a_broker_ends_cleanly_when_it_is_told_to(people: People, sandbox: Running) -> None:
    with broker(people, sandbox) as process, Stranger(people.socket) as stranger:
        assert people.socket.is_socket()
        second = start_broker(people, sandbox)
        _, err = second.communicate(timeout=30)
        assert second.returncode == 6
        assert "Traceback" not in err
        process.send_signal(signal.SIGTERM)
        assert stranger.say(b"") is None
        process.wait(20)
        assert process.returncode == 0
    assert not people.socket.exists()


# Its writes: the roster, what was asked, what is spent, that it is about to begin, what came of it.
@pytest.mark.parametrize(
    ("when", "point"),
    [("after", 4), ("before", 5)]
    if not SOAK
    else [(when, point) for when in ("before", "after") for point in range(2, 6)],
)
def test_a_command_runs_once_at_most_wherever_the_broker_dies(
    people: People, sandbox: Running, tmp_path: Path, when: str, point: int
) -> None:
    people.estate(approvals={"roster": str(people.roster), "pin": people.pin, "destroy": 1})
    ran = tmp_path / "ran"
    done = people.drkit(
        "gate", "request", "--reason", "x", "--as", "alice", "--key", people.key("alice"), "--format", "json",
        "--", "sh", "-c", f"echo ran >> {ran}",
    )  # fmt: skip
    approve(people, done.json["request"], "bob")
    dying = start_broker(people, sandbox, killed=("evidence", when, point))
    assert dying.stderr is not None
    assert "listens" in dying.stderr.readline()
    first = people.drkit("gate", "run", done.json["request"]["id"])
    assert first.status == 1, first.err
    dying.communicate(timeout=20)
    assert dying.returncode == -signal.SIGKILL
    with broker(people, sandbox):
        second = people.drkit("gate", "run", done.json["request"]["id"])
        third = people.drkit("gate", "run", done.json["request"]["id"])
    times = ran.read_text().count("ran") if ran.exists() else 0
    begun = (when, point) in {("before", 2), ("after", 2), ("before", 3), ("after", 3), ("before", 4)}
    assert (third.status, times <= 1) == (5, True), third.err
    if begun:  # nothing had begun, and it begins now
        assert (second.status, times) == (0, 1), second.err
    elif (when, point) == ("after", 4):
        assert (second.status, times, "never begun" in second.err) == (5, 0, False), second.err
