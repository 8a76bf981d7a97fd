"""Pages of buckets, read several times as fast as botocore reads them: it looks up the form of each field of each row.

botocore reads all else of the answer, and the page too where it is not of the usual form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
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
    # Botocore reads the whole body once more, to look for an error in it. Of handlers those come first that are
    # registered for anything: so it looks at what is left of the body.
    client.meta.events.register("before-parse.*.*", _before_parse)


def _before_parse(
    operation_model: Any,
    response_dict: dict[str, Any],
    customized_response_dict: dict[str, Any],
    **_more: Any,
) -> None:
    """An event of botocore's: take the rows out of the body; what was taken is put into what it read."""
    names = ROWS.get(operation_model.name)
    if names is None or response_dict["status_code"] != HTTPStatus.OK:
        return
    if (taken := rows(response_dict["body"], names)) is not None:
        found, response_dict["body"] = taken
        customized_response_dict.update(found)


def rows(body: bytes, names: Mapping[str, str]) -> tuple[dict[str, list[dict[str, Any]]], bytes] | None:
    """The rows of a page by the names of their lists, and the page without them; None where botocore has to read it."""
    try:
        root = ET.fromstring(body)  # noqa: S314 - botocore does the same; expat defines no entities of its own
        space = root.tag[: root.tag.rfind("}") + 1]
        fields = [(name, space + name, form) for name, form in FORMS.items()]
        lists: dict[str, list[dict[str, Any]]] = {space + element: [] for element in names}
        rest = ET.Element(root.tag, root.attrib)
        for element in root:
            if (to := lists.get(element.tag)) is not None:
                to.append(_row(element.findtext, fields))
            else:
                rest.append(element)
    except (ET.ParseError, ValueError):
        return None
    if not all("Key" in row for each in lists.values() for row in each):
        return None
    found = {name: lists[space + element] for element, name in names.items() if lists[space + element]}
    return found, ET.tostring(rest)


def _row(
    find: Callable[[str], str | None], fields: Iterable[tuple[str, str, Callable[[str], Any]]]
) -> dict[str, Any]:
    return {name: form(text) for name, tag, form in fields if (text := find(tag)) is not None}
