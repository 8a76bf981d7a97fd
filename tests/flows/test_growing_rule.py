"""The rule of growth: what it lets through takes nothing away, whatever was asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from drkit.core.actions import Action, Effect, only_grows
from drkit.core.errors import ApprovalError
from drkit.core.times import Reading, text_of
from drkit.flows.approving.intention import dangerous
from drkit.flows.broker.growing import read_growth
from drkit.flows.growing.rule import may_grow
from drkit.ports.disks import Snapshot, SnapshotState
from drkit.snapshots.keeping import MOST_AHEAD

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
RUN = "20261122T000000Z-abcdef"


def snapshot(**changed: Any) -> Snapshot:
    usual: dict[str, Any] = {
        "id": "snap-00000001", "name": "drkit-daily-20261121T0000-2d", "disk": "disk-00000001",
        "state": SnapshotState.GOOD, "created": Reading(NOW - DAY, NOW - DAY),
        "deadline": Reading(NOW + DAY, NOW + DAY + DAY / 3), "tags": {"drkit:run": "r"},
    }  # fmt: skip
    return Snapshot(**{**usual, **changed})


def action(until: datetime = NOW + 30 * DAY, **changed: Any) -> Action:
    usual: dict[str, Any] = {
        "verb": "disks.extend_snapshot", "effect": Effect.CHANGE, "account": "production",
        "region": "ap-beijing", "target": "snap-00000001", "reason": "the grid keeps it",
        "arguments": {"disk": "disk-00000001", "grows": True, "deadline": text_of(until)},
    }  # fmt: skip
    return Action(**{**usual, **changed})


def mark(verb: str = "disks.mark_unneeded") -> Action:
    return action(verb=verb, arguments={"disk": "disk-00000001", "grows": True})


def test_a_later_deadline_and_marks_of_a_good_snapshot_that_a_playbook_made_may_be_set() -> None:
    for asked in (action(), mark(), mark("disks.unmark_needed")):
        assert may_grow(asked, snapshot(), NOW) == ()


@pytest.mark.parametrize("asked", [action(), mark(), mark("disks.unmark_needed")])
@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": "auto"}, "no playbook made it"),
        ({"tags": {}}, "no playbook made it"),
        ({"permanent": True}, "kept for ever"),
        ({"shared": True}, "shared"),
        ({"disk": "disk-other"}, "asked for as one of"),
        ({"disk": ""}, "asked for as one of"),
        ({"state": SnapshotState.CREATING}, "not good"),
        ({"state": SnapshotState.OTHER}, "not good"),
    ],
)
def test_foreign_permanent_shared_and_unfinished_ones_are_left_as_they_are(
    asked: Action, changed: dict[str, Any], why: str
) -> None:
    assert any(why in each for each in may_grow(asked, snapshot(**changed), NOW))


def test_a_deadline_that_is_earlier_by_either_reading_is_refused() -> None:
    between = NOW + DAY + DAY / 6
    assert may_grow(action(between), snapshot(), NOW) == ("it may live longer as it is",)
    assert may_grow(action(NOW), snapshot(), NOW) == ("it may live longer as it is",)


def test_a_deadline_that_nobody_knows_is_left_and_one_far_away_is_not_set() -> None:
    assert "nobody knows when it ends" in may_grow(action(), snapshot(deadline=None), NOW)[0]
    assert "days ahead" in may_grow(action(NOW + MOST_AHEAD + DAY), snapshot(), NOW)[0]


def test_what_is_gone_is_not_grown() -> None:
    assert may_grow(action(), None, NOW) == ("it is gone",)


moments = st.integers(-400, 6000).map(lambda days: NOW + days * DAY / 4)


@given(
    until=moments, deadline=moments, apart=st.integers(0, 12), permanent=st.booleans(), shared=st.booleans()
)
def test_whatever_the_rule_lets_through_lives_longer_than_before_by_either_reading(
    *, until: datetime, deadline: datetime, apart: int, permanent: bool, shared: bool
) -> None:
    seen = snapshot(
        deadline=Reading(deadline, deadline + apart * timedelta(hours=1)), permanent=permanent, shared=shared
    )
    assume(may_grow(action(until), seen, NOW) == ())
    assert not permanent
    assert not shared
    assert seen.deadline is not None
    assert seen.deadline.earliest <= seen.deadline.latest < until <= NOW + MOST_AHEAD


def message(**changed: Any) -> dict[str, Any]:
    return {"ask": "growth", "version": 1, "run": RUN, "action": action(**changed).as_data()}


def test_what_an_honest_client_asks_for_is_understood() -> None:
    assert read_growth(message()) == (RUN, action())


@pytest.mark.parametrize(
    "changed",
    [
        {"verb": "disks.delete_snapshot"},
        {"verb": "disks.delete_unneeded"},
        {"effect": Effect.DESTROY},
        {"effect": Effect.CREATE},
        {"arguments": {"disk": "disk-00000001", "grows": True}},
        {"arguments": {"disk": "disk-00000001", "grows": False, "deadline": "2027-01-01T00:00:00Z"}},
        {"arguments": {"disk": "disk-00000001", "grows": True, "deadline": "2027-01-01T00:00:00"}},
        {"arguments": {"disk": "disk-00000001", "grows": True, "deadline": "soon"}},
        {"arguments": {"disk": "disk-00000001", "grows": True, "deadline": "2027-01-01T00:00:00Z", "x": 1}},
        {"arguments": {"disk": "*", "grows": True, "deadline": "2027-01-01T00:00:00Z"}},
        {"target": "snap-*"},
        {"target": "snap-1:2"},
        {"region": "ap-*"},
    ],
)
def test_anything_else_is_refused_before_anything_is_looked_at(changed: dict[str, Any]) -> None:
    with pytest.raises(ApprovalError):
        read_growth(message(**changed))


@pytest.mark.parametrize(
    "broken", [{"run": ""}, {"run": 7}, {"version": 2}, {"action": None}, {"action": {}}]
)
def test_a_message_that_is_none_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ApprovalError):
        read_growth({**message(), **broken})


def test_only_a_change_that_claims_to_grow_is_left_out_of_what_needs_an_approval() -> None:
    destroys = action(effect=Effect.DESTROY)
    silent = action(arguments={"disk": "d", "deadline": "2027-01-01T00:00:00Z"})
    assert dangerous((action(), destroys, silent)) == (destroys, silent)
    assert [only_grows(each) for each in (action(), destroys, silent)] == [True, False, False]
