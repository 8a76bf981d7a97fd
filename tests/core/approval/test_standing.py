from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drkit.core.actions import Action, Effect, Plan
from drkit.core.approval.intended import Danger
from drkit.core.approval.requesting import request_standing
from drkit.core.approval.standing import Limits, Standing, Usage, covers

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, SECOND, DAY = timedelta(hours=1), timedelta(seconds=1), timedelta(days=1)
FOUR = Limits(things=4)


def plan(count, effect=Effect.DESTROY):
    return Plan(
        tuple(Action("x.y", effect, "production", "r", f"snap-{number}", {}, "") for number in range(count))
    )


def asked(limits, count, done=(), existed=None, now=NOW):
    return covers(Standing({"playbook": "p"}, limits), plan(count), done, existed, now)


@pytest.fixture
def standing(world):
    return lambda limits=FOUR, **given: request_standing(
        world.intended,
        limits,
        **({"requester": "alice", "reason": "nightly", "now": NOW - DAY, "danger": Danger.DESTROY} | given),
    )


def test_a_limit_of_things_is_used_up_within_the_window(refusals):
    limits, hours = Limits(things=5), [(NOW - 23 * HOUR, 2), (NOW - HOUR, 2)]
    assert asked(limits, 1, hours).accepted
    decision = asked(limits, 2, hours)
    assert refusals(decision) == ["limit-reached"]
    assert decision.reasons[0].why == "4 within 24h and 2 more are over 5"


def test_the_window_rolls():
    limits, done = Limits(things=5), [(NOW - 24 * HOUR, 5)]
    assert asked(limits, 5, done).accepted
    assert not asked(limits, 5, done, now=NOW - SECOND).accepted


def test_a_limit_in_percent_is_of_what_existed_when_the_window_began(refusals):
    limits = Limits(percent=10)
    assert asked(limits, 4, [(NOW - HOUR, 6)], existed=100).accepted
    assert refusals(asked(limits, 5, [(NOW - HOUR, 6)], existed=100)) == ["limit-reached"]
    assert refusals(asked(limits, 1, existed=9)) == ["limit-reached"]
    assert refusals(asked(limits, 1, existed=0)) == ["limit-reached"]


def test_percent_of_what_nobody_counted_is_refused(refusals):
    assert refusals(asked(Limits(percent=100), 1)) == ["limit-unknown"]
    assert refusals(asked(Limits(percent=100), 0)) == ["limit-unknown"]


def test_both_limits_hold(refusals):
    limits = Limits(things=5, percent=10)
    assert refusals(asked(limits, 6, existed=20)) == ["limit-reached", "limit-reached"]
    assert refusals(asked(limits, 3, existed=20)) == ["limit-reached"]
    assert asked(limits, 2, existed=20).accepted


def test_what_was_done_in_the_future_counts():
    assert not asked(Limits(things=5), 1, [(NOW + 300 * DAY, 5)]).accepted


def test_a_count_below_zero_makes_no_room():
    assert not asked(Limits(things=5), 6, [(NOW - HOUR, -3)]).accepted


def test_only_what_changes_or_destroys_counts():
    limits = Standing({"playbook": "p"}, Limits(things=1))
    for effect, accepted in (
        (Effect.READ, True),
        (Effect.CREATE, True),
        (Effect.CHANGE, False),
        (Effect.DESTROY, False),
    ):
        assert covers(limits, plan(2, effect), (), None, NOW).accepted is accepted


@settings(max_examples=150, deadline=None)
@given(
    things=st.integers(1, 20),
    tries=st.lists(st.tuples(st.integers(0, 100), st.integers(1, 20)), max_size=12),
)
def test_no_window_ever_holds_more_than_the_limit(things, tries):
    done: list[tuple[datetime, int]] = []
    for hours, count in sorted(tries):
        at = NOW + hours * HOUR
        if asked(Limits(things=things), count, done, now=at).accepted:
            done.append((at, count))
    for end, _ in done:
        assert sum(count for at, count in done if end - DAY < at <= end) <= things


def test_a_standing_approval_allows_another_plan_of_the_same_playbook(world, standing):
    document, usage = standing(), Usage((), None)
    other = replace(world.intended, actions=world.intended.actions[:1])
    for intended in (world.intended, other):
        assert world.decide("bob", "carol", document=document, intended=intended, usage=usage).accepted


def test_a_standing_approval_whose_limit_is_used_up_refuses(world, standing, refusals):
    usage = Usage(((NOW - 23 * HOUR, 2),), None)
    assert refusals(world.decide("bob", "carol", document=standing(), usage=usage)) == ["limit-reached"]


def test_a_standing_approval_without_a_known_past_refuses(world, standing, refusals):
    assert refusals(world.decide("bob", "carol", document=standing())) == ["limit-unknown"]


def test_a_standing_approval_ends_with_its_playbook_as_it_was(world, standing, refusals):
    document, usage = standing(), Usage((), None)
    for data in (None, {"playbook": "retention", "steps": []}):
        intended = replace(world.intended, playbook_data=data)
        decision = world.decide("bob", "carol", document=document, intended=intended, usage=usage)
        assert refusals(decision) == ["playbook-changed"]
    respelt = replace(world.intended, playbook_sha256="9" * 64)
    assert world.decide("bob", "carol", document=document, intended=respelt, usage=usage).accepted


def test_a_standing_approval_ends_with_the_parts_of_the_estate_as_they_were(world, standing, refusals):
    intended = replace(world.intended, estate_sha256="9" * 64)
    decision = world.decide("bob", "carol", document=standing(), intended=intended, usage=Usage((), None))
    assert refusals(decision) == ["estate-changed"]


def test_a_standing_approval_to_change_does_not_allow_to_destroy(world, standing, refusals):
    document, usage = standing(danger=Danger.CHANGE), Usage((), None)
    assert refusals(world.decide("bob", "carol", document=document, usage=usage)) == ["danger-understated"]
    changes = replace(world.intended, actions=world.intended.actions[2:])
    assert world.decide("bob", "carol", document=document, intended=changes, usage=usage).accepted


def test_a_standing_approval_expires(world, standing, refusals):
    usage, document = Usage((), None), standing(lasts=2 * DAY)
    decision = world.decide("bob", "carol", document=document, usage=usage, now=NOW + DAY)
    assert refusals(decision) == ["expired"]


def test_a_standing_approval_that_was_retired_refuses(world, standing, refusals):
    document = standing()
    decision = world.decide("bob", "carol", document=document, usage=Usage((), None), spent={document.nonce})
    assert refusals(decision) == ["replayed"]
