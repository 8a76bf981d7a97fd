"""An inventory as a source of objects."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

from drkit.copies.inventories.manifest import Manifest, read_manifest
from drkit.copies.inventories.proving import prove
from drkit.copies.refusal import RefusedError
from drkit.copies.source import Form, Keys, Source
from drkit.core.times import hours

# A field of ours, under the names of S3 (CSV; Parquet) and COS, in small letters without underscores.
NAMES = {
    "key": "key",
    "versionid": "version_id",
    "islatest": "is_latest",
    "isdeletemarker": "is_delete_marker",
    "size": "size",
    "lastmodifieddate": "last_modified",
    "etag": "etag",
    "storageclass": "storage_class",
    "crc64": "crc64",
    "encryptionstatus": "encryption_status",
}
SKEW = timedelta(minutes=15)


def open_inventory(directory: Path, younger_than: timedelta | None, now: datetime) -> Source:
    """What an inventory tells, proven whole and fresh.

    Raises:
        RefusedError: it cannot be believed.
    """
    manifest = read_manifest(directory)
    check_age(manifest.begun, younger_than, now)
    form = _form(manifest)
    header = _header(manifest, form)
    columns = {NAMES[plain]: name for name in header if (plain := name.replace("_", "").lower()) in NAMES}
    for wanted in ("key", "size"):
        if wanted not in columns:
            raise RefusedError("field-missing", f"the inventory does not tell the {wanted} of objects")
    files = prove(directory, manifest)
    if not files:
        raise RefusedError("empty", "the inventory names no file")
    encoded = Keys.PERCENT_ENCODED if manifest.cloud == "cos" else Keys.FORM_ENCODED
    return Source(
        files=files,
        form=form,
        columns=columns,
        header=header if form is Form.CSV else (),
        keys=encoded if form is Form.CSV else Keys.PLAIN,
        rows=manifest.rows,
        proven=True,
        in_utc=manifest.cloud == "s3",
        begun=manifest.begun,
    )


def check_age(begun: datetime | None, younger_than: timedelta | None, now: datetime) -> None:
    """Hold the age against the objective.

    Raises:
        RefusedError: it is too old, not known, or in the future.
    """
    if begun is not None and begun > now + SKEW:
        raise RefusedError("from-the-future", f"it says that it was begun at {begun.isoformat()}")
    if younger_than is None:
        return
    if begun is None:
        raise RefusedError("age-unknown", "nothing says when it was made")
    if now - begun > younger_than:
        raise RefusedError(
            "stale", f"it is {hours(now - begun)} old, and at most {hours(younger_than)} is allowed"
        )


def _form(manifest: Manifest) -> Form:
    match manifest.form.upper():
        case "CSV":
            return Form.CSV
        case "PARQUET":
            return Form.PARQUET
        case "ORC":
            return Form.ORC
        case _:
            raise RefusedError("manifest-not-understood", f"nobody knows the format {manifest.form!r}")


def _header(manifest: Manifest, form: Form) -> tuple[str, ...]:
    if form is Form.CSV:
        names = tuple(name.strip() for name in manifest.schema.split(","))
    elif form is Form.ORC:  # struct<bucket:string,key:string,size:bigint,...>
        names = tuple(re.findall(r"(\w+):", manifest.schema))
    else:  # message s3.inventory { required binary key (STRING); optional int64 size; ... }
        names = tuple(re.findall(r"(?:required|optional)\s+\w+\s+(\w+)", manifest.schema))
    if len(set(names)) < len(names) or not all(names):
        raise RefusedError("manifest-not-understood", "the schema names a column twice, or an empty one")
    return names
