"""Contents of disks: files of the sandbox's home that never change, each copied without what is not written in it."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drkit.sandbox.world.volumes import Spoiling

PART = 1024 * 1024  # bytes


class Contents:
    """Contents by their names; they stay as long as the home does, since saved states name them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def has(self, name: str) -> bool:
        """Whether it is here."""
        return (self.directory / name).is_file()

    def keep(self, file: Path) -> str:
        """Keep what a file holds now; the name that it is kept under.

        Raises:
            OSError: it cannot be read, or kept.
        """
        self.directory.mkdir(mode=0o700, exist_ok=True)
        name = secrets.token_hex(16)
        copy_file(file, self.directory / name)
        return name

    def lay(self, name: str, target: Path) -> None:
        """Lay a content where a host finds it; raises as `keep`."""
        copy_file(self.directory / name, target)

    def spoil(self, name: str, spoiling: Spoiling) -> str:
        """Another content, which is this one but for what is wrong with it; raises as `keep`."""
        other = self.keep(self.directory / name)
        with (self.directory / other).open("r+b") as file:
            file.seek(spoiling.offset)
            if spoiling.kind == "cut_short":
                file.truncate()
            elif byte := file.read(1):
                file.seek(spoiling.offset)
                file.write(bytes([byte[0] ^ 0xFF]))
        return other


def copy_file(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all; what was never written to it takes no room in the copy either."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with source.open("rb") as read, os.fdopen(descriptor, "wb") as written:
            size = os.fstat(read.fileno()).st_size
            written.truncate(size)
            copy_data(read.fileno(), written.fileno(), size)
        Path(name).rename(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def copy_data(read: int, written: int, size: int) -> None:
    """Copy what is not a hole."""
    at = 0
    while at < size:
        try:
            at = os.lseek(read, at, os.SEEK_DATA)
        except OSError:  # nothing but a hole is left
            return
        end = os.lseek(read, at, os.SEEK_HOLE)
        while at < end:
            part = os.pread(read, min(PART, end - at), at)
            if not part:
                return
            os.pwrite(written, part, at)
            at += len(part)
