"""``drkit gate check``: whether a command, a statement or a call needs a second person; docs/gate.md."""

from __future__ import annotations

import argparse
import gc
import os
import shlex
import sys
from collections.abc import Iterator

from drkit.core import exits
from drkit.core.errors import UsageError
from drkit.gate.classify.places import Places
from drkit.gate.verdict import Judgement, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

RARELY = 100_000
AT_ONCE = 1024 * 1024  # bytes
STATUS = {Verdict.ALLOW: exits.OK, Verdict.REVIEW: exits.APPROVAL, Verdict.DENY: exits.APPROVAL}


def check(arguments: argparse.Namespace) -> int:
    """Judge one command, or each line of the standard input or of a file; nothing is run.

    Raises:
        UsageError: there is nothing to judge, or too much.
    """
    if bool(arguments.jsonl) == bool(arguments.words and not arguments.jsonl):
        raise UsageError("say one command after --, or --jsonl", hint="drkit gate check -- rm -rf ./build")
    from drkit.flows.gate.protected import settings

    places, builds = settings(arguments.estate)
    if arguments.jsonl:
        return _lines(arguments.words, places, builds=builds)
    return _one(arguments, places, builds=builds)


def _one(arguments: argparse.Namespace, places: Places, *, builds: bool) -> int:
    from dataclasses import replace

    from drkit.gate.classify.shell import judge_shell

    if arguments.cwd is not None:
        if not arguments.cwd.startswith("/"):
            raise UsageError("--cwd is an absolute path")
        places = replace(places, directory=arguments.cwd)
    words = arguments.words
    text = words[0] if len(words) == 1 else shlex.join(words)
    found = judge_shell(os.fsencode(text), places, user=arguments.user, builds=builds)
    _tell(found, text, arguments)
    return STATUS[found.verdict]


def _tell(found: Judgement, text: str, arguments: argparse.Namespace) -> None:
    if arguments.format == "json":
        from drkit.core.results import json_text, write_result
        from drkit.core.results import result as envelope
        from drkit.core.verdicts import Outcome
        from drkit.core.verdicts import Verdict as Outcomes

        outcome = Outcome.PASS if found.verdict is Verdict.ALLOW else Outcome.FAIL
        told = envelope(
            "gate check",
            Outcomes(outcome),
            summary={"reasons": len(found.reasons)},
            statuses=[STATUS[found.verdict]],
            answer=found.verdict.word,
            text=text,
            reasons=[reason.as_data() for reason in found.reasons],
        )
        write_result(json_text(told), arguments.output)
        return
    from drkit.core.text import harmless

    lines = [
        found.verdict.word,
        *(f"  {harmless(r.why)} [{r.rule}{' at ' + r.at if r.at else ''}]" for r in found.reasons),
    ]
    if arguments.output is None:
        print("\n".join(lines))
    else:
        from drkit.core.results import write_result

        write_result("\n".join(lines), arguments.output)


def _lines(words: list[str], places: Places, *, builds: bool) -> int:
    from drkit.gate.bulk import answers

    if len(words) > 1:
        raise UsageError("--jsonl reads one file, or the standard input")
    gc.set_threshold(RARELY)  # what is read and answered has no cycles
    out = sys.stdout.buffer
    for lines in _blocks(_opened(words)):
        for line in answers(lines, places, builds=builds):
            out.write(line)
        out.flush()
    return exits.OK


def _opened(words: list[str]) -> int:
    if not words:
        if sys.stdin is None:
            raise UsageError("there is no standard input")
        return sys.stdin.fileno()
    try:
        return os.open(words[0], os.O_RDONLY)
    except OSError as error:
        raise UsageError(f"cannot read {words[0]}: {error.strerror}") from None


def _blocks(descriptor: int) -> Iterator[list[bytes]]:
    """The whole lines that are there by now: whoever waits for an answer before the next question gets it."""
    begun: list[bytes] = []
    try:
        while data := os.read(descriptor, AT_ONCE):
            *lines, rest = data.split(b"\n")
            if lines:
                lines[0] = b"".join([*begun, lines[0]])
                yield lines
                begun = []
            begun.append(rest)
    except OSError as error:
        raise UsageError(f"cannot read the questions: {error.strerror}") from None
    yield [b"".join(begun)]


__all__ = ["check"]
