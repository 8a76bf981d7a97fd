"""The result of a command: one JSON object, the same shape everywhere; stdout or a file, whole."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from drkit import __version__
from drkit.core.errors import DrkitError, UsageError
from drkit.core.files import write_whole
from drkit.core.verdicts import Verdict


def result(
    command: str,
    verdict: Verdict,
    *,
    summary: Mapping[str, Any],
    findings: Iterable[Mapping[str, Any]] = (),
    **more: Any,
) -> dict[str, Any]:
    """The envelope that every JSON result has."""
    return {
        "drkit": __version__,
        "command": command,
        "verdict": verdict.outcome.value,
        **({"reason": verdict.reason} if verdict.reason else {}),
        "summary": dict(summary),
        "findings": list(findings),
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
    """Indented JSON for people and pipes."""
    return json.dumps(data, ensure_ascii=False, indent=2)


def write_result(text: str, output: Path | None) -> None:
    """Print the result, or write it to a file whole.

    Raises:
        UsageError: the file cannot be written.
    """
    if output is None:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        return
    try:
        write_whole(output, (text if text.endswith("\n") else text + "\n").encode())
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}", hint="choose another --output") from None
