"""``python -m drkit.flows.broker.recorder``: carries one approved command out, and records what it says.

A process of its own: the broker serves others meanwhile, and may end and begin again. It takes one line of JSON
from its input, of a `Work`; what came of it goes into ``settled.json``, whole or not at all.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drkit.clouds.ssh.commands import TO_END, Session, ask_here, ask_there
from drkit.core.actions import Done, Failed, Settled, Uncertain, outcome_as_data
from drkit.core.files import write_whole
from drkit.core.text import harmless
from drkit.flows.broker.recordings import Place, Recording
from drkit.ports.errors import UncertainError
from drkit.ports.shells import program_from_data

LONGEST_WHY = 300  # characters


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be carried out.

    Args:
        directory: of the recording.
        key: the file for its key.
        question: for the program on the host.
        program: how that is reached; None for this host.
        user: whom it becomes on this host; None for this one.
    """

    directory: str
    key: str
    question: Mapping[str, Any]
    program: Mapping[str, Any] | None
    user: str | None


def main() -> int:
    """Take the work from the input, carry it out."""
    work = Work(**json.loads(sys.stdin.buffer.readline()))
    place = Place(Path(work.directory), Path(work.key))
    outcome = carry_out(work, place)
    write_whole(place.settled, json.dumps(outcome_as_data(outcome)).encode(), mode=0o600)
    return 0


def carry_out(work: Work, place: Place) -> Settled:
    """Record first, so that nothing begins which cannot be recorded."""
    try:
        recording = Recording(place)
    except OSError as error:
        return Failed("NotRecorded", f"it was not begun, since it could not be recorded: {error}")
    within = work.question["seconds"] + TO_END
    try:
        program = program_from_data(work.program) if work.program else None
        if program is None:
            session = ask_here(work.question, work.user, within)
        else:
            session = ask_there(program, work.question, within)
    except UncertainError as error:
        return Failed("NotBegun", f"it was not begun: {error.message}")
    try:
        return _record(session, recording)
    finally:
        session.close()


def _record(session: Session, recording: Recording) -> Settled:
    begun, said = False, 0
    try:
        for answer in session.answers():
            begun = begun or answer.get("said") == "begun"
            if answer.get("said") == "refused":
                return Failed("NotAsApproved", _words(answer.get("why")))
            if answer.get("said") == "ended":
                return _ended(answer, recording, said)
            for channel in ("out", "err"):
                if channel in answer:
                    part = base64.b64decode(answer[channel], validate=True)
                    recording.add(channel, part)
                    said += len(part)
    except OSError as error:
        return Uncertain(f"it was ended in the middle, since it could not be recorded any more: {error}")
    except (UncertainError, ValueError, TypeError) as error:
        return Uncertain(f"nobody knows how it ended: {error}")
    if not begun:
        return Failed("NotBegun", "the program on the host did not begin it")
    return Uncertain("nobody knows how it ended: the host hung up")


def _ended(answer: Mapping[str, Any], recording: Recording, said: int) -> Settled:
    why, status = _words(answer.get("why", "")), answer.get("status")
    told = {"status": status, "output_sha256": recording.close(), "output_bytes": said, "ended": why}
    if answer.get("left"):
        return Uncertain(
            f"it ended with status {_words(status)}, and left something running that could not be ended"
        )
    if type(status) is not int:
        return Uncertain("the host does not say how it ended")
    return Done(told=told)


def _words(said: object) -> str:
    """What a host says, which may be anybody's, as words for people."""
    return harmless(str(said))[:LONGEST_WHY]


if __name__ == "__main__":
    sys.exit(main())
