"""Where the objects of a copy are told: files, and what their columns are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

FIELDS = (
    "key",
    "version_id",
    "is_latest",
    "is_delete_marker",
    "size",
    "etag",
    "crc64",
    "storage_class",
    "last_modified",
    "encryption_status",
)
"""What drkit reads of an object; ``key`` and ``size`` have to be there."""


class Form(StrEnum):
    """How the files are written."""

    CSV = "csv.gz"
    PARQUET = "parquet"
    ORC = "orc"


class Keys(StrEnum):
    """How keys are spelt in the files."""

    PLAIN = "plain"
    FORM_ENCODED = "form-encoded"
    """As S3 does in CSV: a space is ``+``, and a plus is ``%2B``."""
    PERCENT_ENCODED = "percent-encoded"
    """As COS does (436/33703), which does not say what a bare ``+`` is."""


@dataclass(frozen=True, slots=True)
class Source:
    """Files whose wholeness was checked as far as that goes without reading their rows.

    Args:
        files: absolute paths; together they tell of every object once.
        columns: what each of `FIELDS` is called in the files, as far as they have it.
        header: of CSV files that have none: the names of all columns, in their order.
        rows: how many objects the manifest counts; None where it does not.
        proven: the bytes of the files were held against checksums.
        begun: when the copy began to be looked at, at its earliest: what was written later may be told, or not.
        in_utc: times that bear no zone are UTC, by the documentation of what wrote them.
    """

    files: tuple[Path, ...]
    form: Form
    columns: Mapping[str, str]
    header: tuple[str, ...] = ()
    keys: Keys = Keys.PLAIN
    rows: int | None = None
    proven: bool = False
    in_utc: bool = False
    begun: datetime | None = None
