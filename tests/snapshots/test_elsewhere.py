"""Copies to other regions: planned from facts, judged from outcomes, and made by the real client in the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from drkit.clouds.tencent.cloud import TencentCloud
from drkit.core.actions import Action, Done, Failed, Pending, Plan, Ref, Uncertain
from drkit.core.estate import Estate
from drkit.core.times import Reading
from drkit.core.verdicts import Outcome
from drkit.flows.outcomes import carried_out
from drkit.ports.cloud import Hands
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.ports.steps import Setting
from drkit.sandbox.testing import InThread, in_thread
from drkit.snapshots import elsewhere
from drkit.snapshots.elsewhere import VERB, Elsewhere, copy_name
from drkit.snapshots.steps.take import STEP, Take, needs, plan, problems_of
from drkit.snapshots.taking import conclude
from drkit.snapshots.wanted import snapshot_name

SLOT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
ESTATE = Estate.model_validate_json(
    """{"estate": "e", "accounts": {
      "production": {"cloud": "tencent", "account": "100000000001", "environment": "production",
                     "regions": ["ap-beijing", "ap-shanghai", "ap-nanjing"]},
      "test": {"cloud": "tencent", "account": "100000000002", "environment": "test",
               "regions": ["ap-beijing"]}}}"""
)
SETTING = Setting(ESTATE, "daily", SLOT)
ARGUMENTS = Take(
    keep_for="14d",
    accounts=("production",),
    regions=("ap-beijing",),
    copies=(Elsewhere(region="ap-nanjing"),),
)
DISK = "disk-orders01"
NAME = copy_name("daily", SLOT, timedelta(days=14), "production", DISK)


def disk(id_: str = DISK) -> Disk:
    return Disk(id_, "", "ap-beijing-3", "ATTACHED", busy=False, can_snapshot=True, host="ins-1", tags={})


def reading(**after: float) -> Reading:
    moment = SLOT + timedelta(**after)
    return Reading(moment, moment)


TAKEN = Snapshot(
    "snap-taken001",
    snapshot_name("daily", SLOT, timedelta(days=14)),
    DISK,
    SnapshotState.GOOD,
    reading(minutes=5),
    reading(days=14),
)
COPY = Snapshot(
    "snap-copy0001", NAME, "", SnapshotState.GOOD, reading(minutes=9), permanent=True, copied=True
)


def facts(*snapshots: Snapshot, there: Any = ()) -> Facts:
    scope, other = Scope("production", "ap-beijing"), Scope("production", "ap-nanjing")
    nothing = Unread("not asked for")
    return Facts(
        SLOT, (RegionFacts(scope, nothing, (disk(),), snapshots), RegionFacts(other, nothing, (), there))
    )


def copies(planned: Plan) -> list[Action]:
    return [action for action in planned.actions if action.verb == VERB]


def test_a_copy_waits_for_the_snapshot_that_is_made_in_the_same_run() -> None:
    take, copy = plan(facts(), ARGUMENTS, SETTING).actions

    assert (copy.verb, copy.region, copy.target) == (VERB, "ap-beijing", Ref("", take.key))
    assert copy.arguments == {
        "source": DISK,
        "to": "ap-nanjing",
        "name": NAME,
        "slot": "2026-11-22T01:30:00Z",
        "arrives_within": 86400,
    }


def test_a_copy_has_no_end_so_nobody_says_what_it_costs() -> None:
    (copy,) = copies(plan(facts(), ARGUMENTS, SETTING))

    assert copy.cost is None


def test_a_snapshot_of_the_slot_that_has_no_copy_yet_gets_one() -> None:
    planned = plan(facts(TAKEN), ARGUMENTS, SETTING)

    assert [(action.verb, action.target) for action in planned.actions] == [(VERB, TAKEN.id)]


def test_a_run_that_is_taken_up_while_its_snapshot_is_being_created_does_not_pass_without_the_copy() -> None:
    """What it began before is good at its end; the plan that was made meanwhile could not copy it yet."""
    take = plan(facts(), ARGUMENTS, SETTING).actions[0]
    seen = facts(TAKEN._replace(state=SnapshotState.CREATING))
    done = Done(TAKEN.id)

    came = carried_out(plan(seen, ARGUMENTS, SETTING), [(take, done)])
    conclusion = conclude(seen, came, {take.key: done}, ARGUMENTS, SETTING)

    assert conclusion.verdict.outcome is Outcome.UNKNOWN
    assert [(row["to"], row["status"]) for row in conclusion.rows] == [
        ("", "taken"),
        ("ap-nanjing", "creating"),
    ]


@pytest.mark.parametrize(
    ("state", "verdict", "status"),
    [
        (SnapshotState.GOOD, Outcome.PASS, "already there"),
        (SnapshotState.CREATING, Outcome.UNKNOWN, "creating"),
    ],
)
def test_a_copy_of_the_slot_is_not_made_again_and_is_done_only_when_it_is_good(
    state: SnapshotState, verdict: Outcome, status: str
) -> None:
    seen = facts(TAKEN, there=(COPY._replace(state=state),))

    planned = plan(seen, ARGUMENTS, SETTING)
    conclusion = conclude(seen, planned, {}, ARGUMENTS, SETTING)

    assert planned.actions == ()
    assert conclusion.verdict.outcome is verdict
    assert [(row["to"], row["status"]) for row in conclusion.rows] == [
        ("", "already there"),
        ("ap-nanjing", status),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"copied": False},
        {"name": NAME + "x"},
        {"created": reading(days=-1)},
        {"created": None},
        {"state": SnapshotState.OTHER},
    ],
    ids=["no copy", "another name", "made before", "made nobody knows when", "spoiled"],
)
def test_a_name_alone_is_not_believed_of_a_copy(changes: Any) -> None:
    assert len(copies(plan(facts(TAKEN, there=(COPY._replace(**changes),)), ARGUMENTS, SETTING))) == 1


def test_a_disk_of_the_promised_region_itself_needs_no_copy() -> None:
    arguments = Take(keep_for="14d", copies=(Elsewhere(region="ap-beijing"),), accounts=("production",))

    assert copies(plan(facts(), arguments, SETTING)) == []


def test_disks_of_the_promised_region_are_not_taken_unless_they_are_selected() -> None:
    there = RegionFacts(
        Scope("production", "ap-nanjing"), Unread("not asked for"), (disk("disk-other001"),), ()
    )
    seen = Facts(SLOT, (facts().regions[0], there))

    assert {
        action.arguments.get("source", action.target) for action in plan(seen, ARGUMENTS, SETTING).actions
    } == {DISK}
    assert needs(ARGUMENTS, SETTING).scopes == (
        Scope("production", "ap-beijing"),
        Scope("production", "ap-nanjing"),
    )


def test_a_promised_region_that_is_down_costs_its_copies_and_not_the_snapshots() -> None:
    seen = facts(there=Unread("no answer"))

    planned = plan(seen, ARGUMENTS, SETTING)
    done = {action.key: Done("snap-1") for action in planned.actions}
    conclusion = conclude(seen, planned, done, ARGUMENTS, SETTING)

    assert [action.verb for action in planned.actions] == ["disks.create_snapshot"]
    assert conclusion.verdict.outcome is Outcome.UNKNOWN
    assert "production/ap-nanjing was not read: no answer" in conclusion.verdict.reason


@pytest.mark.parametrize(
    ("outcome", "verdict", "finding"),
    [
        (Done("snap-2"), Outcome.PASS, None),
        (Pending("snap-2", 1), Outcome.UNKNOWN, None),
        (Uncertain("no answer"), Outcome.UNKNOWN, None),
        (Failed("ResourceInUse", "no"), Outcome.FAIL, "snapshots.take/copy-failed"),
        (Failed("NeverArrived", "it is gone"), Outcome.FAIL, "snapshots.take/copy-never-arrived"),
    ],
)
def test_a_copy_fails_alone_and_by_its_own_name(outcome: Any, verdict: Outcome, finding: str | None) -> None:
    planned = plan(facts(), ARGUMENTS, SETTING)
    take, copy = planned.actions

    conclusion = conclude(facts(), planned, {take.key: Done("snap-1"), copy.key: outcome}, ARGUMENTS, SETTING)

    assert conclusion.verdict.outcome is verdict
    assert [each.id for each in conclusion.findings] == ([finding] if finding else [])
    assert conclusion.summary["taken"] == 1


def test_what_this_run_copied_before_it_was_broken_off_is_told_once() -> None:
    seen = facts(TAKEN, there=(COPY,))
    (copy,) = plan(facts(TAKEN), ARGUMENTS, SETTING).actions
    again = Plan((copy,), plan(seen, ARGUMENTS, SETTING).skipped)

    rows = conclude(seen, again, {copy.key: Done(COPY.id)}, ARGUMENTS, SETTING).rows

    assert [row["status"] for row in rows if row["to"]] == ["copied"]


def test_a_region_that_an_account_does_not_list_is_refused_with_a_suggestion() -> None:
    wrong = Take(keep_for="14d", accounts=("production",), copies=(Elsewhere(region="ap-nanjin"),))

    assert list(problems_of(wrong, ESTATE)) == [
        (
            ("copies", 0, "region"),
            "the account 'production' lists no region 'ap-nanjin', did you mean 'ap-nanjing'?",
        )
    ]


def test_a_region_that_is_named_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="names ap-nanjing twice"):
        Take(keep_for="14d", copies=(Elsewhere(region="ap-nanjing"), Elsewhere(region="ap-nanjing")))


def test_names_of_copies_tell_disks_accounts_and_retentions_apart_within_sixty_characters() -> None:
    names = {
        copy_name("a" * 60, SLOT, timedelta(days=days), account, id_)
        for days in (14, 365)
        for account in ("production", "test")
        for id_ in ("disk-3xvkxyxp", "disk-4xvkxyxp")
    }

    assert len(names) == 8
    assert max(map(len, names)) <= 60


# --- against the sandbox ---


@pytest.fixture
def server() -> Iterator[InThread]:
    with in_thread(now=datetime.now(UTC) - timedelta(days=3)) as server:
        yield server


@pytest.fixture
def hands(server: InThread, monkeypatch: pytest.MonkeyPatch) -> Hands:
    monkeypatch.setenv("DRKIT_TENCENT_ENDPOINT", server.endpoint)
    pair = server.key("drkit-make")
    monkeypatch.setenv("MAKE_SECRET_ID", pair.secret_id)
    monkeypatch.setenv("MAKE_SECRET_KEY", pair.secret_key)
    return Hands({"production": TencentCloud("MAKE")}, "run-1")


@pytest.fixture
def action(server: InThread, hands: Hands) -> Action:
    """A copy of a snapshot that was just made, three days ago by this machine's clock."""
    source = next(iter(server.world.accounts["100000000001"].regions["ap-beijing"].disks))
    setting = Setting(ESTATE, "daily", server.clock.now())
    region = RegionFacts(Scope("production", "ap-beijing"), Unread("-"), (disk(source),), ())
    other = RegionFacts(Scope("production", "ap-nanjing"), Unread("-"), (), ())
    take, copy = plan(Facts(server.clock.now(), (region, other)), ARGUMENTS, setting).actions
    begun = STEP.work.run(take, hands)
    assert isinstance(begun, Pending)
    server.clock.advance(timedelta(minutes=1))
    return replace(copy, target=begun.token)


def patient(action: Action) -> Action:
    """The same copy, which may take a month."""
    return replace(action, arguments={**action.arguments, "arrives_within": 30 * 86400})


def there(server: InThread) -> list[Any]:
    held = server.world.accounts["100000000001"].regions["ap-nanjing"]
    return [each for each in held.snapshots(server.clock.now()) if each.name.startswith("drkit-copy-")]


def test_a_copy_is_made_and_found_in_the_other_region(server: InThread, hands: Hands, action: Action) -> None:
    begun = elsewhere.run(action, hands)
    server.clock.advance(timedelta(minutes=1))

    (came_of,) = elsewhere.poll({action.key: (action, begun)}, hands).values()

    (copy,) = there(server)
    assert came_of == elsewhere.find(action, hands) == Done(copy.id)


@pytest.mark.parametrize(("kind", "made"), [("cut_before", 0), ("cut_after", 1)])
def test_after_silence_a_copy_is_looked_for_and_never_asked_for_twice(
    server: InThread, hands: Hands, action: Action, kind: str, made: int
) -> None:
    server.fault(kind, action="CopySnapshotCrossRegions")

    outcome = elsewhere.run(patient(action), hands)

    assert len(there(server)) == made
    assert isinstance(outcome, Pending if made else Uncertain)


def test_a_copy_that_is_on_its_way_for_too_long_never_arrived(
    server: InThread, hands: Hands, action: Action
) -> None:
    server.fault("stuck", action="CopySnapshotCrossRegions")
    begun = elsewhere.run(action, hands)

    (came_of,) = elsewhere.poll({action.key: (action, begun)}, hands).values()

    assert isinstance(came_of, Failed)
    assert came_of.code == "NeverArrived"
    assert "has not arrived after" in came_of.reason


def test_a_copy_that_is_on_its_way_for_less_long_is_waited_for(
    server: InThread, hands: Hands, action: Action
) -> None:
    slow = patient(action)
    begun = elsewhere.run(slow, hands)

    assert elsewhere.poll({slow.key: (slow, begun)}, hands) == {slow.key: begun}


def test_a_copy_that_was_begun_and_is_gone_never_arrived(
    server: InThread, hands: Hands, action: Action
) -> None:
    server.fault("fail_task", action="CopySnapshotCrossRegions")
    outcome: Any = elsewhere.run(action, hands)
    server.clock.advance(timedelta(minutes=1))

    for _ in range(elsewhere.OFTEN_ENOUGH + 1):
        (outcome,) = elsewhere.poll({action.key: (action, outcome)}, hands).values()

    assert outcome == Failed("NeverArrived", outcome.reason)


def test_what_the_other_region_refuses_stands_in_its_own_answer(
    server: InThread, hands: Hands, action: Action
) -> None:
    elsewhere.run(action, hands)

    with pytest.raises(Exception, match="CopySnapshotConflict"):
        elsewhere.run(action, hands)


def test_a_region_that_is_silent_leaves_its_copies_pending(
    server: InThread, hands: Hands, action: Action
) -> None:
    begun = elsewhere.run(action, hands)
    server.fault("error", action="DescribeSnapshots", code="InternalError", times=None)

    assert elsewhere.poll({action.key: (action, begun)}, hands) == {}
