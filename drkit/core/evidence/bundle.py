"""A directory of files for another party, closed by a manifest of their digests that is written last."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.core.errors import UsageError
from drkit.core.files import sync_directory, write_whole

if TYPE_CHECKING:
    from typing import BinaryIO

MANIFEST = "manifest.sha256"
_BLOCK = 1024 * 1024


@dataclass
class Bundle:
    """Files that are added one by one; make it with `begin`, end it with `finish`.

    A directory without a manifest is a bundle that was not finished.
    """

    directory: Path
    digests: dict[str, str] = field(default_factory=dict)

    @classmethod
    def begin(cls, directory: Path) -> Bundle:
        """Begin in an empty directory, made where there is none.

        Raises:
            UsageError: something is in it, or it cannot be used.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True)
            occupied = any(directory.iterdir())
        except OSError as error:
            raise UsageError(
                f"{directory} cannot be used: {error.strerror}", hint="choose another --to DIR"
            ) from error
        if occupied:
            raise UsageError(f"{directory} is not empty", hint="choose another --to DIR; nothing is replaced")
        return cls(directory)

    def add(self, name: str, content: bytes) -> None:
        """Add a file by its content; raises OSError."""
        write_whole(self._path(name), content)
        self.digests[name] = hashlib.sha256(content).hexdigest()

    def copy(self, name: str, source: Path, length: int | None = None) -> None:
        """Add a copy of a file, or of its first ``length`` bytes; raises OSError."""
        path = self._path(name)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as target, source.open("rb") as stream:
                digest = _pour(stream, target, length)
                os.fchmod(target.fileno(), 0o644)
                os.fsync(target.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        sync_directory(path.parent)
        self.digests[name] = digest

    def finish(self) -> None:
        """Write the manifest, in the form that ``sha256sum --check`` reads; raises OSError."""
        lines = (f"{digest}  {name}\n" for name, digest in sorted(self.digests.items()))
        write_whole(self.directory / MANIFEST, "".join(lines).encode())

    def _path(self, name: str) -> Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _pour(stream: BinaryIO, target: BinaryIO, length: int | None) -> str:
    digest = hashlib.sha256()
    left = length
    while block := stream.read(_BLOCK if left is None else min(_BLOCK, left)):
        digest.update(block)
        target.write(block)
        left = None if left is None else left - len(block)
    target.flush()
    return digest.hexdigest()
