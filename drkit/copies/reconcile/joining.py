"""One join over a reference and any number of other copies, and what it counted."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from drkit.copies.reconcile.engine import naming, rows
from drkit.copies.reconcile.joins import Joins
from drkit.copies.reconcile.objects import LARGEST, Objects
from drkit.copies.reconcile.texts import sql
from drkit.copies.refusal import RefusedError

if TYPE_CHECKING:
    import duckdb

CODES = {1: "missing", 2: "extra", 3: "size_differs", 4: "checksum_differs", 5: "not_comparable"}
"""What ``outcome.sql`` answers."""
LACKING = {code: CODES[code] for code in (1, 3, 4)}
"""Of these: that an object of the reference is not there, or not as it is there."""
SINCE = {1: "vanished", 2: "appeared", 3: "overwritten", 5: "not_comparable"}
"""What ``since.sql`` answers."""
GONE, NEW, NEITHER = 1, 2, 6
"""Both answer these where only the reference has an object, only the copy, or neither of them."""
BITS = 3  # of a code, for each copy
NAMED = 100  # objects of which something came, up to which each is named
MOST = 20  # copies beside the reference whose codes fit into 63 bits


@dataclass(frozen=True, slots=True)
class Told:
    """How often something came of the objects of one copy, and the first key of each.

    Args:
        table: where the objects stand that differ in one of the copies.
        place: which of the copies in that table this one is, from 1.
        young: how often it came of objects that were written while the copies were looked at: nothing is known of them.
    """

    counts: dict[int, int]
    examples: dict[int, str]
    table: str
    place: int
    young: dict[int, int]

    @property
    def is_young(self) -> str:
        """SQL of whether an object of the table is one of which nothing is known in this copy."""
        return f"(young >> {self.place - 1}) & 1 = 1"

    @property
    def what(self) -> str:
        """SQL of what came of an object of the table in this copy."""
        return _what("code", self.place)


@dataclass(frozen=True, slots=True)
class Joined:
    """What a join counted.

    Args:
        told: of each copy but the reference, in their order.
        doubtful: some copy tells of an object twice, of one without a key or a size, or of a size that none can have.
            The counts mean nothing then, and each copy has to be looked at by itself.
    """

    told: tuple[Told, ...]
    doubtful: bool


def join(
    joins: Joins,
    connection: duckdb.DuckDBPyConnection,
    table: str,
    text: str,
    copies: Sequence[Objects],
    *,
    versions: bool,
) -> Joined:
    """Hold copies against the first of them, in one pass that also finds out whether they may be believed.

    Duplicates cost no pass of their own. An object that several copies have, and one of them twice, makes the join
    count more objects of the others than they have; one that differs stands in one row with its double.

    ``text`` names the one of ``sql/`` that says what came of an object.

    Raises:
        RefusedError: memory or the disk did not suffice, or something in the files could not be read.
    """
    with naming("the comparison"):
        joins.keep(table, compared(text, copies, versions=versions))
        sizes = ", ".join(
            f"min(size_{number}) AS smallest_{number}, max(largest_{number}) AS largest_{number}"
            for number in range(len(copies))
        )
        groups = rows(connection, sql("counted", compared=table, sizes=sizes))
    codes = CODES if text == "outcome" else SINCE
    return Joined(
        told=tuple(_told(groups, codes, table, place) for place in range(1, len(copies))),
        doubtful=_doubtful(groups, copies),
    )


def named(connection: duckdb.DuckDBPyConnection, told: Told) -> dict[str, tuple[str, ...]]:
    """The keys of all objects that a copy lacks, by how; of none where they are many, or memory does not suffice."""
    few = {code: name for code, name in LACKING.items() if 0 < told.counts[code] <= NAMED}
    if not few:
        return {}
    codes = ", ".join(map(str, few))
    text = f"SELECT {told.what}, key FROM {told.table} WHERE {told.what} IN ({codes}) AND NOT {told.is_young}"
    with suppress(RefusedError), naming("the keys"):
        found = connection.execute(text).fetchall()
        return {name: tuple(sorted(key for code, key in found if code == each)) for each, name in few.items()}
    return {}


def compared(text: str, copies: Sequence[Objects], *, versions: bool) -> str:
    """The text that compares copies, whichever engine runs it."""
    id_ = "key, version_id" if versions else "key"
    # Where every object of every copy has its CRC, nothing else is read.
    light = text == "outcome" and all(copy.has_crc64 for copy in copies)
    fields = "key, version_id, size, crc64, told, last_modified, "
    fields += "CAST(NULL AS STRING) AS etag" if light else "etag"
    names = ["r", *(f"c{number}" for number in range(1, len(copies)))]
    sources = [
        f"(SELECT {fields} FROM {copy.view}) AS {name}" for name, copy in zip(names, copies, strict=True)
    ]
    whats = [f"({sql(text, c=name)}) * {1 << BITS * place}" for place, name in enumerate(names[1:])]
    numbers = range(len(copies))
    return sql(
        "compared",
        id=id_,
        sizes=", ".join(f"min(size_{n}) AS size_{n}, max(size_{n}) AS largest_{n}" for n in numbers),
        young=_young(copies, names) if text == "outcome" else "0",
        marked=", ".join(
            f"CASE WHEN code <> 0 OR key = '' THEN {name} END AS {name}" for name in id_.split(", ")
        ),
        each=", ".join(f"size_{n}" for n in numbers),
        each_of=", ".join(f"{name}.size AS size_{n}" for n, name in enumerate(names)),
        code=" + ".join(whats),
        chain=sources[0] + "".join(f" FULL JOIN {source} USING ({id_})" for source in sources[1:]),
    )


def _young(copies: Sequence[Objects], names: Sequence[str]) -> str:
    """A bit for each copy in which an object is younger than the look at it, or at the reference, that began first."""
    bits = []
    for place, (copy, name) in enumerate(zip(copies[1:], names[1:], strict=True)):
        if begun := [each.begun for each in (copies[0], copy) if each.begun is not None]:
            moment = (
                f"CAST('{min(begun).astimezone(UTC):%Y-%m-%d %H:%M:%S}' AS TIMESTAMP)"  # sessions are of UTC
            )
            late = " OR ".join(f"coalesce({each}.last_modified >= {moment}, false)" for each in ("r", name))
            bits.append(f"CASE WHEN {late} THEN {1 << place} ELSE 0 END")
    return " + ".join(bits) or "0"


def _what(code: str, place: int) -> str:
    return f"(({code} >> {BITS * (place - 1)}) & {(1 << BITS) - 1})"


def _whats(code: int, copies: int) -> list[int]:
    """What came of an object in each copy but the reference."""
    return [code >> BITS * place & (1 << BITS) - 1 for place in range(copies - 1)]


def _told(groups: Sequence[dict[str, Any]], codes: dict[int, str], table: str, place: int) -> Told:
    told = Told(dict.fromkeys(codes, 0), {}, table, place, dict.fromkeys(codes, 0))
    for group in groups:
        what = _whats(group["code"], place + 1)[place - 1]
        if what in codes and group["young"] >> (place - 1) & 1:
            told.young[what] += int(group["objects"])
        elif what in codes:
            told.counts[what] += int(group["objects"])
            if group["example"] is not None:
                told.examples[what] = min(group["example"], told.examples.get(what, group["example"]))
    return told


def _doubtful(groups: Sequence[dict[str, Any]], copies: Sequence[Objects]) -> bool:
    seen = [0] * len(copies)
    for group in groups:
        whats = _whats(group["code"], len(copies))
        in_reference = any(what not in {NEW, NEITHER} for what in whats)
        here = [in_reference, *(what not in {GONE, NEITHER} for what in whats)]
        seen = [count + int(group["objects"]) * there for count, there in zip(seen, here, strict=True)]
        if (
            group["without_key"]
            or (group["code"] and group["together"] > 1)
            or _out_of_range(group, len(copies))
        ):
            return True
    return any(count != copy.rows for count, copy in zip(seen, copies, strict=True))


def _out_of_range(group: dict[str, Any], copies: int) -> bool:
    return any(
        (group[f"smallest_{number}"] or 0) < 0 or (group[f"largest_{number}"] or 0) > LARGEST
        for number in range(copies)
    )
