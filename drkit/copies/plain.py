"""Plain files of objects: Parquet, or CSV in gzip with a header."""

from __future__ import annotations

import csv
import gzip
import zlib
from glob import glob
from pathlib import Path

from drkit.copies.refusal import RefusedError
from drkit.copies.source import FIELDS, Form, Source

SUFFIXES = {".csv.gz": Form.CSV, ".parquet": Form.PARQUET}
BESIDES = ("_SUCCESS",)
BLOCK = 1024 * 1024


def open_plain(path: Path) -> Source:
    """A file, every file of a directory, or all that a pattern matches.

    Raises:
        RefusedError: there is none, or one is of no known form or not whole.
    """
    files = _files(path)
    forms = {_form(file) for file in files}
    if not files:
        raise RefusedError("file-missing", f"there is no file {path}")
    if len(forms) > 1:
        raise RefusedError("schema", f"{path} holds files of several forms")
    form = forms.pop()
    if form is Form.PARQUET:
        return Source(files, form, {})
    headers = {_header(file) for file in files}
    if len(headers) > 1:
        raise RefusedError("schema", "the files have different headers")
    header = headers.pop()
    for file in files:
        _check_whole(file)
    return Source(files, form, known(header), header)


def known(names: tuple[str, ...]) -> dict[str, str]:
    """The columns that drkit reads, under our name and theirs.

    Raises:
        RefusedError: what every object must have is not there, or a name is there twice.
    """
    if len(set(names)) < len(names):
        raise RefusedError("schema", "a column is there twice")
    missing = [name for name in ("key", "size") if name not in names]
    if missing:
        raise RefusedError("schema", f"there is no column {' and none '.join(missing)}")
    if "bucket" in names:
        raise RefusedError(
            "manifest-missing", "this is a part of an inventory: name the manifest's directory"
        )
    return {name: name for name in names if name in FIELDS}


def _files(path: Path) -> tuple[Path, ...]:
    if path.is_dir():
        if (path / "manifest.checksum").exists():
            raise RefusedError("manifest-missing", f"{path} has a manifest.checksum and no manifest.json")
        found = (each for each in path.iterdir() if each.is_file())
        return tuple(
            sorted(f.resolve() for f in found if f.name not in BESIDES and not f.name.endswith(".crc"))
        )
    if path.exists():
        return (path.resolve(),)
    return tuple(sorted(Path(name).resolve() for name in glob(str(path))))  # noqa: PTH207 - may be absolute


def _form(path: Path) -> Form:
    for suffix, form in SUFFIXES.items():
        if path.name.endswith(suffix):
            return form
    raise RefusedError("form-unknown", f"{path.name} is neither .parquet nor .csv.gz; is it half written?")


def _header(path: Path) -> tuple[str, ...]:
    try:
        with gzip.open(path) as stream:
            line = stream.readline(BLOCK).decode("utf-8-sig")
        return tuple(next(csv.reader([line], strict=True), ()))
    except (OSError, EOFError, zlib.error, csv.Error, UnicodeDecodeError) as error:
        raise RefusedError("file-cut", f"{path.name} cannot be read: {error}") from None


def _check_whole(path: Path) -> None:
    """Read it once to its end for what DuckDB does not see: gzip's own checksum, and a quote that nothing closes.

    DuckDB leaves out what follows such a quote, without a word.
    """
    quotes = 0
    try:
        with gzip.open(path) as stream:
            while block := stream.read(BLOCK):
                quotes += block.count(b'"')
    except (OSError, EOFError, zlib.error) as error:
        raise RefusedError("file-cut", f"{path.name} is no whole gzip: {error}") from None
    if quotes % 2:
        raise RefusedError("schema", f"{path.name} opens a quote that nothing closes")
