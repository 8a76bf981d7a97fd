"""Reading a log again before something is appended to it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from drkit.core.evidence import checkpoint, layout, merkle, note
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

    What lies behind ``length`` is a torn end, which no checkpoint covers.
    """

    tree: merkle.CompactRange
    length: int


def last_checkpoint(directory: Path, keys: Sequence[note.VerifierKey]) -> Checkpoint | None:
    """The largest of the latest checkpoint and the last of the history.

    After a crash between the two writes the latest may be the older one.

    Raises:
        DamagedLogError: one of them is no checkpoint of this log.
    """
    candidates = layout.checkpoint_files(directory)[-2:]
    opened = [_opened(path, keys) for path in candidates]
    return max(opened, key=lambda found: found.size, default=None)


def replay(log: Path, last: Checkpoint | None) -> Replay:
    """The tree of a log that must hold against its last checkpoint.

    Raises:
        DamagedLogError: the entries under the checkpoint were changed, or an unreadable line stands before a
            readable one. An unreadable end is what a crash leaves and no error.
        OSError: the log cannot be read.
    """
    if not log.exists():
        raise DamagedLogError(f"{log} is missing, its checkpoint is not", hint=_HINT)
    state = Replay(merkle.CompactRange(), 0)
    with log.open("rb") as stream:
        if last:
            _replay_covered(stream, state, last)
        _replay_uncovered(stream, state)
    return state


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


def _replay_covered(stream: BinaryIO, state: Replay, last: Checkpoint) -> None:
    for line in islice(layout.lines(stream), last.size):
        if not line.endswith(b"\n"):
            break
        _take(state, line)
    if state.tree.size < last.size:
        raise DamagedLogError(
            f"the log has {state.tree.size} whole entries, its last checkpoint covers {last.size}", hint=_HINT
        )
    if state.tree.root() != last.root:
        raise DamagedLogError(
            f"the log no longer matches its checkpoint of {last.size} entries: it was changed", hint=_HINT
        )


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
