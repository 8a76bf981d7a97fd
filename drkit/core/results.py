"""The result of a command: one JSON object, the same shape everywhere; stdout or a file, whole."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from drkit import __version__
from drkit.core.errors import DrkitError, UsageError
from drkit.core.files import write_whole
from drkit.core.verdicts import STATUS, Verdict

OTHER_OUTPUT = "choose another --output"
# Controls but the line end, C1, bidi marks, separators, lone surrogates: legal in JSON, and harmful to a reader.
UNPRINTABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)


def result(
    command: str,
    verdict: Verdict,
    *,
    summary: Mapping[str, Any],
    findings: Iterable[Mapping[str, Any]] = (),
    statuses: Iterable[int] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The envelope that every JSON result has; ``statuses`` is that of the verdict, unless more apply."""
    return {
        "drkit": __version__,
        "command": command,
        "verdict": verdict.outcome.value,
        **({"reason": verdict.reason} if verdict.reason else {}),
        "summary": dict(summary),
        "findings": list(findings),
        "statuses": sorted({STATUS[verdict.outcome]} if statuses is None else statuses),
        **more,
    }


def refused(command: str, error: DrkitError) -> str:
    """The JSON result of a command that ended in an error: nothing was concluded."""
    return json_text(
        {
            "drkit": __version__,
            "command": command,
            "verdict": "unknown",
            "summary": {},
            "findings": [],
            "errors": error.message.splitlines(),
            "help": error.hint,
            "statuses": [error.status],
        }
    )


def json_text(data: Any) -> str:
    """Indented JSON for people and pipes; what a terminal would obey or hide is escaped."""
    return UNPRINTABLE.sub(lambda match: json.dumps(match.group())[1:-1], _indented(data))


def _indented(data: Any) -> str:
    import orjson  # ten times as fast, and results have thousands of rows

    only_json = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
    try:
        return orjson.dumps(data, option=orjson.OPT_INDENT_2 | only_json).decode()
    except TypeError:
        return json.dumps(data, ensure_ascii=False, indent=2)  # half a surrogate pair, a key that is a number


def write_result(text: str, output: Path | None) -> None:
    """Print the result, or write it to a file whole.

    Raises:
        UsageError: the file cannot be written.
    """
    whole = text if text.endswith("\n") else text + "\n"
    if output is None:
        if sys.stdout is not None:  # closed: whoever called us wants nothing but the status
            sys.stdout.write(whole)
        return
    try:
        target = output.resolve()
        if target.exists() and not target.is_file():
            with target.open(
                "w", encoding="utf-8"
            ) as stream:  # a device or a pipe is written to, not replaced
                stream.write(whole)
        else:
            write_whole(target, whole.encode())
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}", hint=OTHER_OUTPUT) from None


def check_output(output: Path | None) -> None:
    """Find out before anything is done whether the result can be written after it.

    Raises:
        UsageError: surely not.
    """
    if output is None:
        return
    target = output.resolve()
    if target.is_dir() or not target.parent.is_dir():
        raise UsageError(
            f"cannot write {output}: it is no file in a directory that is there", hint=OTHER_OUTPUT
        )
    if not os.access(target if target.exists() else target.parent, os.W_OK):
        raise UsageError(f"cannot write {output}: not permitted", hint=OTHER_OUTPUT)
