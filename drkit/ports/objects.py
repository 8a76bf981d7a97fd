"""Buckets and their objects.

Reading objects, carrying them to another cloud and the set-up of buckets have their place here later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol


class StoredObject(NamedTuple):
    """One object, or one version of it, as a list tells it; millions of them are made, so they are plain tuples.

    Args:
        size: in bytes; 0 for a delete marker.
        etag: as the cloud writes it, without quotes; empty where it told none.
        crc64: the object's CRC64 as a decimal number; None where a list does not tell it.
        modified: with its zone.
        version: empty where versions were not asked for; ``null`` for one from before the bucket kept them.
        latest: whether this is what a reader gets who names no version.
        delete_marker: that the object was removed, and its versions stay.
    """

    key: str
    size: int
    etag: str
    storage_class: str
    modified: datetime
    crc64: int | None = None
    version: str = ""
    latest: bool = True
    delete_marker: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """After what a page begins: a key, and where versions are listed a version of it.

    An empty version stands for all versions of the key: the page begins with the next key.
    """

    key: str = ""
    version: str = ""


BEGINNING = Place()
"""Before the first key."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, in the order of keys (by their UTF-8 bytes), the newest version of a key first.

    Args:
        following: after what the next page begins; None where this was the last.
    """

    objects: tuple[StoredObject, ...]
    following: Place | None


class Objects(Protocol):
    """The objects of one account's buckets.

    Each method raises a `drkit.ports.errors.CloudError`, or AccountError where the credential is no good.
    """

    def list_objects(
        self, region: str, bucket: str, *, prefix: str = "", after: str = "", most: int = 1000
    ) -> Page:
        """Current versions of keys that begin with the prefix and come after a key, which need not be there.

        What was removed by a delete marker is not among them.
        """

    def list_versions(
        self, region: str, bucket: str, *, prefix: str = "", after: Place = BEGINNING, most: int = 1000
    ) -> Page:
        """Every version and every delete marker."""
