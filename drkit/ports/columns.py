"""Very many snapshots as columns: a tenth of the memory that an object each would take.

A snapshot of the columns is made when it is asked for, and forgotten after that: who goes through them holds
those of one disk at a time. What many of them share (disks, names, tags) is kept once.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate, islice, pairwise, repeat, starmap
from math import nan
from operator import gt, itemgetter
from typing import Any, Generic, Self, TypeVar, overload

from drkit.core.times import Reading
from drkit.ports.disks import Snapshot, SnapshotState

STATES = {state.value: state for state in SnapshotState}
ABSENT = (nan, nan)
FIRST, LAST = -62135596800, 253402300799  # seconds since 1970: the years 1 to 9999
BATCH = 128  # how many are put into the columns at once: they stay in the cache of the processor
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
        self._columns, self._places = _grouped(_filled(map(as_saved, snapshots)))

    @classmethod
    def from_saved(cls, items: Iterable[Mapping[str, Any]]) -> Self:
        """Of the fields of `Snapshot` as saved facts have them.

        Raises:
            AttributeError, KeyError, TypeError, ValueError: they are not.
        """
        made = cls()
        made._columns, made._places = _grouped(_filled(items))
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
        created, deadlines = _readings(since, at), _readings(ends, gone)
        return [
            _SNAPSHOT((id_, name, disk, state, made, end, permanent, shared, tags, policy, copied))
            for id_, name, disk, (state, permanent, shared, tags, policy, copied), made, end in zip(
                ids, names, disks, shares, created, deadlines, strict=True
            )
        ]

    def named(self, name: str) -> Iterator[Snapshot]:
        """Those of exactly this name."""
        names = self._columns[1]
        return (self[index] for index, each in enumerate(names) if each == name)

    def of_disk(self, disk: str) -> Sequence[Snapshot]:
        """Those of one disk."""
        place = self._places.get(disk)
        return self._made(place) if place else ()


def _filled(items: Iterable[Mapping[str, Any]]) -> Columns:
    columns = (*([] for _ in range(4)), *(array("d") for _ in range(4)))
    names, disks, shares = _Once(str), _Once(str), _Once(_shared)
    rows = map(_FIELDS, items)
    while batch := tuple(islice(rows, BATCH)):
        for column, more in zip(columns, _in_columns(batch, names, disks, shares), strict=True):
            column.extend(more)
    return columns


def _in_columns(
    batch: Iterable[tuple[Any, ...]], name_of: _Once[str], disk_of: _Once[str], share_of: _Once[Shared]
) -> tuple[Iterable[Any], ...]:
    """What a batch of rows adds to each column."""
    ids, names, disks, states, created, deadlines, permanent, shared, tags, policies, copied = zip(
        *batch, strict=True
    )
    labels = [tuple(each.items()) for each in tags]
    shares = zip(states, permanent, shared, labels, policies, copied, strict=True)
    return (
        ids,
        map(name_of.__getitem__, names),
        map(disk_of.__getitem__, disks),
        map(share_of.__getitem__, shares),
        *_checked(created),
        *_checked(deadlines),
    )


def _grouped(columns: Columns) -> tuple[Columns, Mapping[str, slice]]:
    """Columns in which the snapshots of each disk stand beside each other, and where those of each do."""
    counts: Counter[str] = Counter(columns[2])
    ends = accumulate(counts.values())
    places = {disk: slice(end - counts[disk], end) for disk, end in zip(counts, ends, strict=True)}
    begins = [places[disk].start for disk in columns[2]]
    if any(starmap(gt, pairwise(begins))):
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


def as_saved(snapshot: Snapshot) -> dict[str, Any]:
    """The fields of a snapshot as saved facts have them."""
    created, deadline = moments(snapshot.created), moments(snapshot.deadline)
    return {**snapshot._asdict(), "created": created, "deadline": deadline}


def moments(read: Reading | None) -> Moments:
    """A reading in seconds since 1970."""
    return (read[0], read[1]) if read else None


def reading(value: Any) -> Reading | None:
    """A time as saved facts have it: two numbers, the earlier first, or null.

    Raises:
        TypeError, ValueError: it is neither.
    """
    return _readings(*_checked((value,)))[0]


def _readings(earliest: Iterable[float], latest: Iterable[float]) -> list[Reading | None]:
    """Times of their two columns; nan equals nothing, itself included."""
    return [_READING(both) if both[0] == both[0] else None for both in zip(earliest, latest, strict=True)]


def _checked(values: Iterable[Any]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The earliest and the latest of each time; nan for those of a time that is absent.

    Raises:
        TypeError, ValueError: one is neither two numbers, the earlier first, nor null.
    """
    earliest, latest = zip(*(ABSENT if each is None else each for each in values), strict=True)
    too_early = any(map(gt, repeat(FIRST), earliest))
    if too_early or any(map(gt, earliest, latest)) or any(map(gt, latest, repeat(LAST))):
        raise ValueError("a time is two numbers, the earlier first, or null")
    return earliest, latest


def _shared(key: tuple[Any, ...]) -> Shared:
    state, permanent, shared, tags, policy, copied = key
    return STATES[state], bool(permanent), bool(shared), dict(tags), policy, bool(copied)
