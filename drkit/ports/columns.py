"""Very many snapshots as columns: a tenth of the memory that an object each would take.

A snapshot of the columns is made when it is asked for, and forgotten after that: who goes through them holds
one at a time. Words that many of them share (disks, names, policies, tags) are kept once.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from math import isnan, nan
from typing import Any, overload

from drkit.core.times import Reading
from drkit.ports.disks import Snapshot, SnapshotState

STATES = tuple(SnapshotState)
NUMBERS = {state.value: number for number, state in enumerate(STATES)}
# Whether a snapshot is permanent, shared and copied, by the number that says so.
SPREAD = tuple(tuple(bool(number >> bit & 1) for bit in range(3)) for number in range(8))
ABSENT = (nan, nan)

Moments = tuple[float, float] | list[float] | None
"""The earliest and the latest that a time can mean, in seconds since 1970."""


class SnapshotColumns(Sequence[Snapshot]):
    """Snapshots in columns; as any sequence of snapshots to who reads it."""

    def __init__(self, snapshots: Iterable[Snapshot] = ()) -> None:
        self._ids: list[str] = []
        self._words: dict[str, int] = {}
        self._spelled: list[str] = []
        self._tags: dict[tuple[tuple[str, str], ...], int] = {}
        self._tagged: list[Mapping[str, str]] = []
        self._names, self._disks, self._policies, self._tag_sets = (array("I") for _ in range(4))
        self._states, self._flags = bytearray(), bytearray()
        self._times = array("d")  # created from, to, deadline from, to
        for each in snapshots:
            self.append(each)

    def append(self, snapshot: Snapshot) -> None:
        """One more."""
        created, deadline = moments(snapshot.created), moments(snapshot.deadline)
        self._append({name: getattr(snapshot, name) for name in Snapshot.__slots__}, created, deadline)

    def append_saved(self, fields: Mapping[str, Any]) -> None:
        """One more, of the fields of `Snapshot` as saved facts have them.

        Raises:
            KeyError, TypeError, ValueError: they are not.
        """
        self._append(fields, field_of(fields["created"]), field_of(fields["deadline"]))

    def _append(self, fields: Mapping[str, Any], created: Moments, deadline: Moments) -> None:
        self._states.append(NUMBERS[fields["state"]])
        self._ids.append(fields["id"])
        self._names.append(self._word(fields["name"]))
        self._disks.append(self._word(fields["disk"]))
        self._policies.append(self._word(fields["policy"]))
        self._tag_sets.append(self._tag_set(fields["tags"]))
        self._flags.append(fields["permanent"] | fields["shared"] << 1 | fields["copied"] << 2)
        self._times.extend(created or ABSENT)
        self._times.extend(deadline or ABSENT)

    def _word(self, word: str) -> int:
        number = self._words.setdefault(word, len(self._spelled))
        if number == len(self._spelled):
            self._spelled.append(word)
        return number

    def _tag_set(self, tags: Mapping[str, str]) -> int:
        number = self._tags.setdefault(tuple(tags.items()), len(self._tagged))
        if number == len(self._tagged):
            self._tagged.append(dict(tags))
        return number

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Snapshot]:
        return map(self._made, range(len(self._ids)))

    @overload
    def __getitem__(self, index: int) -> Snapshot: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Snapshot]: ...
    def __getitem__(self, index: int | slice) -> Snapshot | Sequence[Snapshot]:
        chosen = range(len(self._ids))[index]
        return self._made(chosen) if isinstance(chosen, int) else tuple(map(self._made, chosen))

    def _made(self, index: int) -> Snapshot:
        times, first = self._times, 4 * index
        permanent, shared, copied = SPREAD[self._flags[index]]
        return Snapshot(
            id=self._ids[index],
            name=self._spelled[self._names[index]],
            disk=self._spelled[self._disks[index]],
            state=STATES[self._states[index]],
            created=reading(times[first], times[first + 1]),
            deadline=reading(times[first + 2], times[first + 3]),
            permanent=permanent,
            shared=shared,
            copied=copied,
            tags=self._tagged[self._tag_sets[index]],
            policy=self._spelled[self._policies[index]],
        )

    def named(self, name: str) -> Iterator[Snapshot]:
        """Those of exactly this name."""
        number = self._words.get(name)
        return (self._made(index) for index, each in enumerate(self._names) if each == number)

    def by_disk(self) -> Iterator[tuple[str, Sequence[Snapshot]]]:
        """The snapshots of each disk, one disk at a time, in the order in which disks first came."""
        order = sorted(range(len(self._ids)), key=self._disks.__getitem__)
        changes = [at for at in range(1, len(order)) if self._disks[order[at]] != self._disks[order[at - 1]]]
        for begin, end in pairwise([0, *changes, len(order)] if order else []):
            yield self._spelled[self._disks[order[begin]]], tuple(map(self._made, order[begin:end]))


def by_disk(snapshots: Sequence[Snapshot]) -> Iterator[tuple[str, Sequence[Snapshot]]]:
    """The snapshots of each disk that has any; of columns no more than one disk's are made at a time."""
    if isinstance(snapshots, SnapshotColumns):
        return snapshots.by_disk()
    found: dict[str, list[Snapshot]] = {}
    for snapshot in snapshots:
        found.setdefault(snapshot.disk, []).append(snapshot)
    return iter(found.items())


def named(snapshots: Iterable[Snapshot], name: str) -> Iterator[Snapshot]:
    """Those of exactly this name; of columns no other is made."""
    if isinstance(snapshots, SnapshotColumns):
        return snapshots.named(name)
    return (snapshot for snapshot in snapshots if snapshot.name == name)


def moments(read: Reading | None) -> Moments:
    """A reading in seconds since 1970."""
    return (read.earliest.timestamp(), read.latest.timestamp()) if read else None


def reading(earliest: float, latest: float) -> Reading | None:
    """A reading of seconds since 1970; None of what is no number."""
    if isnan(earliest):
        return None
    first = datetime.fromtimestamp(earliest, UTC)
    return Reading(first, first if latest == earliest else datetime.fromtimestamp(latest, UTC))


def field_of(value: Any) -> Moments:
    """A time as saved facts have it: two numbers, the earlier first, or null.

    Raises:
        TypeError, ValueError: it is neither.
    """
    if value is None:
        return None
    earliest, latest = value
    if not float(earliest) <= float(latest):
        raise ValueError("a time is two numbers, the earlier first, or null")
    return earliest, latest
