"""A playbook, the real SDK, a real server, evidence: the thread through the whole house."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from helpers import ROOT, SMALL, Drkit, snapshots_named

from drkit.sandbox.testing import Running

DAILY = ROOT / "playbooks" / "daily-snapshots.yaml"
TCCLI = ROOT / ".venv-tccli" / "bin" / "tccli"


def test_the_daily_playbook_covers_every_volume_and_the_real_tccli_sees_its_snapshots(
    cloud: Drkit, sandbox: Running
) -> None:
    before = cloud("snapshots", "cover")
    assert (before.status, before.out.splitlines()[0]) == (
        3,
        "FAIL  60 of 60 volumes have no good snapshot that is young enough",
    )

    ran = cloud("run", "--yes", DAILY, "--format", "json")

    assert (ran.status, ran.json["verdict"], ran.json["statuses"]) == (0, "pass", [0])
    take, cover = ran.json["runs"][0]["steps"]
    assert take["summary"] == {"disks": 60, "taken": 60}
    assert cover["summary"] == {"volumes": 60, "covered": 60}
    assert cloud("snapshots", "cover").status == 0
    if not TCCLI.exists():
        pytest.skip("the rest needs the real tccli: `make tccli` installs it")
    assert _tccli_count(cloud, sandbox) == len({row["disk"] for row in take["rows"]}) == 60


def _tccli_count(cloud: Drkit, sandbox: Running) -> int:
    """How many snapshots of the playbook the official command line lists in both regions."""
    names = []
    for region in ("ap-beijing", "ap-shanghai"):
        words = [
            "cbs",
            "DescribeSnapshots",
            "--region",
            region,
            "--Limit",
            "100",
            "--endpoint",
            sandbox.endpoint,
        ]
        done = subprocess.run(
            [TCCLI, *words], env=cloud.environment, capture_output=True, text=True, check=True
        )
        names += [snapshot["SnapshotName"] for snapshot in json.loads(done.stdout)["SnapshotSet"]]
    return sum(name.startswith("drkit-daily-snapshots-") for name in names)


def test_a_second_run_of_the_same_slot_takes_nothing_twice(cloud: Drkit, sandbox: Running) -> None:
    playbook = cloud.write("small.yaml", SMALL)

    first, second = (cloud("run", "--yes", playbook, "--format", "json") for _ in range(2))

    taken = first.json["runs"][0]["steps"][0]["summary"]["taken"]
    assert second.json["runs"][0]["steps"][0]["summary"] == {"already there": taken, "disks": taken}
    assert len(snapshots_named(sandbox, "drkit-small-")) == taken > 0


def test_plan_changes_nothing_and_says_by_its_status_whether_there_is_something_to_do(
    cloud: Drkit, sandbox: Running
) -> None:
    playbook = cloud.write("small.yaml", SMALL)

    planned = cloud("plan", playbook, "--detailed-exitcode", "--format", "json")

    assert planned.status == 4
    assert planned.json["summary"]["actions"] == len(planned.json["plans"][0]["actions"]) > 0
    assert snapshots_named(sandbox, "drkit-") == []
    assert not (cloud.directory / "state").exists()
    cloud("run", "--yes", playbook)
    assert cloud("plan", playbook, "--detailed-exitcode").status == 0


def test_what_would_change_something_is_refused_without_a_terminal_and_without_yes(
    cloud: Drkit, sandbox: Running
) -> None:
    ran = cloud("run", cloud.write("small.yaml", SMALL))

    assert ran.status == 2
    assert "there is no terminal to ask at" in ran.err
    assert snapshots_named(sandbox, "drkit-") == []


def test_a_person_at_a_terminal_is_shown_the_plan_and_asked(cloud: Drkit, sandbox: Running) -> None:
    playbook = cloud.write("small.yaml", SMALL)

    assert _answer(cloud, playbook, b"n\n") == 130
    assert snapshots_named(sandbox, "drkit-") == []
    assert _answer(cloud, playbook, b"y\n") == 0
    assert len(snapshots_named(sandbox, "drkit-small-")) > 0


def _answer(cloud: Drkit, playbook: Path, answer: bytes) -> int:
    """The exit status of a run that is answered at a terminal."""
    ours, theirs = os.openpty()
    os.write(ours, answer)
    try:
        return subprocess.run(
            cloud.command("run", playbook),
            cwd=cloud.directory,
            env=cloud.environment,
            stdin=theirs,
            capture_output=True,
            timeout=60,
            check=False,
        ).returncode
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_report_is_made_again_from_the_evidence_with_the_same_bytes(cloud: Drkit) -> None:
    cloud("run", "--yes", cloud.write("small.yaml", SMALL), "--format", "html", "--output", "run.html")

    again = [cloud("report", "--format", "html").out for _ in range(2)]

    assert again[0] == again[1] == (cloud.directory / "run.html").read_text(encoding="utf-8")


def test_evidence_with_one_flipped_byte_fails_and_untouched_evidence_passes_against_an_outside_checkpoint(
    cloud: Drkit,
) -> None:
    cloud("run", "--yes", cloud.write("small.yaml", SMALL))
    evidence = Path(cloud.environment["DRKIT_STATE"]) / "weimob" / "evidence"
    outside = cloud.write("outside", (evidence / "checkpoint").read_text())

    assert cloud("evidence", "verify").status == 1  # nobody outside has vouched for it
    assert cloud("evidence", "verify", "--outside", outside).status == 0
    log = evidence / "log.jsonl"
    content = bytearray(log.read_bytes())
    content[content.index(b"snap-") + 7] ^= 1
    log.write_bytes(content)
    assert cloud("evidence", "verify", "--outside", outside).status == 3


def test_an_interrupted_run_says_so_in_the_evidence_and_ends_with_130(cloud: Drkit, sandbox: Running) -> None:
    sandbox.fault("hang", action="CreateSnapshot", seconds=30)
    process = cloud.start("run", "--yes", cloud.write("small.yaml", SMALL))
    _until(lambda: not sandbox.faults())

    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert err.strip().endswith("drkit: interrupted")
    assert (
        '"kind":"run.broken"'
        in (Path(cloud.environment["DRKIT_STATE"]) / "weimob" / "evidence" / "log.jsonl").read_text()
    )
    report = cloud("report", "--format", "json")
    assert (report.status, report.json["verdict"]) == (1, "unknown")


def _until(condition: object, seconds: float = 20) -> None:
    """Wait until something is so, and fail when it never is."""
    ends = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < ends, "it never came to be"
        time.sleep(0.02)
