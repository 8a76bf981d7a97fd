"""What a list keeps of each object, and how."""

from __future__ import annotations

from typing import Any

from drkit.ports.objects import StoredObject

COLUMNS = {
    "key": "VARCHAR",
    "version_id": "VARCHAR",
    "is_latest": "BOOLEAN",
    "is_delete_marker": "BOOLEAN",
    "size": "BIGINT",
    "etag": "VARCHAR",
    "crc64": "VARCHAR",
    "storage_class": "VARCHAR",
    "last_modified": "TIMESTAMPTZ",
}
"""The columns of its Parquet files, as DuckDB calls their types; those that `drkit.copies.source.FIELDS` names."""

PLAIN = tuple(name for name in COLUMNS if name not in ("version_id", "is_latest", "is_delete_marker"))
"""The columns of a list without versions."""


def row_of(each: StoredObject) -> dict[str, Any]:
    """One object as a line of JSON has it."""
    return {
        "key": each.key,
        "version_id": each.version,
        "is_latest": each.latest,
        "is_delete_marker": each.delete_marker,
        "size": each.size,
        "etag": each.etag or None,
        "crc64": None if each.crc64 is None else str(each.crc64),
        "storage_class": each.storage_class or None,
        "last_modified": each.modified.isoformat(),
    }
