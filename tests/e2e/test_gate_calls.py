"""Calls of the cloud's API: asked for as tccli would make them, made once by the broker with the role it assumes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from gating import People, approve, broker, snapshots, there

from drkit.sandbox.testing import Running


@pytest.fixture
def place(people: People) -> None:
    """One other person is enough."""
    people.estate(approvals={"roster": str(people.roster), "pin": people.pin, "destroy": 1})


def ask(people: People, *words: str) -> dict[str, Any]:
    """A request for a call, signed by alice."""
    done = people.drkit(
        "gate", "request", "--reason", "ticket 4711", "--as", "alice", "--key", people.key("alice"),
        "--format", "json", "--", "tccli", *words,
    )  # fmt: skip
    assert done.status == 0, done.err
    found: dict[str, Any] = done.json["request"]
    return found


def test_an_approved_call_is_made_once_by_the_broker_without_any_key_of_the_operator(
    people: People, sandbox: Running, place: None
) -> None:
    [snapshot] = snapshots(sandbox)
    words = ("cbs", "DeleteSnapshots", "--region", "ap-beijing", "--SnapshotIds", json.dumps([snapshot]))
    asked = ask(people, *words)
    shown = people.drkit("gate", "show", asked["id"]).out
    assert f'SnapshotIds: ["{snapshot}"]' in shown
    assert "destroys, or takes away for good [cloud-destroy]" in shown
    keys = [name for name in people.drkit.environment if "SECRET" in name]
    for name in keys:
        del people.drkit.environment[name]
    with broker(people, sandbox):
        alone = people.drkit("gate", "run", asked["id"])
        assert (alone.status, "too-few" in alone.err, there(sandbox, snapshot)) == (5, True, True)
        approve(people, asked, "bob")
        done = people.drkit("gate", "run", "--", "tccli", *words)
        assert (done.status, "the cloud did it, request" in done.err) == (0, True), done.err
        assert "RequestId" in json.loads(done.out)
        assert not there(sandbox, snapshot)
        again = people.drkit("gate", "run", asked["id"])
        assert (again.status, "never carried out again" in again.err) == (5, True)
        assert people.drkit("gate", "output", asked["id"]).out == done.out
    log = people.drkit.directory / "state" / "broker" / "weimob" / "evidence" / "log.jsonl"
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    [settled] = [each for each in entries if each["kind"] == "action.settled"]
    assert settled["told"]["request_id"] == json.loads(done.out)["RequestId"]
    assert len(settled["told"]["response_sha256"]) == 64


def test_what_the_role_may_not_the_cloud_refuses_whoever_approved(
    people: People, sandbox: Running, place: None
) -> None:
    asked = ask(people, "cvm", "TerminateInstances", "--region", "ap-beijing", "--InstanceIds", '["ins-1"]')
    approve(people, asked, "bob")
    with broker(people, sandbox):
        done = people.drkit("gate", "run", asked["id"])
    assert done.status == 3, done.err
    assert "UnauthorizedOperation" in done.err
    assert "TerminateInstances" in done.err


def test_a_call_of_a_region_or_a_service_that_nobody_knows_is_not_even_asked_for(
    people: People, place: None
) -> None:
    for words, told in (
        (("cbs", "DeleteSnapshots", "--region", "ap-nowhere", "--SnapshotIds", "x"), "no region"),
        (("nothing", "DeleteAll"), "nothing is known of the service"),
        (("cbs", "DeleteSnapshots", "--secretId", "x"), "not part of a call"),
    ):
        done = people.drkit("gate", "request", "--reason", "x", "--as", "alice", "--", "tccli", *words)
        assert (done.status in (2, 5), told in done.err) == (True, True), done.err
    assert not any((Path(people.drkit.directory) / "requests").iterdir())
