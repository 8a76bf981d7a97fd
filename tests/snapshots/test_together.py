"""The disks of one host together, as pure functions: which groups are planned, and of which hosts it is too late."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drkit.core.actions import Action, Done, Failed, Outcome, Pending, Plan, Ref, Uncertain, Why
from drkit.core.estate import Estate
from drkit.core.times import Reading
from drkit.core.verdicts import Outcome as Verdict
from drkit.ports.columns import SnapshotColumns
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.ports.steps import Setting
from drkit.snapshots.steps.take import Take, plan, problems_of
from drkit.snapshots.taking import conclude

SLOT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ACCOUNT = '"account": "100000000001", "environment": "production", "regions": ["ap-beijing"]'
AWS = '"cloud": "aws", "account": "210000000001", "environment": "production", "regions": ["us-east-1"]'
ESTATE = Estate.model_validate_json(
    f"""{{"estate": "e", "broker": {{"socket": "/run/drkit.sock"}},
      "accounts": {{"production": {{"cloud": "tencent", {ACCOUNT}}}, "aws": {{{AWS}}}}}}}"""
)
SETTING = Setting(ESTATE, "daily", SLOT)
NAME = "drkit-daily-20261122T0130-1w"
ARGUMENTS = Take(keep_for="7d", together="host")
BEIJING, EAST = Scope("production", "ap-beijing"), Scope("aws", "us-east-1")
GROUP, ONE, ADOPT = "disks.create_group", "disks.create_snapshot", "disks.adopt_snapshot"


def disk(id_: str, host: str = "ins-1", **changes: Any) -> Disk:
    usual = {"name": "", "zone": "", "state": "ATTACHED", "busy": False, "can_snapshot": True, "tags": {}}
    return Disk(**{**usual, "id": id_, "host": host, **changes})


def taken(of: str, group: str = "csnap-1", **changes: Any) -> Snapshot:
    """A snapshot of the slot, of a group unless that is empty."""
    at, until = Reading(SLOT, SLOT), Reading(SLOT + 7 * DAY, SLOT + 7 * DAY)
    tags = {"drkit:run": "r"} | ({"drkit:together": group} if group else {})
    usual = {"id": f"snap-{of}", "name": NAME, "disk": of, "state": SnapshotState.GOOD, "created": at}
    return Snapshot(**{**usual, "deadline": until, "tags": tags, **changes})


def begun(of: str, number: int = 0, **changes: Any) -> Snapshot:
    """A snapshot that a group of the slot began and nobody adopted."""
    return taken(
        of, "", **{"name": f"{NAME}_{number}", "permanent": True, "deadline": None, "tags": {}, **changes}
    )


def planned(*disks: Disk, snapshots: Any = (), scope: Scope = BEIJING, arguments: Take = ARGUMENTS) -> Plan:
    region = RegionFacts(scope, Unread("not asked for"), disks, snapshots)
    return plan(Facts(SLOT, (region,)), arguments, SETTING)


def told(found: Plan) -> list[tuple[str, Any]]:
    return [(each.verb, each.target) for each in found.actions]


def test_a_host_of_several_disks_gets_one_group_for_which_its_disks_wait_and_each_is_adopted_after_it() -> (
    None
):
    found = planned(
        disk("disk-2"), disk("disk-1"), disk("disk-3", "ins-2"), disk("disk-4", ""), disk("disk-5", "")
    )
    group, first, adopted, second, _, third, *loose = found.actions

    assert (group.verb, group.target, group.arguments["disks"]) == (GROUP, "ins-1", ["disk-1", "disk-2"])
    assert [each.target for each in (first, second)] == ["disk-1", "disk-2"]
    assert (adopted.verb, adopted.target) == (ADOPT, Ref("", first.key))
    assert adopted.arguments == {
        "disk": "disk-1", "grows": True, "name": NAME, "deadline": "2026-11-29T01:30:00Z",
    }  # fmt: skip
    assert found.after == {first.key: (group.key,), second.key: (group.key,)}
    assert [each.target for each in (third, *loose)] == ["disk-3", "disk-4", "disk-5"]
    assert found.skipped == ()


def test_without_the_option_each_disk_is_taken_alone_as_before() -> None:
    disks = (disk("disk-1"), disk("disk-2"))
    found = planned(*disks, arguments=Take(keep_for="7d"))
    assert told(found) == [(ONE, "disk-1"), (ONE, "disk-2")]
    assert (found.after, set(found.actions[0].arguments)) == ({}, {"name", "slot", "deadline"})


def test_where_the_cloud_gives_a_group_its_end_at_birth_nothing_is_adopted() -> None:
    found = planned(disk("vol-1", "i-1"), disk("vol-2", "i-1"), scope=EAST)
    assert told(found) == [(GROUP, "i-1"), (ONE, "vol-1"), (ONE, "vol-2")]


def test_a_disk_that_is_busy_is_left_out_of_the_group_and_named() -> None:
    found = planned(disk("disk-1"), disk("disk-2"), disk("disk-3", busy=True))
    assert found.actions[0].arguments["disks"] == ["disk-1", "disk-2"]
    assert [(each.target, each.why) for each in found.skipped] == [("disk-3", Why.BUSY)]


def test_what_is_of_one_group_is_done() -> None:
    found = planned(disk("disk-1"), disk("disk-2"), snapshots=(taken("disk-1"), taken("disk-2")))
    assert (found.actions, [each.why for each in found.skipped]) == ((), [Why.DONE, Why.DONE])


@pytest.mark.parametrize(
    ("snapshots", "why"),
    [
        ((taken("disk-1", ""), taken("disk-2", "")), "disk-1, disk-2 was snapshotted alone"),
        ((taken("disk-1"), taken("disk-2", "")), "disk-2 was snapshotted alone"),
        ((taken("disk-1"), taken("disk-2", "csnap-2")), "of 2 moments"),
        ((taken("disk-1"),), "disk-2 has no snapshot of this slot"),
        ((taken("disk-1", ""),), "disk-1 was snapshotted alone"),
        ((taken("disk-1", ""), begun("disk-2")), "disk-1 was snapshotted alone"),
    ],
)
def test_a_host_whose_disks_are_of_several_moments_is_a_finding_and_the_rest_is_taken_alone(
    snapshots: Any, why: str
) -> None:
    found = planned(disk("disk-1"), disk("disk-2"), snapshots=snapshots)
    (apart,) = [each for each in found.skipped if each.why is Why.APART]
    assert (apart.target, why in apart.reason) == ("ins-1", True)
    assert GROUP not in {each.verb for each in found.actions}
    there = {each.disk for each in snapshots}
    assert {each.target for each in found.actions if each.verb == ONE} >= {"disk-1", "disk-2"} - there

    outcomes: dict[str, Outcome] = {each.key: Done(created="snap-9") for each in found.actions}
    conclusion = conclude(Facts(SLOT, ()), found, outcomes, None, SETTING)
    assert conclusion.verdict.outcome is Verdict.FAIL
    assert [(each.id, each.subject) for each in conclusion.findings] == [
        ("snapshots.take/not-together", "ins-1")
    ]
    assert "the disks of 1 hosts were not taken together" in conclusion.verdict.reason


@pytest.mark.parametrize("state", [SnapshotState.GOOD, SnapshotState.CREATING])
@pytest.mark.parametrize("kind", [tuple, SnapshotColumns])
def test_what_a_group_began_before_a_crash_is_waited_for_and_adopted_and_not_begun_again(
    state: SnapshotState, kind: Any
) -> None:
    snapshots = kind([taken("disk-1"), begun("disk-2", 1, state=state)])
    found = planned(disk("disk-1"), disk("disk-2"), snapshots=snapshots)
    waits, adopts = found.actions
    assert (waits.verb, waits.target, waits.arguments["member"]) == (ONE, "disk-2", "snap-disk-2")
    assert (adopts.verb, adopts.target) == (ADOPT, Ref("", waits.key))
    assert [each.why for each in found.skipped] == [Why.DONE]


def test_what_groups_of_earlier_slots_left_gets_the_end_that_was_promised() -> None:
    old = begun("disk-gone", name="drkit-daily-20261121T0130-1w_3", id="snap-old")
    theirs = [
        begun("disk-x", id="snap-a", name="drkit-daily-20261121T0130-2w_0"),
        begun("disk-x", id="snap-b", name="drkit-weekly-20261121T0130-1w_0"),
        begun("disk-x", id="snap-c", name="drkit-daily-20261121T0130-1w_x"),
        begun("disk-x", id="snap-d", name="drkit-daily-20261121T0130-1w_0", permanent=False),
        begun("disk-x", id="snap-e", name="drkit-daily-20261121T0130-1w_0", shared=True),
        begun("", id="snap-f", name="drkit-daily-20261121T0130-1w_0", copied=True),
    ]
    found = planned(snapshots=(old, *theirs))
    assert told(found) == [(ADOPT, "snap-old")]
    assert found.actions[0].arguments["deadline"] == "2026-11-28T01:30:00Z"
    assert found.actions[0].arguments["name"] == "drkit-daily-20261121T0130-1w"


def test_one_of_two_that_groups_began_is_waited_for_and_the_other_gets_its_end_all_the_same() -> None:
    twice = (begun("disk-1", id="snap-1"), begun("disk-1", id="snap-2"))
    found = planned(disk("disk-1"), snapshots=twice)
    assert [each.arguments.get("member") for each in found.actions if each.verb == ONE] == ["snap-2"]
    assert (ADOPT, "snap-1") in told(found)


def test_a_name_of_a_slot_that_is_still_to_come_is_nothing_that_a_group_began() -> None:
    for slot in ("99991231T2359", "20991122T0130"):
        forged = begun("disk-x", id="snap-x", name=f"drkit-daily-{slot}-1w_0")
        assert told(planned(snapshots=(forged,))) == []


@pytest.mark.parametrize(
    ("snapshots", "apart"),
    [
        # Each of two groups lacks a disk that is good: what is good is of two moments.
        (
            (
                begun("disk-1", id="snap-1"),
                begun("disk-1", id="snap-2", state=SnapshotState.CREATING),
                begun("disk-2", 1, id="snap-3", state=SnapshotState.CREATING),
                begun("disk-2", 1, id="snap-4"),
            ),
            ["ins-1"],
        ),
        ((taken("disk-1"), begun("disk-1", id="snap-2"), begun("disk-2", 1, id="snap-4")), ["ins-1"]),
        # All that a slot needs is there, of one group; of another something was left.
        ((taken("disk-1"), taken("disk-2"), begun("disk-1", id="snap-2")), []),
    ],
)
def test_where_a_second_group_was_begun_nobody_knows_what_is_of_one_moment_and_the_host_is_a_finding(
    snapshots: Any, apart: list[str]
) -> None:
    found = planned(disk("disk-1"), disk("disk-2"), snapshots=snapshots)
    assert [each.target for each in found.skipped if each.why is Why.APART] == apart
    waited_for = {each.target for each in found.actions if each.verb == ADOPT}
    assert {each.id for each in snapshots if each.permanent and each.state is SnapshotState.GOOD} <= {
        *waited_for, *(each.arguments.get("member") for each in found.actions),
    }  # fmt: skip


def outcomes_of(found: Plan, group: Outcome, one: Outcome, adopted: Outcome) -> dict[str, Outcome]:
    came = {GROUP: group, ONE: one, ADOPT: adopted}
    return {each.key: came[each.verb] for each in found.actions}


MADE = Done(told={"group": "csnap-1", "made": {"disk-1": "snap-1", "disk-2": "snap-2"}})


@pytest.mark.parametrize(
    ("group", "one", "adopted", "verdict", "ids"),
    [
        (MADE, Done("snap-1"), Done(), Verdict.PASS, set()),
        (
            Failed("NotTogether", "no"),
            Done("snap-1"),
            Failed("NotGrown", "no"),
            Verdict.FAIL,
            {"not-together"},
        ),
        (Done(told={"made": {"disk-1": "snap-1"}}), Done("s"), Done(), Verdict.FAIL, {"not-together"}),
        (MADE, Done("snap-1"), Failed("NotGrown", "there is no broker"), Verdict.FAIL, {"no-end"}),
        (MADE, Done("snap-1"), Uncertain("silence"), Verdict.UNKNOWN, set()),
        (Uncertain("silence"), Uncertain("nobody knows"), Uncertain("not attempted"), Verdict.UNKNOWN, set()),
        (
            Failed("HeldTooShort", "x"),
            Failed("HeldTooShort", "x"),
            Failed("NotAttempted", ""),
            Verdict.FAIL,
            {"held-too-short"},
        ),
        (
            Pending("csnap-1", 1),
            Uncertain("nobody knows"),
            Uncertain("not attempted"),
            Verdict.UNKNOWN,
            set(),
        ),
    ],
)
def test_it_passes_only_where_all_are_together_and_have_an_end(
    group: Outcome, one: Outcome, adopted: Outcome, verdict: Verdict, ids: set[str]
) -> None:
    found = planned(disk("disk-1"), disk("disk-2"))
    conclusion = conclude(Facts(SLOT, ()), found, outcomes_of(found, group, one, adopted), None, SETTING)
    assert conclusion.verdict.outcome is verdict
    assert {each.id for each in conclusion.findings} == {f"snapshots.take/{id_}" for id_ in ids}
    assert conclusion.summary["disks"] == 2


def test_an_older_snapshot_without_an_end_is_told_of_where_the_new_one_of_its_disk_has_one() -> None:
    old = begun("disk-1", name="drkit-daily-20261121T0130-1w_0", id="snap-old")
    found = planned(disk("disk-1"), disk("disk-2"), snapshots=(old,))
    for group, ids in ((MADE, {"no-end"}), (Failed("NotTogether", "no"), {"no-end", "not-together"})):
        outcomes = outcomes_of(found, group, Done("snap-1"), Done())
        (left,) = [each for each in found.actions if each.target == "snap-old"]
        outcomes[left.key] = Failed("NotGrown", "no")
        conclusion = conclude(Facts(SLOT, ()), found, outcomes, None, SETTING)
        assert conclusion.verdict.outcome is Verdict.FAIL
        assert {each.id for each in conclusion.findings} == {f"snapshots.take/{id_}" for id_ in ids}


def test_what_an_earlier_process_left_open_and_a_later_one_did_counts_as_done() -> None:
    before = planned(disk("disk-1"), disk("disk-2")).actions
    after = planned(disk("disk-1"), disk("disk-2"), snapshots=(begun("disk-1"), begun("disk-2", 1))).actions
    outcomes: dict[str, Outcome] = {each.key: Uncertain("nothing was found") for each in before}
    outcomes |= {each.key: Done("snap-1") for each in after} | {before[0].key: MADE}
    adopted = [replace(each, target="snap-1") if each.verb == ADOPT else each for each in (*before, *after)]
    outcomes |= {each.key: Done() for each in adopted if each.verb == ADOPT}
    conclusion = conclude(Facts(SLOT, ()), Plan(tuple(adopted)), outcomes, None, SETTING)
    assert (conclusion.verdict.outcome, conclusion.summary) == (Verdict.PASS, {"disks": 2, "taken": 2})


def test_a_held_host_is_held_once_for_its_group_and_what_was_not_surely_held_is_taken_anew_and_gets_an_end() -> (
    None
):
    hook = {
        "host": "ins-00000001", "address": "10.0.0.1", "user": "u", "key": "/k",
        "host_key": f"ssh-ed25519 {'A' * 68}", "hold": ["hold"],
    }  # fmt: skip
    arguments = Take.model_validate_json(json.dumps({"keep_for": "7d", "together": "host", "hooks": [hook]}))
    disks = [disk("disk-1", "ins-00000001"), disk("disk-2", "ins-00000001")]
    left = (begun("disk-1"), begun("disk-2", 1))
    found = planned(*disks, snapshots=left, arguments=arguments)
    group = next(each for each in found.actions if each.verb == GROUP)
    assert group.arguments["hook"]["address"] == "10.0.0.1"
    assert group.arguments["disks"] == ["disk-1", "disk-2"]
    assert {(ADOPT, "snap-disk-1"), (ADOPT, "snap-disk-2")} <= set(told(found))

    known: dict[str, Action] = {
        f"snap-{each.target}": each
        for each in found.actions
        if each.verb == ONE and isinstance(each.target, str)
    }
    # Where a run has recorded that it made them, they only want their end.
    again = plan(
        Facts(SLOT, (RegionFacts(BEIJING, Unread(""), tuple(disks), left),)),
        arguments,
        replace(SETTING, made=known),
    )
    assert told(again) == [(ADOPT, "snap-disk-1"), (ADOPT, "snap-disk-2")], "they were surely held"
    assert [each.why for each in again.skipped] == [Why.DONE, Why.DONE]


def test_it_is_refused_where_nobody_could_give_the_snapshots_an_end() -> None:
    alone = ESTATE.model_copy(update={"broker": None})
    ((path, why),) = problems_of(ARGUMENTS, alone)
    assert (path, "needs a broker" in why) == (("together",), True)
    assert list(problems_of(Take(keep_for="7d"), alone)) == []
    assert list(problems_of(Take(keep_for="7d", together="host", accounts=("aws",)), alone)) == []
