"""Where a playbook stands: done, due, caught up as it says, missed; and pauses after what found nothing out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drkit.core.schedule import Schedule
from drkit.core.slots.days import parse_day
from drkit.core.standing import ON_TIME, Attempt, Kept, Memory, Standing, delay_of, standing

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LONG_AGO = NOON - 300 * DAY
TODAY = NOON.replace(hour=0)


def ran(
    slot: datetime, verdict: str = "pass", *, after: timedelta = HOUR / 60, ended: bool = True
) -> Attempt:
    started = slot + after
    return Attempt(f"run-{slot:%d%H}", slot, started, started + HOUR / 6 if ended else None, verdict)


def look(
    attempts: Sequence[Attempt] = (), now: datetime = NOON, *, began: datetime | None = LONG_AGO,
    delay: timedelta = timedelta(0), **said: Any,
) -> Standing:  # fmt: skip
    """A daily playbook, unless it says otherwise, that began with the first of its runs."""
    if attempts and began is LONG_AGO:
        began = attempts[0].slot
    schedule = Schedule(**({"every": "day"} | said))
    return standing(schedule, Memory(attempts, began), now, delay=delay, look_back=WEEK)


def slots(*days_ago: int) -> list[datetime]:
    return [TODAY - days * DAY for days in days_ago]


def test_what_never_ran_is_due_and_nothing_was_missed_before_there_was_a_state() -> None:
    found = look(began=None)

    assert (found.last.kept, found.due, found.missed, found.last_done) == (Kept.DUE, (TODAY,), (), None)


def test_a_slot_is_done_by_a_verdict_be_it_bad_and_not_by_unknown() -> None:
    assert look([ran(TODAY)], began=TODAY).last.kept is Kept.DONE
    assert look([ran(TODAY, "fail")], began=TODAY).last.kept is Kept.DONE
    assert look([ran(TODAY, "unknown")], began=TODAY).due == (TODAY,)


def test_a_run_at_any_time_until_the_next_slot_counts_so_that_a_changed_schedule_misses_nothing() -> None:
    yesterday = [ran(TODAY - day * DAY + 5 * HOUR) for day in range(9, 0, -1)]

    assert look([*yesterday, ran(TODAY)]).missed == ()


def test_once_carries_out_the_last_of_many_slots_and_the_others_were_missed() -> None:
    found = look([ran(TODAY - 4 * DAY)], NOON)

    assert list(found.due) == slots(0)
    assert [slot.at for slot in found.missed] == slots(0, 1, 2, 3)
    assert [slot.kept for slot in found.missed] == [Kept.DUE, *[Kept.PASSED] * 3]


def test_all_carries_out_each_slot_within_its_window_oldest_first() -> None:
    found = look([ran(TODAY - 6 * DAY)], catch_up="all")

    assert list(found.due) == slots(2, 1, 0)
    assert [slot.at for slot in found.missed if slot.kept is Kept.PASSED] == slots(3, 4, 5)


def test_all_does_not_reach_back_before_anything_ran() -> None:
    assert list(look(began=TODAY - 1 * DAY - HOUR, catch_up="all").due) == slots(1, 0)
    assert list(look(began=None, catch_up="all").due) == slots(0)


@pytest.mark.parametrize(("late", "due"), [(HOUR, True), (HOUR + timedelta(seconds=1), False)])
def test_skip_leaves_a_slot_alone_once_its_time_has_gone(late: timedelta, due: bool) -> None:  # noqa: FBT001
    found = look([ran(TODAY - DAY)], TODAY + late, catch_up="skip")

    assert (bool(found.due), bool(found.missed)) == (due, not due)


def test_within_bounds_how_late_the_last_slot_may_begin() -> None:
    assert look([ran(TODAY - DAY)], TODAY + 3 * HOUR, within=3 * HOUR).due == (TODAY,)
    late = look([ran(TODAY - DAY)], TODAY + 4 * HOUR, within=3 * HOUR)
    assert (late.due, late.last.kept, late.last.missed) == ((), Kept.PASSED, True)


def test_a_slot_is_late_after_an_hour_and_not_before() -> None:
    done = [ran(TODAY - DAY)]

    assert look(done, TODAY + ON_TIME).missed == ()
    assert [slot.at for slot in look(done, TODAY + ON_TIME + HOUR).missed] == [TODAY]


def test_a_missed_slot_is_told_until_a_week_after_its_time_ended() -> None:
    attempts = [ran(day) for day in reversed(slots(*range(12))) if day != TODAY - 7 * DAY]

    (missed,) = look(attempts).missed
    assert (missed.at, missed.made_good) == (TODAY - 7 * DAY, True)
    assert look(attempts, NOON + DAY).missed[-1].at != missed.at


def test_a_month_that_was_missed_is_told_though_it_began_long_ago() -> None:
    said = {"every": "month", "day": parse_day(1)}
    september, october, november = (datetime(2026, month, 1, tzinfo=UTC) for month in (9, 10, 11))

    found = look([ran(september), ran(november)], datetime(2026, 11, 5, tzinfo=UTC), **said)

    assert [slot.at for slot in found.missed] == [october]


def test_one_run_of_a_playbook_at_a_time_and_one_that_is_lost_does_not_block_for_ever() -> None:
    under_way = look([ran(TODAY - DAY), ran(TODAY, ended=False)])
    lost = look([ran(TODAY - 3 * DAY, ended=False)])

    assert (under_way.due, under_way.missed, under_way.last.kept) == ((), (), Kept.WAITING)
    assert under_way.under_way is not None
    assert list(lost.due) == slots(0)
    assert TODAY - 3 * DAY in [slot.at for slot in lost.missed]


def test_a_slot_that_stays_unknown_is_tried_at_once_and_then_with_pauses() -> None:
    def tried(times: int, now: datetime) -> Standing:
        return look([ran(TODAY, "unknown", after=HOUR * n) for n in range(times)], now, began=TODAY)

    assert tried(2, TODAY + 2 * HOUR).due == (TODAY,)
    ended = TODAY + 2 * HOUR + HOUR / 6
    paused = tried(3, ended)
    assert (paused.due, paused.not_before) == ((), ended + timedelta(minutes=5))
    assert tried(3, ended + timedelta(minutes=5)).due == (TODAY,)
    assert tried(60, NOON).not_before == TODAY + 59 * HOUR + HOUR / 6 + 6 * HOUR


def test_a_host_begins_later_by_its_own_delay_and_always_by_the_same() -> None:
    most = timedelta(minutes=10)
    delays = {delay_of("daily", f"host-{number}", most) for number in range(200)}

    assert delay_of("daily", "host-1", most) == delay_of("daily", "host-1", most)
    assert min(delays) >= timedelta(0)
    assert max(delays) <= most
    assert len(delays) > 100
    assert delay_of("daily", "host-1", timedelta(0)) == timedelta(0)


def test_until_the_delay_has_passed_the_slot_has_not_come_and_a_run_of_it_by_hand_counts() -> None:
    minutes = timedelta(minutes=8)
    early = look([ran(TODAY - DAY)], TODAY + minutes - HOUR / 3600, delay=minutes)
    on_time = look([ran(TODAY - DAY)], TODAY + minutes, delay=minutes)
    by_hand = [ran(TODAY - DAY), ran(TODAY)]

    assert (early.due, early.last.at, early.next) == ((), TODAY - DAY, TODAY)
    assert on_time.due == (TODAY,)
    assert look(by_hand, TODAY + minutes, delay=minutes).due == ()
    assert look(by_hand[1:], TODAY + minutes / 2, delay=minutes).last.kept is Kept.DUE


schedules = st.builds(
    Schedule,
    every=st.just("day"),
    catch_up=st.sampled_from(["skip", "once", "all"]),
    within=st.none() | st.timedeltas(timedelta(minutes=1), 10 * DAY),
)
verdicts = st.sampled_from(["pass", "fail", "unknown", "none", "broken"])


@settings(max_examples=400, deadline=None)
@given(schedules, st.lists(verdicts, max_size=14), st.timedeltas(timedelta(0), 2 * DAY))
def test_doing_what_is_due_leaves_nothing_due_and_never_does_a_slot_twice(
    schedule: Schedule, past: list[str], later: timedelta
) -> None:
    """A simulation: whatever the past, each slot is concluded at most once, and then rests."""
    attempts = [
        ran(day, "" if verdict == "broken" else verdict, ended=verdict != "broken")
        for day, verdict in zip(reversed(slots(*range(len(past)))), past, strict=True)
        if verdict != "none"
    ]
    concluded = {attempt.slot for attempt in attempts if attempt.concluded}
    now = NOON + later
    first = standing(schedule, Memory(attempts, LONG_AGO), now, look_back=WEEK)

    assert not concluded & set(first.due)
    assert list(first.due) == sorted(set(first.due))
    assert {slot.at for slot in first.missed}.isdisjoint(concluded)
    done = [Attempt("again", slot, now, now, "pass") for slot in first.due]
    again = standing(
        schedule,
        Memory(sorted([*attempts, *done], key=lambda each: each.slot), LONG_AGO),
        now,
        look_back=WEEK,
    )
    assert again.due == ()
