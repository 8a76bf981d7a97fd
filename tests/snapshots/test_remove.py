"""``snapshots.remove`` as pure functions, and by the official SDK against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from drkit.clouds.tencent.cloud import TencentCloud
from drkit.core.actions import Done, Effect, Failed, Outcome, Pending, Plan, Uncertain, Why
from drkit.core.estate import Estate
from drkit.core.times import Reading
from drkit.core.verdicts import Outcome as VerdictOutcome
from drkit.ports.cloud import Hands
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.errors import RefusedError
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.ports.steps import Setting
from drkit.sandbox.testing import InThread, in_thread
from drkit.snapshots.steps.remove import OFTEN_ENOUGH, STEP, LastOne, Remove, find, plan, poll, problems, run

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
ESTATE = Estate.model_validate_json(
    """{"estate": "e", "accounts": {
      "production": {"cloud": "tencent", "account": "100000000001", "environment": "production",
                     "regions": ["ap-beijing"]},
      "test": {"cloud": "tencent", "account": "100000000002", "environment": "test",
               "regions": ["ap-shanghai"]}}}"""
)
SETTING = Setting(ESTATE, "clean-up", NOW)
SCOPE = Scope("production", "ap-beijing")
DISK = Disk("disk-1", "orders-db", "", "ATTACHED", busy=False, can_snapshot=True, host="", tags={})


def arguments(*snapshots: str, **changes: Any) -> Remove:
    usual = {"account": "production", "region": "ap-beijing", "reason": "a test that ended"}
    return Remove(**{**usual, "snapshots": snapshots or ("snap-00000001",), **changes})


def snapshot(number: int = 1, **changes: Any) -> Snapshot:
    usual = {"id": f"snap-{number:08}", "name": "old", "disk": "disk-1", "state": SnapshotState.GOOD}
    return Snapshot(**{**usual, "created": Reading(NOW, NOW), "deadline": Reading(NOW, NOW), **changes})


def facts(*snapshots: Snapshot, disks: Any = (DISK,)) -> Facts:
    return Facts(NOW, (RegionFacts(SCOPE, Unread("not asked for"), disks, snapshots),))


def test_each_named_snapshot_is_one_destroying_action_that_tells_what_it_is() -> None:
    named = snapshot(created=Reading(NOW - timedelta(hours=8), NOW), tags={"team": "b", "case": "7"})

    (action,) = plan(facts(named, snapshot(2)), arguments(), SETTING).actions

    assert (action.verb, action.effect) == ("disks.delete_snapshot", Effect.DESTROY)
    assert (action.account, action.region, action.target) == ("production", "ap-beijing", "snap-00000001")
    assert action.reason == "a test that ended"
    assert action.arguments == {
        "disk": "disk-1",
        "disk_name": "orders-db",
        "disk_exists": True,
        "name": "old",
        "created": "2026-11-21T17:30:00Z or 2026-11-22T01:30:00Z",
        "deadline": "2026-11-22T01:30:00Z",
        "shared": False,
        "tags": {"case": "7", "team": "b"},
        "leaves_no_good_one": False,
    }


def test_a_snapshot_that_is_kept_for_ever_or_shared_says_so_to_who_approves() -> None:
    special = snapshot(permanent=True, shared=True, deadline=None)

    (action,) = plan(facts(special, snapshot(2)), arguments(), SETTING).actions

    assert (action.arguments["deadline"], action.arguments["shared"]) == ("never", True)


def test_what_is_gone_is_done_and_what_is_not_at_rest_fails_by_its_name() -> None:
    creating = snapshot(2, state=SnapshotState.CREATING)

    planned = plan(facts(creating, snapshot(3)), arguments("snap-00000001", "snap-00000002"), SETTING)
    conclusion = STEP.conclude(facts(), planned, {}, arguments(), SETTING)

    assert planned.actions == ()
    assert {each.target: each.why for each in planned.skipped} == {
        "snap-00000001": Why.DONE,
        "snap-00000002": Why.BUSY,
    }
    assert conclusion.verdict.outcome is VerdictOutcome.FAIL
    assert [finding.subject for finding in conclusion.findings] == ["snap-00000002"]


@pytest.mark.parametrize(
    "others", [(), (snapshot(2, state=SnapshotState.CREATING),), (snapshot(2, disk="disk-2"),)]
)
def test_a_disk_that_exists_is_not_left_without_a_good_snapshot(others: Any) -> None:
    planned = plan(facts(snapshot(), *others), arguments(), SETTING)

    assert (planned.actions, [each.why for each in planned.skipped]) == ((), [Why.IMPOSSIBLE])
    assert "disk-1 would have no good snapshot left" in planned.skipped[0].reason


def test_what_is_there_to_be_lent_is_no_good_snapshot_that_a_disk_is_left_with() -> None:
    """Nobody says that a host starts from what was made of a system disk to be lent."""
    lendable = snapshot(2, name="lent-by-drkit-20261122T0000-disk-1-0a1b2c")

    planned = plan(facts(snapshot(), lendable), arguments(), SETTING)

    assert (planned.actions, [each.why for each in planned.skipped]) == ((), [Why.IMPOSSIBLE])


def test_naming_every_snapshot_of_a_disk_removes_none_of_them() -> None:
    both = arguments("snap-00000001", "snap-00000002")

    assert plan(facts(snapshot(), snapshot(2)), both, SETTING).actions == ()


def test_the_last_one_goes_where_the_playbook_allows_it_and_the_action_says_so() -> None:
    allowed = arguments(last_one=LastOne.ALLOW)

    (action,) = plan(facts(snapshot()), allowed, SETTING).actions

    assert action.arguments["leaves_no_good_one"] is True


def test_the_last_one_of_a_disk_that_is_gone_may_go_and_the_action_says_that_the_disk_is_gone() -> None:
    (action,) = plan(facts(snapshot(), disks=()), arguments(), SETTING).actions

    assert (action.arguments["disk_exists"], action.arguments["leaves_no_good_one"]) == (False, False)


@pytest.mark.parametrize("unread", ["disks", "snapshots"])
def test_nothing_is_planned_blindly_and_what_was_not_read_is_unknown(unread: str) -> None:
    read = {"hosts": Unread("not asked for"), "disks": (DISK,), "snapshots": (snapshot(), snapshot(2))}
    blind = Facts(NOW, (RegionFacts(SCOPE, **{**read, unread: Unread("denied")}),))

    planned = plan(blind, arguments(), SETTING)

    assert planned == Plan()
    assert STEP.conclude(blind, planned, {}, arguments(), SETTING).verdict.outcome is VerdictOutcome.UNKNOWN


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (Done(), VerdictOutcome.PASS),
        (Failed("Changed", "its deadline changed"), VerdictOutcome.FAIL),
        (Uncertain("no answer"), VerdictOutcome.UNKNOWN),
        (Pending("snap-00000001", 1), VerdictOutcome.UNKNOWN),
        (None, VerdictOutcome.UNKNOWN),
    ],
)
def test_only_a_snapshot_that_is_surely_gone_passes(outcome: Any, verdict: VerdictOutcome) -> None:
    planned = plan(facts(snapshot(), snapshot(2)), arguments(), SETTING)
    outcomes = {planned.actions[0].key: outcome} if outcome else {}

    assert STEP.conclude(facts(), planned, outcomes, arguments(), SETTING).verdict.outcome is verdict


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"snapshots": ()}, "at least 1"),
        ({"snapshots": ("snap-00000001",) * 2}, "names snap-00000001 twice"),
        ({"snapshots": ("disk-00000001",)}, "match pattern"),
        ({"reason": ""}, "at least 1"),
        ({"reason": "approve \u202ethis"}, "cannot be printed"),
        ({"reason": "two\nlines"}, "cannot be printed"),
    ],
)
def test_arguments_that_a_person_could_misread_or_mistype_are_refused(changes: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Remove(**{**arguments().model_dump(), **changes})


@pytest.mark.parametrize(
    ("changes", "path", "sentence"),
    [
        ({"account": "prodution"}, ("account",), "did you mean 'production'?"),
        ({"region": "ap-bejing"}, ("region",), "did you mean 'ap-beijing'?"),
        ({"region": "ap-shanghai"}, ("region",), "none of these accounts has any of these regions"),
    ],
)
def test_a_place_that_the_estate_does_not_have_is_found(changes: Any, path: Any, sentence: str) -> None:
    ((where, told),) = problems(arguments(**changes), ESTATE)

    assert where == path
    assert sentence in told


class Cloud:
    """The sandbox, what acts there, and two good snapshots of one disk."""

    def __init__(self, server: InThread) -> None:
        self.server = server
        cloud = TencentCloud("REMOVE")
        self.hands = Hands({"production": cloud}, "run-1")
        self.disks = cloud.disks
        disk = cloud.disks.list_disks("ap-beijing")[0].id
        self.doomed, self.kept = (self._make(disk, name) for name in ("doomed", "kept"))

    def _make(self, disk: str, name: str) -> str:
        deadline = datetime.now(UTC) + timedelta(days=9)
        made = self.disks.create_snapshot("ap-beijing", disk, name=name, deadline=deadline, tags={"a": "b"})
        self.server.clock.advance(timedelta(minutes=1))
        return made

    def remove_all_but(self, *kept: str) -> None:
        (one,) = self.disks.get_snapshots("ap-beijing", [kept[0]])
        for other in self.disks.snapshots_of("ap-beijing", one.disk):
            if other.id not in kept:
                self.disks.delete_snapshot("ap-beijing", other.id)

    def action(self, named: str = "") -> Any:
        read = RegionFacts(
            SCOPE, (), self.disks.list_disks("ap-beijing"), self.disks.list_snapshots("ap-beijing")
        )
        (action,) = plan(Facts(NOW, (read,)), arguments(named or self.doomed), SETTING).actions
        return action

    def settled(self, action: Any, outcome: Outcome) -> Outcome:
        while isinstance(outcome, Pending):
            outcome = poll({"key": (action, outcome)}, self.hands)["key"]
        return outcome

    def left(self) -> set[str]:
        return {each.id for each in self.disks.get_snapshots("ap-beijing", [self.doomed, self.kept])}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with in_thread() as server:
        monkeypatch.setenv("DRKIT_TENCENT_ENDPOINT", server.endpoint)
        monkeypatch.setenv("REMOVE_SECRET_ID", server.secret_id)
        monkeypatch.setenv("REMOVE_SECRET_KEY", server.secret_key)
        yield Cloud(server)


def test_the_named_snapshot_is_gone_and_no_other(cloud: Cloud) -> None:
    action = cloud.action()

    assert cloud.settled(action, run(action, cloud.hands)) == Done()

    assert cloud.left() == {cloud.kept}
    assert run(action, cloud.hands) == Done()  # the second time there is nothing left to do


def test_what_was_done_is_found_and_what_was_not_begun_is_not(cloud: Cloud) -> None:
    action = cloud.action()

    assert find(action, cloud.hands) is None
    run(action, cloud.hands)
    assert find(action, cloud.hands) == Done()


def test_a_snapshot_that_was_changed_since_it_was_approved_stays(cloud: Cloud) -> None:
    action = cloud.action()
    for region in cloud.server.world.accounts["100000000001"].regions.values():
        for one in region.snapshots(cloud.server.clock.now()):
            if one.id == cloud.doomed:
                one.deadline += timedelta(days=300)

    outcome = run(action, cloud.hands)

    assert outcome == Failed("Changed", "it is not what was approved any more: its deadline changed")
    assert cloud.left() == {cloud.doomed, cloud.kept}


def test_two_plans_that_each_spare_the_others_snapshot_leave_one(cloud: Cloud) -> None:
    one, other = cloud.action(cloud.doomed), cloud.action(cloud.kept)
    cloud.remove_all_but(cloud.doomed, cloud.kept)

    assert cloud.settled(one, run(one, cloud.hands)) == Done()
    outcome = run(other, cloud.hands)

    assert isinstance(outcome, Failed)
    assert outcome.code == "LastOne"
    assert cloud.left() == {cloud.kept}


@pytest.mark.parametrize(("kind", "outcome"), [("cut_after", Done), ("cut_before", Uncertain)])
def test_after_silence_it_looks_and_never_asks_twice(cloud: Cloud, kind: str, outcome: Any) -> None:
    action = cloud.action()
    cloud.server.fault(kind, action="DeleteSnapshots", times=1)

    assert isinstance(run(action, cloud.hands), outcome)

    assert (cloud.doomed in cloud.left()) is (outcome is Uncertain)


def test_after_silence_a_look_that_fails_leaves_it_uncertain(cloud: Cloud) -> None:
    action = cloud.action()
    disks = cloud.disks
    cloud.server.fault("cut_after", action="DeleteSnapshots")

    def delete_and_let_nobody_look(region: str, snapshot: str) -> None:
        cloud.server.fault("garbage", action="DescribeSnapshots", times=None)
        disks.delete_snapshot(region, snapshot)

    one = SimpleNamespace(
        get_snapshots=disks.get_snapshots,
        snapshots_of=disks.snapshots_of,
        delete_snapshot=delete_and_let_nobody_look,
    )
    outcome = run(action, Hands({"production": SimpleNamespace(disks=one)}, "run-1"))  # type: ignore[dict-item]

    assert isinstance(outcome, Uncertain)
    assert "looked for" in outcome.reason


def test_what_the_cloud_refuses_is_refused(cloud: Cloud) -> None:
    action = cloud.action()
    cloud.server.fault("error", action="DeleteSnapshots", code="UnsupportedOperation.SnapHasShared")

    with pytest.raises(RefusedError, match="SnapHasShared"):
        run(action, cloud.hands)


def test_a_snapshot_whose_end_was_accepted_and_that_stays_listed_is_never_called_gone(cloud: Cloud) -> None:
    action = cloud.action()
    outcome: Outcome = Pending(cloud.doomed, 1)

    asked = 0
    while isinstance(outcome, Pending):
        asked += 1
        outcome = poll({"key": (action, outcome)}, cloud.hands)["key"]

    assert (asked, type(outcome)) == (OFTEN_ENOUGH + 1, Uncertain)
