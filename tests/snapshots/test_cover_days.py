"""To which of the last days a volume can be gone back: told as marks, the oldest first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from drkit.core.times import Reading
from drkit.ports.disks import Snapshot, SnapshotState
from drkit.snapshots.days import DAYS, days_of
from drkit.snapshots.judging import Status, usable

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PROMISE = timedelta(hours=25)


def snapshot(
    hours_old: float, *, zoneless: bool = False, state: SnapshotState = SnapshotState.GOOD
) -> Snapshot:
    latest = NOW - timedelta(hours=hours_old)
    earliest = latest - timedelta(hours=8) if zoneless else latest
    return Snapshot("snap-1", "", "disk-1", state, Reading(earliest, latest))


def marks(*snapshots: Snapshot, today: Status = Status.COVERED, made: Reading | None = None) -> str:
    """The last four days."""
    return days_of(usable(snapshots, NOW), NOW, PROMISE, made=made, today=today)[-4:]


def test_each_day_has_a_mark() -> None:
    assert days_of(usable((), NOW), NOW, PROMISE, made=None, today=Status.NONE) == "." * DAYS


def test_a_day_is_covered_where_a_snapshot_that_is_still_there_was_young_enough_at_its_end() -> None:
    assert marks(snapshot(2), snapshot(50)) == ".#.#"


def test_a_snapshot_of_the_promised_age_covers_the_day_before_its_own_end_too() -> None:
    assert marks(snapshot(25)) == "..##"
    assert marks(snapshot(24.5), today=Status.COVERED) == "..##"


def test_one_that_is_being_created_covers_no_day() -> None:
    assert marks(snapshot(2, state=SnapshotState.CREATING), today=Status.NONE) == "...."


def test_daily_stamps_without_a_zone_cover_each_day_in_either_zone() -> None:
    daily = [snapshot(2 + 24 * day, zoneless=True) for day in range(5)]

    assert marks(*daily) == "####"


def test_a_stamp_without_a_zone_that_covers_a_day_in_one_zone_alone_leaves_it_unsure() -> None:
    assert marks(snapshot(20, zoneless=True), today=Status.UNKNOWN) == "..??"


@pytest.mark.parametrize(
    ("status", "mark"),
    [(Status.COVERED, "#"), (Status.UNKNOWN, "?"), (Status.NOT_COPIED, "."), (Status.STALE, ".")],
)
def test_the_last_day_is_what_is_said_of_the_volume_now(status: Status, mark: str) -> None:
    assert marks(today=status)[-1] == mark


def test_before_a_volume_was_made_there_is_no_day_of_it() -> None:
    made = NOW - timedelta(hours=30)

    assert marks(snapshot(2), made=Reading(made, made)) == "  .#"


def test_a_good_snapshot_whose_time_cannot_be_read_leaves_the_days_unsure() -> None:
    nameless = Snapshot("snap-1", "", "disk-1", SnapshotState.GOOD, None)

    assert marks(nameless, today=Status.UNKNOWN) == "????"
