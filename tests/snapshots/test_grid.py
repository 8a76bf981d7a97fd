"""Which snapshots a grid keeps, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drkit.snapshots.grid import Grid, Rule, parse_grid
from drkit.snapshots.periods import QUARTER, Periods

UTC_ZONE = ZoneInfo("UTC")
SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 1, 1, tzinfo=UTC)


def daily(days, at=timedelta(hours=1)):
    return {f"snap-{number:04}": START + timedelta(days=number) + at for number in range(days)}


def keep_until(grid, moments, zone=UTC_ZONE):
    seconds = {id_: moment.timestamp() for id_, moment in moments.items()}
    until = Periods(grid, zone).keep_until(seconds)
    return {id_: datetime.fromtimestamp(each, UTC) for id_, each in until.items()}


def kept(grid, moments, now, zone=UTC_ZONE):
    return {id_ for id_, until in keep_until(parse_grid(grid), moments, zone).items() if until > now}


def test_daily_snapshots_are_kept_for_as_many_days_as_the_rule_says():
    moments = daily(30)
    now = START + timedelta(days=29, hours=2)
    assert kept("14x1d", moments, now) == {f"snap-{number:04}" for number in range(16, 30)}


def test_each_rule_keeps_its_own_so_that_old_months_stay_beside_recent_days():
    moments = daily(365)
    now = START + timedelta(days=364, hours=2)
    found = kept("14x1d 12x1M", moments, now)
    firsts = {f"snap-{(datetime(2026, month, 1, tzinfo=UTC) - START).days:04}" for month in range(1, 13)}
    assert firsts <= found
    assert len(found) == 14 + 12


def test_of_several_snapshots_of_a_period_the_first_is_kept_whatever_comes_later():
    moments = {"first": START + timedelta(hours=1), "second": START + timedelta(hours=5)}
    until = keep_until(parse_grid("3x1d"), moments)
    assert until == {"first": START + timedelta(days=3)}


def test_days_begin_where_the_zone_says():
    late = {"snap": datetime(2026, 1, 1, 17, tzinfo=UTC)}  # the second of January in Shanghai
    assert keep_until(parse_grid("1x1d"), late)["snap"] == datetime(2026, 1, 2, tzinfo=UTC)
    assert keep_until(parse_grid("1x1d"), late, SHANGHAI)["snap"] == datetime(2026, 1, 2, 16, tzinfo=UTC)


def test_weeks_begin_on_mondays():
    rule = Rule(1, 1, "w")
    sunday, monday = datetime(2026, 1, 4, 12, tzinfo=UTC), datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert rule.period(monday, UTC_ZONE) == rule.period(sunday, UTC_ZONE) + 1
    assert rule.begin(rule.period(monday, UTC_ZONE), UTC_ZONE) == datetime(2026, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "14d", "0x1d", "14x1y", "14x1d,8x1w", "14x1d  8x1w", "14x1d 7x1d", "9999x1M", 14, None]
)
def test_what_is_no_grid_is_refused_with_how_to_write_one(text):
    with pytest.raises(ValueError, match=r"write rules|leave the smaller|hundred years"):
        parse_grid(text)


def test_a_grid_reads_back_as_it_was_written():
    text = "24x1h 14x1d 8x1w 12x1M"
    assert str(parse_grid(text)) == text


rules = st.builds(Rule, st.integers(1, 40), st.integers(1, 4), st.sampled_from("hdwM"))
grids = st.lists(rules, min_size=1, max_size=4).map(lambda found: Grid(tuple(found)))
times = st.integers(0, 3 * 365 * 86_400).map(lambda second: START + timedelta(seconds=second))
series = st.dictionaries(st.text("abc123", min_size=4, max_size=4), times, min_size=1, max_size=40)
zones = st.sampled_from(
    [
        UTC_ZONE,
        SHANGHAI,
        *map(ZoneInfo, ("America/Sao_Paulo", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe")),
    ]
)


@settings(deadline=None)
@given(grids, series, zones)
def test_the_first_snapshot_of_all_is_always_kept_by_each_rule_for_its_whole_count(grid, moments, zone):
    first = min(moments, key=lambda id_: (moments[id_], id_))
    until = keep_until(grid, moments, zone)
    assert first in until
    assert all(end > moments[id_] for id_, end in until.items())


@settings(deadline=None)
@given(grids, series, times, zones)
def test_a_later_snapshot_never_shortens_how_long_an_earlier_one_is_kept(grid, moments, later, zone):
    before = keep_until(grid, moments, zone)
    if later <= max(moments.values()):
        return
    after = keep_until(grid, {**moments, "a later one": later}, zone)
    assert {id_: after[id_] for id_ in before} == before


@settings(deadline=None)
@given(rules, times, zones)
def test_a_moment_lies_in_its_own_period(rule, moment, zone):
    period = rule.period(moment, zone)
    assert rule.begin(period, zone) <= moment < rule.begin(period + 1, zone)


@settings(deadline=None)
@given(grids, series, zones)
def test_what_is_kept_is_the_first_of_each_period_until_the_last_period_ends(grid, moments, zone):
    found = {}
    for rule in grid.rules:
        firsts = {}
        for moment, id_ in sorted((moment, id_) for id_, moment in moments.items()):
            firsts.setdefault(rule.period(moment, zone), id_)
        for period, id_ in firsts.items():
            found.setdefault(id_, []).append(rule.begin(period + rule.count, zone))
    assert keep_until(grid, moments, zone) == {id_: max(ends) for id_, ends in found.items()}


def test_since_1990_all_clocks_differ_by_whole_quarters_of_an_hour():
    moments = [datetime(1990, 1, 1, tzinfo=UTC) + timedelta(days=90 * number) for number in range(160)]
    for zone in map(ZoneInfo, available_timezones()):
        assert {each.astimezone(zone).utcoffset().seconds % QUARTER for each in moments} == {0}, zone


@pytest.mark.parametrize("year", [1, 9999])
def test_a_stamp_of_a_year_that_no_period_reaches_is_kept(year):
    moments = {"snap": datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=364) * (year == 9999)}
    until = keep_until(parse_grid("14x1d 12x1M"), moments, ZoneInfo("America/New_York"))
    assert until["snap"] > START + timedelta(days=365 * 100)
