"""Manifests of one copy in a directory, each chained to the one before by the digest of its head.

    00000001.parquet   what the copy owed that night, sorted
    00000001.json      its head: number, Merkle root, counts, the digest of the head before

The head is canonical JSON (RFC 8785). The evidence keeps each head's digest, so a manifest that somebody took away or
changed is found, whoever may write here.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from drkit.core.canonical import canonical
from drkit.core.errors import LockedError

FORM = "drkit manifest 1"
FIRST = "0" * 64
STAGED = ".manifest."
LARGEST = 1024 * 1024  # bytes of a head
NAME = re.compile(r"([0-9]{8})\.(?:json|parquet)")


@dataclass(frozen=True, slots=True)
class Head:
    """What a manifest says of itself.

    Args:
        digest: sha256 of its bytes, by which the next one and the evidence know it.
    """

    number: int
    digest: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """A manifest that is not what it was.

    Args:
        name: ``manifest-missing`` or ``manifest-altered``.
    """

    number: int
    name: str
    why: str


class Chain:
    """The manifests of one copy.

    Args:
        known: the digests of the heads, from the first, as the evidence has them; None where nobody asked it.
            Then the last manifest can be taken away without being missed, unless somebody knows its digest.
        expected: the digest of the last head, where somebody wrote that down.
    """

    def __init__(self, directory: Path, known: Sequence[str] | None, expected: str | None = None) -> None:
        self.directory = directory
        self._known = known
        self._expected = expected

    @property
    def next_number(self) -> int:
        """Of the manifest that is made next."""
        # The head is written last: rows without one, after the others, are what a killed process left.
        return (max(self._numbers(".json"), default=0) if self._known is None else len(self._known)) + 1

    @property
    def last_digest(self) -> str:
        """Which the next head names as the one before."""
        if self._known:
            return self._known[-1]
        head = self.head(self.next_number - 1)
        return head.digest if isinstance(head, Head) else FIRST

    def file(self, number: int) -> Path:
        """Where a manifest's rows lie."""
        return self.directory / f"{number:08}.parquet"

    def head_file(self, number: int) -> Path:
        """Where a manifest's head lies."""
        return self.directory / f"{number:08}.json"

    def surplus(self) -> list[int]:
        """Manifests that the evidence does not know, though it could: more than the one of a run that broke off."""
        beyond = sorted(number for number in self._numbers() if number >= self.next_number)
        return beyond if beyond not in ([], [self.next_number]) else []

    def check(self) -> Iterator[Head | Broken]:
        """Every manifest that has to be there, from the first."""
        before: str | None = FIRST
        for number in range(1, self.next_number):
            found = self._checked(number, before)
            yield found
            before = found.digest if isinstance(found, Head) else self._digest_of(number)
        if self._expected is not None and before != self._expected:
            why = "the last manifest that is there is not the one that was expected"
            yield Broken(self.next_number, "manifest-missing", why)

    def head(self, number: int) -> Head | Broken:
        """A manifest's head, as far as it tells by itself."""
        try:
            with self.head_file(number).open("rb") as stream:
                content = stream.read(LARGEST)
            data = orjson.loads(content)
            whole = canonical(data) == content and (data["form"], data["number"]) == (FORM, number)
        except FileNotFoundError:
            return Broken(number, "manifest-missing", "its head is not there")
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            whole = False
        if not whole:
            return Broken(number, "manifest-altered", "its head is not what drkit wrote")
        return Head(number, hashlib.sha256(content).hexdigest(), data)

    def _checked(self, number: int, before: str | None) -> Head | Broken:
        head = self.head(number)
        if isinstance(head, Broken):
            return head
        if self._known and head.digest != self._known[number - 1]:
            return Broken(number, "manifest-altered", "its head is not the one that the evidence tells of")
        if before is not None and head.data.get("previous") != before:
            return Broken(number, "manifest-altered", "it does not follow on the one before")
        return self._with_rows(head)

    def _with_rows(self, head: Head) -> Head | Broken:
        try:
            same = sha256_of(self.file(head.number)) == head.data.get("sha256")
        except FileNotFoundError:
            return Broken(head.number, "manifest-missing", "its rows are not there")
        except OSError as error:
            return Broken(head.number, "manifest-altered", f"its rows cannot be read: {error.strerror}")
        return (
            head if same else Broken(head.number, "manifest-altered", "its rows are not what its head says")
        )

    def _digest_of(self, number: int) -> str | None:
        return self._known[number - 1] if self._known is not None else None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one who adds to it; what a killed process left in the middle is removed.

        Raises:
            LockedError: another process adds to it.
            OSError: the directory cannot be made or read.
        """
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for path in self.directory.glob(f"{STAGED}*"):
                path.unlink(missing_ok=True)
            yield
        except BlockingIOError:
            raise LockedError(
                f"another process adds to the chain in {self.directory}", hint="wait until it ends"
            ) from None
        finally:
            os.close(handle)

    def _numbers(self, suffix: str = "") -> set[int]:
        if not self.directory.is_dir():
            return set()
        found = (NAME.fullmatch(each.name) for each in self.directory.iterdir() if each.name.endswith(suffix))
        return {int(match[1]) for match in found if match}


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
