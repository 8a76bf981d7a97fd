"""What the columns of files are made into, in the words of the engine that reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from drkit.copies.reconcile.texts import quoted, sql
from drkit.copies.source import Source


@dataclass(frozen=True, slots=True)
class Dialect:
    """The few words that engines have of their own; everything else in ``sql/`` is the same text for all.

    Args:
        unsigned: a type that holds every whole number below 2^64.
        moment: a type that holds a moment.
        utc: how a time without a zone becomes a moment of UTC; ``{}`` is its column.
    """

    unsigned: str
    moment: str
    utc: str


DUCKDB = Dialect("UBIGINT", "TIMESTAMPTZ", "timezone('UTC', CAST({} AS TIMESTAMP))")
SPARK = Dialect("DECIMAL(20, 0)", "TIMESTAMP", "CAST({} AS TIMESTAMP)")  # in a session of UTC


class Times(Enum):
    """How the files tell when an object was modified."""

    NOT = auto()
    ZONED = auto()
    IN_UTC = auto()
    """Without a zone, and known to be UTC."""
    TEXT = auto()
    """With a zone, or known to be UTC."""
    ZONELESS = auto()
    """Without a zone, and nobody knows which: not used."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the objects of a source stand in its files.

    Args:
        columns: what each of `FIELDS` is called there, as far as it is.
        times: how they tell times.
        versions: whether every version counts, or the current one alone.
        in_quotes: ETags stand in quotes of their own.
        key: how the key is decoded, where it is.
    """

    columns: Mapping[str, str]
    times: Times
    versions: bool
    in_quotes: bool = False
    key: str | None = None

    def part(self, name: str) -> str:
        """A field as it stands in the files."""
        return quoted(self.columns[name]) if name in self.columns else "NULL"

    @property
    def wanted(self) -> str:
        """Which rows are objects: a delete marker is none, nor is an older version unless versions are asked for."""
        kept = []
        if "is_delete_marker" in self.columns:
            kept.append(f"NOT coalesce(CAST({self.part('is_delete_marker')} AS BOOLEAN), false)")
        if "is_latest" in self.columns and not self.versions:
            kept.append(f"coalesce(CAST({self.part('is_latest')} AS BOOLEAN), true)")
        return " AND ".join(kept) or "true"

    def moment(self, dialect: Dialect) -> str:
        """When an object was modified."""
        column = self.part("last_modified")
        match self.times:
            case Times.ZONED:
                return column
            case Times.IN_UTC:
                return dialect.utc.format(column)
            case Times.TEXT:
                return f"CAST({column} AS {dialect.moment})"
            case _:
                return f"CAST(NULL AS {dialect.moment})"

    def text(self, dialect: Dialect, files: str) -> str:
        """The view of the objects in ``files``."""
        version = f"coalesce(CAST({self.part('version_id')} AS STRING), '')" if self.versions else "''"
        return sql(
            "objects",
            key=self.key or self.part("key"),
            version_id=version,
            size=self.part("size"),
            crc64=f"CAST({self.part('crc64')} AS {dialect.unsigned})",
            etag=self._etag(),
            encrypted=self._encrypted(),
            storage_class=self.part("storage_class"),
            last_modified=self.moment(dialect),
            files=files,
            wanted=self.wanted,
        )

    def _etag(self) -> str:
        column = self.part("etag")
        told = f"CAST({column} AS STRING)"
        return f"trim(BOTH '\"' FROM {told})" if self.in_quotes else told

    def _encrypted(self) -> str:
        """Whether an object is encrypted with a key of KMS or the customer: AWS names these statuses."""
        if "encryption_status" not in self.columns:
            return "false"
        return f"coalesce({self.part('encryption_status')} IN ('SSE-C', 'SSE-KMS', 'DSSE-KMS'), false)"


def times_of(kind: str | None, source: Source, *, zoned_text: bool) -> Times | None:
    """How times of a type are told; None where the type holds none.

    Args:
        kind: the type of the column, in DuckDB's words; None where there is no column.
        source: what wrote it.
        zoned_text: of a column of text, whether every time in it bears a zone.
    """
    if kind is None:
        return Times.NOT
    if kind == "TIMESTAMP WITH TIME ZONE":
        return Times.ZONED
    if kind == "VARCHAR":
        return Times.TEXT if zoned_text or source.in_utc else Times.ZONELESS
    if kind.startswith("TIMESTAMP"):
        return Times.IN_UTC if source.in_utc else Times.ZONELESS
    return None
