"""What every cloud whose buckets are listed has to do: subclass `ObjectsSuite`, give its fixtures, and pass.

``objects`` is the port, ``place`` a region with an empty bucket that keeps versions; ``put`` and ``remove`` change it by
the cloud's own client; ``deny`` lets nobody list any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from drkit.ports.errors import RefusedError, UncertainError
from drkit.ports.objects import BEGINNING, Objects, Place, StoredObject

Region = tuple[str, str]
STRANGE = (
    "a b/c+d",
    "a%20b",
    'quo"te',
    "new\nline",
    "tab\tand\\",
    "ü/ß",
    "中文/键",
    "🗝",
    "x" * 1024,
    "é" * 512,
    "&<>'",
)


def pages(objects: Objects, place: Region, most: int, prefix: str = "") -> Iterator[StoredObject]:
    """All current objects, so many a page."""
    after = BEGINNING
    while True:
        page = objects.list_objects(*place, prefix=prefix, after=after.key, most=most)
        yield from page.objects
        if page.following is None:
            return
        after = page.following


def versions(objects: Objects, place: Region, most: int) -> Iterator[StoredObject]:
    after = BEGINNING
    while True:
        page = objects.list_versions(*place, after=after, most=most)
        yield from page.objects
        if page.following is None:
            return
        after = page.following


class ObjectsSuite:
    """The conformance suite."""

    @pytest.mark.parametrize("most", [1, 1000])
    def test_every_object_comes_once_in_the_order_of_keys_whatever_the_size_of_a_page(
        self, objects: Objects, place: Region, put: Callable[[str, bytes], None], most: int
    ):
        keys = [f"data/{number:02}" for number in range(7)] + ["Data/1", "data", "z"]
        for key in keys:
            put(key, key.encode())
        found = list(pages(objects, place, most))
        assert [each.key for each in found] == sorted(keys)
        assert [each.size for each in found] == [len(key) for key in sorted(keys)]

    def test_keys_of_every_kind_come_back_as_they_are(
        self, objects: Objects, place: Region, put: Callable[[str, bytes], None]
    ):
        for key in STRANGE:
            put(key, b"1")
        found = [each.key for each in pages(objects, place, 2)]
        assert found == sorted(STRANGE, key=str.encode)
        assert {each.key for each in versions(objects, place, 2)} == set(STRANGE)

    def test_a_list_begins_after_a_key_that_is_not_there_and_keeps_to_its_prefix(
        self, objects: Objects, place: Region, put: Callable[[str, bytes], None]
    ):
        for key in ("a/1", "a/3", "b/1"):
            put(key, b"1")
        page = objects.list_objects(*place, prefix="a/", after="a/2")
        assert ([each.key for each in page.objects], page.following) == (["a/3"], None)

    def test_an_object_has_its_time_its_class_and_the_md5_of_a_plain_upload(
        self, objects: Objects, place: Region, put: Callable[[str, bytes], None]
    ):
        put("k", b"hello")
        (found,) = objects.list_objects(*place).objects
        assert found.etag == "5d41402abc4b2a76b9719d911017c592"
        assert found.storage_class
        assert abs(datetime.now(UTC) - found.modified) < timedelta(minutes=5)

    def test_an_empty_bucket_has_one_empty_page(self, objects: Objects, place: Region):
        page = objects.list_objects(*place)
        assert (page.objects, page.following) == ((), None)

    @pytest.mark.parametrize("most", [2, 1000])
    def test_every_version_and_delete_marker_comes_once_the_newest_of_a_key_first(
        self,
        objects: Objects,
        place: Region,
        put: Callable[[str, bytes], None],
        remove: Callable[[str], None],
        most: int,
    ):
        for content in (b"1", b"22", b"333"):
            put("k", content)
        put("gone", b"1")
        remove("gone")
        found = list(versions(objects, place, most))
        assert len({(each.key, each.version) for each in found}) == len(found) == 5
        assert [each.size for each in found if each.key == "k"] == [3, 2, 1]
        assert [each.latest for each in found if each.key == "k"] == [True, False, False]
        assert [(each.delete_marker, each.latest) for each in found if each.key == "gone"] == [
            (True, True),
            (False, False),
        ]

    def test_a_removed_object_is_in_no_list_of_current_ones(
        self,
        objects: Objects,
        place: Region,
        put: Callable[[str, bytes], None],
        remove: Callable[[str], None],
    ):
        put("gone", b"1")
        remove("gone")
        assert objects.list_objects(*place).objects == ()

    def test_versions_after_a_key_begin_with_the_next_key(
        self, objects: Objects, place: Region, put: Callable[[str, bytes], None]
    ):
        for key in ("a", "a", "b", "c"):
            put(key, b"1")
        assert [each.key for each in objects.list_versions(*place, after=Place("a")).objects] == ["b", "c"]

    def test_a_bucket_that_is_not_there_is_refused(self, objects: Objects, place: Region):
        with pytest.raises(RefusedError):
            objects.list_objects(place[0], "no-such-bucket-anywhere")

    def test_who_may_not_list_is_refused(self, objects: Objects, place: Region, deny: Callable[[], None]):
        deny()
        with pytest.raises(RefusedError) as caught:
            objects.list_objects(*place)
        assert caught.value.code == "AccessDenied"
        with pytest.raises(RefusedError):
            objects.list_versions(*place)

    def test_silence_is_uncertain_and_no_empty_bucket(
        self, silent: Objects, place: Region, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("drkit.clouds.tencent.retry.FIRST_WAIT", 0.01)
        with pytest.raises(UncertainError):
            silent.list_objects(*place)
