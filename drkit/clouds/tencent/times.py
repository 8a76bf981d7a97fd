"""Every time field that is read, with the form and the zone it comes in, and where that is known from.

A field that is not in this table is not read as a time at all.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Any

from drkit.core.times import Reading

CHINA = timezone(timedelta(hours=8))


class Zone(Enum):
    """What is known of a stamp's zone."""

    WRITTEN = "the stamp ends in Z or an offset"
    BELIEVED_CHINA = "no zone is written; believed to be UTC+8, which nobody has confirmed"


# (service, object, field): zone. Sources: recorded answers of the real API for the forms.
FIELDS = {
    ("cbs", "Disk", "CreateTime"): Zone.BELIEVED_CHINA,
    ("cbs", "Snapshot", "CreateTime"): Zone.BELIEVED_CHINA,
    ("cbs", "Snapshot", "DeadlineTime"): Zone.BELIEVED_CHINA,
    ("cam", "AccessKey", "CreateTime"): Zone.BELIEVED_CHINA,
    ("cam", "AccessKey", "LastUsedDate"): Zone.BELIEVED_CHINA,  # a day; known a day late
    ("cam", "Attachment", "AddTime"): Zone.BELIEVED_CHINA,
    ("cam", "Policy", "AddTime"): Zone.BELIEVED_CHINA,
    ("cam", "Policy", "UpdateTime"): Zone.BELIEVED_CHINA,
    ("cam", "Role", "AddTime"): Zone.BELIEVED_CHINA,
    ("cam", "SubAccount", "LastLoginTime"): Zone.BELIEVED_CHINA,
    ("cam", "User", "CreateTime"): Zone.BELIEVED_CHINA,
}


def read_time(service: str, kind: str, field: str, item: dict[str, Any]) -> Reading | None:
    """A field's moment, between the earliest and the latest that it can mean; None where it has none.

    Raises:
        KeyError: the field has no entry in the table.
    """
    zone = FIELDS[service, kind, field]
    text = item.get(field)
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        return Reading(moment, moment)
    if zone is Zone.WRITTEN:
        return None
    # Believed UTC+8 is the earlier reading, so the worse one for freshness; UTC is the other.
    return Reading(moment.replace(tzinfo=CHINA), moment.replace(tzinfo=UTC))


def moment(service: str, kind: str, field: str, item: dict[str, Any]) -> datetime | None:
    """The earliest moment that a field can mean, where hours do not matter; None where it has none.

    Raises:
        KeyError: the field has no entry in the table.
    """
    reading = read_time(service, kind, field, item)
    try:
        return None if reading is None else reading.earliest.astimezone(UTC)
    except (OverflowError, ValueError):  # the first or the last day that a calendar has
        return None
