"""Which snapshots a grid keeps, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drkit.snapshots.grid import Grid, Rule, parse_grid

UTC_ZONE = ZoneInfo("UTC")
SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 1, 1, tzinfo=UTC)


def daily(days, at=timedelta(hours=1)):
    return {f"snap-{number:04}": START + timedelta(days=number) + at for number in range(days)}


def kept(grid, moments, now, zone=UTC_ZONE):
    return {id_ for id_, until in parse_grid(grid).keep_until(moments, zone).items() if until > now}


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
    until = parse_grid("3x1d").keep_until(moments, UTC_ZONE)
    assert until == {"first": START + timedelta(days=3)}


def test_days_begin_where_the_zone_says():
    late = {"snap": datetime(2026, 1, 1, 17, tzinfo=UTC)}  # the second of January in Shanghai
    assert parse_grid("1x1d").keep_until(late, UTC_ZONE)["snap"] == datetime(2026, 1, 2, tzinfo=UTC)
    assert parse_grid("1x1d").keep_until(late, SHANGHAI)["snap"] == datetime(2026, 1, 2, 16, tzinfo=UTC)


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
zones = st.sampled_from([UTC_ZONE, SHANGHAI, ZoneInfo("America/Sao_Paulo"), ZoneInfo("Europe/Berlin")])


@given(grids, series, zones)
def test_the_first_snapshot_of_all_is_always_kept_by_each_rule_for_its_whole_count(grid, moments, zone):
    first = min(moments, key=lambda id_: (moments[id_], id_))
    until = grid.keep_until(moments, zone)
    assert first in until
    assert all(end > moments[id_] for id_, end in until.items())


@given(grids, series, times, zones)
def test_a_later_snapshot_never_shortens_how_long_an_earlier_one_is_kept(grid, moments, later, zone):
    before = grid.keep_until(moments, zone)
    if later <= max(moments.values()):
        return
    after = grid.keep_until({**moments, "a later one": later}, zone)
    assert {id_: after[id_] for id_ in before} == before


@given(rules, times, zones)
def test_a_moment_lies_in_its_own_period(rule, moment, zone):
    period = rule.period(moment, zone)
    assert rule.begin(period, zone) <= moment < rule.begin(period + 1, zone)
