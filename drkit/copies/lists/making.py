"""A bucket is listed by several threads, each a stretch of keys; whoever is idle gets half of what another has left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from drkit.copies.lists.opening import FORM, HEAD, List, read_list
from drkit.copies.lists.segments import DIRECTORY, Segment, Stretch, Writer, gaps, read_segments
from drkit.copies.lists.splitting import LAST, cut
from drkit.copies.reconcile.engine import naming
from drkit.copies.refusal import RefusedError
from drkit.core.canonical import canonical
from drkit.core.files import write_whole
from drkit.core.times import Clock
from drkit.ports.objects import Objects, Page, Place

WORKERS = 8
ROWS_A_SEGMENT = 50_000  # what a crash can cost each worker
PAGES = 32  # of a stretch, before it is cut and between two cuts: finding where costs about half as many questions
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be listed.

    Args:
        region: of the bucket.
        versions: with every version and delete marker.
    """

    region: str
    bucket: str
    prefix: str = ""
    versions: bool = False


class Reader(Protocol):
    """Asks for pages of what is listed."""

    def page(self, after: Place, most: int = 1000) -> Page:
        """A page that begins after a place."""


@dataclass(frozen=True, slots=True)
class _Reader:
    objects: Objects
    asked: Asked

    def page(self, after: Place, most: int = 1000) -> Page:
        asked = self.asked
        if asked.versions:
            return self.objects.list_versions(
                asked.region, asked.bucket, prefix=asked.prefix, after=after, most=most
            )
        return self.objects.list_objects(
            asked.region, asked.bucket, prefix=asked.prefix, after=after.key, most=most
        )


@dataclass(slots=True)
class _Shared:
    """What the threads share; everything in it is touched under `lock`."""

    left: list[Stretch]
    segments: list[Segment]
    lock: threading.Condition = field(default_factory=threading.Condition)
    busy: int = 0
    rows: int = 0
    error: BaseException | None = None


class Listing:
    """One list, made in a directory: what an earlier process finished there stays.

    Args:
        objects: of the account.
        directory: new, or of the same list that was broken off.
        workers: how many threads ask.
    """

    def __init__(
        self, objects: Objects, asked: Asked, directory: Path, clock: Clock, workers: int = WORKERS
    ) -> None:
        self._reader, self._asked, self._clock = _Reader(objects, asked), asked, clock
        self.directory, self._workers = directory, workers
        self._stopped = threading.Event()
        self._whole = Stretch("", asked.prefix + LAST)

    def run(self, progress: Progress = lambda _: None) -> List:
        """List to the end, and write the head.

        Raises:
            RefusedError: the directory holds another list, or cannot be written.
            CloudError, AccountError: a page could not be had; what is finished stays.
        """
        try:
            self._prepare()
            segments = self._list(progress)
            return self._conclude(segments)
        except OSError as error:
            raise RefusedError("disk-full", f"{self.directory} cannot be written: {error.strerror}") from None

    def stop(self) -> None:
        """Let `run` end with KeyboardInterrupt, each of its threads with its page; called by another thread."""
        self._stopped.set()

    def _prepare(self) -> None:
        (self.directory / DIRECTORY).mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in (self.directory / DIRECTORY).glob(".*"):
            path.unlink(missing_ok=True)  # what a killed process left in the middle
        for path in (self.directory / DIRECTORY).glob("*.parquet"):
            if not path.with_suffix(".json").exists():
                path.unlink(missing_ok=True)  # rows of which nobody wrote down what they are all of
        asked = canonical({"form": FORM, **_as_data(self._asked)})
        marker = self.directory / "asked.json"
        if not marker.exists():
            write_whole(marker, asked, mode=0o600)
        elif marker.read_bytes() != asked:
            raise RefusedError("another-list", f"{self.directory} holds a list of something else")

    def _list(self, progress: Progress) -> list[Segment]:
        done = read_segments(self.directory)
        shared = _Shared(gaps(done, self._whole), done, rows=sum(segment.rows for segment in done))
        threads = [
            threading.Thread(target=self._work, args=(shared, progress), daemon=True)
            for _ in range(self._workers)
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except BaseException:
            with shared.lock:  # Ctrl-C: each ends with its page
                shared.error, shared.left = KeyboardInterrupt(), []
                shared.lock.notify_all()
            raise
        if shared.error is not None:
            raise shared.error
        return shared.segments

    def _work(self, shared: _Shared, progress: Progress) -> None:
        """Take stretches until none is left and nobody has one that he could share."""
        try:
            while stretch := _take(shared):
                try:
                    self._list_stretch(stretch, shared, progress)
                finally:
                    with shared.lock:
                        shared.busy -= 1
                        shared.lock.notify_all()
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            with shared.lock:
                shared.error, shared.left = shared.error or error, []
                shared.lock.notify_all()

    def _list_stretch(self, stretch: Stretch, shared: _Shared, progress: Progress) -> None:
        """Page through a stretch, a segment at a time."""
        place, pages = Place(stretch.after), 0
        writer = Writer(self.directory, stretch.after, self._clock())
        try:
            while shared.error is None:
                if self._stopped.is_set():
                    raise KeyboardInterrupt
                page = self._reader.page(place)
                within = [each for each in page.objects if each.key <= stretch.until]
                writer.add(within)
                self._count(shared, len(within), progress)
                if page.following is None or len(within) < len(page.objects):
                    self._finish(writer, stretch.until, shared)
                    return
                place, pages = page.following, pages + 1
                if writer.rows >= ROWS_A_SEGMENT and not place.version and place.key > stretch.after:
                    # A stretch ends with the last version of a key.
                    self._finish(writer, place.key, shared)
                    stretch = Stretch(place.key, stretch.until)
                    writer = Writer(self.directory, stretch.after, self._clock())
                if self._shall_share(shared, pages) and (half := self._half(place.key, stretch.until)):
                    with shared.lock:
                        shared.left.append(Stretch(half, stretch.until))
                        shared.lock.notify_all()
                    stretch = Stretch(stretch.after, half)
        finally:
            writer.close()

    def _shall_share(self, shared: _Shared, pages: int) -> bool:
        """Whether somebody is idle, and the stretch has proven to be long: what came is all that tells what is left."""
        with shared.lock:
            return pages % PAGES == 0 and shared.busy + len(shared.left) < self._workers

    def _half(self, at: str, until: str) -> str | None:
        """Where to cut what is left, so that there are keys on both sides as far as one can see."""

        def beyond(text: str) -> bool:
            found = self._reader.page(Place(text), most=1).objects
            return bool(found) and found[0].key <= until

        return cut(at, until, beyond)

    def _finish(self, writer: Writer, until: str, shared: _Shared) -> None:
        with naming("the list"):
            segment = writer.finish(until, self._clock())
        with shared.lock:
            shared.segments.append(segment)

    def _count(self, shared: _Shared, rows: int, progress: Progress) -> None:
        with shared.lock:
            shared.rows += rows
            stretches = shared.busy + len(shared.left)
            progress(
                f"listing {self._asked.bucket}: {shared.rows:,} objects, {stretches} stretches under way"
            )

    def _conclude(self, segments: list[Segment]) -> List:
        assert not gaps(segments, self._whole), "a stretch was left out"
        ordered = sorted(segments, key=lambda each: each.stretch)
        begun = min(each.began for each in ordered)
        ended = max(each.ended for each in ordered)
        head = {
            "form": FORM,
            **_as_data(self._asked),
            "begun": begun.isoformat(),
            "ended": ended.isoformat(),
            "rows": sum(each.rows for each in ordered),
            "segments": [each.as_data() for each in ordered],
        }
        write_whole(self.directory / HEAD, canonical(head), mode=0o600)
        return read_list(self.directory)


def _as_data(asked: Asked) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in ("region", "bucket", "prefix", "versions")}


def _take(shared: _Shared) -> Stretch | None:
    """The next stretch; None when all is done, or something went wrong."""
    with shared.lock:
        while not shared.left and shared.busy and shared.error is None:
            shared.lock.wait()
        if not shared.left or shared.error is not None:
            return None
        shared.busy += 1
        return shared.left.pop()
