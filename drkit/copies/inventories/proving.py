"""The data files of an inventory: all there, none besides, and each with the bytes that the manifest says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from drkit.copies.inventories.manifest import Manifest, Named
from drkit.copies.refusal import RefusedError

DATA = (".csv.gz", ".parquet", ".orc")
BLOCK = 1024 * 1024


def prove(directory: Path, manifest: Manifest) -> tuple[Path, ...]:
    """Where the files lie.

    Raises:
        RefusedError: one is absent, cut or altered, or one is there that the manifest does not name.
    """
    found = tuple(_find(directory, named) for named in manifest.files)
    if len(set(found)) < len(found):
        raise RefusedError("manifest-not-understood", "the manifest names a file twice")
    strays = sorted(path.name for path in _data_files(directory) if path not in found)
    if strays:
        raise RefusedError("file-not-named", f"the manifest does not name {strays[0]}, which lies beside it")
    for path, named in zip(found, manifest.files, strict=True):
        _compare(path, named)
    return found


def _find(directory: Path, named: Named) -> Path:
    """A file by its key in the bucket, in a mirror of the bucket, or beside the manifest."""
    parts = PurePosixPath(named.key).parts
    if not parts or {"..", "/"} & set(parts):
        raise RefusedError("manifest-not-understood", f"the manifest names a file {named.key!r}")
    mirrored = (above / PurePosixPath(*parts) for above in (directory, *directory.parents))
    near = (
        base / PurePosixPath(*parts[-count:]) for base in (directory, directory.parent) for count in (2, 1)
    )
    for path in (*mirrored, *near):
        if path.is_file():
            return path
    raise RefusedError("file-missing", f"the manifest names {named.key}, which is not there")


def _data_files(directory: Path) -> Iterator[Path]:
    return (path for path in directory.rglob("*") if path.name.endswith(DATA) and path.is_file())


def _compare(path: Path, named: Named) -> None:
    try:
        size = path.stat().st_size
        if size != named.size:
            name = "file-cut" if size < named.size else "file-altered"
            raise RefusedError(name, f"{path.name} has {size} bytes, the manifest says {named.size}")
        if _md5(path) != named.md5:
            raise RefusedError("file-altered", f"{path.name} has not the MD5 that the manifest says")
    except OSError as error:
        raise RefusedError("file-unreadable", f"{path}: {error.strerror}") from None


def _md5(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
