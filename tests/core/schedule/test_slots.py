"""Slots: every day, week and month has exactly one, whatever the clocks do; they never repeat or go backwards."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from drkit.core.schedule import Schedule
from drkit.core.slots.days import WEEKDAYS, WHICH, parse_day

ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC", "America/Havana")
moments = st.integers(1_230_768_000, 2_019_686_400).map(
    lambda at: datetime.fromtimestamp(at, UTC)
)  # 2009 to 2033
zones = st.sampled_from(ZONES).map(ZoneInfo)
times = st.times().map(lambda each: each.replace(second=0, microsecond=0, fold=0))
weekdays = st.sampled_from(WEEKDAYS)
month_days = st.integers(1, 28) | st.tuples(st.sampled_from(WHICH), weekdays).map(" ".join)
fields = st.tuples(
    st.sampled_from(["0", "30", "*/15", "5,35"]),
    st.sampled_from(["*", "1", "2", "*/6", "0-4", "23"]),
    st.sampled_from(["*", "1", "15", "L"]),
    st.sampled_from(["*", "1,7", "*/2"]),
    st.sampled_from(["*", "mon-fri", "sun#1", "5L"]),
).map(" ".join)
daily = st.builds(Schedule, every=st.just("day"), at=times, time_zone=zones)
weekly = st.builds(Schedule, every=st.just("week"), day=weekdays.map(parse_day), at=times, time_zone=zones)
monthly = st.builds(
    Schedule, every=st.just("month"), day=month_days.map(parse_day), at=times, time_zone=zones
)
quarterly = st.builds(
    Schedule, every=st.just("quarter"), day=month_days.map(parse_day), at=times, time_zone=zones,
    months=st.tuples(*(st.integers(first, first + 2) for first in (1, 4, 7, 10))),
)  # fmt: skip
by_cron = st.builds(Schedule, cron=fields, time_zone=zones)
schedules = daily | weekly | monthly | quarterly | by_cron


def zoned(schedule: Schedule, *walls: str) -> list[datetime]:
    return [datetime.fromisoformat(wall).replace(tzinfo=schedule.time_zone).astimezone(UTC) for wall in walls]


def local(schedule: Schedule, after: str, until: str) -> list[str]:
    begin, end = zoned(schedule, after, until)
    found = schedule.slots_between(begin, end)
    return [slot.astimezone(schedule.time_zone).isoformat(timespec="minutes") for slot in found]


@settings(max_examples=400, deadline=None)
@given(schedules, moments)
def test_slots_never_repeat_and_never_go_backwards(schedule: Schedule, now: datetime) -> None:
    back = list(islice(schedule.slots_back(now), 40))

    assert back[0] <= now
    assert all(later > earlier for later, earlier in pairwise(back))


@settings(max_examples=400, deadline=None)
@given(schedules, moments)
def test_forwards_and_backwards_are_the_same_slots(schedule: Schedule, now: datetime) -> None:
    ahead = [schedule.next_slot(now)]
    for _ in range(5):
        ahead.append(schedule.next_slot(ahead[-1]))

    assert ahead == schedule.slots_between(now, ahead[-1])
    assert all(schedule.slot(slot) == slot for slot in ahead)
    assert schedule.slot(ahead[0] - timedelta.resolution) == schedule.slot(now)


def days_of(schedule: Schedule, first: date, last: date) -> list[date]:
    """The local days of all slots from one midnight to another."""
    begin, end = zoned(schedule, f"{first}T00:00", f"{last}T00:00")
    moment = timedelta.resolution
    return [
        slot.astimezone(schedule.time_zone).date()
        for slot in schedule.slots_between(begin - moment, end - moment)
    ]


@settings(max_examples=300, deadline=None)
@given(daily, st.dates(date(2009, 1, 1), date(2034, 1, 1)))
def test_every_day_has_exactly_one_slot(schedule: Schedule, first: date) -> None:
    days = days_of(schedule, first, first + timedelta(days=30))
    missing_in_apia = date(2011, 12, 30)  # the day that the calendar left out there
    expected = [first + timedelta(days=n) for n in range(30)]
    after = missing_in_apia + timedelta(days=1)
    if schedule.time_zone.key == "Pacific/Apia" and {missing_in_apia, after} & set(expected):
        # What the day that was left out would have had comes at once after it, unless that is due by itself.
        assert sorted(set(days)) == [day for day in expected if day != missing_in_apia]
        assert len(days) - len(set(days)) == (schedule.at != time(0, 0) and after in expected)
    else:
        assert days == expected


@settings(max_examples=300, deadline=None)
@given(weekly, st.dates(date(2012, 1, 1), date(2034, 1, 1)))
def test_every_week_has_exactly_one_slot_on_its_day(schedule: Schedule, first: date) -> None:
    days = days_of(schedule, first, first + timedelta(weeks=30))

    assert len(days) == 30
    assert {day.weekday() for day in days} == {schedule.day.weekday}


@settings(max_examples=300, deadline=None)
@given(monthly, st.integers(2012, 2033))
def test_every_month_has_exactly_one_slot(schedule: Schedule, year: int) -> None:
    days = days_of(schedule, date(year, 1, 1), date(year + 1, 1, 1))

    assert [day.month for day in days] == list(range(1, 13))
    assert all(day == schedule.day.in_month(day.year, day.month) for day in days)


@settings(max_examples=100, deadline=None)
@given(quarterly, st.integers(2012, 2033))
def test_every_quarter_has_exactly_one_slot_in_its_month(schedule: Schedule, year: int) -> None:
    days = days_of(schedule, date(year, 1, 1), date(year + 1, 1, 1))

    assert tuple(day.month for day in days) == schedule.months


@settings(max_examples=200, deadline=None)
@given(fields, moments)
def test_where_no_clock_moves_cron_text_means_what_cronsim_says(text: str, now: datetime) -> None:
    schedule = Schedule(cron=text)

    theirs = list(islice(CronSim(text, now), 10))

    assert schedule.slots_between(now, theirs[-1]) == theirs


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["0 * * * *", "*/20 * * * *", "45 * * * *"]),
    zones.filter(lambda zone: zone.key != "Australia/Lord_Howe"),  # where half an hour is shown twice: below
    moments,
)
def test_every_hour_counts_real_hours(text: str, zone: ZoneInfo, now: datetime) -> None:
    """As cron and cronsim do: an hour shown twice is two hours, one that is skipped is none."""
    theirs = list(islice(CronSim(text, now.astimezone(zone)), 60))

    ours = Schedule(cron=text, time_zone=zone).slots_between(now, theirs[-1].astimezone(UTC))

    assert ours == [each.astimezone(UTC) for each in theirs]


def test_a_minute_that_the_clock_shows_twice_within_an_hour_counts_twice() -> None:
    schedule = Schedule(cron="45 * * * *", time_zone=ZoneInfo("Australia/Lord_Howe"))

    assert local(schedule, "2032-04-04T00:00", "2032-04-04T03:00") == [
        "2032-04-04T00:45+11:00",
        "2032-04-04T01:45+11:00",
        "2032-04-04T01:45+10:30",
        "2032-04-04T02:45+10:30",
    ]


@pytest.mark.parametrize("said", [{"every": "day", "at": time(2, 30)}, {"cron": "30 2 * * *"}])
def test_a_time_that_does_not_exist_is_the_first_moment_after_the_gap(said: dict) -> None:
    schedule = Schedule(**said, time_zone=ZoneInfo("America/New_York"))

    assert local(schedule, "2026-03-07T12:00", "2026-03-09T12:00") == [
        "2026-03-08T03:00-04:00",
        "2026-03-09T02:30-04:00",
    ]


@pytest.mark.parametrize("said", [{"every": "day", "at": time(1, 30)}, {"cron": "30 1 * * *"}])
def test_a_time_that_occurs_twice_is_one_slot_the_first(said: dict) -> None:
    schedule = Schedule(**said, time_zone=ZoneInfo("America/New_York"))

    assert local(schedule, "2026-10-31T12:00", "2026-11-02T12:00") == [
        "2026-11-01T01:30-04:00",
        "2026-11-02T01:30-05:00",
    ]


def test_the_half_hour_of_lord_howe_and_the_day_that_apia_left_out() -> None:
    howe = Schedule(every="day", at=time(2, 15), time_zone=ZoneInfo("Australia/Lord_Howe"))
    apia = Schedule(every="day", at=time(1, 30), time_zone=ZoneInfo("Pacific/Apia"))
    midnight = Schedule(every="day", time_zone=ZoneInfo("Pacific/Apia"))

    assert local(howe, "2026-10-03T12:00", "2026-10-04T12:00") == ["2026-10-04T02:30+11:00"]
    assert local(apia, "2011-12-29T12:00", "2011-12-31T12:00") == [
        "2011-12-31T00:00+14:00",
        "2011-12-31T01:30+14:00",
    ]
    assert local(midnight, "2011-12-29T12:00", "2011-12-31T12:00") == ["2011-12-31T00:00+14:00"]


def test_the_second_of_two_equal_hours_knows_what_was_due_in_the_first() -> None:
    schedule = Schedule(every="day", at=time(1, 50), time_zone=ZoneInfo("America/New_York"))
    again = datetime(2026, 11, 1, 6, 10, tzinfo=UTC)  # 01:10, for the second time

    assert schedule.slot(again) == datetime(2026, 11, 1, 5, 50, tzinfo=UTC)


def test_a_schedule_that_comes_every_four_years_has_its_last_slot() -> None:
    schedule = Schedule(cron="0 0 29 2 *")

    assert schedule.slot(datetime(2026, 11, 22, tzinfo=UTC)) == datetime(2024, 2, 29, tzinfo=UTC)
    assert schedule.next_slot(datetime(2026, 11, 22, tzinfo=UTC)) == datetime(2028, 2, 29, tzinfo=UTC)


def test_no_zone_moves_its_clocks_twice_within_a_day() -> None:
    """The pure-Python twin of ZoneInfo shows its transitions; days are told steady by their midnights."""
    from zoneinfo import _zoneinfo

    for key in sorted(zoneinfo.available_timezones() - {"localtime", "posixrules", "Factory"}):
        zone = _zoneinfo.ZoneInfo(key)
        offsets = [each.utcoff for each in zone._ttinfos] if hasattr(zone, "_ttinfos") else []
        moved = [
            at
            for at, before, after in zip(zone._trans_utc[1:], offsets, offsets[1:], strict=False)
            if before != after and at > 0
        ]
        assert all(later - earlier > 86_400 for earlier, later in pairwise(moved)), key
