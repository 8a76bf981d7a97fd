"""Every time field that is read, and where its form is known from.

AWS writes ISO 8601 in UTC, with the Z; botocore reads it into a moment with its zone. A field that is not in
this table is not read as a time at all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drkit.core.times import Reading
from drkit.ports.scratch import UNTIL_TAG

DELETE_AFTER_TAG = "drkit:delete-after"
"""On a snapshot that drkit made: when it is to be removed, RFC 3339 in UTC (docs/decisions/0007-aws-snapshots.md)."""

# (service, object, field): API reference of EC2, data types Volume and Snapshot; of S3, Object (also of ObjectVersion
# and DeleteMarkerEntry).
FIELDS = frozenset(
    {("ec2", "Volume", "CreateTime"), ("ec2", "Snapshot", "StartTime"), ("s3", "Object", "LastModified")}
)
# Tags that drkit writes itself, with the zone.
TAGS = frozenset({DELETE_AFTER_TAG, UNTIL_TAG})


def read_time(service: str, kind: str, field: str, item: dict[str, Any]) -> Reading | None:
    """A field's moment; None where it has none.

    Raises:
        KeyError: the field has no entry in the table.
    """
    return _reading(item.get(field_of(service, kind, field)))


def field_of(service: str, kind: str, field: str) -> str:
    """A field of the table by its name, for what reads so many that a `Reading` of each would cost too much.

    Raises:
        KeyError: the field has no entry in the table.
    """
    if (service, kind, field) not in FIELDS:
        raise KeyError(field)
    return field


def read_tag(tags: dict[str, str], key: str) -> Reading | None:
    """The moment in a tag; None where there is none, or one that nobody can read.

    Raises:
        KeyError: the tag has no entry in the table.
    """
    if key not in TAGS:
        raise KeyError(key)
    try:
        return _reading(datetime.fromisoformat(tags.get(key, "")))
    except ValueError:
        return None


def _reading(moment: object) -> Reading | None:
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return None
    return Reading(moment, moment)
