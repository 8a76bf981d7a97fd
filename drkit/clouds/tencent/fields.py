"""Fields of real answers: they may be null where the specification says never, and absent, and extra."""

from __future__ import annotations

import re
from typing import Any

LONGEST = 1024  # characters; no name or id of the cloud is nearly as long
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def text(item: dict[str, Any], field: str) -> str:
    """A text that can be written down anywhere, empty where there is none."""
    value = item.get(field)
    if not isinstance(value, str):
        return ""
    short = value[:LONGEST]
    return short if short.isascii() else LONE_SURROGATE.sub("\ufffd", short)


def boolean(item: dict[str, Any], field: str) -> bool | None:
    """A boolean, None where there is none."""
    value = item.get(field)
    return value if isinstance(value, bool) else None


def whole(item: dict[str, Any], field: str) -> int | None:
    """A whole number above zero, None where there is none; a text of digits is none either."""
    value = item.get(field)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def mapping(item: dict[str, Any], field: str) -> dict[str, Any]:
    """An object, empty where there is none."""
    value = item.get(field)
    return value if isinstance(value, dict) else {}


def items_of(item: dict[str, Any], field: str) -> list[dict[str, Any]]:
    """A list of objects, empty where there is none."""
    value = item.get(field)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def tags_of(item: dict[str, Any]) -> dict[str, str]:
    """Tags as a mapping."""
    return {text(tag, "Key"): text(tag, "Value") for tag in items_of(item, "Tags")}
