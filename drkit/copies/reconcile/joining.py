"""One join over a reference and any number of other copies, and what it counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drkit.copies.reconcile.engine import naming
from drkit.copies.reconcile.objects import Objects
from drkit.copies.reconcile.texts import sql

if TYPE_CHECKING:
    import duckdb

CODES = {1: "missing", 2: "extra", 3: "size_differs", 4: "checksum_differs", 5: "not_comparable"}
"""What ``outcome.sql`` answers."""
SINCE = {1: "vanished", 2: "appeared", 3: "overwritten", 5: "not_comparable"}
"""What ``since.sql`` answers."""


@dataclass(frozen=True, slots=True)
class Told:
    """How often something came of the objects of one copy, and the first key of each."""

    counts: dict[int, int]
    examples: dict[int, str]


@dataclass(frozen=True, slots=True)
class Joined:
    """What a join counted.

    Args:
        told: of each copy but the reference, in their order.
        doubled: some copy tells of an object twice, or of one without a key; the counts mean nothing then.
    """

    told: tuple[Told, ...]
    doubled: bool


def join(
    connection: duckdb.DuckDBPyConnection,
    text: str,
    copies: Sequence[Objects],
    codes: dict[int, str],
    *,
    versions: bool,
) -> Joined:
    """Hold copies against the first of them.

    Duplicates cost no pass of their own. An object that several copies have, and one of them twice, makes the others
    count it twice; one that a single copy has is counted apart, with the distinct ones beside it.

    ``text`` names the one of ``sql/`` that says what came of an object, ``codes`` what it may answer.

    Raises:
        RefusedError: memory or the disk did not suffice.
    """
    others = range(1, len(copies))
    whats = ", ".join(f"what_{number}" for number in others)
    wrong = " OR ".join(f"what_{number} <> 0" for number in others)
    counts = ", ".join(f"count(size_{number})" for number in range(len(copies)))
    text = (
        f"SELECT {whats}, count(*), min(key) FILTER (WHERE {wrong}), "
        f"CASE WHEN alone THEN count(*) - count(DISTINCT {_identity(versions)}) FILTER (WHERE alone AND key <> '') "
        f"ELSE 0 END, {counts} FROM ({joined(text, copies, versions=versions)}) GROUP BY {whats}, alone"
    )
    with naming("the comparison"):
        groups = connection.execute(text).fetchall()
    return _understood(groups, copies, codes)


def joined(text: str, copies: Sequence[Objects], *, versions: bool) -> str:
    """The join itself: a row an object, with its size in each copy, what came of it, and whether one alone has it."""
    id_ = "key, version_id" if versions else "key"
    # Where every object of every copy has its CRC, nothing else is read.
    light = text == "outcome" and all(copy.has_crc64 for copy in copies)
    names = ["r", *(f"c{number}" for number in range(1, len(copies)))]
    sources = [
        f"(SELECT * {'REPLACE (NULL::VARCHAR AS etag)' if light else ''} FROM {copy.view}) AS {name}"
        for name, copy in zip(names, copies, strict=True)
    ]
    chain = sources[0] + "".join(f" FULL JOIN {source} USING ({id_})" for source in sources[1:])
    sizes = ", ".join(f"{name}.size AS size_{number}" for number, name in enumerate(names))
    what = ", ".join(f"({sql(text, c=name)}) AS what_{number}" for number, name in enumerate(names) if number)
    here = " + ".join(f"({name}.size IS NOT NULL)::TINYINT" for name in names)
    return f"SELECT {id_}, {sizes}, {what}, {here} = 1 AS alone FROM {chain}"


def _identity(versions: bool) -> str:  # noqa: FBT001 - one word of SQL or another
    return "(key, version_id)" if versions else "key"


def _understood(groups: list[tuple[Any, ...]], copies: Sequence[Objects], codes: dict[int, str]) -> Joined:
    """The counts of each copy, out of one group for everything that came of objects in all copies at once."""
    others = len(copies) - 1
    told = tuple(Told(dict.fromkeys(codes, 0), {}) for _ in range(others))
    seen = [0] * len(copies)
    doubled = False
    for *whats, count, key, repeated, in_group in ((*g[: others + 3], g[others + 3 :]) for g in groups):
        doubled |= repeated > 0
        seen = [sum(pair) for pair in zip(seen, in_group, strict=True)]
        for copy, what in zip(told, whats, strict=True):
            if what:
                copy.counts[what] += count
                if key is not None:
                    copy.examples[what] = min(key, copy.examples.get(what, key))
    doubled |= any(count != copy.rows for count, copy in zip(seen, copies, strict=True))
    return Joined(told, doubled)
