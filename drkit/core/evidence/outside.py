"""Places beyond this host's reach that keep checkpoints: what they have to do, and the first kind of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from drkit.core.evidence.checkpoint import LARGEST
from drkit.core.evidence.errors import EvidenceError
from drkit.core.evidence.placing import place_new
from drkit.core.files import sync_directory

if TYPE_CHECKING:
    from drkit.core.evidence.checkpoint import Checkpoint


class OutsideError(EvidenceError):
    """The outside did not take what it was given; it may do so another time."""


class TakenError(OutsideError):
    """The outside keeps something else under this name; it is left as it was, and no other time will help."""


class Outside(Protocol):
    """A place that takes what it is given and keeps it.

    It only has to take: nothing is listed, read back, changed or removed through it, so a credential that
    can put and nothing else is enough, and is what it should have.
    """

    @property
    def where(self) -> str:
        """What people know it by; it stands in messages and in the evidence, so there is no secret in it."""

    def put(self, name: str, content: bytes) -> None:
        """Keep ``content`` under ``name``, whole or not at all; the same again is no error.

        Args:
            name: of the form ``folder/file``, safe in file systems and buckets.
            content: a few hundred bytes.

        Raises:
            TakenError: something else is kept under this name.
            OutsideError: it cannot be reached, or does not take it.
        """


@dataclass(frozen=True, slots=True)
class DirectoryOutside:
    """A directory that another host keeps: a mounted share, best one where files cannot be changed later.

    It has to be there: a directory that is made where the share is not mounted would be on this host.
    """

    directory: Path

    @property
    def where(self) -> str:
        """Its path."""
        return str(self.directory)

    def put(self, name: str, content: bytes) -> None:
        """See `Outside`; a file is never replaced."""
        path = self.directory / name
        try:
            _make_folder(path.parent)
            place_new(path, content, mode=0o444)
        except FileExistsError:
            self._compare(path, content)
        except OSError as error:
            raise OutsideError(
                f"{path} could not be written: {error.strerror}",
                hint=f"see that {self.directory} is there, mounted, and takes new files and hard links",
            ) from error

    def _compare(self, path: Path, content: bytes) -> None:
        try:
            with path.open("rb") as stream:
                kept = stream.read(LARGEST + 1)
        except OSError as error:
            raise OutsideError(
                f"{path} is there already and cannot be compared: {error.strerror}",
                hint="the next checkpoint gets another name",
            ) from error
        if kept != content:
            raise TakenError(
                f"{path} holds something else than the checkpoint of that name",
                hint="nobody but this host writes there: find out who did",
            )


def folder_of(origin: str) -> str:
    """The folder of a log's checkpoints: its origin as one file name, different for different origins."""
    safe = quote(origin, safe="")
    return safe.replace(".", "%2E", 1) if safe.startswith(".") else safe


def name_of(checkpoint: Checkpoint) -> str:
    """Where a checkpoint is kept: by its log, its size (so that names sort), and what it says.

    A history that was written a second time gets other names, and so never hides the first.
    """
    return f"{folder_of(checkpoint.origin)}/{checkpoint.size:016d}-{checkpoint.root.hex()[:16]}"


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(exist_ok=True)  # without its parents: see `DirectoryOutside`
        sync_directory(folder.parent)
