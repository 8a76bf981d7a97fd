"""What goes wrong with one disk fails that disk by its own name, and the others get their snapshots."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from helpers import SMALL, Drkit, Ran, ask, snapshots_named
from shifted import ahead

from drkit.sandbox.testing import Running

REGION = "ap-beijing"
SOME = SMALL.replace("service: redis", "service: kafka")
COPIED = "\n      copies: [{region: ap-shanghai}]"
COPIES = SOME.replace("keep_for: 7d", f"keep_for: 7d{COPIED}")


@pytest.fixture
def playbook(cloud: Drkit, sandbox: Running) -> Path:
    """A small playbook, and drkit pointed at a sandbox in which snapshots take no time."""
    sandbox.create_in(0)
    return cloud.write("small.yaml", SOME)


def run(cloud: Drkit, playbook: Path) -> Ran:
    return cloud("run", "--yes", playbook, "--format", "json")


def rows(ran: Ran) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ran.json["runs"][0]["steps"][0]["rows"]
    return found


def fails_one(ran: Ran, finding: str) -> str:
    """Exactly one disk failed, by this finding, and all others were taken; that disk."""
    assert (ran.status, ran.json["verdict"]) == (3, "fail"), ran.err
    assert [each["id"] for each in ran.json["findings"]] == [finding]
    counts = Counter(row["status"] for row in rows(ran))
    assert counts["taken"] == counts.total() - 1 > 0
    (bad,) = [row["disk"] for row in rows(ran) if row["status"] != "taken"]
    assert [each["subject"] for each in ran.json["findings"]] == [bad]
    return bad


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        ("ResourceInsufficient.OverQuota", "snapshots.take/quota"),
        ("ResourceUnavailable.DiskSnapshotChainTooLarge", "snapshots.take/chain-too-long"),
        ("InvalidDiskId.NotFound", "snapshots.take/gone"),
        ("InsufficientSnapshotQuota", "snapshots.take/quota"),
        ("ResourceUnavailable.NotSupported", "snapshots.take/failed"),
    ],
)
def test_what_the_cloud_refuses_in_the_middle_fails_one_disk_by_its_own_name(
    cloud: Drkit, sandbox: Running, playbook: Path, code: str, finding: str
) -> None:
    sandbox.fault("error", action="CreateSnapshot", code=code, after=1)

    ran = run(cloud, playbook)

    fails_one(ran, finding)
    assert code in ran.json["findings"][0]["why"]


def test_the_next_run_of_the_slot_takes_only_what_the_quota_left_out(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    sandbox.fault("error", action="CreateSnapshot", code="ResourceInsufficient.OverQuota", after=1)
    bad = fails_one(run(cloud, playbook), "snapshots.take/quota")

    again = run(cloud, playbook)

    assert again.status == 0, again.err
    assert [row["disk"] for row in rows(again) if row["status"] == "taken"] == [bad]


def test_the_sixty_fifth_snapshot_of_a_disk_fails_that_disk(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    full = rows(run(cloud, playbook))[0]["disk"]
    filters = [{"Name": "disk-id", "Values": [full]}]
    there = ask(sandbox, "DescribeSnapshots", REGION, Filters=filters)["TotalCount"]
    for _ in range(64 - there):
        ask(sandbox, "CreateSnapshot", REGION, DiskId=full, SnapshotName="somebody's")
    longer = cloud.write("small.yaml", SOME.replace("7d", "8d"))

    assert fails_one(run(cloud, longer), "snapshots.take/chain-too-long") == full


def test_a_disk_that_is_rolled_back_is_left_alone_and_fails_by_its_name(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    made = rows(run(cloud, playbook))[0]
    ask(sandbox, "DetachDisks", REGION, DiskIds=[made["disk"]])
    sandbox.advance(timedelta(minutes=1))
    sandbox.fault("stuck", action="ApplySnapshot")
    ask(sandbox, "ApplySnapshot", REGION, SnapshotId=made["snapshot"], DiskId=made["disk"])
    longer = cloud.write("small.yaml", SOME.replace("7d", "8d"))

    assert fails_one(run(cloud, longer), "snapshots.take/busy") == made["disk"]


def test_a_snapshot_that_was_begun_and_comes_to_nothing_fails_alone(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    sandbox.fault("fail_task", action="CreateSnapshot", after=1)
    sandbox.create_in(1)

    fails_one(run(cloud, playbook), "snapshots.take/vanished")


def test_a_region_that_is_down_is_unknown_and_the_other_one_is_taken(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    sandbox.fault("region_down", region="ap-shanghai")
    both = cloud.write("both.yaml", SOME.replace("      regions: [ap-beijing]\n", ""))

    ran = run(cloud, both)

    assert (ran.status, ran.json["verdict"]) == (1, "unknown"), ran.err
    assert {row["region"] for row in rows(ran)} == {REGION}
    assert {row["status"] for row in rows(ran)} == {"taken"}


def test_a_host_that_is_terminated_during_the_run_fails_its_disk_alone(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    """Its disk goes with it between the plan and the call, which hangs for as long as that takes."""
    disk = cloud("plan", playbook, "--format", "json").json["plans"][0]["actions"][-1]["target"]
    sandbox.fault("hang", action="CreateSnapshot", seconds=3)
    running = cloud.start("run", "--yes", playbook, "--format", "json")
    wait_for_the_hang(sandbox)
    sandbox.remove_disk(disk)
    out, err = running.communicate(timeout=60)

    assert fails_one(Ran(running.returncode, out, err), "snapshots.take/gone") == disk


def wait_for_the_hang(sandbox: Running) -> None:
    """Until the call that hangs has arrived."""
    ends = time.monotonic() + 30
    while sandbox.faults():
        assert time.monotonic() < ends, "no snapshot was asked for"
        time.sleep(0.05)


# --- copies ---


def test_copies_are_made_once_a_slot_and_after_the_snapshot_is_good(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    copies = cloud.write("small.yaml", COPIES)

    first, second = run(cloud, copies), run(cloud, copies)

    assert (first.status, second.status) == (0, 0), first.err + second.err
    made = snapshots_named(sandbox, "drkit-copy-")
    assert len(made) == len([row for row in rows(first) if row["status"] == "taken"]) > 1
    assert {(each["CopyFromRemote"], each["IsPermanent"], each["DiskId"]) for each in made} == {
        (True, True, "")
    }
    assert {row["status"] for row in rows(second)} == {"already there"}
    assert second.json["runs"][0]["created"] == []


def test_a_copy_that_is_refused_fails_by_its_own_name_and_the_next_run_makes_it(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    copies = cloud.write("small.yaml", COPIES)
    sandbox.fault("error", action="CopySnapshotCrossRegions", code="ResourceInsufficient.OverQuota")

    first, second = run(cloud, copies), run(cloud, copies)

    assert (first.status, [each["id"] for each in first.json["findings"]]) == (
        3,
        ["snapshots.take/copy-quota"],
    )
    assert second.status == 0, second.err
    disks = Counter(row["disk"] for row in rows(second))
    assert len(snapshots_named(sandbox, "drkit-copy-")) == len(disks)


def test_where_no_snapshot_was_made_no_copy_is_attempted(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    copies = cloud.write("small.yaml", COPIES)
    sandbox.fault("error", action="CreateSnapshot", code="ResourceUnavailable.NotSupported", times=None)

    ran = run(cloud, copies)

    assert ran.status == 3
    assert snapshots_named(sandbox, "drkit-copy-") == []
    assert all("not attempted" in row["why"] for row in rows(ran) if row["to"])


def test_a_copy_to_a_region_that_the_estate_lacks_is_refused_before_anything_is_done(
    cloud: Drkit, playbook: Path
) -> None:
    wrong = cloud.write("small.yaml", COPIES.replace("region: ap-shanghai", "region: ap-shangai"))

    ran = cloud("run", "--yes", wrong)

    assert ran.status == 2
    assert "lists no region 'ap-shangai', did you mean 'ap-shanghai'?" in ran.err


@pytest.mark.parametrize("point", range(2, 12))
def test_a_run_with_a_copy_that_is_killed_at_any_write_of_its_journal_ends_with_one_copy(
    cloud: Drkit, sandbox: Running, point: int
) -> None:
    sandbox.create_in(0)
    one = cloud.write("one.yaml", COPIES.replace("service: kafka", "service: redis"))

    killed = cloud.killed("journal", "after", point, "run", "--yes", one)
    cloud("recover", "--yes")
    again = run(cloud, one)

    assert killed.status != 0
    assert again.status == 0, again.err
    assert len(snapshots_named(sandbox, "drkit-copy-")) == 1


def test_a_copy_that_never_arrives_fails_by_its_own_name_and_the_snapshots_are_good(
    cloud: Drkit, sandbox: Running
) -> None:
    """Its run is killed while it waits, and taken up two days later by a clock that is ahead."""
    sandbox.create_in(0)
    small = COPIES.replace("service: kafka", "service: redis")
    one = cloud.write("one.yaml", small)
    assert run(cloud, cloud.write("first.yaml", small.replace(COPIED, ""))).status == 0
    sandbox.create_in(10_000_000)

    waiting = cloud.start("run", "--yes", one)
    ends = time.monotonic() + 60
    while not snapshots_named(sandbox, "drkit-copy-"):
        assert time.monotonic() < ends, "no copy was begun"
        time.sleep(0.1)
    waiting.kill()
    waiting.communicate()
    later = cloud("recover", "--yes", "--format", "json", prefix=ahead(timedelta(days=2)))

    assert (later.status, later.json["verdict"]) == (3, "fail"), later.err
    assert [each["id"] for each in later.json["findings"]] == ["snapshots.take/copy-never-arrived"]
    assert {row["status"] for row in rows(later) if not row["to"]} == {"already there"}


def test_a_retention_edited_from_thirty_days_to_one_is_refused_and_to_two_ends_nothing_earlier(
    cloud: Drkit, sandbox: Running
) -> None:
    sandbox.create_in(0)
    small = SMALL.replace("keep_for: 7d", "keep_for: 30d")
    assert run(cloud, cloud.write("small.yaml", small)).status == 0
    before = {each["SnapshotId"]: each["DeadlineTime"] for each in snapshots_named(sandbox, "drkit-small-")}

    one = cloud("run", "--yes", cloud.write("small.yaml", small.replace("30d", "1d")))
    two = run(cloud, cloud.write("small.yaml", small.replace("30d", "2d")))

    after = {each["SnapshotId"]: each["DeadlineTime"] for each in snapshots_named(sandbox, "drkit-small-")}
    assert (one.status, "must be at least 2d" in one.err) == (2, True)
    assert two.status == 0, two.err
    assert before.items() <= after.items()
    assert len(after) == 2 * len(before) > 0
