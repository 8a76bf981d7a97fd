"""Checkpoints are sent out of the host, each of them, and what could not be sent waits for the next occasion.

The file ``sent`` beside the log says for each outside up to which size it has every checkpoint. It is only a
note: the latest checkpoint is sent whatever it says, and what an outside has already it takes again.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drkit.core.canonical import canonical
from drkit.core.evidence import layout
from drkit.core.evidence.checkpoint import parse_checkpoint
from drkit.core.evidence.note import NoteError
from drkit.core.evidence.outside import OutsideError, TakenError, name_of
from drkit.core.files import write_whole
from drkit.core.times import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from drkit.core.evidence.checkpoint import Checkpoint
    from drkit.core.evidence.log import EvidenceLog
    from drkit.core.evidence.outside import Outside
    from drkit.core.times import Clock

KIND = "checkpoint.unsent"


@dataclass(frozen=True, slots=True)
class Unsent:
    """A checkpoint that an outside did not get.

    Args:
        outside: which one.
        size: how many entries the checkpoint covers.
        reason: why.
        hint: what to do about it.
    """

    outside: str
    size: int
    reason: str
    hint: str


def send_out(
    log: EvidenceLog, outsides: Sequence[Outside], clock: Clock, runs: Sequence[str] = ()
) -> list[Unsent]:
    """Sign what the log holds and send it, with every checkpoint that waits, to each outside.

    What an outside did not get is recorded in the log, for each run that it belongs to, and that record is
    signed in turn and sent to the outsides that can be reached.

    Raises:
        EvidenceError: the log itself cannot be written.
    """
    unsent = _send(log.directory, log.checkpoint(), outsides)
    if not unsent:
        return []
    at = text_of(clock())
    log.extend(_entry(one, at, run) for one in unsent for run in runs or (None,))
    without = {one.outside for one in unsent}
    reachable = [outside for outside in outsides if outside.where not in without]
    return unsent + _send(log.directory, log.checkpoint(), reachable)


def _entry(one: Unsent, at: str, run: str | None) -> dict[str, Any]:
    # Reports show whatever has a step as a step of its run: one that did not come to its end.
    of_run = {"run": run, "step": f"checkpoint to {one.outside}"} if run else {}
    told = {"outside": one.outside, "size": one.size, "reason": one.reason}
    return {"at": at, "kind": KIND, **told, **of_run}


def _send(directory: Path, latest: Checkpoint, outsides: Sequence[Outside]) -> list[Unsent]:
    unsent: list[Unsent] = []
    sent = _read_sent(directory)
    for outside in outsides:
        # An outside that is new gets what is signed from now on: the latest vouches for all before it.
        upto = min(sent.get(outside.where, latest.size - 1), latest.size - 1)
        sent[outside.where], failed = _send_to(outside, directory, latest, upto)
        unsent += failed
    _write_sent(directory, sent)
    return unsent


def _send_to(outside: Outside, directory: Path, latest: Checkpoint, upto: int) -> tuple[int, list[Unsent]]:
    """Send what is larger than ``upto``; up to which size the outside has all now, and what it has not."""
    unsent = []
    for checkpoint in (*_waiting(directory, upto, latest.size), latest):
        try:
            outside.put(name_of(checkpoint), checkpoint.signed)
        except TakenError as error:
            unsent.append(Unsent(outside.where, checkpoint.size, error.message, error.hint))
        except OutsideError as error:
            unsent.append(Unsent(outside.where, latest.size, error.message, error.hint))
            return upto, unsent
        upto = checkpoint.size
    return upto, unsent


def _waiting(directory: Path, upto: int, size: int) -> Iterator[Checkpoint]:
    """The checkpoints of the history between two sizes; a damaged one is `verify`'s to tell."""
    first, last = layout.history_name(upto + 1), layout.history_name(size)
    for path in layout.checkpoint_files(directory):
        if first <= path.name < last:
            with suppress(OSError, NoteError):
                yield parse_checkpoint(path.read_bytes())


def _read_sent(directory: Path) -> dict[str, int]:
    """What was noted; nothing where the note is absent or is not one."""
    try:
        noted = json.loads((directory / layout.SENT).read_bytes())
        return {where: int(size) for where, size in noted.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write_sent(directory: Path, sent: dict[str, int]) -> None:
    content = canonical(sent) + b"\n"
    with suppress(OSError):  # without the note more is sent the next time, and nothing less
        if sent and sent != _read_sent(directory):
            write_whole(directory / layout.SENT, content, mode=0o640)
