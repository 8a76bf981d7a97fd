"""A list that was made, as a source: proven whole before anything is concluded from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from drkit.copies.growing.chain import sha256_of
from drkit.copies.inventories.opening import check_age
from drkit.copies.lists.rows import COLUMNS, PLAIN
from drkit.copies.lists.segments import DIRECTORY, Segment, Stretch, gaps, segment_of
from drkit.copies.lists.splitting import LAST
from drkit.copies.refusal import RefusedError
from drkit.copies.source import Form, Source

HEAD = "list.json"
FORM = "drkit list 1"


@dataclass(frozen=True, slots=True)
class List:
    """What the head of a list says.

    Args:
        begun, ended: between which moments it was made: it tells surely of what was there all that time.
        versions: whether it tells versions and delete markers.
    """

    bucket: str
    region: str
    prefix: str
    versions: bool
    begun: datetime
    ended: datetime
    segments: tuple[Segment, ...]

    @property
    def rows(self) -> int:
        """How many objects or versions it tells of."""
        return sum(segment.rows for segment in self.segments)


def read_list(directory: Path) -> List:
    """The head of a list.

    Raises:
        RefusedError: it is not there, or not what drkit writes.
    """
    try:
        data = orjson.loads((directory / HEAD).read_bytes())
        segments = tuple(segment_of(each) for each in data["segments"])
        begun, ended = datetime.fromisoformat(data["begun"]), datetime.fromisoformat(data["ended"])
        right = data["form"] == FORM and begun.tzinfo and ended.tzinfo and type(data["versions"]) is bool
        texts = (str(data["bucket"]), str(data["region"]), str(data["prefix"]))
    except OSError as error:
        raise RefusedError("manifest-missing", f"{directory / HEAD}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        right = None
    if not right:
        raise RefusedError("manifest-not-understood", f"{directory / HEAD} is not what drkit writes")
    return List(*texts, data["versions"], begun, ended, segments)


def open_list(directory: Path, younger_than: timedelta | None, now: datetime) -> Source:
    """What a list tells, proven whole and fresh.

    Raises:
        RefusedError: it cannot be believed.
    """
    told = read_list(directory)
    check_age(told.begun, younger_than, now)
    if gaps(told.segments, Stretch("", told.prefix + LAST)):
        raise RefusedError("list-cut", "it does not tell of all keys: it was not made to its end")
    files = tuple(
        (directory / DIRECTORY / segment.file).resolve() for segment in told.segments if segment.rows
    )
    for segment in told.segments:
        _check(directory / DIRECTORY / segment.file, segment)
    if not files:
        raise RefusedError(
            "empty", "the bucket has no object under this prefix: nothing can be concluded from that"
        )
    names = COLUMNS if told.versions else PLAIN
    columns = {name: name for name in names}
    return Source(files, Form.PARQUET, columns, rows=told.rows, proven=True, begun=told.begun)


def _check(path: Path, segment: Segment) -> None:
    try:
        if sha256_of(path) != segment.sha256:
            raise RefusedError("file-altered", f"{path.name} has not the SHA-256 that the list says")
    except FileNotFoundError:
        raise RefusedError("file-missing", f"the list names {path.name}, which is not there") from None
    except OSError as error:
        raise RefusedError("file-unreadable", f"{path}: {error.strerror}") from None
