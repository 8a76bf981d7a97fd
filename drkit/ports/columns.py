"""Very many snapshots as columns: a tenth of the memory that an object each would take.

A snapshot of the columns is made when it is asked for, and forgotten after that: who goes through them holds
those of one disk at a time. What many of them share (disks, names, tags) is kept once.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate, groupby, islice, repeat
from math import isnan, nan
from operator import gt, is_not, itemgetter
from typing import Any, Generic, Self, TypeVar, overload

from drkit.core.times import Reading
from drkit.ports.disks import Snapshot, SnapshotState

STATES = {state.value: state for state in SnapshotState}
ABSENT = (nan, nan)
FIRST, LAST = -62135596800.0, 253402300799.0  # seconds since 1970: the years 1 to 9999
BATCH = 256  # how many are put into the columns at once: they stay in the cache of the processor
Shared = tuple[SnapshotState, bool, bool, Mapping[str, str], str, bool]
"""What the snapshots of a slot have in common: state, permanent, shared, tags, policy, copied."""
Columns = tuple[Any, ...]
"""Lists of ids, names, disks and what is shared; arrays of created from and to, and of the deadline from and to."""
Common = TypeVar("Common")
_FIELDS = itemgetter(*Snapshot._fields)
_SNAPSHOT: Callable[[tuple[Any, ...]], Snapshot] = partial(tuple.__new__, Snapshot)
_READING: Callable[[tuple[float, float]], Reading] = partial(tuple.__new__, Reading)

Moments = tuple[float, float] | list[float] | None
"""The earliest and the latest that a time can mean, in seconds since 1970."""


class _Once(dict[Any, Common], Generic[Common]):
    """Things that are kept once, by what they are made of."""

    def __init__(self, made: Callable[[Any], Common]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, key: Any) -> Common:
        self[key] = self._made(key)
        return self[key]


class SnapshotColumns(Sequence[Snapshot]):
    """Snapshots in columns, those of a disk beside each other; as any sequence of snapshots to who reads it."""

    def __init__(self, snapshots: Iterable[Snapshot] = ()) -> None:
        self._columns, self._places = _grouped(_filled(in_batches(snapshots)))

    @classmethod
    def from_saved(cls, lines: Iterable[Mapping[str, Any]]) -> Self:
        """Of the lines of saved facts: batches by `in_batches`, or a snapshot each, as they were written once.

        Raises:
            AttributeError, LookupError, TypeError, ValueError: they are not.
        """
        made = cls()
        made._columns, made._places = _grouped(_filled(_batches(lines)))
        return made

    def __len__(self) -> int:
        return len(self._columns[0])

    def __iter__(self) -> Iterator[Snapshot]:
        for place in self._places.values():
            yield from self._made(place)

    @overload
    def __getitem__(self, index: int) -> Snapshot: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Snapshot]: ...
    def __getitem__(self, index: int | slice) -> Snapshot | Sequence[Snapshot]:
        if isinstance(index, slice):
            return self._made(index)
        at = range(len(self))[index]
        return self._made(slice(at, at + 1))[0]

    def _made(self, part: slice) -> list[Snapshot]:
        ids, names, disks, shares, since, at, ends, gone = (column[part] for column in self._columns)
        if not ids:
            return []
        state, *others = zip(*shares, strict=True)
        made, end = _readings(since, at), _readings(ends, gone)
        return [*map(_SNAPSHOT, zip(ids, names, disks, state, made, end, *others, strict=True))]

    def named(self, name: str) -> Iterator[Snapshot]:
        """Those of exactly this name."""
        names = self._columns[1]
        return (self[index] for index, each in enumerate(names) if each == name)

    def named_like(self, pattern: re.Pattern[str]) -> Iterator[Snapshot]:
        """Those whose whole name is of this form."""
        names = self._columns[1]
        wanted = set(filter(pattern.fullmatch, set(names)))
        return (self[index] for index, each in enumerate(names) if each in wanted) if wanted else iter(())

    def of_disk(self, disk: str) -> Sequence[Snapshot]:
        """Those of one disk."""
        place = self._places.get(disk)
        return self._made(place) if place else ()


def in_batches(snapshots: Iterable[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    """Some hundred snapshots at a time, field by field, as plain data; what many share (`kinds`) stands there once.

    Times are two columns, the earliest and the latest that each can mean; nan, in JSON null, where there is none.
    """
    rows = iter(snapshots)
    while batch := tuple(islice(rows, BATCH)):
        ids, names, disks, states, created, deadlines, permanent, shared, tags, policies, copied = zip(
            *batch, strict=True
        )
        labels = [tuple(each.items()) for each in tags]
        kinds: dict[Any, int] = {}
        shares = zip(states, permanent, shared, labels, policies, copied, strict=True)
        yield {
            "id": ids,
            "name": names,
            "disk": disks,
            "kind": [kinds.setdefault(each, len(kinds)) for each in shares],
            "created": _apart(created),
            "deadline": _apart(deadlines),
            "kinds": tuple(kinds),
        }


def _batches(lines: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for whole, same in groupby(lines, key=lambda line: "kinds" in line):
        if whole:
            yield from same
        else:
            yield from in_batches(map(_FIELDS, same))


def _filled(batches: Iterable[Mapping[str, Any]]) -> Columns:
    columns = (*([] for _ in range(4)), *(array("d") for _ in range(4)))
    names, disks, shares = _Once(str), _Once(str), _Once(_shared)
    for batch in batches:
        kinds = [shares[_hashable(kind)] for kind in batch["kinds"]]
        added = (
            batch["id"],
            map(names.__getitem__, batch["name"]),
            map(disks.__getitem__, batch["disk"]),
            map(kinds.__getitem__, batch["kind"]),
            *_checked(*batch["created"]),
            *_checked(*batch["deadline"]),
        )
        for column, more in zip(columns, added, strict=True):
            column.extend(more)
        if len({*map(len, columns)}) > 1:
            raise ValueError("a snapshot lacks a field")
    return columns


def _grouped(columns: Columns) -> tuple[Columns, Mapping[str, slice]]:
    """Columns in which the snapshots of each disk stand beside each other, and where those of each do."""
    counts: Counter[str] = Counter(columns[2])
    ends = accumulate(counts.values())
    places = {disk: slice(end - counts[disk], end) for disk, end in zip(counts, ends, strict=True)}
    changes = sum(map(is_not, columns[2], islice(columns[2], 1, None)))
    if changes >= len(counts):  # those of some disk stand apart
        begins = [places[disk].start for disk in columns[2]]
        order = sorted(range(len(begins)), key=begins.__getitem__)
        columns = tuple(_in_order(column, order) for column in columns)
    return columns, places


def _in_order(column: Any, order: Iterable[int]) -> Any:
    ordered = column[:0]
    ordered.extend(map(column.__getitem__, order))
    return ordered


def by_disk(snapshots: Sequence[Snapshot]) -> Callable[[str], Sequence[Snapshot]]:
    """What finds the snapshots of a disk by its id; of columns no more than one disk's are made at a time."""
    if isinstance(snapshots, SnapshotColumns):
        return snapshots.of_disk
    found: dict[str, list[Snapshot]] = {}
    for snapshot in snapshots:
        found.setdefault(snapshot.disk, []).append(snapshot)
    return lambda disk: found.get(disk, ())


def named(snapshots: Sequence[Snapshot], name: str) -> Iterator[Snapshot]:
    """Those of exactly this name; of columns no other is made."""
    if isinstance(snapshots, SnapshotColumns):
        return snapshots.named(name)
    return (snapshot for snapshot in snapshots if snapshot.name == name)


def named_like(snapshots: Iterable[Snapshot], pattern: re.Pattern[str]) -> Iterator[Snapshot]:
    """Those whose whole name is of this form; of columns no other is made."""
    if isinstance(snapshots, SnapshotColumns):
        return snapshots.named_like(pattern)
    return (snapshot for snapshot in snapshots if pattern.fullmatch(snapshot.name))


def moments(read: Reading | None) -> Moments:
    """A reading in seconds since 1970."""
    return (read[0], read[1]) if read else None


def reading(value: Any) -> Reading | None:
    """A time as saved facts have it: two numbers, the earlier first, or null.

    Raises:
        TypeError, ValueError: it is neither.
    """
    if value is None:
        return None
    earliest, latest = value
    if not FIRST <= earliest <= latest <= LAST:
        raise ValueError("a time is two numbers, the earlier first, or null")
    return _READING((earliest, latest))


def _readings(earliest: Sequence[float], latest: Sequence[float]) -> Iterator[Reading | None]:
    """Times of their two columns; a sum with nan in it is nan."""
    both = zip(earliest, latest, strict=True)
    if isnan(sum(earliest)):
        return (None if isnan(each[0]) else _READING(each) for each in both)
    return map(_READING, both)


def _apart(times: Iterable[Moments]) -> tuple[Sequence[float], Sequence[float]]:
    """The earliest and the latest of each time; nan for those of a time that is absent.

    Raises:
        TypeError, ValueError: one is neither two numbers nor null.
    """
    earliest, latest = zip(*(ABSENT if each is None else array("d", each) for each in times), strict=True)
    return earliest, latest


def _checked(earliest: Sequence[Any], latest: Sequence[Any]) -> tuple[Sequence[float], Sequence[float]]:
    """The same columns, with nan for null.

    Raises:
        TypeError, ValueError: a time is neither two numbers, the earlier first, nor null.
    """
    if None in earliest:
        told = zip(earliest, latest, strict=True)
        earliest, latest = zip(*(ABSENT if both == (None, None) else both for both in told), strict=True)
    too_early = any(map(gt, repeat(FIRST), earliest))
    if too_early or any(map(gt, earliest, latest)) or any(map(gt, latest, repeat(LAST))):
        raise ValueError("a time is two numbers, the earlier first, or null")
    return earliest, latest


def _hashable(kind: Sequence[Any]) -> tuple[Any, ...]:
    state, permanent, shared, tags, policy, copied = kind
    return state, permanent, shared, tuple(map(tuple, tags)), policy, copied


def _shared(key: tuple[Any, ...]) -> Shared:
    state, permanent, shared, tags, policy, copied = key
    return STATES[state], bool(permanent), bool(shared), dict(tags), policy, bool(copied)
