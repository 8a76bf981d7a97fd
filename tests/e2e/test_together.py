"""A host's disks are snapshotted at one moment: one group, whose snapshots get name, tags and end from the broker."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from gating import RUN, People, Stranger, broker
from helpers import Ran, ask, snapshots_named
from holding import needs_sshd, ssh_host

from drkit.core.actions import Action, Effect
from drkit.core.times import text_of
from drkit.sandbox.testing import Running

REGION = "ap-beijing"
# `make soak` has a death before and after each write of the journal, and after each of the evidence.
WHOLE = os.environ.get("DRKIT_SOAK") == "1"
DEATHS = (
    [
        *(("journal", when, point) for point in range(2, 21) for when in ("before", "after")),
        *(("evidence", "after", point) for point in range(2, 22)),
    ]
    if WHOLE
    # The group is begun; it is there, and no disk has its own; one of three has its end.
    else [("evidence", "before", 5), ("journal", "after", 7), ("journal", "after", 15)]
)


@dataclass(slots=True)
class Scene:
    """A host with two disks at least, and people with a broker who look after it."""

    people: People
    sandbox: Running
    host: str = field(init=False)
    disks: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.sandbox.create_in(0)
        listed = ask(self.sandbox, "DescribeDisks", REGION, Limit=100)["DiskSet"]
        by_host: dict[str, list[str]] = {}
        for disk in listed:
            by_host.setdefault(disk["InstanceId"] or "", []).append(disk["DiskId"])
        self.host, disks = next(
            (host, some) for host, some in sorted(by_host.items()) if host and len(some) > 1
        )
        self.disks = tuple(sorted(disks))

    def playbook(self, **more: Any) -> Path:
        """The daily playbook of this host."""
        take = {"regions": [REGION], "hosts": [self.host], "keep_for": "7d", "together": "host", **more}
        steps = [{"uses": "snapshots.take", "with": take}]
        daily = {"playbook": "daily", "schedule": {"every": "day"}, "steps": steps}
        return self.people.drkit.write("daily.yaml", json.dumps(daily))

    def run(self, **more: Any) -> Ran:
        """One run, with the broker."""
        with broker(self.people, self.sandbox):
            return self.people.drkit("run", "--yes", self.playbook(**more), "--format", "json")

    def groups(self) -> list[dict[str, Any]]:
        """The groups that the cloud lists."""
        found: list[dict[str, Any]] = ask(self.sandbox, "DescribeSnapshotGroups", REGION)["SnapshotGroupSet"]
        return found

    def made(self) -> list[dict[str, Any]]:
        """All that playbooks made, by disk."""
        return sorted(snapshots_named(self.sandbox, "drkit-"), key=lambda each: str(each["DiskId"]))

    def assert_as_if_taken_alone(self) -> None:
        """Each disk has one snapshot, of one group, with the name, the tags and the end of the slot."""
        (group,) = self.groups()
        made = self.made()
        assert sorted(group["SnapshotIdSet"]) == sorted(each["SnapshotId"] for each in made)
        assert [each["DiskId"] for each in made] == list(self.disks)
        slot = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        until = (slot + timedelta(days=7, hours=8)).strftime("%Y-%m-%d %H:%M:%S")
        for each in made:
            assert each["SnapshotName"] == f"drkit-daily-{slot:%Y%m%dT%H%M}-1w"
            assert (each["IsPermanent"], each["DeadlineTime"]) == (False, until)
            tags = {tag["Key"]: tag["Value"] for tag in each["Tags"]}
            assert (set(tags), tags["drkit:together"]) == (
                {"drkit:run", "drkit:together"},
                group["SnapshotGroupId"],
            )


@pytest.fixture
def scene(people: People, sandbox: Running) -> Scene:
    return Scene(people, sandbox)


def step_of(ran: Ran) -> dict[str, Any]:
    """The run's one step."""
    step: dict[str, Any] = ran.json["runs"][0]["steps"][0]
    return step


def findings(ran: Ran) -> list[tuple[str, str]]:
    return sorted((each["id"], each["subject"]) for each in ran.json["findings"])


def test_the_disks_of_a_host_are_of_one_group_as_if_taken_alone_and_covered_and_a_second_run_does_nothing(
    scene: Scene,
) -> None:
    ran = scene.run()

    assert (ran.status, ran.json["verdict"]) == (0, "pass"), ran.out + ran.err
    scene.assert_as_if_taken_alone()
    assert step_of(ran)["summary"] == {"disks": len(scene.disks), "taken": len(scene.disks)}
    assert sorted(ran.json["runs"][0]["created"]) == sorted(each["SnapshotId"] for each in scene.made())

    rows = scene.people.drkit("snapshots", "cover", "--format", "json").json["rows"]
    assert {row["status"] for row in rows if row["disk"] in scene.disks} == {"covered"}

    before = scene.made()
    again = scene.run()
    assert (again.status, again.json["runs"][0]["created"]) == (0, []), again.out + again.err
    assert step_of(again)["summary"] == {"already there": len(scene.disks), "disks": len(scene.disks)}
    assert scene.made() == before


def test_where_the_cloud_makes_no_group_each_disk_is_taken_alone_and_the_host_is_a_finding_in_each_run(
    scene: Scene,
) -> None:
    scene.sandbox.fault("error", action="CreateSnapshotGroup", code="InvalidDisk.NotSupported")
    for ran in (scene.run(), scene.run()):
        assert (ran.status, ran.json["verdict"]) == (3, "fail"), ran.out + ran.err
        assert findings(ran) == [("snapshots.take/not-together", scene.host)]
    assert scene.groups() == []
    assert [each["DiskId"] for each in scene.made()] == list(scene.disks)
    assert not any(each["IsPermanent"] for each in scene.made())


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
def test_silence_after_the_call_makes_no_second_group(scene: Scene, kind: str) -> None:
    scene.sandbox.fault(kind, action="CreateSnapshotGroup")
    first = scene.run()
    assert first.status == (0 if kind == "cut_after" else 1), first.out + first.err
    again = scene.run()
    assert again.status == 0, again.out + again.err
    scene.assert_as_if_taken_alone()


def test_a_snapshot_that_gets_no_end_is_a_finding_and_the_next_run_gives_it_one(scene: Scene) -> None:
    refused = scene.people.drkit("run", "--yes", scene.playbook(), "--format", "json")
    assert (refused.status, refused.json["verdict"]) == (3, "fail"), refused.out + refused.err
    assert findings(refused) == [("snapshots.take/no-end", disk) for disk in scene.disks]
    assert all(each["IsPermanent"] for each in scene.made())

    ran = scene.run()
    assert (ran.status, ran.json["runs"][0]["created"]) == (0, []), ran.out + ran.err
    scene.assert_as_if_taken_alone()


def test_a_run_that_was_suspended_while_the_group_was_made_is_concluded_by_recover(scene: Scene) -> None:
    scene.sandbox.create_in(3600)
    with broker(scene.people, scene.sandbox):
        run = scene.people.drkit("run", "--yes", "--wait", "0s", scene.playbook(), "--format", "json")
        assert run.status == 1, run.out + run.err
        scene.sandbox.advance(timedelta(hours=2))
        recovered = scene.people.drkit("recover", "--yes", "--format", "json")
    assert recovered.status == 0, recovered.out + recovered.err
    scene.assert_as_if_taken_alone()


@pytest.mark.parametrize(("what", "when", "point"), DEATHS)
def test_killed_at_a_write_and_recovered_there_is_one_group_and_nothing_without_an_end(
    scene: Scene, what: str, when: str, point: int
) -> None:
    with broker(scene.people, scene.sandbox):
        died = scene.people.drkit.killed(what, when, point, "run", "--yes", scene.playbook())
        assert died.status == -9, died.err
        recovered = scene.people.drkit("recover", "--yes", "--format", "json")
        assert recovered.status == 0, recovered.out + recovered.err
    scene.assert_as_if_taken_alone()


def test_a_disk_that_came_after_the_group_was_begun_makes_the_host_a_finding_of_the_run_that_goes_on(
    scene: Scene,
) -> None:
    with broker(scene.people, scene.sandbox):
        scene.people.drkit.killed("journal", "after", 7, "run", "--yes", scene.playbook())
        listed = ask(scene.sandbox, "DescribeDisks", REGION, Limit=100)["DiskSet"]
        like = next(each for each in listed if each["DiskId"] == scene.disks[-1])
        wanted = {key: like[key] for key in ("DiskType", "DiskSize")}
        wanted |= {"Placement": {"Zone": like["Placement"]["Zone"]}, "DiskChargeType": "POSTPAID_BY_HOUR"}
        (late,) = ask(scene.sandbox, "CreateDisks", REGION, DiskCount=1, **wanted)["DiskIdSet"]
        scene.sandbox.advance(timedelta(minutes=1))
        ask(scene.sandbox, "AttachDisks", REGION, DiskIds=[late], InstanceId=scene.host)
        scene.sandbox.advance(timedelta(minutes=1))
        recovered = scene.people.drkit("recover", "--yes", "--format", "json")
    assert recovered.status == 3, recovered.out + recovered.err
    assert findings(recovered) == [("snapshots.take/not-together", scene.host)]
    assert [each["DiskId"] for each in scene.made()] == sorted([*scene.disks, late])


def test_a_snapshot_of_an_earlier_slot_that_gets_no_end_is_a_finding_beside_new_ones_that_do(
    scene: Scene,
) -> None:
    slot = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    name = f"drkit-daily-{slot:%Y%m%dT%H%M}-1w"
    ask(scene.sandbox, "CreateSnapshotGroup", REGION, DiskIds=[scene.disks[0]], SnapshotGroupName=name)
    scene.sandbox.fault("error", action="ModifySnapshotAttribute", code="InvalidParameter")
    ran = scene.run()
    assert (ran.status, findings(ran)) == (3, [("snapshots.take/no-end", scene.disks[0])]), ran.out + ran.err

    again = scene.run()
    assert again.status == 0, again.out + again.err
    assert not any(each["IsPermanent"] for each in scene.made())


def test_what_a_group_made_before_the_run_died_is_named_when_the_run_is_undone(scene: Scene) -> None:
    scene.people.drkit.killed("journal", "after", 7, "run", "--yes", scene.playbook())
    (run,) = scene.people.drkit("history", "--format", "json").json["runs"]
    undone = scene.people.drkit("undo", "--yes", run["id"], "--format", "json")
    assert undone.status == 7, undone.out + undone.err
    assert all(each["SnapshotId"] in undone.out for each in scene.made())
    assert len(scene.made()) == len(scene.disks)


def test_without_a_broker_in_the_estate_it_is_refused_before_anything_is_made(scene: Scene) -> None:
    scene.people.estate(broker=None)
    ran = scene.people.drkit("run", "--yes", scene.playbook(), "--format", "json")
    assert ran.status == 2
    assert "needs a broker" in ran.out + ran.err
    assert scene.made() == []


def test_the_broker_gives_no_end_to_what_no_group_began(scene: Scene) -> None:
    """Whoever may make snapshots may name them so; a permanent one of a person's is named otherwise."""
    slot = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    name = f"drkit-daily-{slot:%Y%m%dT%H%M}-1w"
    deadline = text_of(slot + timedelta(days=8))
    named = {
        wanted: ask(scene.sandbox, "CreateSnapshot", REGION, DiskId=disk, SnapshotName=wanted)["SnapshotId"]
        for wanted, disk in zip((f"{name}_0", "before the migration"), scene.disks, strict=False)
    }
    with broker(scene.people, scene.sandbox):
        for (wanted, snapshot), disk in zip(named.items(), scene.disks, strict=False):
            action = Action(
                "disks.adopt_snapshot", Effect.CHANGE, "production", REGION, snapshot,
                {"disk": disk, "grows": True, "name": name, "deadline": deadline}, "because",
            )  # fmt: skip
            with Stranger(scene.people.socket) as client:
                said = client.say({"ask": "growth", "version": 1, "run": RUN, "action": action.as_data()})
            assert "no group" in str(said), wanted
    assert all(
        each["IsPermanent"]
        for each in ask(scene.sandbox, "DescribeSnapshots", REGION, SnapshotIds=[*named.values()])[
            "SnapshotSet"
        ]
    )


@needs_sshd
def test_a_host_that_is_held_is_held_once_for_all_of_its_disks(scene: Scene, tmp_path: Path) -> None:
    directory = tmp_path / "host"
    directory.mkdir()
    with ssh_host(directory) as host:
        log = directory / "held"
        hook = host.holding(take=("sh", "-c", f"echo once >> {log}"), release=("true",)).as_data()
        ran = scene.run(hooks=[{**hook, "host": scene.host}])
        assert (ran.status, log.read_text()) == (0, "once\n"), ran.out + ran.err
        scene.assert_as_if_taken_alone()
        again = scene.run(hooks=[{**hook, "host": scene.host}])
        assert (again.status, again.json["runs"][0]["created"]) == (0, []), again.out + again.err


@needs_sshd
def test_a_hold_that_did_not_last_is_a_finding_and_the_next_run_takes_another_group_and_ends_the_first(
    scene: Scene, tmp_path: Path
) -> None:
    directory = tmp_path / "host"
    directory.mkdir()
    with ssh_host(directory) as host:
        hook = {**host.holding(seconds=1).as_data(), "host": scene.host}
        scene.sandbox.fault("hang", action="CreateSnapshotGroup", seconds=3)
        short = scene.run(hooks=[hook])
        assert short.status == 3, short.out + short.err
        assert findings(short) == [("snapshots.take/held-too-short", disk) for disk in scene.disks]

        again = scene.run(hooks=[hook])
        assert again.status == 0, again.out + again.err
    assert len(scene.groups()) == 2
    assert len(scene.made()) == 2 * len(scene.disks)
    assert not any(each["IsPermanent"] for each in scene.made())
