"""Pages of buckets, read several times as fast as botocore reads them: it looks up the form of each field of each row.

botocore reads all else of the answer, and the page too where it is not of the usual form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree as ET

ROWS = MappingProxyType(
    {
        "ListObjectsV2": {"Contents": "Contents"},
        "ListObjectVersions": {"Version": "Versions", "DeleteMarker": "DeleteMarkers"},
    }
)
"""By action: the elements that are rows, and what botocore calls the list of them."""


def zoned(text: str) -> datetime:
    """A moment in the form that AWS writes.

    Raises:
        ValueError: it is another form, or bears no zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


FORMS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        "Key": str,
        "VersionId": str,
        "ETag": str,
        "StorageClass": str,
        "Size": int,
        "IsLatest": lambda text: text == "true",
        "LastModified": zoned,
    }
)
"""The fields that `objects.py` reads."""


def hasten(client: Any) -> None:
    """Let a client of S3 read pages so.

    Args:
        client: botocore's.
    """
    for action in ROWS:
        # First: botocore reads the whole body once more before, to look for an error in it.
        client.meta.events.register_first(f"before-parse.s3.{action}", _before_parse)


def _before_parse(
    operation_model: Any,
    response_dict: dict[str, Any],
    customized_response_dict: dict[str, Any],
    **_more: Any,
) -> None:
    """An event of botocore's: take the rows out of the body; what was taken is put into what it read."""
    if response_dict["status_code"] != HTTPStatus.OK:
        return
    taken = rows(response_dict["body"], ROWS[operation_model.name])
    if taken is not None:
        found, response_dict["body"] = taken
        customized_response_dict.update(found)


def rows(body: bytes, names: Mapping[str, str]) -> tuple[dict[str, list[dict[str, Any]]], bytes] | None:
    """The rows of a page by the names of their lists, and the page without them; None where botocore has to read it."""
    try:
        root = ET.fromstring(body)  # noqa: S314 - botocore does the same; expat defines no entities of its own
        found: dict[str, list[dict[str, Any]]] = {}
        rest = ET.Element(root.tag, root.attrib)
        for element in root:
            if name := names.get(_plain(element.tag)):
                found.setdefault(name, []).append(_row(element))
            else:
                rest.append(element)
    except (ET.ParseError, ValueError):
        return None
    return found, ET.tostring(rest)


def _row(element: ET.Element) -> dict[str, Any]:
    row = {}
    for field in element:
        name = _plain(field.tag)
        if form := FORMS.get(name):
            row[name] = form(field.text or "")
    return row


@lru_cache(100)
def _plain(tag: str) -> str:
    """A name without its namespace."""
    return tag.rpartition("}")[2]
