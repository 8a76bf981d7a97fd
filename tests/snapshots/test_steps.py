"""The verbs of playbooks as pure functions: facts and arguments in, plans and verdicts out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from drkit.core.actions import Action, Done, Failed, Pending, Plan, Skipped, Uncertain, Why
from drkit.core.estate import Estate
from drkit.core.times import Reading
from drkit.core.verdicts import Outcome
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.ports.steps import Setting
from drkit.snapshots.selection import problems, scopes
from drkit.snapshots.steps.cover import Cover
from drkit.snapshots.steps.cover import conclude as conclude_cover
from drkit.snapshots.steps.take import Take, plan
from drkit.snapshots.taking import conclude
from drkit.snapshots.wanted import snapshot_name

SLOT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
ESTATE = Estate.model_validate_json(
    """{"estate": "e", "accounts": {
      "production": {"cloud": "tencent", "account": "100000000001", "environment": "production",
                     "regions": ["ap-beijing", "ap-shanghai"]},
      "test": {"cloud": "tencent", "account": "100000000002", "environment": "test",
               "regions": ["ap-beijing"]}}}"""
)
SETTING = Setting(ESTATE, "daily", SLOT)
NAME = "drkit-daily-20261122T0130-2w"
ARGUMENTS = Take(keep_for="14d")


def disk(**changes: Any) -> Disk:
    usual = {"id": "disk-1", "name": "", "zone": "", "state": "ATTACHED", "busy": False, "can_snapshot": True}
    return Disk(**{**usual, "host": "", "tags": {}, **changes})


def facts(*disks: Disk, snapshots: Any = ()) -> Facts:
    return Facts(
        SLOT, (RegionFacts(Scope("production", "ap-beijing"), Unread("not asked for"), disks, snapshots),)
    )


def test_each_selected_disk_gets_one_create_with_a_deadline_counted_from_the_slot() -> None:
    (action,) = plan(facts(disk()), ARGUMENTS, SETTING).actions

    assert (action.verb, action.effect, action.target) == ("disks.create_snapshot", "create", "disk-1")
    assert action.arguments == {
        "name": NAME,
        "slot": "2026-11-22T01:30:00Z",
        "deadline": "2026-12-06T01:30:00Z",
    }


def made(state: SnapshotState = SnapshotState.GOOD, **changes: Any) -> Snapshot:
    """A snapshot that serves the slot, unless changed."""
    created, deadline = SLOT + timedelta(minutes=5), SLOT + timedelta(days=14)
    usual = {"id": "snap-1", "name": NAME, "disk": "disk-1", "created": Reading(created, created)}
    return Snapshot(**{**usual, "state": state, "deadline": Reading(deadline, deadline), **changes})


@pytest.mark.parametrize(
    ("state", "why", "verdict"),
    [
        (SnapshotState.GOOD, Why.DONE, Outcome.PASS),
        (SnapshotState.CREATING, Why.CREATING, Outcome.UNKNOWN),
    ],
)
def test_a_snapshot_of_this_slot_is_not_made_again_and_is_done_only_when_it_is_good(
    state: SnapshotState, why: Why, verdict: Outcome
) -> None:
    planned = plan(facts(disk(), snapshots=(made(state),)), ARGUMENTS, SETTING)

    assert (planned.actions, [each.why for each in planned.skipped]) == ((), [why])
    assert conclude(facts(), planned, {}, None, SETTING).verdict.outcome is verdict


def at(**ago: float) -> Reading:
    return Reading(SLOT - timedelta(**ago), SLOT - timedelta(**ago))


def test_a_slot_of_long_ago_gets_a_deadline_that_the_cloud_takes() -> None:
    late = replace(facts(disk()), looked_at=SLOT + timedelta(days=20, minutes=10))

    (action,) = plan(late, ARGUMENTS, SETTING).actions

    assert action.arguments["deadline"] == "2026-12-13T03:00:00Z"


@pytest.mark.parametrize(
    "changes",
    [
        {"state": SnapshotState.OTHER},
        {"name": "drkit-daily-20261121T0130-2w"},
        {"disk": "disk-2"},
        {"created": at(days=3)},
        {"created": None},
        {"deadline": at(days=-1)},
        {"deadline": None},
    ],
    ids=[
        "spoiled",
        "another slot",
        "another disk",
        "made before",
        "made nobody knows when",
        "ends early",
        "no end",
    ],
)
def test_a_name_alone_is_not_believed(changes: Any) -> None:
    assert len(plan(facts(disk(), snapshots=(made(**changes),)), ARGUMENTS, SETTING).actions) == 1


def test_a_permanent_snapshot_serves_whatever_its_deadline_says() -> None:
    permanent = made(deadline=None, permanent=True)

    assert plan(facts(disk(), snapshots=(permanent,)), ARGUMENTS, SETTING).actions == ()


def test_steps_that_keep_for_different_times_never_take_each_others_snapshots_for_their_own() -> None:
    longer = Take(keep_for="52w")

    assert len(plan(facts(disk(), snapshots=(made(),)), longer, SETTING).actions) == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"busy": True, "state": "ROLLBACKING"}, Why.BUSY), ({"can_snapshot": False}, Why.IMPOSSIBLE)],
)
def test_a_disk_that_cannot_be_snapshotted_now_is_left_out_by_name_and_fails(changes: Any, why: Why) -> None:
    planned = plan(facts(disk(**changes)), ARGUMENTS, SETTING)

    conclusion = conclude(facts(), planned, {}, None, SETTING)

    assert [each.why for each in planned.skipped] == [why]
    assert conclusion.verdict.outcome is Outcome.FAIL
    assert [finding.subject for finding in conclusion.findings] == ["disk-1"]


def test_only_disks_with_every_tag_are_selected() -> None:
    arguments = Take(keep_for="14d", tags={"service": "orders", "environment": "production"})
    both = disk(id="disk-2", tags={"service": "orders", "environment": "production", "more": "x"})

    planned = plan(facts(disk(tags={"service": "orders"}), both), arguments, SETTING)

    assert [action.target for action in planned.actions] == ["disk-2"]


def test_nothing_is_planned_for_a_region_that_was_not_read() -> None:
    assert plan(facts(disk(), snapshots=Unread("denied")), ARGUMENTS, SETTING) == Plan()


def test_the_same_facts_give_the_same_fingerprint_and_others_another() -> None:
    first, again = (plan(facts(disk()), ARGUMENTS, SETTING).fingerprint for _ in range(2))

    assert first == again != plan(facts(disk(id="disk-2")), ARGUMENTS, SETTING).fingerprint


def test_long_playbook_names_stay_within_sixty_characters_and_apart() -> None:
    one, other = (snapshot_name("a" * 60 + end, SLOT, timedelta(days=365)) for end in "xy")

    assert len(one) == len(other) <= 60
    assert one != other


def test_a_deadline_that_the_cloud_would_refuse_is_refused_at_once() -> None:
    with pytest.raises(ValidationError, match="at least 2d"):
        Take(keep_for="1d")


def action(target: str) -> Action:
    (made,) = plan(facts(disk(id=target)), ARGUMENTS, SETTING).actions
    return made


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (Done("snap-1"), Outcome.PASS),
        (Failed("InvalidDisk.NotFound", "it is gone"), Outcome.FAIL),
        (Uncertain("no answer"), Outcome.UNKNOWN),
        (Pending("snap-1", 1), Outcome.UNKNOWN),
        (None, Outcome.UNKNOWN),
    ],
)
def test_only_a_snapshot_that_is_surely_good_passes(outcome: Any, verdict: Outcome) -> None:
    planned = Plan((action("disk-1"),))
    outcomes = {planned.actions[0].key: outcome} if outcome else {}

    assert conclude(facts(), planned, outcomes, None, SETTING).verdict.outcome is verdict


def test_one_failure_among_many_fails_and_counts() -> None:
    planned = Plan(
        (action("disk-1"), action("disk-2")), (Skipped("production", "ap-beijing", "disk-3", Why.DONE, ""),)
    )
    outcomes = {planned.actions[0].key: Done("snap-1"), planned.actions[1].key: Failed("Code", "no")}

    conclusion = conclude(facts(), planned, outcomes, None, SETTING)

    assert conclusion.verdict.reason == "1 of 3 disks got no snapshot, the first: disk-2: no"
    assert conclusion.summary == {"disks": 3, "already there": 1, "failed": 1, "taken": 1}


def test_an_unread_region_is_unknown_even_if_everything_else_was_taken() -> None:
    planned = Plan((action("disk-1"),))
    unread = Facts(SLOT, (RegionFacts(Scope("production", "ap-shanghai"), (), Unread("denied"), ()),))

    conclusion = conclude(unread, planned, {planned.actions[0].key: Done("snap-1")}, None, SETTING)

    assert conclusion.verdict.outcome is Outcome.UNKNOWN
    assert "production/ap-shanghai was not read: denied" in conclusion.verdict.reason


def test_nothing_selected_is_unknown_and_never_a_pass() -> None:
    assert conclude(facts(), Plan(), {}, None, SETTING).verdict.outcome is Outcome.UNKNOWN


def test_coverage_of_nothing_is_unknown_and_never_a_pass() -> None:
    nothing = Facts(SLOT, (RegionFacts(Scope("production", "ap-beijing"), (), (), ()),))

    conclusion = conclude_cover(nothing, Plan(), {}, Cover(younger_than=timedelta(hours=25)), SETTING)

    assert conclusion.verdict.outcome is Outcome.UNKNOWN


def test_places_are_all_of_the_estate_unless_the_playbook_says() -> None:
    assert [str(scope) for scope in scopes(Take(keep_for="2d"), ESTATE)] == [
        "production/ap-beijing",
        "production/ap-shanghai",
        "test/ap-beijing",
    ]
    assert [str(scope) for scope in scopes(Take(keep_for="2d", regions=("ap-shanghai",)), ESTATE)] == [
        "production/ap-shanghai"
    ]


def test_names_that_the_estate_does_not_have_are_found_with_a_suggestion() -> None:
    wrong = Take(keep_for="2d", accounts=("prodution",), regions=("ap-bejing",))

    assert list(problems(wrong, ESTATE)) == [
        (("accounts", 0), "the estate has no account 'prodution', did you mean 'production'?"),
        (("regions", 0), "no account of the estate lists the region 'ap-bejing', did you mean 'ap-beijing'?"),
    ]
