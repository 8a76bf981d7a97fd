"""``manifest.json`` of S3 and COS, held against its ``manifest.checksum``.

S3: the user guide's "Locating your inventory list"; COS: document 436/33703. Both write the checksum, the MD5 of
the manifest in hexadecimal, last: where it is missing, the inventory is still being written.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from drkit.copies.refusal import RefusedError

BEIJING = timezone(timedelta(hours=8))
LARGEST = 64 * 1024 * 1024  # bytes of a manifest: more is none


@dataclass(frozen=True, slots=True)
class Named:
    """A data file as the manifest names it; ``key`` is the one in the destination bucket."""

    key: str
    size: int
    md5: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an inventory says of itself.

    Args:
        cloud: ``s3`` or ``cos``.
        form: ``CSV``, ``Parquet`` or ``ORC``, as it is written there.
        schema: the text that names the columns.
        rows: how many objects it lists; S3 does not say.
        begun: when the bucket began to be read, at its earliest reading; None where that is not known.
    """

    cloud: str
    bucket: str
    form: str
    schema: str
    files: tuple[Named, ...]
    rows: int | None
    begun: datetime | None


def read_manifest(directory: Path) -> Manifest:
    """The manifest of an inventory.

    Raises:
        RefusedError: it is not there, not whole, not what its checksum says, or not understood.
    """
    content = _content(directory / "manifest.json", "manifest-missing")
    told = _content(directory / "manifest.checksum", "manifest-unfinished").decode("ascii", "replace")
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != told.strip().strip('"').lower():
        raise RefusedError("manifest-altered", "manifest.json is not what manifest.checksum says")
    try:
        return _understood(json.loads(content), directory)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        why = f"manifest.json is no manifest of S3 or COS ({type(error).__name__}: {error})"
        raise RefusedError("manifest-not-understood", why) from None


def _content(path: Path, name: str) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise RefusedError("manifest-not-understood", f"{path.name} is larger than any manifest")
        return path.read_bytes()
    except OSError as error:
        raise RefusedError(name, f"{path}: {error.strerror}") from None


def _understood(data: dict[str, Any], directory: Path) -> Manifest:
    cloud = "cos" if "sourceAppid" in data else "s3"
    counted = data.get("filterObjectCount", data.get("listObjectCount"))
    return Manifest(
        cloud=cloud,
        bucket=str(data["sourceBucket"]),
        form=str(data["fileFormat"]),
        schema=str(data["fileSchema"]),
        files=tuple(_named(each) for each in data["files"]),
        rows=None if counted is None else int(counted),
        begun=_begun(data.get("creationTimestamp"), directory.name),
    )


def _named(data: dict[str, Any]) -> Named:
    md5 = data["MD5checksum"] if "MD5checksum" in data else data["md5Checksum"]
    return Named(str(data["key"]), int(data["size"]), str(md5).lower())


def _begun(stamp: str | int | None, directory: str) -> datetime | None:
    """Milliseconds since 1970; else the directory's name, which is a moment in UTC (S3) or a day (COS).

    Nothing says where the day of COS begins: the earlier reading, Beijing's, makes an inventory older.
    """
    if stamp is not None:
        return datetime.fromtimestamp(int(stamp) / 1000, UTC)
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d-\d\dZ", directory):
        return datetime.strptime(directory, "%Y-%m-%dT%H-%MZ").replace(tzinfo=UTC)
    if re.fullmatch(r"\d{8}", directory):
        return datetime.strptime(directory, "%Y%m%d").replace(tzinfo=BEIJING)
    return None
