"""The list of a promised copy in the state: one a run, taken up where a run broke off."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from drkit.copies.lists.making import Asked, Listing
from drkit.copies.lists.opening import HEAD
from drkit.copies.lists.segments import read_segments
from drkit.copies.refusal import RefusedError
from drkit.core.datasets import PromisedCopy
from drkit.core.errors import AccountError
from drkit.core.files import write_whole
from drkit.ports.errors import CloudError
from drkit.ports.objects import Objects
from drkit.ports.rooms import Room

RUN = "run"
"""Beside a list: the id of the run that it was made for."""
DENIED = frozenset({"AccessDenied", "AllAccessDisabled"})
ABSENT = frozenset({"NoSuchBucket"})


def list_bucket(directory: Path, copy: PromisedCopy, room: Room, oldest: timedelta) -> Path:
    """The directory of a list of the copy's bucket that was made for this run; made where there is none.

    Every run lists anew: a list that was finished for another tells of another moment. What broke off is taken up.
    It tells every version: one list serves whoever compares current versions and whoever misses older ones.

    Args:
        directory: where it is kept; its own.
        copy: whose bucket.
        room: of the step.
        oldest: how long ago a list that broke off may have been begun to be taken up.

    Raises:
        RefusedError: it cannot be listed.
    """
    assert copy.bucket is not None
    if (directory / HEAD).exists() and _made_for(directory) == room.run:
        return directory
    objects = room.clouds[copy.account].objects
    if objects is None:
        raise RefusedError(
            "not-listed", "drkit does not list buckets of this cloud yet: have an inventory written"
        )
    try:
        _clear(directory, room, oldest)
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(directory / RUN, room.run.encode(), mode=0o600)
    except OSError as error:
        raise RefusedError("disk-full", f"{directory} cannot be written: {error.strerror}") from None
    asked = Asked(copy.region, copy.bucket, copy.prefix, versions=True)
    made(objects, asked, directory, room)
    return directory


def made(objects: Objects, asked: Asked, directory: Path, room: Room) -> None:
    """Make a list.

    Raises:
        RefusedError: it cannot be made, under the name of the reason.
    """
    try:
        Listing(objects, asked, directory, room.clock).run(room.progress)
    except (CloudError, AccountError) as error:
        raise RefusedError(name_of(error), error.message) from None


def name_of(error: CloudError | AccountError) -> str:
    """Under which name a list is refused that could not be made."""
    code = getattr(error, "code", "")
    return "bucket-denied" if code in DENIED else "bucket-missing" if code in ABSENT else "not-listed"


def _made_for(directory: Path) -> str:
    try:
        return (directory / RUN).read_text()
    except (OSError, ValueError):
        return ""


def _clear(directory: Path, room: Room, oldest: timedelta) -> None:
    """Remove a list that ended, and one that broke off too long ago.

    Raises:
        OSError: it cannot be removed; what is left of it would be taken for a list that broke off.
    """
    if not directory.exists():
        return
    begun = min((segment.began for segment in read_segments(directory)), default=None)
    if (directory / HEAD).exists() or begun is None or room.clock() - begun > oldest:
        shutil.rmtree(directory)
