"""The runner: what it refuses, what it tolerates, what it leaves behind when it breaks."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import time
from datetime import timedelta
from pathlib import Path

import pytest
from helpers import SMALL, Drkit

from drkit.core.actions import Effect
from drkit.core.errors import ApprovalError
from drkit.core.evidence.reading import read
from drkit.core.state import open_state
from drkit.flows.clouds import open_clouds
from drkit.flows.loading import load
from drkit.flows.running import carry_out
from drkit.flows.workshop import open_tools
from drkit.sandbox.testing import Running


def test_a_plan_that_destroys_is_refused_and_nothing_of_it_is_done(
    cloud: Drkit, sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    loaded = load(Path(cloud.environment["DRKIT_ESTATE"]), [cloud.write("small.yaml", SMALL)])
    (playbook,) = loaded.playbooks
    (step,) = playbook.steps
    assert step.step.work

    def destroying(*arguments: object) -> object:
        """The step's own plan, as if its actions destroyed."""
        plan = step.step.work.plan(*arguments)
        actions = tuple(dataclasses.replace(action, effect=Effect.DESTROY) for action in plan.actions)
        return dataclasses.replace(plan, actions=actions)

    work = dataclasses.replace(step.step.work, plan=destroying)
    spoiled = dataclasses.replace(step, step=dataclasses.replace(step.step, work=work))
    state = open_state(cloud.directory / "state", "weimob")
    clouds = open_clouds(loaded.estate, ["production"])
    with (
        open_tools(loaded.estate, state, clouds, timedelta(seconds=10)) as tools,
        pytest.raises(ApprovalError, match="the estate says nothing of approvals"),
    ):
        carry_out(dataclasses.replace(playbook, steps=(spoiled,)), tools)

    kinds = [entry["kind"] for _, entry in read(state.evidence)]
    assert kinds == ["run.started", "step.looked", "step.planned", "run.concluded"]


@pytest.mark.parametrize(("optional", "status"), [("true", 0), ("false", 1)])
def test_the_unknown_of_an_optional_step_is_shown_and_tolerated(
    cloud: Drkit, sandbox: Running, optional: str, status: int
) -> None:
    more = f"  - {{uses: snapshots.cover, optional: {optional}}}\n"
    sandbox.fault("error", action="DescribeInstances", code="UnauthorizedOperation", times=None)

    ran = cloud("run", "--yes", cloud.write("x.yaml", SMALL + more), "--format", "json")

    verdicts = [step["verdict"] for step in ran.json["runs"][0]["steps"]]
    assert (ran.status, verdicts) == (status, ["pass", "unknown"])


def test_the_fail_of_an_optional_step_is_never_tolerated(cloud: Drkit) -> None:
    more = "  - {uses: snapshots.cover, optional: true}\n"

    assert cloud("run", "--yes", cloud.write("x.yaml", SMALL + more)).status == 3


def test_a_run_of_several_playbooks_ends_with_the_worst_and_reports_each(cloud: Drkit) -> None:
    small = cloud.write("small.yaml", SMALL)
    uncovered = "playbook: coverage\nschedule: {every: day}\nsteps: [{uses: snapshots.cover}]\n"

    ran = cloud("run", "--yes", small, cloud.write("coverage.yaml", uncovered), "--format", "json")

    assert [run["verdict"] for run in ran.json["runs"]] == ["pass", "fail"]
    assert (ran.status, ran.json["verdict"], ran.json["statuses"]) == (3, "fail", [0, 3])


def test_a_finding_keeps_its_fingerprint_and_the_time_it_was_seen_first(cloud: Drkit) -> None:
    coverage = cloud.write(
        "c.yaml", "playbook: c\nschedule: {every: day}\nsteps: [{uses: snapshots.cover}]\n"
    )

    first, again = (cloud("run", "--yes", coverage, "--format", "json").json["findings"] for _ in range(2))

    assert len(first) == 60
    assert [(each["fingerprint"], each["first_seen"]) for each in first] == [
        (each["fingerprint"], each["first_seen"]) for each in again
    ]


def test_every_action_is_in_the_evidence_before_and_after_and_in_the_journal(cloud: Drkit) -> None:
    cloud("run", "--yes", cloud.write("small.yaml", SMALL))

    state = Path(cloud.environment["DRKIT_STATE"]) / "weimob"
    entries = [entry for _, entry in read(state / "evidence")]
    intended = [entry["action"]["target"] for entry in entries if entry["kind"] == "action.intended"]
    settled = [
        entry["target"]
        for entry in entries
        if entry["kind"] == "action.settled" and entry["outcome"] == "done"
    ]
    assert sorted(intended) == sorted(settled)
    assert len(intended) == len(set(intended)) > 0


def test_no_secret_is_anywhere_in_what_a_run_leaves(cloud: Drkit, sandbox: Running) -> None:
    ran = cloud("run", "--yes", cloud.write("small.yaml", SMALL), "--format", "json")

    state = Path(cloud.environment["DRKIT_STATE"])
    left = [path.read_bytes() for path in state.rglob("*") if path.is_file()] + [(ran.out + ran.err).encode()]
    assert not any(sandbox.secret_key.encode() in content for content in left)


def test_a_change_of_the_world_between_the_question_and_the_answer_goes_into_the_evidence(
    cloud: Drkit, sandbox: Running
) -> None:
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        cloud.command("run", cloud.write("small.yaml", SMALL)),
        cwd=cloud.directory,
        env=cloud.environment,
        stdin=theirs,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert process.stderr
    os.set_blocking(process.stderr.fileno(), False)
    shown, ends = b"", time.monotonic() + 20
    while b"[y/N]" not in shown:
        assert time.monotonic() < ends, shown
        shown += process.stderr.read() or b""
        time.sleep(0.02)
    disk = re.findall(rb"disk-\w+", shown)[0].decode()
    sandbox.remove_disk(disk)
    os.write(ours, b"y\n")
    process.wait(timeout=60)
    process.stderr.close()
    os.close(ours)
    os.close(theirs)

    log = (Path(cloud.environment["DRKIT_STATE"]) / "weimob" / "evidence" / "log.jsonl").read_text()
    (changed,) = [json.loads(line) for line in log.splitlines() if '"plan.changed"' in line]
    assert changed["agreed"] != changed["now"]
