"""Which snapshots get a later deadline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from drkit.core.times import Reading
from drkit.ports.disks import Snapshot, SnapshotState
from drkit.snapshots import keeping
from drkit.snapshots.grid import parse_grid
from drkit.snapshots.keeping import Keeping, needs_of

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KEEPING = Keeping(parse_grid("14x1d 8x1w"), ZoneInfo("UTC"), 7 * DAY)


def extensions(snapshots, wanted, now):
    return keeping.extensions(needs_of(snapshots, wanted), wanted, now)


def exactly(moment):
    return Reading(moment, moment)


def snapshot(id_, age, *, left=DAY, name="drkit-daily-x", tags=None, **given):
    created = exactly(NOW - age)
    deadline = exactly(NOW + left)
    tags = {"drkit:run": "r"} if tags is None else tags
    return Snapshot(id_, name, "disk", SnapshotState.GOOD, created, deadline, tags=tags, **given)


def test_a_snapshot_that_the_grid_keeps_gets_the_deadline_that_the_grid_wants():
    [found] = extensions([snapshot("a", DAY)], KEEPING, NOW)
    assert found.until == datetime(2026, 5, 4, tzinfo=UTC)  # eight weeks, the current one included
    assert "grid" in found.why


def test_one_that_lives_long_enough_is_left_alone():
    assert extensions([snapshot("a", DAY, left=100 * DAY)], KEEPING, NOW) == ()


def test_the_newest_good_one_never_ends_within_a_week_even_if_it_is_old():
    old = snapshot("a", 300 * DAY)
    [found] = extensions([old], KEEPING, NOW)
    assert found.until == NOW + 7 * DAY
    assert "newest" in found.why


def test_foreign_permanent_and_shared_ones_are_never_touched():
    others = [
        snapshot("a", DAY, name="auto-disk"),
        snapshot("b", DAY, tags={}),
        snapshot("c", DAY, permanent=True),
        snapshot("d", DAY, shared=True),
    ]
    assert extensions(others, KEEPING, NOW) == ()


def test_a_broken_one_is_no_reason_to_let_the_last_good_one_go():
    bad = Snapshot("b", "drkit-x", "disk", SnapshotState.OTHER, exactly(NOW), None, tags={"drkit:run": "r"})
    [found] = extensions([snapshot("a", 300 * DAY), bad], KEEPING, NOW)
    assert found.snapshot.id == "a"


def test_a_stamp_without_a_zone_is_kept_by_the_reading_that_keeps_it_longer():
    eve = datetime(2026, 3, 8, 20, tzinfo=UTC)  # Sunday; eight hours later it is Monday
    ambiguous = Snapshot(
        "a", "drkit-x", "disk", SnapshotState.GOOD, Reading(eve, eve + 8 * timedelta(hours=1)),
        exactly(NOW), tags={"drkit:run": "r"},
    )  # fmt: skip
    [found] = extensions([ambiguous], KEEPING, NOW)
    assert found.until == datetime(2026, 5, 4, tzinfo=UTC)


lives = st.dictionaries(st.integers(0, 400 * 24), st.integers(-10 * 24, 400 * 24), min_size=1, max_size=60)


@settings(deadline=None)  # other work of the machine is not its own
@given(lives)
def test_a_deadline_is_never_shortened_and_the_newest_good_one_always_has_a_week(hours):
    given_ = [
        snapshot(f"s{age}", age * timedelta(hours=1), left=left * timedelta(hours=1))
        for age, left in hours.items()
    ]
    found = {each.snapshot.id: each for each in extensions(given_, KEEPING, NOW)}
    for each in given_:
        extended = found.get(each.id)
        if extended:
            assert extended.until > each.deadline.earliest
    newest = min(given_, key=lambda each: NOW - each.created.latest)
    end = found[newest.id].until if newest.id in found else newest.deadline.earliest
    assert end >= NOW + 7 * DAY - timedelta(hours=1)
