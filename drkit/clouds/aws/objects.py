"""Simple Storage Service, API 2006-03-01: lists of objects and of their versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from operator import ge, gt
from typing import Any

from drkit.clouds.aws.client import garbled
from drkit.clouds.aws.times import field_of
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.retry import Caller
from drkit.ports.objects import BEGINNING, Page, Place, StoredObject

VERSION = "2006-03-01"
MODIFIED = field_of("s3", "Object", "LastModified")
LIST_OBJECTS = Call("s3", VERSION, "ListObjectsV2", powers=(Power.LOOK,))
LIST_VERSIONS = Call("s3", VERSION, "ListObjectVersions", powers=(Power.LOOK,))


class AwsObjects:
    """The objects port."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list_objects(
        self, region: str, bucket: str, *, prefix: str = "", after: str = "", most: int = 1000
    ) -> Page:
        """ListObjectsV2, from a key on: pages hang on no token, so a list can be taken up or split anywhere."""
        call = LIST_OBJECTS.at(region)
        wanted: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix, "MaxKeys": most}
        if after:
            wanted["StartAfter"] = after
        answer = self._caller.call(call, wanted)
        items = _items(call, answer, "Contents")
        objects = tuple(_object(call, item) for item in items)
        _check_order(call, objects, after, ge)
        return Page(objects, _following(call, answer, objects, Place(objects[-1].key) if objects else None))

    def list_versions(
        self,
        region: str,
        bucket: str,
        *,
        prefix: str = "",
        after: Place = BEGINNING,
        most: int = 1000,
    ) -> Page:
        """ListObjectVersions: versions and delete markers, put together in their order."""
        call = LIST_VERSIONS.at(region)
        wanted: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix, "MaxKeys": most}
        if after.key:
            wanted["KeyMarker"] = after.key
            if after.version:
                wanted["VersionIdMarker"] = after.version
        answer = self._caller.call(call, wanted)
        versions = [_version(call, item) for item in _items(call, answer, "Versions")]
        markers = [_marker(call, item) for item in _items(call, answer, "DeleteMarkers")]
        for each in (versions, markers):
            _check_order(call, each, after.key, gt)
        objects = tuple(sorted([*versions, *markers], key=_order))
        last = Place(answer.get("NextKeyMarker") or "", answer.get("NextVersionIdMarker") or "")
        return Page(objects, _following(call, answer, objects, last if last.key and last != after else None))


def _order(each: StoredObject) -> tuple[str, bool, float]:
    return each.key, not each.latest, -each.modified.timestamp()


def _check_order(
    call: Call, objects: Iterable[StoredObject], after: str, before: Callable[[str, str], bool]
) -> None:
    """Keys follow each other: of others some would be passed over, or come for ever.

    Args:
        call: what was asked.
        objects: in the order in which they came.
        after: the key that they follow.
        before: whether a key may not be followed by another.

    Raises:
        UncertainError: they do not.
    """
    keys = [after, *(each.key for each in objects)]
    if any(map(before, keys, keys[1:])):
        raise garbled(call, "the keys are not in their order")


def _following(
    call: Call, answer: dict[str, Any], objects: tuple[StoredObject, ...], last: Place | None
) -> Place | None:
    """Where the next page begins.

    Raises:
        UncertainError: nothing says whether the list goes on, or from where.
    """
    goes_on = answer.get("IsTruncated")
    if not isinstance(goes_on, bool):  # nothing at all came under HTTP 200, or a page for people
        raise garbled(call, "the answer does not say whether the list goes on")
    if not goes_on:
        return None
    if last is None or not objects:
        raise garbled(call, "the list goes on, and the answer does not say from where")
    return last


def _items(call: Call, answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = answer.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise garbled(call, f"{name} is no list")
    return found


def _object(call: Call, item: dict[str, Any], version: str = "", *, latest: bool = True) -> StoredObject:
    key, modified = _key(call, item), _modified(call, item)
    size = item.get("Size")
    if not isinstance(size, int):
        raise garbled(call, f"the object {key!r} has no size")
    etag = str(item.get("ETag") or "").strip('"')
    storage_class = str(item.get("StorageClass") or "STANDARD")
    return StoredObject(key, size, etag, storage_class, modified, None, version, latest)


def _version(call: Call, item: dict[str, Any]) -> StoredObject:
    version = str(item.get("VersionId") or "null")
    return _object(call, item, version, latest=item.get("IsLatest") is True)


def _marker(call: Call, item: dict[str, Any]) -> StoredObject:
    return StoredObject(
        _key(call, item),
        0,
        "",
        "",
        _modified(call, item),
        version=str(item.get("VersionId") or "null"),
        latest=item.get("IsLatest") is True,
        delete_marker=True,
    )


def _key(call: Call, item: dict[str, Any]) -> str:
    key = item.get("Key")
    if not isinstance(key, str) or not key:
        raise garbled(call, "an object has no key")
    return key


def _modified(call: Call, item: dict[str, Any]) -> datetime:
    moment = item.get(MODIFIED)
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise garbled(call, "an object has no time")
    return moment
