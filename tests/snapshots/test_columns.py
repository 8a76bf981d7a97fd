"""Snapshots in columns are the same snapshots; what is no saved snapshot is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from drkit.core.times import Reading
from drkit.ports.columns import SnapshotColumns, by_disk, in_batches, moments, named
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


def saved_once(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot on a line of its own, as form 1 of the saved facts has it."""
    times = {"created": moments(snapshot.created), "deadline": moments(snapshot.deadline)}
    row: dict[str, Any] = orjson.loads(orjson.dumps({**snapshot._asdict(), **times}))
    return row


def saved(snapshots: list[Snapshot]) -> list[dict[str, Any]]:
    """Snapshots as they are read from saved facts."""
    return [orjson.loads(orjson.dumps(batch)) for batch in in_batches(snapshots)]


def test_what_is_saved_is_read_again_as_it_was_in_this_form_and_the_one_before() -> None:
    whole = list(SnapshotColumns(MANY))
    assert len(saved(MANY)) > 1
    for lines in (saved(MANY), [*map(saved_once, MANY)], [*saved(MANY[:300]), *map(saved_once, MANY[300:])]):
        read = list(SnapshotColumns.from_saved(lines))
        assert read == whole
        assert {type(each.state) for each in read} == {SnapshotState}


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
    items = [saved_once(each) for each in MANY[:5]]
    items[3]["created"] = created
    with pytest.raises((TypeError, ValueError)):
        SnapshotColumns.from_saved(items)


@pytest.mark.parametrize("field", ["id", "state", "tags", "deadline", "copied"])
def test_one_that_lacks_a_field_is_refused(field: str) -> None:
    items = [saved_once(each) for each in MANY[:5]]
    del items[2][field]
    with pytest.raises(KeyError):
        SnapshotColumns.from_saved(items)


@pytest.mark.parametrize(
    "changed",
    [
        {"id": ["snap-1"]},
        {"kind": [0, 0, 0, 0, 99]},
        {"kind": [0, 0, 0, 0, "0"]},
        {"kinds": [["good"]]},
        {"kinds": [["splendid", False, False, [], "", False]] * 5},
        {"created": [[1.0] * 5]},
        {"created": [[1.0] * 5, [None] * 5]},
        {"created": [[None] * 5, [1.0] * 5]},
        {"created": [[1.0] * 5, [2.0] * 4]},
        {"created": [[2.0] * 5, [1.0] * 5]},
        {"deadline": [[1e12] * 5, [1e12] * 5]},
        {"deadline": ["abcde", "abcde"]},
        {"name": None},
    ],
)
def test_columns_that_do_not_fit_together_are_refused(changed: dict[str, Any]) -> None:
    [batch] = saved(MANY[:5])
    with pytest.raises((LookupError, TypeError, ValueError)):
        SnapshotColumns.from_saved([{**batch, **changed}])
