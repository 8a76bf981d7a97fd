"""Which snapshots are marked as unneeded, unmarked, and ripe to be deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drkit.core.times import Reading, text_of
from drkit.ports.disks import Snapshot, SnapshotState
from drkit.snapshots.grid import parse_grid
from drkit.snapshots.keeping import Keeping, needs_of
from drkit.snapshots.marking import UNNEEDED_TAG, marked_since, promise, ripe, to_mark, to_unmark

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KEEPING = Keeping(parse_grid("2x1d"), ZoneInfo("UTC"), 2 * DAY)


def snapshot(age: int, *, left: timedelta = 20 * DAY, since: Any = None, **changed: Any) -> Snapshot:
    """One that was taken so many days ago to be kept for two days."""
    created = NOW - age * DAY
    tags = {"drkit:run": "r"}
    if since is not None:
        tags[UNNEEDED_TAG] = since if isinstance(since, str) else text_of(NOW - since)
    usual = {
        "id": f"s{age}", "name": f"drkit-daily-{created:%Y%m%dT%H%M}-2d", "disk": "disk",
        "state": SnapshotState.GOOD, "created": Reading(created, created),
        "deadline": Reading(NOW + left, NOW + left), "tags": tags,
    }  # fmt: skip
    return Snapshot(**{**usual, **changed})


def marked(*snapshots: Snapshot) -> list[str]:
    return [each.id for each in to_mark(needs_of(snapshots, KEEPING), KEEPING, NOW)]


def unmarked(*snapshots: Snapshot) -> list[str]:
    return [each.id for each in to_unmark(needs_of(snapshots, KEEPING), NOW)]


def going(*snapshots: Snapshot) -> list[str]:
    return [each.id for each in ripe(needs_of(snapshots, KEEPING), KEEPING, 7 * DAY, NOW)]


def test_what_no_rule_keeps_and_would_live_on_is_marked() -> None:
    assert marked(snapshot(0), snapshot(1), snapshot(5), snapshot(9)) == ["s5", "s9"]


def test_what_ends_soon_by_itself_is_left_to() -> None:
    assert marked(snapshot(0), snapshot(5, left=2 * DAY)) == []


def test_what_a_playbook_promised_when_it_made_one_is_kept_whatever_the_grid_says_now() -> None:
    long = snapshot(5, left=25 * DAY, name=f"drkit-daily-{NOW - 5 * DAY:%Y%m%dT%H%M}-30d")
    longer = snapshot(5, left=26 * DAY, name=long.name)
    assert (marked(snapshot(0), long), marked(snapshot(0), longer)) == ([], ["s5"])


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "auto-disk"},
        {"name": "drkit-full-20260305T0000-disk-1-abcdef"},
        {"name": "drkit-daily-20269999T9999-2d"},
        {"tags": {}},
        {"permanent": True},
        {"shared": True},
        {"deadline": None},
        {"created": None},
        {"state": SnapshotState.CREATING},
    ],
)
def test_what_is_foreign_or_not_understood_is_never_marked_nor_ripe(changed: dict[str, Any]) -> None:
    tags = {"drkit:run": "r", UNNEEDED_TAG: text_of(NOW - 30 * DAY)}
    assert marked(snapshot(0), snapshot(5, **changed)) == []
    assert going(snapshot(0), snapshot(5, **{"tags": tags, **changed})) == []


def test_the_newest_good_one_is_never_marked_and_a_foreign_newer_one_does_not_take_its_place() -> None:
    """An automatic policy may remove its own at any time."""
    foreign = snapshot(0, name="auto-disk")
    assert marked(snapshot(9), snapshot(5), foreign) == ["s9"]


def test_a_mark_goes_where_the_snapshot_is_needed_again() -> None:
    assert unmarked(snapshot(0, since=DAY), snapshot(1, since=DAY), snapshot(5, since=DAY)) == ["s0", "s1"]


def test_only_what_has_been_marked_for_long_enough_is_ripe() -> None:
    assert going(snapshot(0), snapshot(9, since=7 * DAY), snapshot(8, since=6 * DAY)) == ["s9"]


@pytest.mark.parametrize("since", ["", "soon", "2026-01-01T00:00:00", -DAY])
def test_a_mark_that_cannot_be_read_or_lies_ahead_makes_nothing_ripe(since: Any) -> None:
    assert going(snapshot(0), snapshot(9, since=since)) == []


def test_a_mark_that_cannot_be_read_is_put_anew() -> None:
    assert marked(snapshot(0), snapshot(9, since="soon")) == ["s9"]
    assert marked_since(snapshot(9, since="2026-01-01T08:00:00+08:00")) == datetime(2026, 1, 1, tzinfo=UTC)


def test_the_promise_stands_in_the_name_and_an_old_slot_has_a_day_at_least() -> None:
    on_time = snapshot(1)
    assert promise(on_time) == NOW + DAY
    late = snapshot(0, name="drkit-daily-20260101T0000-2d")
    assert promise(late) == NOW + timedelta(hours=27)
    assert promise(snapshot(0, name="drkit-x")) is None


snapshots = st.lists(
    st.builds(
        snapshot,
        st.integers(0, 40),
        left=st.integers(0, 60).map(lambda days: days * DAY),
        since=st.none() | st.integers(-5, 30).map(lambda days: days * DAY),
        permanent=st.booleans(),
        shared=st.booleans(),
        state=st.sampled_from(SnapshotState),
    ),
    max_size=20,
    unique_by=lambda each: each.id,
)


@settings(deadline=None)
@given(snapshots)
def test_whatever_there_is_the_last_good_one_and_what_the_grid_keeps_never_go(all_: list[Snapshot]) -> None:
    gone, newly = set(going(*all_)), set(marked(*all_))
    good = [each for each in all_ if each.state is SnapshotState.GOOD]
    needs = needs_of(all_, KEEPING)
    assert not gone & newly
    assert not (gone | newly) & set(unmarked(*all_))
    assert all(needs.until.get(id_, 0) <= NOW.timestamp() for id_ in gone | newly)
    assert not good or min(good, key=lambda each: int(each.id[1:])).id not in gone | newly
    assert not any(each.permanent or each.shared for each in all_ if each.id in gone | newly)


@settings(deadline=None)
@given(snapshots)
def test_what_goes_would_go_however_often_it_is_asked_and_the_rest_stays(all_: list[Snapshot]) -> None:
    """Once the ripe ones are gone, nothing else has become ripe, and nothing more is needed."""
    gone = set(going(*all_))
    rest = [each for each in all_ if each.id not in gone]
    assert going(*rest) == []
    assert set(marked(*rest)) == set(marked(*all_))
