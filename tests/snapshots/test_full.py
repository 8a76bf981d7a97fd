"""Full copies as pure functions: facts and arguments in, plans and verdicts out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from drkit.core.actions import Action, Done, Effect, Failed, Outcome, Pending, Plan, Ref, Uncertain, Why
from drkit.core.estate import Estate
from drkit.core.times import Reading
from drkit.core.verdicts import Outcome as VerdictOutcome
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.ports.steps import Setting
from drkit.snapshots.copying import conclude
from drkit.snapshots.scratch import copy_name, scratch_until
from drkit.snapshots.steps.full import STEP, Full, plan

SLOT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
ESTATE = Estate.model_validate_json(
    """{"estate": "e", "accounts": {"production": {"cloud": "tencent", "account": "100000000001",
        "environment": "production", "regions": ["ap-beijing"]}}}"""
)
SETTING = Setting(ESTATE, "monthly", SLOT)
ARGUMENTS = Full(keep_for="90d")
NAME = copy_name("monthly", SLOT, timedelta(days=90), "disk-source01")
MARKS = {"drkit:run": "r", "drkit:scratch-until": "2026-11-23T01:30:00Z"}


def disk(**changes: Any) -> Disk:
    usual = {"id": "disk-source01", "name": "orders", "zone": "ap-beijing-3", "state": "ATTACHED"}
    usual |= {"busy": False, "can_snapshot": True, "host": "ins-1", "tags": {}, "kind": "CLOUD_SSD"}
    return Disk(**{**usual, "system": False, **changes})


SCRATCH = disk(id="disk-scratch1", name=NAME, host="", tags=MARKS)


def snapshot(id_: str = "snap-newest01", hours: int = 2, **changes: Any) -> Snapshot:
    created = SLOT - timedelta(hours=hours)
    usual = {"id": id_, "name": "auto", "disk": "disk-source01", "state": SnapshotState.GOOD}
    return Snapshot(**{**usual, "created": Reading(created, created), **changes})


def full_copy(state: SnapshotState = SnapshotState.GOOD) -> Snapshot:
    at, until = SLOT + timedelta(minutes=9), SLOT + timedelta(days=90)
    return snapshot(
        "snap-full0001",
        name=NAME,
        disk="disk-scratch1",
        state=state,
        created=Reading(at, at),
        deadline=Reading(until, until),
    )


def facts(*disks: Disk, snapshots: Any = ()) -> Facts:
    region = RegionFacts(Scope("production", "ap-beijing"), Unread("not asked for"), disks, tuple(snapshots))
    return Facts(SLOT, (region,))


def test_a_copy_is_a_scratch_disk_of_the_newest_good_snapshot_a_snapshot_of_it_and_its_end() -> None:
    older, spoiled = snapshot("snap-older001", 26), snapshot("snap-other001", 1, state=SnapshotState.OTHER)

    make, copy, end = plan(facts(disk(), snapshots=[older, snapshot(), spoiled]), ARGUMENTS, SETTING).actions

    assert (make.verb, make.effect, make.target) == ("disks.create_scratch", Effect.CREATE, "disk-source01")
    assert make.arguments == {
        "source": "disk-source01",
        "name": NAME,
        "snapshot": "snap-newest01",
        "zone": "ap-beijing-3",
        "kind": "CLOUD_SSD",
        "scratch_until": "2026-11-23T01:30:00Z",
    }
    assert (copy.verb, copy.effect, copy.target) == (
        "disks.create_full",
        Effect.CREATE,
        Ref("", make.key),
    )
    assert copy.arguments["deadline"] == "2027-02-20T01:30:00Z"
    assert (end.verb, end.effect, end.target) == (
        "disks.delete_scratch",
        Effect.DESTROY,
        Ref("", make.key),
    )


def test_the_same_facts_give_the_same_plan() -> None:
    seen = facts(disk(), snapshots=[snapshot()])

    assert (
        plan(seen, ARGUMENTS, SETTING).fingerprint
        == plan(replace(seen, looked_at=SLOT + timedelta(minutes=50)), ARGUMENTS, SETTING).fingerprint
    )


def test_a_scratch_disk_that_is_there_already_is_gone_on_with_by_its_id() -> None:
    planned = plan(facts(disk(), SCRATCH, snapshots=[snapshot()]), ARGUMENTS, SETTING)

    assert [(each.verb, each.target) for each in planned.actions] == [
        ("disks.create_full", "disk-scratch1"),
        ("disks.delete_scratch", "disk-scratch1"),
    ]
    assert [each.why for each in planned.skipped] == [Why.SCRATCH]


@pytest.mark.parametrize(
    "other",
    [
        disk(id="disk-other001", name=NAME, host="", tags={}),
        disk(id="disk-other001", name=NAME, host="ins-9", tags=MARKS),
        disk(id="disk-other001", name="orders-2", host="", tags=MARKS),
    ],
)
def test_a_disk_that_only_looks_like_the_scratch_is_not_gone_on_with(other: Disk) -> None:
    planned = plan(facts(disk(), other, snapshots=[snapshot()]), ARGUMENTS, SETTING)

    assert "disk-other001" not in {
        each.target for each in planned.actions if each.verb != "disks.create_scratch"
    }


def test_a_copy_of_this_slot_is_not_made_again_and_its_scratch_disk_ends() -> None:
    planned = plan(facts(disk(), SCRATCH, snapshots=[snapshot(), full_copy()]), ARGUMENTS, SETTING)

    assert [(each.verb, each.target) for each in planned.actions] == [
        ("disks.delete_scratch", "disk-scratch1")
    ]
    assert {(each.target, each.why) for each in planned.skipped} == {
        ("disk-source01", Why.DONE),
        ("disk-scratch1", Why.SCRATCH),
    }


def test_what_cannot_be_copied_is_told_of() -> None:
    bare, system = plan(facts(disk()), ARGUMENTS, SETTING), disk(system=True)

    assert [each.why for each in bare.skipped] == [Why.IMPOSSIBLE]
    assert [each.why for each in plan(facts(system, snapshots=[snapshot()]), ARGUMENTS, SETTING).skipped] == [
        Why.IMPOSSIBLE
    ]
    only_data = Full(keep_for="90d", data_disks_only=True)
    assert plan(facts(system, snapshots=[snapshot()]), only_data, SETTING) == Plan()
    assert conclude(facts(disk()), bare, {}, None, SETTING).verdict.outcome is VerdictOutcome.FAIL


def test_names_fit_and_tell_disks_slots_playbooks_and_retentions_apart() -> None:
    days = timedelta(days=1)
    names = {
        copy_name("monthly", SLOT, 90 * days, "disk-source01"),
        copy_name("yearly", SLOT, 90 * days, "disk-source01"),
        copy_name("monthly", SLOT, 30 * days, "disk-source01"),
        copy_name("monthly", SLOT, 90 * days, "disk-source02"),
        copy_name("monthly", SLOT + days, 90 * days, "disk-source01"),
    }

    assert len(names) == 5
    # CreateDisks and CreateSnapshot take at most 60 characters.
    assert all(len(name) <= 60 for name in names)


@pytest.mark.parametrize("hours", [0, 1, 11, 13, 100, 10_000])
def test_scratch_has_at_least_half_of_its_time_left(hours: int) -> None:
    now, day = SLOT + timedelta(hours=hours), timedelta(hours=24)

    until = scratch_until(SLOT, day, now)

    assert now + day / 2 <= until <= now + 2 * day
    assert (until - SLOT) % day == timedelta()


@pytest.mark.parametrize("bad", [{"keep_for": "1d"}, {"keep_for": "90d", "scratch_for": "1h"}])
def test_times_that_are_too_short_are_refused(bad: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Full(**bad)


def chain(upon: str | None = "disk-scratch1") -> tuple[Action, Action, Action]:
    make, copy, end = plan(facts(disk(), snapshots=[snapshot()]), ARGUMENTS, SETTING).actions
    return (make, *(replace(each, target=upon or each.target) for each in (copy, end)))  # type: ignore[return-value]


MADE, COPIED = Done("disk-scratch1"), Done("snap-full0001")


@pytest.mark.parametrize(
    ("outcomes", "status", "verdict", "scratch"),
    [
        ((MADE, COPIED, Done()), "copied", VerdictOutcome.PASS, "removed"),
        (
            (MADE, COPIED, Failed("NotAllowed", "no broker")),
            "copied",
            VerdictOutcome.PASS,
            "disk-scratch1 was left behind: no broker",
        ),
        ((MADE, Failed("X", "no"), Done()), "failed", VerdictOutcome.FAIL, "removed"),
        ((MADE, Uncertain("silence"), Done()), "uncertain", VerdictOutcome.UNKNOWN, "removed"),
        (
            (MADE, Pending("snap-full0001", 1), None),
            "pending",
            VerdictOutcome.UNKNOWN,
            "disk-scratch1 was left behind: the run ended before it was carried out",
        ),
    ],
)
def test_only_a_copy_that_is_surely_good_passes_and_scratch_that_stays_is_named(
    outcomes: tuple[Outcome | None, ...], status: str, verdict: VerdictOutcome, scratch: str
) -> None:
    actions = chain()
    came = {each.key: outcome for each, outcome in zip(actions, outcomes, strict=True) if outcome}

    conclusion = conclude(facts(disk()), Plan(actions), came, None, SETTING)

    (row,) = conclusion.rows
    assert (row["status"], row["scratch"], conclusion.verdict.outcome) == (status, scratch, verdict)


@pytest.mark.parametrize(
    ("made", "verdict"),
    [
        (Failed("LimitExceeded", "no quota"), VerdictOutcome.FAIL),
        (Uncertain("silence"), VerdictOutcome.UNKNOWN),
    ],
)
def test_where_the_scratch_disk_was_not_made_nothing_else_was_attempted_and_nothing_left(
    made: Outcome, verdict: VerdictOutcome
) -> None:
    actions = chain(upon=None)
    never = type(made)
    told = {Failed: Failed("NotAttempted", "not attempted: no quota"), Uncertain: Uncertain("not attempted")}
    came = {actions[0].key: made, actions[1].key: told[never], actions[2].key: told[never]}

    conclusion = conclude(facts(disk()), Plan(actions), came, None, SETTING)

    assert (conclusion.verdict.outcome, conclusion.rows[0]["scratch"]) == (verdict, "")


def test_nothing_selected_is_unknown_and_never_a_pass() -> None:
    assert conclude(facts(), Plan(), {}, None, SETTING).verdict.outcome is VerdictOutcome.UNKNOWN


def test_a_region_that_was_not_read_is_unknown_and_nothing_is_planned_in_it() -> None:
    region = RegionFacts(Scope("production", "ap-beijing"), Unread("-"), (disk(),), Unread("denied"))
    unread = Facts(SLOT, (region,))

    assert plan(unread, ARGUMENTS, SETTING) == Plan()
    conclusion = conclude(unread, Plan(), {}, None, SETTING)
    assert conclusion.verdict.outcome is VerdictOutcome.UNKNOWN
    assert "denied" in conclusion.verdict.reason


def test_its_verbs_are_its_own() -> None:
    from drkit.flows.registry import find_step, work_by_verb

    assert find_step("snapshots.full") is STEP
    assert STEP.work is not None
    assert {work_by_verb()[verb] for verb in STEP.work.verbs} == {STEP.work}
