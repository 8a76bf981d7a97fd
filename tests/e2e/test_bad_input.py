"""What can go wrong ends in one clear error, the documented exit status, and nothing green."""

from __future__ import annotations

import fcntl
import os
import socket
import time
from pathlib import Path

import pytest
from helpers import SMALL, Drkit, Ran, ask, snapshots_named

from drkit.sandbox.testing import Running


def refused(ran: Ran, status: int, *words: str) -> None:
    """The run ended with the status, every word stands in its errors, and nothing is called a pass."""
    assert ran.status == status, (ran.status, ran.out, ran.err)
    told = ran.out + ran.err
    for word in words:
        assert word in told, (word, told)
    assert "PASS" not in told
    assert '"pass"' not in told


@pytest.fixture
def playbook(cloud: Drkit) -> Path:
    """A small playbook, and drkit pointed at a sandbox."""
    return cloud.write("small.yaml", SMALL)


def test_a_wrong_secret_key_is_refused_without_showing_it(cloud: Drkit, playbook: Path) -> None:
    ran = cloud("run", "--yes", playbook, DRKIT_LOOK_SECRET_KEY="q7" * 16)

    refused(ran, 2, "AuthFailure.SignatureFailure", "see that the key pair is right")
    assert "q7q7" not in ran.out + ran.err


def test_an_unknown_secret_id_is_refused(cloud: Drkit, playbook: Path) -> None:
    refused(
        cloud("run", "--yes", playbook, DRKIT_LOOK_SECRET_ID="AKID" + "0" * 32),
        2,
        "AuthFailure.SecretIdNotFound",
    )


def test_a_missing_credential_names_the_variable_and_the_way_out(cloud: Drkit, playbook: Path) -> None:
    refused(
        cloud("run", "--yes", playbook, DRKIT_LOOK_SECRET_KEY=""),
        2,
        "DRKIT_LOOK_SECRET_KEY not set",
        "help:",
    )


def test_the_wrong_account_is_refused_before_anything_is_looked_at(cloud: Drkit, playbook: Path) -> None:
    estate = Path(cloud.environment["DRKIT_ESTATE"]).read_text().replace("100000000001", "100000000002")

    ran = cloud("run", "--yes", playbook, "--estate", cloud.write("estate.yaml", estate))

    refused(ran, 2, "wrong account", "belongs to account 100000000001", "account 100000000002")
    assert not (Path(cloud.environment["DRKIT_STATE"]) / "weimob" / "evidence").exists()


def test_an_unknown_region_is_refused_with_a_suggestion(cloud: Drkit, playbook: Path) -> None:
    estate = Path(cloud.environment["DRKIT_ESTATE"]).read_text().replace("ap-shanghai", "ap-shangai")

    refused(
        cloud("run", "--yes", playbook, "--estate", cloud.write("estate.yaml", estate)),
        2,
        "no region 'ap-shangai' that is available, did you mean 'ap-shanghai'?",
    )


def test_a_server_that_is_not_there_concludes_nothing(cloud: Drkit, playbook: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{unused.getsockname()[1]}"
        ran = cloud("run", "--yes", playbook, DRKIT_TENCENT_ENDPOINT=nobody)

    refused(ran, 1, "no answer", "see whether the API can be reached")


def test_plain_http_to_another_machine_is_refused(cloud: Drkit, playbook: Path) -> None:
    refused(cloud("run", "--yes", playbook, DRKIT_TENCENT_ENDPOINT="http://192.0.2.1:80"), 2, "plain http")


def test_garbage_instead_of_json_concludes_nothing(cloud: Drkit, sandbox: Running, playbook: Path) -> None:
    sandbox.fault("garbage", action="GetCallerIdentity", times=None)

    refused(cloud("run", "--yes", playbook), 1, "the answer is not what the API sends")


def test_garbage_in_a_list_makes_its_region_unknown(cloud: Drkit, sandbox: Running, playbook: Path) -> None:
    sandbox.fault("garbage", action="DescribeDisks", times=None)

    refused(cloud("run", "--yes", playbook), 1, "UNKNOWN", "not read: disks of production/ap-beijing")


@pytest.mark.parametrize("kind", ["error", "charset"])
def test_an_error_counts_as_one_whatever_its_content_type(
    cloud: Drkit, sandbox: Running, playbook: Path, kind: str
) -> None:
    sandbox.fault(kind, action="CreateSnapshot", code="InvalidDisk.Busy", times=None)

    ran = cloud("run", "--yes", playbook)

    refused(ran, 3, "FAIL", "InvalidDisk.Busy")
    assert snapshots_named(sandbox, "drkit-") == []


def test_an_unreadable_error_in_a_list_is_not_an_empty_list(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    sandbox.fault("charset", action="DescribeDisks", code="UnauthorizedOperation", times=None)

    refused(cloud("run", "--yes", playbook), 1, "UNKNOWN", "UnauthorizedOperation")


def test_throttling_that_passes_costs_only_time_and_makes_nothing_twice(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    sandbox.fault("throttle", times=3)

    ran = cloud("run", "--yes", playbook, "--format", "json")

    assert (ran.status, ran.json["verdict"]) == (0, "pass")
    assert len(snapshots_named(sandbox, "drkit-")) == ran.json["runs"][0]["steps"][0]["summary"]["taken"]


def test_throttling_without_end_leaves_the_verdict_unknown(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    sandbox.fault("throttle", action="CreateSnapshot", times=None)

    refused(cloud("run", "--yes", playbook), 1, "UNKNOWN", "RequestLimitExceeded")


def test_a_connection_cut_after_the_snapshot_was_begun_makes_no_second_one(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    sandbox.fault("cut_after", action="CreateSnapshot")

    ran = cloud("run", "--yes", playbook, "--format", "json")

    assert (ran.status, ran.json["verdict"]) == (0, "pass")
    disks = [snapshot["DiskId"] for snapshot in snapshots_named(sandbox, "drkit-")]
    assert len(disks) == len(set(disks)) == ran.json["runs"][0]["steps"][0]["summary"]["taken"]


def test_a_connection_cut_before_the_snapshot_was_begun_is_unknown_and_the_next_run_mends_it(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    sandbox.fault("cut_before", action="CreateSnapshot")

    refused(cloud("run", "--yes", playbook), 1, "UNKNOWN")
    again = cloud("run", "--yes", playbook, "--format", "json")

    assert (again.status, again.json["runs"][0]["steps"][0]["summary"]["taken"]) == (0, 1)


def test_an_answer_that_never_comes_is_waited_for_no_longer_than_the_timeout(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    sandbox.fault("hang", action="CreateSnapshot", seconds=60)

    refused(cloud("run", "--yes", playbook, DRKIT_TIMEOUT="1"), 1, "UNKNOWN", "no answer")


def test_a_disk_that_vanishes_between_plan_and_run_fails_alone(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    disks = ask(
        sandbox, "DescribeDisks", "ap-beijing", Filters=[{"Name": "tag:service", "Values": ["redis"]}]
    )
    last = max(disk["DiskId"] for disk in disks["DiskSet"])
    # The first snapshot hangs, so that the disk goes after the plan was made and before its turn.
    sandbox.fault("hang", action="CreateSnapshot", seconds=2)
    process = cloud.start("run", "--yes", playbook)
    ends = time.monotonic() + 20
    while sandbox.faults():
        assert time.monotonic() < ends
        time.sleep(0.02)
    sandbox.remove_disk(last)

    out, err = process.communicate(timeout=60)

    ran = Ran(process.returncode, out, err)
    refused(ran, 3, "FAIL", f"{last}: cbs:CreateSnapshot", "1 gone")
    assert len(snapshots_named(sandbox, "drkit-")) == disks["TotalCount"] - 1


def test_a_snapshot_that_is_still_being_created_is_not_called_taken(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    refused(cloud("run", "--yes", "--wait", "0s", playbook), 1, "UNKNOWN", "suspended: 1 still being created")


def test_a_read_only_state_directory_is_refused_before_anything_is_done(
    cloud: Drkit, sandbox: Running, playbook: Path
) -> None:
    state = cloud.directory / "sealed"
    state.mkdir(mode=0o555)
    # Root may write everywhere, unless it gives the right to do so away first.
    prefix = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()

    ran = cloud("run", "--yes", playbook, "--state", state, prefix=prefix)

    refused(ran, 2, f"the state directory {state}", "Permission denied", "--state DIR or DRKIT_STATE")
    assert snapshots_named(sandbox, "drkit-") == []


def test_a_second_run_at_the_same_time_is_refused_and_told_which_one_runs(
    cloud: Drkit, playbook: Path
) -> None:
    lock = Path(cloud.environment["DRKIT_STATE"]) / "weimob" / "lock"
    lock.parent.mkdir(parents=True)
    with lock.open("w") as held:
        held.write("process 4711, drkit run other.yaml")
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)

        refused(
            cloud("run", "--yes", playbook), 6, "process 4711, drkit run other.yaml", "wait until it ends"
        )


def test_json_was_asked_for_so_an_error_is_json_too(cloud: Drkit, playbook: Path) -> None:
    ran = cloud("run", "--yes", playbook, "--format", "json", DRKIT_LOOK_SECRET_KEY="")

    assert (ran.status, ran.json["verdict"], ran.json["statuses"]) == (2, "unknown", [2])
    assert "DRKIT_LOOK_SECRET_KEY" in ran.json["errors"][0]


def test_an_unread_region_leaves_the_others_concluded(cloud: Drkit, sandbox: Running) -> None:
    cloud("run", "--yes", Path(__file__).parents[2] / "playbooks" / "daily-snapshots.yaml")
    sandbox.fault(
        "error", action="DescribeDisks", region="ap-shanghai", code="UnauthorizedOperation", times=None
    )

    covered = cloud("snapshots", "cover", "--format", "json")

    assert (covered.status, covered.json["verdict"]) == (1, "unknown")
    assert covered.json["summary"] == {"volumes": 32, "covered": 31, "unknown": 1}
