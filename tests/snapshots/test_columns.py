"""Snapshots in columns are the same snapshots; what is no saved snapshot is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drkit.core.times import Reading
from drkit.ports.columns import SnapshotColumns, as_saved, by_disk, named
from drkit.ports.disks import Snapshot, SnapshotState

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def snapshot(number: int, disk: str, **changed: Any) -> Snapshot:
    made = NOW - timedelta(hours=number)
    usual: dict[str, Any] = {
        "id": f"snap-{number}", "name": f"drkit-{number % 3}", "disk": disk, "state": SnapshotState.GOOD,
        "created": Reading(made - timedelta(hours=8), made), "deadline": Reading(made, made), "tags": {"run": "r"},
    }  # fmt: skip
    return Snapshot(**{**usual, **changed})


# More than one batch, those of three disks in turns, some without times.
MANY = [
    snapshot(
        number,
        f"disk-{number % 3}",
        created=None if number % 7 == 0 else Reading(NOW, NOW),
        deadline=None if number % 5 == 0 else Reading(NOW, NOW + timedelta(hours=8)),
        permanent=number % 5 == 0,
        tags={"run": str(number % 4)},
    )
    for number in range(500)
]


def test_those_of_a_disk_are_the_same_as_apart_in_whichever_order_all_came() -> None:
    apart, columns = by_disk(MANY), by_disk(SnapshotColumns(MANY))
    for disk in ("disk-0", "disk-1", "disk-2", "disk-none"):
        assert list(columns(disk)) == list(apart(disk))


def test_all_are_there_those_of_a_disk_beside_each_other() -> None:
    columns = SnapshotColumns(MANY)
    assert list(columns) == sorted(MANY, key=lambda each: each.disk)
    assert len(columns) == len(MANY)
    assert [columns[0], *columns[1:3], columns[-1]] == [MANY[0], MANY[3], MANY[6], MANY[497]]


def test_those_of_a_name_are_found() -> None:
    found = named(SnapshotColumns(MANY), "drkit-1")
    assert {each.id for each in found} == {each.id for each in named(MANY, "drkit-1")} != set()


def test_none_are_no_columns_and_no_error() -> None:
    assert (list(SnapshotColumns()), list(SnapshotColumns().of_disk("disk-0"))) == ([], [])


@pytest.mark.parametrize(
    "created",
    [[2.0, 1.0], [1.0], [1.0, 2.0, 3.0], [-1e12, 0.0], [0.0, 1e12], ["1", "2"], [None, None], 5, "ab", {}],
)
def test_a_time_that_is_none_is_refused_wherever_it_stands(created: Any) -> None:
    items = [as_saved(each) for each in MANY[:5]]
    items[3]["created"] = created
    with pytest.raises((TypeError, ValueError)):
        SnapshotColumns.from_saved(items)


@pytest.mark.parametrize("field", ["id", "state", "tags", "deadline", "copied"])
def test_one_that_lacks_a_field_is_refused(field: str) -> None:
    items = [as_saved(each) for each in MANY[:5]]
    del items[2][field]
    with pytest.raises(KeyError):
        SnapshotColumns.from_saved(items)
