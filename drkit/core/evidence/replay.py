"""Reading a log again before something is appended to it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from drkit.core.evidence import checkpoint, layout, merkle, note, resuming
from drkit.core.evidence.errors import DamagedLogError
from drkit.core.evidence.lines import fault

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drkit.core.evidence.checkpoint import Checkpoint

_HINT = (
    "drkit evidence verify names the lines; keep the directory as it is for the investigation, "
    "and start a new log in another one"
)


@dataclass
class Replay:
    """A log read again: its tree, and the bytes of it that are whole entries.

    What lies behind ``length`` is a torn end, which no checkpoint covers. ``before`` is a point before the
    last checkpoint, from which the next reading can begin; None without a checkpoint.
    """

    tree: merkle.CompactRange
    length: int
    before: resuming.Point | None = None

    def point(self) -> resuming.Point:
        """Where the reading has come to."""
        return resuming.Point(self.tree.size, self.length, tuple(self.tree.edge))


def last_checkpoint(directory: Path, keys: Sequence[note.VerifierKey]) -> Checkpoint | None:
    """The largest of the latest checkpoint and the last of the history.

    After a crash between the two writes the latest may be the older one.

    Raises:
        DamagedLogError: one of them is no checkpoint of this log.
    """
    candidates = layout.checkpoint_files(directory)[-2:]
    opened = [_opened(path, keys) for path in candidates]
    return max(opened, key=lambda found: found.size, default=None)


def replay(directory: Path, last: Checkpoint | None) -> Replay:
    """The tree of a log that must hold against its last checkpoint.

    Read from a point that was kept, where there is one to believe; from its beginning otherwise.

    Raises:
        DamagedLogError: the entries under the checkpoint were changed, or an unreadable line stands before a
            readable one. An unreadable end is what a crash leaves and no error.
        OSError: the log cannot be read.
    """
    log = directory / layout.LOG
    if not log.exists():
        raise DamagedLogError(f"{log} is missing, its checkpoint is not", hint=_HINT)
    if last and (point := resuming.recall(directory)) and point.size < last.size:
        try:
            return _replay_from(log, last, point)
        except DamagedLogError:
            pass  # either of the two may be wrong, and the log alone decides
    return _replay_from(log, last, resuming.Point(0, 0, ()))


def _opened(path: Path, keys: Sequence[note.VerifierKey]) -> Checkpoint:
    try:
        return checkpoint.open_checkpoint(path.read_bytes(), keys)
    except note.UnknownSignerError as error:
        raise DamagedLogError(
            f"{path} is not signed by the key of this log",
            hint="use the key that signed it, or start a new log in another directory",
        ) from error
    except note.NoteError as error:
        raise DamagedLogError(f"{path} is damaged: {error.message}", hint=_HINT) from error


def _replay_from(log: Path, last: Checkpoint | None, point: resuming.Point) -> Replay:
    state = Replay(merkle.CompactRange(point.size, list(point.edge)), point.length)
    with log.open("rb") as stream:
        stream.seek(point.length)
        if last:
            _replay_covered(stream, state, last)
        _replay_uncovered(stream, state)
    return state


def _replay_covered(stream: BinaryIO, state: Replay, last: Checkpoint) -> None:
    _take_until(stream, state, last.size - 1)
    state.before = state.point() if last.size else None
    _take_until(stream, state, last.size)
    if state.tree.size < last.size:
        raise DamagedLogError(
            f"the log has {state.tree.size} whole entries, its last checkpoint covers {last.size}", hint=_HINT
        )
    if state.tree.root() != last.root:
        raise DamagedLogError(
            f"the log no longer matches its checkpoint of {last.size} entries: it was changed", hint=_HINT
        )


def _take_until(stream: BinaryIO, state: Replay, size: int) -> None:
    for line in islice(layout.lines(stream), max(size - state.tree.size, 0)):
        if not line.endswith(b"\n"):
            return
        _take(state, line)


def _replay_uncovered(stream: BinaryIO, state: Replay) -> None:
    unreadable = False
    for line in layout.lines(stream):
        if not line.endswith(b"\n") or fault(line[:-1]):
            unreadable = True
        elif unreadable:
            # A crash tears the end of a log, never its middle.
            raise DamagedLogError(
                f"line {state.tree.size + 1} of the log is unreadable, and entries follow it", hint=_HINT
            )
        else:
            _take(state, line)


def _take(state: Replay, line: bytes) -> None:
    state.tree.add(merkle.leaf_hash(line[:-1]))
    state.length += len(line)
