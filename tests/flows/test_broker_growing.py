"""The broker asked for growth by whoever likes: it judges by its own look, and shortens nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from gating import RUN, People, Stranger
from helpers import ask
from weeks import DAY, KEEP, REGION, Weeks, deadline_of, is_marked

from drkit.core.actions import Action, Effect
from drkit.core.evidence.reading import read
from drkit.core.times import text_of
from drkit.sandbox.testing import Running


@pytest.fixture
def weeks(people: People, sandbox: Running) -> Iterator[Weeks]:
    """The sandbox is shared, and its clock is right again afterwards."""
    began = time.monotonic()
    sandbox.save("before")
    yield Weeks(people, sandbox)
    sandbox.load("before")
    sandbox.advance(timedelta(seconds=time.monotonic() - began))


def asked(weeks: Weeks, snapshot: str, run: str = RUN, **changed: Any) -> dict[str, Any]:
    """What the broker answers to a client that says this."""
    (disk,) = {each["DiskId"] for each in weeks.snapshots("drkit-")}
    arguments = {"disk": disk, "grows": True, "deadline": text_of(weeks.now() + 60 * DAY)}
    usual: dict[str, Any] = {
        "verb": "disks.extend_snapshot", "effect": Effect.CHANGE, "account": "production", "region": REGION,
        "target": snapshot, "arguments": arguments, "reason": "because",
    }  # fmt: skip
    action = Action(**{**usual, **changed})
    with Stranger(weeks.people.socket) as client:
        answer = client.say({"ask": "growth", "version": 1, "run": run, "action": action.as_data()})
    assert answer is not None
    return answer


def deadline(weeks: Weeks, snapshot: str) -> Any:
    return {each["SnapshotId"]: deadline_of(each) for each in weeks.snapshots("")}[snapshot]


def test_whoever_asks_gets_lives_lengthened_and_never_shortened(weeks: Weeks) -> None:
    (snapshot,) = weeks.make(1)
    before = deadline(weeks, snapshot)
    (disk,) = {each["DiskId"] for each in weeks.snapshots()}
    shorter = {"disk": disk, "grows": True, "deadline": text_of(weeks.now() + 2 * DAY)}
    with weeks.broker():
        # It lives for so long already: nothing is asked of the cloud.
        assert asked(weeks, snapshot, arguments=shorter)["outcome"]["outcome"] == "done"
        assert deadline(weeks, snapshot) == before
        assert asked(weeks, snapshot)["outcome"]["outcome"] == "done"
        assert deadline(weeks, snapshot) > before + 20 * DAY
        far = {**shorter, "deadline": text_of(weeks.now() + 5000 * DAY)}
        assert "days ahead" in asked(weeks, snapshot, arguments=far)["refused"]

    state = weeks.later.directory / "state" / "broker" / "weimob" / "evidence"
    told = [entry for _, entry in read(state) if entry["kind"].startswith(("growth.", "action."))]
    assert [entry["kind"] for entry in told if entry["kind"] != "growth.asked"] == [
        "growth.judged", "action.intended", "action.settled", "growth.judged",
    ]  # fmt: skip


def test_what_drkit_did_not_make_and_what_is_for_ever_is_left_as_it_is(weeks: Weeks) -> None:
    (ours,) = weeks.make(1)
    (disk,) = {each["DiskId"] for each in weeks.snapshots()}
    soon = (weeks.now() + 2 * DAY).isoformat(timespec="seconds")
    named = {"DiskId": disk, "SnapshotName": "drkit-theirs", "Deadline": soon}
    theirs = ask(weeks.sandbox, "CreateSnapshot", REGION, **named)
    ask(weeks.sandbox, "ModifySnapshotAttribute", REGION, SnapshotId=ours, IsPermanent=True)
    with weeks.broker():
        assert "no playbook made it" in asked(weeks, theirs["SnapshotId"])["refused"]
        marking = {"verb": "disks.mark_unneeded", "arguments": {"disk": disk, "grows": True}}
        assert "kept for ever" in asked(weeks, ours, **marking)["refused"]
        assert "no such account" in asked(weeks, ours, account="other")["refused"]
        assert "no such account" in asked(weeks, ours, region="ap-guangzhou")["refused"]
        assert "takes nothing away" in asked(weeks, ours, effect=Effect.DESTROY)["refused"]
    assert not any(map(is_marked, weeks.snapshots()))


def test_a_cloud_that_refuses_is_a_finding_and_one_that_is_silent_is_looked_at_again(weeks: Weeks) -> None:
    (snapshot,) = weeks.make(1, lives=2 * DAY)
    file = weeks.playbook(KEEP % "30x1d")
    with weeks.broker():
        weeks.sandbox.fault("error", action="ModifySnapshotAttribute", code="ResourceUnavailable")
        refused = weeks.run(file)
        assert (refused.status, refused.json["findings"][0]["id"]) == (3, "snapshots.keep/ends-too-early")
        weeks.sandbox.fault("cut_after", action="ModifySnapshotAttribute")
        silent = weeks.run(file)
    assert silent.status == 0, silent.out + silent.err
    assert deadline(weeks, snapshot) > weeks.now() + 20 * DAY


def test_a_run_has_the_role_assumed_once_for_all_that_the_same_policy_allows(weeks: Weeks) -> None:
    first, second = weeks.make(2)
    with weeks.broker():
        assert asked(weeks, first)["outcome"]["outcome"] == "done"
        weeks.sandbox.fault("error", action="AssumeRole", code="UnauthorizedOperation", times=None)
        assert asked(weeks, second)["outcome"]["outcome"] == "done"
        (disk,) = {each["DiskId"] for each in weeks.snapshots()}
        marking = {"verb": "disks.mark_unneeded", "arguments": {"disk": disk, "grows": True}}
        assert "UnauthorizedOperation" in str(asked(weeks, first, **marking)), "another verb, another policy"


def test_another_run_never_acts_with_what_was_assumed_for_one(weeks: Weeks) -> None:
    (snapshot,) = weeks.make(1)
    with weeks.broker():
        assert asked(weeks, snapshot)["outcome"]["outcome"] == "done"
        weeks.sandbox.fault("error", action="AssumeRole", code="UnauthorizedOperation", times=None)
        assert "UnauthorizedOperation" in str(asked(weeks, snapshot, run="20261122T000000Z-fedcba"))


def test_after_the_cloud_said_no_the_role_is_assumed_anew(weeks: Weeks) -> None:
    first, second = weeks.make(2)
    with weeks.broker():
        assert asked(weeks, first)["outcome"]["outcome"] == "done"
        weeks.sandbox.fault("error", action="ModifySnapshotAttribute", code="UnauthorizedOperation")
        assert "UnauthorizedOperation" in str(asked(weeks, second))
        weeks.sandbox.fault("error", action="AssumeRole", code="UnauthorizedOperation", times=None)
        assert "UnauthorizedOperation" in str(asked(weeks, second))
