"""``drkit access evaluate``: what requests may do under their policies, in bulk; docs/access.md."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterator

from drkit.access.evaluate.bulk import answers
from drkit.core import exits
from drkit.core.errors import UsageError

RARELY = 100_000
AT_ONCE = 1024 * 1024  # bytes


def evaluate(arguments: argparse.Namespace) -> int:
    """Answer each line of the standard input, or of a file, on one line.

    Raises:
        UsageError: there is nothing to read.
    """
    if arguments.file is None:
        if sys.stdin is None:
            raise UsageError("there is no standard input")
        return _answer(sys.stdin.fileno())
    try:
        with arguments.file.open("rb") as stream:
            return _answer(stream.fileno())
    except OSError as error:
        raise UsageError(f"cannot read {arguments.file}: {error.strerror}") from None


def _answer(descriptor: int) -> int:
    out = sys.stdout.buffer
    gc.set_threshold(RARELY)  # what is read and answered has no cycles, and compiled policies stay
    for lines in _blocks(descriptor):
        out.write(b"".join(answers(lines)))
        out.flush()
    return exits.OK


def _blocks(descriptor: int) -> Iterator[list[bytes]]:
    """The whole lines that are there by now: whoever waits for an answer before the next question gets it."""
    begun: list[bytes] = []
    while data := os.read(descriptor, AT_ONCE):
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = b"".join([*begun, lines[0]])
            yield lines
            begun = []
        begun.append(rest)
    yield [b"".join(begun)]
