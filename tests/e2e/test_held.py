"""A host's application is held still while its disks are snapshotted, and let go whatever happens."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers import Drkit, Ran, ask, snapshots_named
from holding import Host, eventually, needs_sshd, ssh_host

from drkit.sandbox.testing import Running

pytestmark = needs_sshd
PLAYBOOK = {"playbook": "held", "schedule": {"every": "day"}}


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    directory = tmp_path / "host"
    directory.mkdir()
    with ssh_host(directory) as host:
        yield host


@pytest.fixture
def instance(sandbox: Running) -> str:
    """The host of the one redis disk in Beijing."""
    sandbox.create_in(0)
    filters = [{"Name": "tag:service", "Values": ["redis"]}]
    (disk,) = ask(sandbox, "DescribeDisks", "ap-beijing", Filters=filters)["DiskSet"]
    return str(disk["InstanceId"])


def playbook(cloud: Drkit, host: Host, instance: str, service: str = "redis", **changes: Any) -> Path:
    hook = {**host.holding().as_data(), "host": instance, **changes}
    take = {"regions": ["ap-beijing"], "tags": {"service": service}, "keep_for": "7d", "hooks": [hook]}
    steps = [{"uses": "snapshots.take", "with": take}]
    return cloud.write("held.yaml", json.dumps({**PLAYBOOK, "steps": steps}))


def run(cloud: Drkit, path: Path) -> Ran:
    return cloud("run", "--yes", path, "--format", "json")


def taken(ran: Ran) -> list[str]:
    """What became of each disk."""
    return [row["status"] for run in ran.json["runs"] for step in run["steps"] for row in step["rows"]]


def the_call_hangs(sandbox: Running) -> bool:
    """Whether the call that was to hang has arrived."""
    return sandbox.faults() == []


def test_the_application_is_held_while_the_cloud_begins_the_snapshot(
    cloud: Drkit, sandbox: Running, host: Host, instance: str
) -> None:
    sandbox.fault("hang", action="CreateSnapshot", seconds=2)
    running = cloud.start("run", "--yes", playbook(cloud, host, instance))
    eventually(lambda: the_call_hangs(sandbox))
    held = host.frozen.exists()
    _, err = running.communicate(timeout=60)

    assert (running.returncode, held, host.frozen.exists()) == (0, True, False), err
    assert len(snapshots_named(sandbox, "drkit-held-")) == 1


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "error"])
def test_it_is_let_go_whatever_the_cloud_says(
    cloud: Drkit, sandbox: Running, host: Host, instance: str, kind: str
) -> None:
    code = {"code": "ResourceUnavailable.NotSupported"} if kind == "error" else {}
    sandbox.fault(kind, action="CreateSnapshot", **code)

    run(cloud, playbook(cloud, host, instance))

    eventually(lambda: not host.frozen.exists())


def test_a_run_that_is_killed_while_it_holds_lets_go_and_recover_takes_another_that_surely_was_held(
    cloud: Drkit, sandbox: Running, host: Host, instance: str
) -> None:
    sandbox.fault("hang", action="CreateSnapshot", seconds=2)
    running = cloud.start("run", "--yes", playbook(cloud, host, instance))
    eventually(lambda: the_call_hangs(sandbox))
    assert host.frozen.exists()
    running.send_signal(signal.SIGKILL)
    running.communicate()
    eventually(lambda: not host.frozen.exists())
    eventually(lambda: len(snapshots_named(sandbox, "drkit-held-")) == 1)

    (unproven,) = snapshots_named(sandbox, "drkit-held-")

    ran = cloud("recover", "--yes", "--format", "json")

    assert ran.status == 0, ran.err
    assert len(snapshots_named(sandbox, "drkit-held-")) == 2
    assert taken(ran) == ["taken"]
    assert unproven["SnapshotId"] not in ran.json["runs"][0]["created"]
    assert not host.frozen.exists()


def test_a_snapshot_that_surely_was_held_is_taken_once_a_slot(
    cloud: Drkit, sandbox: Running, host: Host, instance: str
) -> None:
    path = playbook(cloud, host, instance)

    first, second = run(cloud, path), run(cloud, path)

    assert (first.status, second.status) == (0, 0), first.err + second.err
    assert (taken(first), taken(second)) == (["taken"], ["already there"])
    assert len(snapshots_named(sandbox, "drkit-held-")) == 1


@pytest.mark.parametrize("point", range(1, 9))
def test_a_run_that_is_killed_at_any_write_of_its_journal_is_ended_by_recover_and_the_slot_is_done(
    cloud: Drkit, sandbox: Running, host: Host, instance: str, point: int
) -> None:
    path = playbook(cloud, host, instance)

    killed = cloud.killed("journal", "after", point, "run", "--yes", path)
    eventually(lambda: not host.frozen.exists())
    cloud("recover", "--yes")
    again, last = run(cloud, path), run(cloud, path)

    assert killed.status != 0
    assert (again.status, last.status) == (0, 0), again.err
    assert taken(last) == ["already there"]
    assert 1 <= len(snapshots_named(sandbox, "drkit-held-")) <= 2


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
def test_where_the_cloud_is_silent_nobody_knows_and_the_next_run_takes_another(
    cloud: Drkit, sandbox: Running, host: Host, instance: str, kind: str
) -> None:
    sandbox.fault(kind, action="CreateSnapshot")
    path = playbook(cloud, host, instance)

    first = run(cloud, path)
    begun = len(snapshots_named(sandbox, "drkit-held-"))
    second, third = run(cloud, path), run(cloud, path)

    assert (first.status, first.json["verdict"], taken(first)) == (1, "unknown", ["uncertain"])
    assert (taken(second), taken(third)) == (["taken"], ["already there"])
    assert len(snapshots_named(sandbox, "drkit-held-")) == begun + 1


def test_a_later_step_of_the_run_knows_what_was_held_and_copies_it(
    cloud: Drkit, sandbox: Running, host: Host, instance: str
) -> None:
    path = playbook(cloud, host, instance)
    whole = json.loads(path.read_text())
    (step,) = whole["steps"]
    copies = {"uses": "snapshots.take", "name": "copies"}
    copies["with"] = {**step["with"], "copies": [{"region": "ap-shanghai"}]}
    path.write_text(json.dumps({**whole, "steps": [step, copies]}))

    ran = run(cloud, path)

    assert (ran.status, taken(ran)) == (0, ["taken", "copied", "already there"]), ran.err
    assert len(snapshots_named(sandbox, "drkit-held-")) == 1
    assert len(snapshots_named(sandbox, "drkit-copy-")) == 1


def test_a_snapshot_that_no_hook_held_does_not_count_for_a_step_with_hooks(
    cloud: Drkit, sandbox: Running, host: Host, instance: str
) -> None:
    plain = playbook(cloud, host, instance)
    whole = json.loads(plain.read_text())
    del whole["steps"][0]["with"]["hooks"]
    plain.write_text(json.dumps(whole))
    assert taken(run(cloud, plain)) == ["taken"]

    assert taken(run(cloud, playbook(cloud, host, instance))) == ["taken"]

    assert len(snapshots_named(sandbox, "drkit-held-")) == 2


def test_who_has_lost_what_proves_the_hold_takes_another(
    cloud: Drkit, sandbox: Running, host: Host, instance: str, tmp_path: Path
) -> None:
    path = playbook(cloud, host, instance)
    assert taken(run(cloud, path)) == ["taken"]

    ran = cloud("run", "--yes", path, "--format", "json", "--state", tmp_path / "elsewhere")

    assert (ran.status, taken(ran)) == (0, ["taken"]), ran.err
    assert len(snapshots_named(sandbox, "drkit-held-")) == 2


def test_a_host_that_does_not_hold_fails_its_disks_by_that_name_and_no_others(
    cloud: Drkit, sandbox: Running, host: Host
) -> None:
    sandbox.create_in(0)
    filters = [{"Name": "tag:service", "Values": ["mysql"]}]
    disks = ask(sandbox, "DescribeDisks", "ap-beijing", Filters=filters)["DiskSet"]
    instance = next(disk["InstanceId"] for disk in disks if disk["InstanceId"])
    his = {disk["DiskId"] for disk in disks if disk["InstanceId"] == instance}

    ran = run(cloud, playbook(cloud, host, instance, "mysql", hold=["false"]))

    assert ran.status == 3
    assert {each["id"] for each in ran.json["findings"]} == {"snapshots.take/not-held"}
    assert {each["subject"] for each in ran.json["findings"]} == his
    assert len(snapshots_named(sandbox, "drkit-held-")) == len(disks) - len(his) > 0


def test_a_hold_that_ended_too_soon_is_no_success_and_the_next_run_of_the_slot_takes_another(
    cloud: Drkit, sandbox: Running, host: Host, instance: str
) -> None:
    sandbox.fault("hang", action="CreateSnapshot", seconds=2)

    ran = run(cloud, playbook(cloud, host, instance, hold=list(host.holding(0.5).hold)))

    assert (ran.status, [each["id"] for each in ran.json["findings"]]) == (
        3,
        ["snapshots.take/held-too-short"],
    )
    (unproven,) = snapshots_named(sandbox, "drkit-held-")
    second, third = (run(cloud, playbook(cloud, host, instance)) for _ in range(2))
    assert (taken(second), taken(third)) == (["taken"], ["already there"])
    assert unproven["SnapshotId"] not in second.json["runs"][0]["created"]
    assert len(snapshots_named(sandbox, "drkit-held-")) == 2


def test_a_hook_of_a_host_that_no_selected_disk_hangs_on_fails_by_its_name(
    cloud: Drkit, sandbox: Running, host: Host, instance: str
) -> None:
    ran = run(cloud, playbook(cloud, host, "ins-nobodyhere"))

    assert ran.status == 3
    assert [(each["id"], each["subject"]) for each in ran.json["findings"]] == [
        ("snapshots.take/impossible", "ins-nobodyhere")
    ]


def test_another_host_behind_the_address_is_not_talked_to(
    cloud: Drkit, sandbox: Running, host: Host, instance: str
) -> None:
    other = " ".join((host.directory / "client.pub").read_text().split()[:2])

    ran = run(cloud, playbook(cloud, host, instance, host_key=other))

    assert [each["id"] for each in ran.json["findings"]] == ["snapshots.take/not-held"]
    assert "BadHostKeyException" in ran.json["findings"][0]["why"]
    assert snapshots_named(sandbox, "drkit-held-") == []
