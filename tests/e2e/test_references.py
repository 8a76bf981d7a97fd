"""What one step of a run makes is what a later step acts upon: a target that is known only once it is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from accounting import state_of
from helpers import Drkit, ask, snapshots_named

from drkit.core.actions import Action, Done, Effect, Outcome, Plan, Ref, Uncertain
from drkit.core.estate import Estate
from drkit.core.journal import RunRecord, RunState
from drkit.core.state import open_state
from drkit.core.times import now, text_of
from drkit.flows.acting import Acting
from drkit.flows.clouds import open_clouds
from drkit.flows.loading import load_estate
from drkit.flows.recording import Recorder
from drkit.flows.registry import work_by_verb
from drkit.flows.tools import Tools
from drkit.flows.workshop import open_tools
from drkit.ports.cloud import Hands
from drkit.sandbox.testing import Running

RUN, REGION, NAME = "20261122T000000Z-abcdef", "ap-beijing", "drkit-full-reference"


@pytest.fixture
def estate(cloud: Drkit, monkeypatch: pytest.MonkeyPatch) -> Estate:
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    return load_estate(Path(cloud.environment["DRKIT_ESTATE"]))


@contextmanager
def tools(cloud: Drkit, estate: Estate) -> Iterator[Tools]:
    state = open_state(Path(cloud.environment["DRKIT_STATE"]), estate.estate)
    clouds = open_clouds(estate, ["production"])
    with state.lock("test"), open_tools(estate, state, clouds, timedelta(minutes=1)) as opened:
        yield opened


def carry_out(opened: Tools, step: str, action: Action) -> Outcome | None:
    """One action as a step of the run."""
    hands, recorder = Hands(opened.clouds.make, RUN), Recorder(opened.log, RUN, now)
    acting = Acting(step, work_by_verb()[action.verb], hands, opened, recorder)
    ((_, outcome),) = acting.act(Plan((action,)), may_begin=True)
    return outcome


def start(opened: Tools) -> None:
    at = text_of(now())
    opened.journal.start(RunRecord(RUN, "drill", "0" * 64, at, RunState.RUNNING, at))


def scratch(snapshot: str, zone: str) -> Action:
    """A scratch disk from a snapshot."""
    until = text_of(now() + timedelta(hours=2))
    arguments = {"source": "disk-source", "name": NAME, "snapshot": snapshot, "zone": zone}
    arguments |= {"kind": "CLOUD_PREMIUM", "scratch_until": until}
    return Action("disks.create_scratch", Effect.CREATE, "production", REGION, "disk-source", arguments, "")


def copy_of(target: Ref) -> Action:
    """A snapshot of what another step makes."""
    at = now()
    arguments = {"source": "disk-source", "name": NAME, "slot": text_of(at)}
    arguments |= {"deadline": text_of(at + timedelta(days=7))}
    return Action("disks.create_full", Effect.CREATE, "production", REGION, target, arguments, "")


def data_snapshot(sandbox: Running) -> tuple[str, str]:
    """A good snapshot of a data disk, and the zone of that."""
    disks = ask(sandbox, "DescribeDisks", REGION, Limit=100)["DiskSet"]
    zones = {each["DiskId"]: each["Placement"]["Zone"] for each in disks if each["DiskUsage"] == "DATA_DISK"}
    found = ask(sandbox, "DescribeSnapshots", REGION, Limit=100)["SnapshotSet"]
    return next((each["SnapshotId"], zones[each["DiskId"]]) for each in found if each["DiskId"] in zones)


def test_a_later_step_acts_upon_what_an_earlier_one_made_even_in_another_process(
    cloud: Drkit, sandbox: Running, estate: Estate
) -> None:
    sandbox.create_in(0)
    made = scratch(*data_snapshot(sandbox))
    with tools(cloud, estate) as opened:
        start(opened)
        disk = carry_out(opened, "first", made)
    assert isinstance(disk, Done)

    with tools(cloud, estate) as opened:  # journal and evidence are opened anew, as another process does
        assert isinstance(carry_out(opened, "second", copy_of(Ref("first", made.key))), Done)

    (copy,) = snapshots_named(sandbox, NAME)
    assert copy["DiskId"] == disk.created
    intended = [line for line in _intended(cloud) if "disks.create_full" in line]
    assert [disk.created in line for line in intended] == [True]


def test_what_waits_for_a_step_that_made_nothing_is_never_attempted(
    cloud: Drkit, sandbox: Running, estate: Estate
) -> None:
    with tools(cloud, estate) as opened:
        start(opened)
        outcome = carry_out(opened, "second", copy_of(Ref("first", "no-such-action")))

    assert isinstance(outcome, Uncertain)
    assert "not attempted" in outcome.reason
    assert snapshots_named(sandbox, NAME) == []


def _intended(cloud: Drkit) -> list[str]:
    """What the evidence says was about to be done, a line each."""
    log = state_of(cloud) / "evidence" / "log.jsonl"
    return [line for line in log.read_text().splitlines() if '"kind":"action.intended"' in line]
