"""Finding the checkpoints of a log, beside it and elsewhere, and telling the authentic ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.core.evidence import checkpoint, layout, note, problems
from drkit.core.evidence.outside import folder_of
from drkit.core.evidence.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from drkit.core.evidence.checkpoint import Checkpoint


@dataclass(frozen=True)
class Sighting:
    """A checkpoint that may be compared with the log, and where it was seen."""

    where: str
    outside: bool
    checkpoint: Checkpoint

    @property
    def size(self) -> int:
        """How many entries it covers."""
        return self.checkpoint.size


@dataclass(frozen=True)
class Found:
    """The bytes of something that should be a checkpoint. ``size`` is what its file name promises."""

    where: str
    content: bytes
    outside: bool = False
    size: int | None = None


def beside(directory: Path, trouble: list[Problem]) -> list[Found]:
    """The checkpoint files in an evidence directory."""
    found = []
    try:
        paths = layout.checkpoint_files(directory)
    except OSError as error:
        trouble.append(problems.unreadable(layout.HISTORY, str(error.strerror)))
        return []
    for path in paths:
        where = str(path.relative_to(directory))
        content = _content(path, where, trouble)
        if content is not None:
            found.append(Found(where, content, size=None if where == layout.LATEST else _promised(path)))
    return found


def elsewhere(
    directory: Path,
    outside: Iterable[bytes | Path],
    keys: Sequence[note.VerifierKey],
    trouble: list[Problem],
) -> list[Found]:
    """The checkpoints that were kept outside of the evidence directory, which files in it are not.

    An outside may keep those of several logs; in the folders of this one, by its keys' names, all are read.
    """
    found = []
    folders = {folder_of(key.name) for key in keys}
    for number, item in enumerate(outside, 1):
        if isinstance(item, bytes):
            found.append(Found(f"outside checkpoint {number}", item, outside=True))
        elif item.resolve().is_relative_to(directory.resolve()):
            trouble.append(_not_outside(item))
        else:
            found.extend(_files(item, folders, trouble))
    return found


def authenticate(found: Found, keys: Sequence[note.VerifierKey]) -> Sighting | Problem:
    """A checkpoint that one of the keys signed; without any key, one that is at least well formed."""
    try:
        opened = (
            checkpoint.open_checkpoint(found.content, keys)
            if keys
            else checkpoint.parse_checkpoint(found.content)
        )
    except note.BadSignatureError as error:
        return _bad_signature(found, error.message)
    except note.UnknownSignerError as error:
        return _unknown_signer(found, error.message)
    except note.NoteError as error:
        return _malformed(found, error.message)
    if found.size not in {None, opened.size}:
        return _misnamed(found, opened)
    return Sighting(found.where, found.outside, opened)


def _files(item: Path, folders: Iterable[str], trouble: list[Problem]) -> list[Found]:
    try:
        paths = _paths(item, folders)
    except OSError as error:
        trouble.append(problems.unreadable(str(item), str(error.strerror)))
        return []
    if not paths:
        trouble.append(problems.unreadable(str(item), "no checkpoint is in it"))
    contents = ((path, _content(path, str(path), trouble)) for path in paths)
    return [Found(str(path), content, outside=True) for path, content in contents if content is not None]


def _paths(item: Path, folders: Iterable[str]) -> list[Path]:
    if not item.is_dir():
        return [item]
    # A copy of a whole evidence directory may be given as well as a folder of checkpoints and the key.
    if (item / layout.HISTORY).is_dir() or (item / layout.LOG).exists():
        return layout.checkpoint_files(item)
    places = [item, *(item / folder for folder in folders if (item / folder).is_dir())]
    paths = [path for place in places for path in layout.visible_files(place)]
    return sorted(path for path in paths if path.name != layout.VERIFIER_KEY)


def _content(path: Path, where: str, trouble: list[Problem]) -> bytes | None:
    try:
        with path.open("rb") as stream:
            return stream.read(checkpoint.LARGEST + 1)
    except OSError as error:
        trouble.append(problems.unreadable(where, str(error.strerror)))
        return None


def _promised(path: Path) -> int:
    """The size in a history file's name; -1, which no checkpoint has, for another name."""
    name = path.name
    return int(name) if name.isascii() and name.isdigit() and layout.history_name(int(name)) == name else -1


def _bad_signature(found: Found, reason: str) -> Problem:
    return Problem(
        "evidence.signature",
        "fail",
        found.where,
        f"the signature of {found.where} is false: {reason}",
        "the checkpoint was changed after it was signed, or somebody made it up",
        problems.INVESTIGATE,
    )


def _unknown_signer(found: Found, reason: str) -> Problem:
    # Beside the log only this log's key may sign. Elsewhere anybody may have put a file: it proves nothing.
    return Problem(
        "evidence.signer",
        "unknown" if found.outside else "fail",
        found.where,
        f"{found.where} is not signed by the key of this log: {reason}",
        "somebody replaced it, it belongs to another log, or the given verifier key is not this log's",
        "give --key with every verifier key this log ever had, one a line, from a place you trust",
    )


def _malformed(found: Found, reason: str) -> Problem:
    return Problem(
        "evidence.checkpoint",
        "unknown" if found.outside else "fail",
        found.where,
        f"{found.where}: {reason}",
        "drkit writes checkpoints whole or not at all; this was changed, or is another file",
        "give --outside with checkpoints only" if found.outside else problems.INVESTIGATE,
    )


def _misnamed(found: Found, opened: Checkpoint) -> Problem:
    return Problem(
        "evidence.checkpoint-name",
        "fail",
        found.where,
        f"{found.where} holds a checkpoint of {opened.size} entries",
        "its name promises another size: it was put in the place of the one that belongs there",
        problems.INVESTIGATE,
    )


def _not_outside(item: Path) -> Problem:
    return Problem(
        "evidence.not-outside",
        "unknown",
        str(item),
        f"{item} lies in the evidence directory itself",
        "who can rewrite the log can rewrite it too",
        "give --outside with a checkpoint that was kept where this host cannot write",
    )
