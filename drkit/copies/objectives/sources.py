"""Where an estate's copy is told of: the newest of its inventories, or a list of its bucket."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from drkit.copies.inventories.manifest import read_manifest
from drkit.copies.lists.keeping import list_bucket
from drkit.copies.lists.opening import HEAD, read_list
from drkit.copies.opening import open_source
from drkit.copies.refusal import RefusedError
from drkit.copies.source import Source
from drkit.core.datasets import Dataset, PromisedCopy
from drkit.ports.rooms import Room

DATED = re.compile(r"\d{8}|\d{4}-\d\d-\d\dT\d\d-\d\dZ")
"""How COS (436/33703) and S3 name the directory of one inventory."""


@dataclass(frozen=True, slots=True)
class Place:
    """One promised copy, and the room in which it is read."""

    dataset: str
    name: str
    copy: PromisedCopy
    promise: Dataset
    room: Room

    def open(self) -> Source:
        """What tells of the copy; a bucket is listed first.

        Raises:
            RefusedError: it cannot be believed, or there is none.
        """
        return open_source(self._path(), self.promise.younger_than, self.room.clock())

    def begun(self) -> datetime | None:
        """When what tells of it was begun; None where nobody says."""
        try:
            path = self._path()
            if (path / HEAD).exists():
                return read_list(path).begun
            return read_manifest(path).begun if (path / "manifest.json").exists() else None
        except RefusedError:
            return None

    def _path(self) -> Path:
        if self.copy.inventory is not None:
            return newest(Path(self.copy.inventory))
        directory = self.room.state / "copies" / "lists" / self.dataset / self.name
        return list_bucket(directory, self.copy, self.room, self.promise.younger_than)


def newest(path: Path) -> Path:
    """The newest inventory of a directory, by its name; a path that holds none so named is taken as it is.

    The newest counts even where it is not whole: an older one would tell of yesterday.

    Raises:
        RefusedError: it cannot be read.
    """
    try:
        if not path.is_dir() or (path / "manifest.json").exists():
            return path
        dated = [each for each in path.iterdir() if DATED.fullmatch(each.name) and each.is_dir()]
    except OSError as error:
        raise RefusedError("file-unreadable", f"{path}: {error.strerror}") from None
    return max(dated, key=lambda each: each.name) if dated else path
