"""Proofs as pure functions: whose turn it is, what is planned for it, and what the verdict is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from drkit.core.actions import Action, Done, Effect, Failed, Outcome, Pending, Plan, Ref, Uncertain, Why
from drkit.core.estate import Estate, ScratchScope
from drkit.core.journal import Told
from drkit.core.times import Reading, text_of
from drkit.core.verdicts import Conclusion
from drkit.core.verdicts import Outcome as VerdictOutcome
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.ports.machines import Host
from drkit.ports.steps import Setting
from drkit.snapshots.proofs import ATTACH, DETACH, FIELDS, PROVE, read_answer
from drkit.snapshots.proven import conclude
from drkit.snapshots.sampling import turn_of
from drkit.snapshots.scratch import copy_name
from drkit.snapshots.steps.prove import Prove, plan

SLOT = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)
WEEK = timedelta(days=7)
ESTATE = Estate.model_validate_json(
    """{"estate": "e", "accounts": {"production": {"cloud": "tencent", "account": "100000000001",
        "environment": "production", "regions": ["ap-beijing"]}},
        "scratch": {"accounts": ["production"], "regions": ["ap-beijing"], "hosts": ["ins-drill0001"]},
        "broker": {"socket": "/run/b.sock"}}"""
)
SETTING = Setting(ESTATE, "weekly", SLOT)
DRILL = {
    "host": "ins-drill0001",
    "address": "10.0.3.9",
    "user": "drkit",
    "key": "/etc/key",
    "host_key": "ssh-ed25519 AAAA",
    "prove": ("drkit-prove",),
}
ARGUMENTS = Prove(sample="100%", drill_hosts=(DRILL,))
MARKS = {"drkit:run": "r", "drkit:scratch-until": "2026-11-23T01:30:00Z", "drkit:snapshot": "snap-older0001"}
NAME = copy_name("weekly", SLOT, WEEK, "disk-source01", "drkit-prove-")
GOOD = {
    "result": "pass",
    "kind": "",
    "why": "2 files are as their manifest says",
    "filesystem": "ext",
    "recovered": False,
    "files": 2,
    "bytes": 9,
    "manifest": "a" * 64,
}


def disk(**changes: Any) -> Disk:
    usual = {"id": "disk-source01", "name": "orders", "zone": "ap-beijing-3", "state": "ATTACHED"}
    usual |= {"busy": False, "can_snapshot": True, "host": "ins-1", "tags": {}, "kind": "CLOUD_SSD"}
    return Disk(**{**usual, "system": False, **changes})


SCRATCH = disk(id="disk-scratch1", name=NAME, host="ins-drill0001", tags=MARKS)


def snapshot(id_: str = "snap-newest01", hours: int = 2, **changes: Any) -> Snapshot:
    created = SLOT - timedelta(hours=hours)
    usual = {"id": id_, "name": "auto", "disk": "disk-source01", "state": SnapshotState.GOOD}
    return Snapshot(**{**usual, "created": Reading(created, created), **changes})


NEWEST = (snapshot(),)


def seen(*disks: Disk, snapshots: Any = NEWEST, hosts: Any = None) -> Facts:
    drill = Host("ins-drill0001", "drill", "ap-beijing-3", "RUNNING", (), {})
    region = RegionFacts(
        Scope("production", "ap-beijing"), (drill,) if hosts is None else hosts, disks or (disk(),), snapshots
    )
    return Facts(SLOT + timedelta(minutes=5), (region,))


def proof(at: datetime = SLOT, told: dict[str, Any] = GOOD, slot: datetime = SLOT) -> Told:
    arguments = {"source": "disk-source01", "name": NAME, "snapshot": "snap-proven01"}
    action = Action(PROVE, Effect.READ, "production", "ap-beijing", "disk-scratch0", arguments, "")
    return Told("weekly", text_of(slot), text_of(at), action, told)


def concluded(
    planned: Plan, *outcomes: Outcome, facts: Facts | None = None, setting: Setting = SETTING
) -> Conclusion:
    came = dict(zip((each.key for each in planned.actions), outcomes, strict=False))
    return conclude(facts or seen(), planned, came, ARGUMENTS, setting)


# --- whose turn it is ---


@given(
    st.sets(st.text("abcdef0123456789", min_size=8, max_size=8), min_size=1, max_size=60),
    st.one_of(st.integers(1, 70), st.integers(1, 100).map(lambda share: f"{share}%")),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_every_disk_has_its_turn_within_the_turns_that_are_told(
    ids: set[str], sample: int | str, at: datetime
) -> None:
    slot = at.replace(tzinfo=UTC)
    turns = turn_of(ids, sample, slot, WEEK).turns

    had = [turn_of(ids, sample, slot + number * WEEK, WEEK).ids for number in range(turns)]

    assert frozenset().union(*had) == ids
    assert sum(map(len, had)) == len(ids)  # and each once


def test_the_same_slot_has_the_same_sample_and_the_next_week_has_another() -> None:
    ids = [f"disk-{number:08}" for number in range(30)]
    first = turn_of(ids, 10, SLOT, WEEK)

    assert turn_of(reversed(ids), 10, SLOT + timedelta(hours=3), WEEK) == first
    assert turn_of(ids, 10, SLOT + WEEK, WEEK).ids.isdisjoint(first.ids)
    assert (len(first.ids), first.turns) == (10, 3)


@pytest.mark.parametrize("sample", ["0%", "101%", "some", "5 %", 0, -1])
def test_a_sample_that_is_none_is_refused(sample: Any) -> None:
    with pytest.raises(ValidationError, match="sample"):
        Prove(sample=sample, drill_hosts=(DRILL,))


# --- the plan ---


def test_a_disk_is_made_of_the_newest_good_snapshot_attached_read_detached_and_removed() -> None:
    planned = plan(
        seen(
            snapshots=(
                snapshot(),
                snapshot("snap-older0001", 5),
                snapshot("snap-creating", 1, state=SnapshotState.CREATING),
            )
        ),
        ARGUMENTS,
        SETTING,
    )

    made, *others = planned.actions
    assert [each.verb for each in planned.actions] == [
        "disks.create_scratch",
        ATTACH,
        PROVE,
        DETACH,
        "disks.delete_scratch",
    ]
    assert made.arguments["snapshot"] == "snap-newest01"
    assert {each.target for each in others} == {Ref("", made.key)}
    assert {each.arguments.get("host") for each in others[:3]} == {"ins-drill0001"}


def test_what_an_earlier_process_made_is_taken_up_with_the_snapshot_that_it_names() -> None:
    first = plan(seen(), ARGUMENTS, SETTING)

    planned = plan(seen(disk(), SCRATCH), ARGUMENTS, SETTING)

    assert [each.verb for each in planned.actions] == [ATTACH, PROVE, DETACH, "disks.delete_scratch"]
    assert {each.target for each in planned.actions} == {"disk-scratch1"}
    assert planned.actions[1].arguments["snapshot"] == "snap-older0001"
    # The same intentions as before, now that the disk is known: nothing is done under two names.
    assert planned.actions[0] == replace(first.actions[1], target="disk-scratch1")
    assert planned.actions[2] == replace(first.actions[3], target="disk-scratch1")


def test_what_is_left_of_a_disk_whose_turn_it_is_not_any_more_is_torn_down() -> None:
    others = [disk(id=f"disk-other{number:04}") for number in range(9)]
    snapshots = tuple(snapshot(f"snap-{each.id}", disk=each.id) for each in others)
    arguments = Prove(sample=1, drill_hosts=(DRILL,))
    slot = next(
        SLOT + number * WEEK
        for number in range(10)
        if "disk-source01"
        not in turn_of((each.id for each in (*others, disk())), 1, SLOT + number * WEEK, WEEK).ids
    )
    scratch = replace(SCRATCH, name=copy_name("weekly", slot, WEEK, "disk-source01", "drkit-prove-"))

    planned = plan(
        seen(disk(), scratch, *others, snapshots=snapshots), arguments, replace(SETTING, slot=slot)
    )

    torn = [each.verb for each in planned.actions if each.target == "disk-scratch1"]
    assert torn == [DETACH, "disks.delete_scratch"]


def test_a_disk_that_was_proven_in_this_slot_is_not_proven_again_and_what_is_left_of_it_goes() -> None:
    setting = replace(SETTING, proofs=(proof(),))

    planned = plan(seen(disk(), SCRATCH), ARGUMENTS, setting)

    assert [each.verb for each in planned.actions] == [DETACH, "disks.delete_scratch"]
    assert [(each.why, each.reason) for each in planned.skipped] == [
        (Why.DONE, "snap-proven01 was proven in this slot")
    ]


@pytest.mark.parametrize(
    "earlier",
    [
        proof(told={**GOOD, "result": "fail", "kind": "filesystem"}),
        proof(slot=SLOT - WEEK),
        replace(proof(), playbook="another"),
    ],
    ids=["it failed", "last week", "another playbook"],
)
def test_a_disk_that_was_not_found_good_in_this_slot_is_proven(earlier: Told) -> None:
    planned = plan(seen(), ARGUMENTS, replace(SETTING, proofs=(earlier,)))

    assert PROVE in [each.verb for each in planned.actions]


@pytest.mark.parametrize(
    ("facts", "why", "told"),
    [
        (seen(snapshots=()), Why.IMPOSSIBLE, "no good snapshot"),
        (seen(snapshots=(snapshot(created=None),)), Why.IMPOSSIBLE, "no good snapshot"),
        (seen(disk(system=True)), Why.UNCLEAR, "system disk"),
        (seen(disk(zone="ap-beijing-7")), Why.UNCLEAR, "no drill host is in its zone, ap-beijing-7"),
        (seen(hosts=Unread("it was down")), Why.UNCLEAR, "it was down"),
    ],
    ids=["no snapshot", "no time", "system disk", "another zone", "hosts not read"],
)
def test_what_cannot_be_proven_is_said_and_nothing_is_made(facts: Facts, why: Why, told: str) -> None:
    planned = plan(facts, ARGUMENTS, SETTING)

    assert planned.actions == ()
    assert (planned.skipped[0].why, told in planned.skipped[0].reason) == (why, True)


def test_on_aws_a_disk_that_a_host_starts_from_is_proven_as_any_other() -> None:
    accounts = {"production": ESTATE.accounts["production"].model_copy(update={"cloud": "aws"})}
    setting = replace(SETTING, estate=ESTATE.model_copy(update={"accounts": accounts}))

    planned = plan(seen(disk(system=True)), ARGUMENTS, setting)

    assert [each.verb for each in planned.actions] == [
        "disks.create_scratch",
        ATTACH,
        PROVE,
        DETACH,
        "disks.delete_scratch",
    ]
    assert planned.skipped == ()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"broker": None}, "names no broker"),
        ({"scratch": None}, "declares no scratch in production/ap-beijing"),
        ({"scratch": ScratchScope(accounts=("production",), regions=("ap-nanjing",))}, "declares no scratch in"),
        ({"scratch": ScratchScope(accounts=("production",), regions=("ap-beijing",))}, "does not name ins-drill0001"),
    ],
    ids=["no broker", "no scratch", "another region", "no host"],
)  # fmt: skip
def test_where_the_estate_does_not_declare_it_nothing_is_made(changes: dict[str, Any], told: str) -> None:
    planned = plan(seen(), ARGUMENTS, replace(SETTING, estate=ESTATE.model_copy(update=changes)))

    assert planned.actions == ()
    assert [(each.why, told in each.reason) for each in planned.skipped] == [(Why.UNCLEAR, True)]


# --- the verdict ---

ALL_DONE = (Done("disk-scratch1"), Done(), Done(told=GOOD), Done(), Done())


def test_a_disk_whose_files_are_as_the_manifest_says_is_proven_now() -> None:
    found = concluded(plan(seen(), ARGUMENTS, SETTING), *ALL_DONE)

    (row,) = found.rows
    assert found.verdict.outcome is VerdictOutcome.PASS
    assert (row["status"], row["snapshot"], row["manifest"], row["files"]) == (
        "proven",
        "snap-newest01",
        "a" * 64,
        2,
    )
    assert (row["weeks"], found.summary["never proven"]) == (1, 0)


FAIL = {**GOOD, "result": "fail"}
UNKNOWN = {**GOOD, "result": "unknown"}


@pytest.mark.parametrize(
    ("outcomes", "status", "verdict"),
    [
        ((Failed("X", "no"),), "not-made", VerdictOutcome.FAIL),
        ((Done("d"), Failed("X", "no")), "not-attached", VerdictOutcome.FAIL),
        ((Done("d"), Uncertain("silence")), "unknown", VerdictOutcome.UNKNOWN),
        ((Done("d"), Done(), Uncertain("not reached")), "unknown", VerdictOutcome.UNKNOWN),
        ((Done("d"), Pending("disk-1", 1.0)), "unknown", VerdictOutcome.UNKNOWN),
        ((Done("d"), Done(), Done(told={**FAIL, "kind": "filesystem"})), "filesystem", VerdictOutcome.FAIL),
        ((Done("d"), Done(), Done(told={**FAIL, "kind": "unreadable"})), "unreadable", VerdictOutcome.FAIL),
        ((Done("d"), Done(), Done(told={**FAIL, "kind": "content-differs"})), "content-differs", VerdictOutcome.FAIL),
        ((Done("d"), Done(), Done(told={**FAIL, "kind": "no-device"})), "unknown", VerdictOutcome.UNKNOWN),
        ((Done("d"), Done(), Done(told={**UNKNOWN, "kind": "no-manifest"})), "unknown", VerdictOutcome.UNKNOWN),
        ((), "unknown", VerdictOutcome.UNKNOWN),
    ],
)  # fmt: skip
def test_what_came_of_it_decides(outcomes: tuple[Outcome, ...], status: str, verdict: VerdictOutcome) -> None:
    found = concluded(plan(seen(), ARGUMENTS, SETTING), *outcomes)

    assert (found.rows[0]["status"], found.verdict.outcome) == (status, verdict)
    assert [each.id for each in found.findings] == (
        [f"snapshots.prove/{status}"] if verdict is VerdictOutcome.FAIL else []
    )


def test_disks_whose_turn_it_is_not_say_within_how_many_weeks_they_were_proven() -> None:
    arguments = Prove(sample=1, drill_hosts=(DRILL,))
    both = (disk(), disk(id="disk-another1"))
    setting = replace(SETTING, proofs=(proof(SLOT - timedelta(days=15)),))
    slot = next(
        SLOT + number * WEEK
        for number in range(2)
        if "disk-source01" not in turn_of((each.id for each in both), 1, SLOT + number * WEEK, WEEK).ids
    )
    facts = replace(seen(*both), looked_at=SLOT)
    setting = replace(setting, slot=slot)

    found = conclude(facts, plan(facts, arguments, setting), {}, arguments, setting)

    rows = {row["disk"]: row for row in found.rows}
    assert (rows["disk-source01"]["status"], rows["disk-source01"]["weeks"]) == ("not its turn", 3)
    assert rows["disk-source01"]["snapshot"] == "snap-proven01"
    assert (found.summary["turns"], found.summary["never proven"]) == (2, 1)


def test_a_region_that_was_not_read_is_unknown() -> None:
    facts = seen(snapshots=Unread("it was down"))

    found = conclude(facts, plan(facts, ARGUMENTS, SETTING), {}, ARGUMENTS, SETTING)

    assert (found.verdict.outcome, "it was down" in found.verdict.reason) == (VerdictOutcome.UNKNOWN, True)


# --- what a host tells ---


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {**GOOD, "more": 1},
        {**GOOD, "files": 0},
        {**GOOD, "files": True},
        {**GOOD, "files": -1},
        {**GOOD, "files": 10**30},
        {**GOOD, "manifest": ""},
        {**GOOD, "kind": "filesystem"},
        {**GOOD, "kind": "no-manifest"},
        {**GOOD, "result": "PASS"},
        {**GOOD, "why": "x" * 2000},
        {**GOOD, "recovered": "no"},
        {key: value for key, value in GOOD.items() if key != "manifest"},
    ],
)
def test_what_is_not_wholly_an_answer_is_none(answer: object) -> None:
    assert read_answer(answer) is None


def test_an_answer_is_read_with_every_field() -> None:
    assert read_answer(GOOD) == GOOD
    assert set(GOOD) == set(FIELDS)
