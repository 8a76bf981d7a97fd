"""``snapshots.keep`` and ``snapshots.discard`` as pure functions."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from drkit.core.actions import Done, Effect, Failed, Outcome, Plan, Uncertain, Why, only_grows
from drkit.core.estate import Estate
from drkit.core.times import Reading, text_of
from drkit.core.verdicts import Outcome as VerdictOutcome
from drkit.flows.approving.intention import dangerous
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.ports.steps import Setting
from drkit.snapshots.marking import UNNEEDED_TAG
from drkit.snapshots.steps import discard, keep
from drkit.snapshots.steps.discard import Discard
from drkit.snapshots.steps.keep import Keep

NOW = datetime(2026, 3, 10, 12, 34, 56, tzinfo=UTC)
DAY = timedelta(days=1)
ESTATE = Estate.model_validate_json(
    """{"estate": "e", "accounts": {
      "production": {"cloud": "tencent", "account": "100000000001", "environment": "production",
                     "regions": ["ap-beijing"],
                     "prices": {"snapshots": {"ap-beijing": "0.12 CNY"}}}}}"""
)
SETTING = Setting(ESTATE, "daily", NOW)
SCOPE = Scope("production", "ap-beijing")
UNASKED = Unread("not asked for")


def disk(id_: str = "disk-00000001", **changed: Any) -> Disk:
    usual = {"name": "orders-db", "zone": "", "state": "ATTACHED", "busy": False, "can_snapshot": True}
    return Disk(**{**usual, "id": id_, "host": "", "tags": {}, "size": 100, **changed})


def snapshot(
    age: int = 0, *, left: timedelta = DAY, since: timedelta | None = None, **changed: Any
) -> Snapshot:
    created = NOW - age * DAY
    tags = {"drkit:run": "r", **({UNNEEDED_TAG: text_of(NOW - since)} if since else {})}
    usual = {
        "id": f"snap-{age:08}", "name": f"drkit-daily-{created:%Y%m%dT%H%M}-2d", "disk": "disk-00000001",
        "state": SnapshotState.GOOD, "created": Reading(created, created),
        "deadline": Reading(NOW + left, NOW + left + timedelta(hours=8)), "tags": tags,
    }  # fmt: skip
    return Snapshot(**{**usual, **changed})


def facts(*snapshots: Snapshot, disks: Any = None, unread: str = "") -> Facts:
    read = Unread(unread) if unread else snapshots
    region = RegionFacts(SCOPE, UNASKED, (disk(),) if disks is None else disks, read)  # type: ignore[arg-type]
    return Facts(NOW, (region,))


def arguments(**changed: Any) -> Keep:
    return Keep.model_validate_json(_json({"grid": "14x1d", **changed}))


def discarding(**changed: Any) -> Discard:
    return Discard.model_validate_json(_json({"grid": "2x1d", **changed}))


def _json(data: Any) -> str:
    import json

    return json.dumps(data)


def test_a_later_deadline_is_on_the_full_hour_costs_what_it_costs_and_needs_no_approval() -> None:
    (action,) = keep.plan(facts(snapshot()), arguments(), SETTING).actions

    assert (action.verb, action.effect, action.target) == (
        "disks.extend_snapshot", Effect.CHANGE, "snap-00000000",
    )  # fmt: skip
    assert action.arguments == {
        "disk": "disk-00000001", "grows": True, "deadline": "2026-03-24T00:00:00Z",
    }  # fmt: skip
    assert action.cost == "at most 5.00 CNY", "300 hours of 100 GiB at 0.12 a month"
    assert only_grows(action)
    assert dangerous((action,)) == ()


def test_a_plan_made_minutes_later_is_the_same_plan() -> None:
    """The newest lives for seven days from now on, and now goes on."""
    old = snapshot(30)
    later = Facts(NOW + timedelta(minutes=20), facts(old).regions)
    plans = [keep.plan(each, arguments(grid="1x1d"), SETTING) for each in (facts(old), later)]
    assert plans[0].actions
    assert plans[0].fingerprint == plans[1].fingerprint


def test_a_new_deadline_is_later_than_the_present_one_however_that_is_read() -> None:
    (action,) = keep.plan(facts(snapshot(left=13 * DAY + DAY / 4)), arguments(), SETTING).actions
    assert action.arguments["deadline"] == "2026-03-24T03:00:00Z"


def test_each_selected_disk_has_a_row_and_one_that_is_not_selected_has_none() -> None:
    disks = (disk(), disk("disk-00000002"), disk("disk-00000003", tags={"environment": "test"}))
    planned = keep.plan(facts(snapshot(left=90 * DAY), disks=disks), arguments(), SETTING)
    assert [each.target for each in planned.skipped] == [each.id for each in disks]
    assert not planned.actions

    some = keep.plan(facts(disks=disks), arguments(tags={"environment": "test"}), SETTING)
    assert [each.target for each in some.skipped] == ["disk-00000003"]


def test_a_disk_that_is_named_and_is_not_there_is_not_passed_over() -> None:
    named = arguments(disks=["disk-99999999"])
    planned = keep.plan(facts(snapshot()), named, SETTING)
    concluded = keep.STEP.conclude(facts(snapshot()), planned, {}, named, SETTING)
    assert [each.why for each in planned.skipped] == [Why.IMPOSSIBLE]
    assert concluded.verdict.outcome is VerdictOutcome.FAIL


@pytest.mark.parametrize("step", [keep.STEP, discard.STEP])
def test_a_good_snapshot_of_which_nobody_knows_the_time_is_no_pass(step: Any) -> None:
    given = arguments() if step is keep.STEP else discarding()
    seen = facts(snapshot(left=90 * DAY), snapshot(3, left=90 * DAY, created=None))
    planned = step.work.plan(seen, given, SETTING)
    concluded = step.conclude(seen, planned, {}, given, SETTING)
    assert [each.target for each in planned.skipped if each.why is Why.UNCLEAR] == ["snap-00000003"]
    assert concluded.verdict.outcome is VerdictOutcome.UNKNOWN


def test_a_disk_without_a_good_snapshot_is_not_said_to_have_long_lived_ones() -> None:
    (left,) = keep.plan(facts(), arguments(), SETTING).skipped
    assert "no good snapshot" in left.reason


def test_what_was_not_read_is_unknown_and_nothing_is_planned() -> None:
    unread = facts(unread="no answer")
    for step, given in ((keep.STEP, arguments()), (discard.STEP, discarding())):
        assert step.work
        planned = step.work.plan(unread, given, SETTING)
        concluded = step.conclude(unread, planned, {}, given, SETTING)
        assert planned == Plan()
        assert concluded.verdict.outcome is VerdictOutcome.UNKNOWN


@pytest.mark.parametrize(
    ("outcome", "verdict", "findings"),
    [
        (Done(), VerdictOutcome.PASS, []),
        (Failed("NotGrown", "there is no broker"), VerdictOutcome.FAIL, ["snapshots.keep/ends-too-early"]),
        (Uncertain("no answer"), VerdictOutcome.UNKNOWN, []),
        (None, VerdictOutcome.UNKNOWN, []),
    ],
)
def test_the_verdict_is_on_what_came_of_it(
    outcome: Outcome | None, verdict: VerdictOutcome, findings: list[str]
) -> None:
    planned = keep.plan(facts(snapshot()), arguments(), SETTING)
    outcomes = {planned.actions[0].key: outcome} if outcome else {}
    concluded = keep.STEP.conclude(facts(snapshot()), planned, outcomes, arguments(), SETTING)
    assert concluded.verdict.outcome is verdict
    assert [each.id for each in concluded.findings] == findings


def test_what_an_earlier_process_left_open_is_mended_by_what_was_done_after_it() -> None:
    """An hour later the deadline of the newest is another, and so is the action."""
    first = keep.plan(facts(snapshot(30)), arguments(grid="1x1d"), SETTING).actions
    later = Facts(NOW + timedelta(hours=2), facts(snapshot(30)).regions)
    second = keep.plan(later, arguments(grid="1x1d"), SETTING).actions
    assert first != second
    outcomes = {first[0].key: Uncertain("nobody knows"), second[0].key: Done()}
    concluded = keep.STEP.conclude(later, Plan((*first, *second)), outcomes, arguments(), SETTING)
    assert concluded.verdict.outcome is VerdictOutcome.PASS
    assert len(concluded.rows) == 1


MARKED = (
    snapshot(0, left=20 * DAY),
    snapshot(8, left=20 * DAY, since=7 * DAY),
    snapshot(9, left=20 * DAY, since=7 * DAY),
)


def test_who_approves_a_deletion_sees_what_it_is_why_it_goes_and_since_when() -> None:
    planned = discard.plan(facts(*MARKED), discarding(), SETTING)
    assert [each.target for each in planned.actions] == ["snap-00000008", "snap-00000009"]
    action = planned.actions[0]
    assert (action.verb, action.effect) == ("disks.delete_unneeded", Effect.DESTROY)
    assert dangerous(planned.actions) == planned.actions
    assert action.reason == "no rule of the grid 2x1d keeps it; marked since 2026-03-03T12:34:56Z"
    assert action.arguments["disk_name"] == "orders-db"
    assert action.arguments["deadline"] == "2026-03-30T12:34:56Z or 2026-03-30T20:34:56Z"


def test_more_than_may_go_in_one_run_is_none() -> None:
    planned = discard.plan(facts(*MARKED), discarding(at_most=1), SETTING)
    concluded = discard.STEP.conclude(facts(*MARKED), planned, {}, discarding(), SETTING)
    assert planned.actions == ()
    assert concluded.verdict.outcome is VerdictOutcome.FAIL
    assert {each.id for each in concluded.findings} == {"snapshots.keep/not-planned"}


def test_a_standing_approval_counts_the_snapshots_that_were_there() -> None:
    assert discard.existed(facts(*MARKED), NOW - 8 * DAY) == 2
    assert discard.existed(facts(unread="no answer"), NOW) is None


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        (Keep, {}),
        (Keep, {"grid": "14"}),
        (Keep, {"grid": "130x1M"}),
        (Keep, {"grid": "1x1d", "last_good": "1d"}),
        (Keep, {"grid": "1x1d", "last_good": "9999d"}),
        (Discard, {"grid": "1x1d", "after": "12h"}),
        (Discard, {"grid": "1x1d", "at_most": 0}),
    ],
)
def test_what_no_playbook_may_say(model: type[Keep], wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate_json(_json(wrong))


def test_a_thousand_disks_with_fourteen_snapshots_each_are_planned_within_three_seconds() -> None:
    ids = [f"disk-{number:08}" for number in range(1000)]
    snapshots = tuple(
        snapshot(age, id=f"snap-{number}-{age}", disk=id_)
        for number, id_ in enumerate(ids)
        for age in range(14)
    )
    seen = facts(*snapshots, disks=tuple(map(disk, ids)))
    began = time.process_time()
    planned = keep.plan(seen, arguments(grid="14x1d 8x1w"), SETTING)
    took = time.process_time() - began
    assert len(planned.actions) > 10_000
    assert took < 3, f"{took:.2f} s"
