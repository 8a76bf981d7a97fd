"""``drkit evidence show`` and ``drkit evidence verify``."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

from drkit.core import exits, results, verdicts
from drkit.core.errors import UsageError
from drkit.core.evidence import keys, layout, reading, render
from drkit.core.evidence import verify as verifying
from drkit.core.evidence.errors import surfaced

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from drkit.core.evidence.note import VerifierKey
    from drkit.core.evidence.problems import Problem
    from drkit.core.evidence.verify import Verification

_SEVERITY = {"fail": verdicts.Severity.CRITICAL, "unknown": verdicts.Severity.MEDIUM}


def show(arguments: argparse.Namespace) -> int:
    """Print the entries of ``arguments.directory``, with ``arguments.run`` those of runs whose id begins so.

    Nothing is verified, so the verdict of the JSON form is null.

    Raises:
        UsageError: there is no log.
        DamagedLogError: a line is not an entry; the text and jsonl forms have printed those before it.
    """
    with surfaced(arguments.directory, "read"):
        if not (arguments.directory / layout.LOG).is_file():
            raise UsageError(
                f"there is no evidence in {arguments.directory}", hint=f"give a directory with {layout.LOG}"
            )
    chosen = _chosen(arguments.directory, arguments.run)
    if arguments.format == "json":
        _print_entries(list(chosen), arguments)
        return exits.OK
    lines = _lines(chosen, arguments.format)
    output = getattr(arguments, "output", None)
    if output:
        results.write_result("\n".join(lines), output)
        return exits.OK
    for line in lines:
        print(line)
    return exits.OK


def verify(arguments: argparse.Namespace, known_outside: Sequence[Path] = ()) -> int:
    """Verify ``arguments.directory`` and print the result; 0 pass, 3 fail, 1 unknown.

    Args:
        arguments: as the command line says them.
        known_outside: where checkpoints are kept outside when none are named. They need not be there: what
            cannot be read of them makes the verdict unknown.

    Raises:
        UsageError: a file that was named is not there, or is not what it should be.
    """
    directory: Path = arguments.directory
    with surfaced(directory, "read"):
        _refuse_unusable(directory, arguments.outside)
        verifier_keys = _verifier_keys(directory, arguments.key)
    outside = arguments.outside or list(known_outside)
    found = verifying.verify(directory, verifier_keys, outside)
    key_beside = arguments.key is None and bool(verifier_keys)
    if arguments.format == "json":
        text = results.json_text(_as_data(arguments, found, outside, key_beside=key_beside))
    else:
        text = "\n".join(render.verification_lines(str(directory), found, key_beside=key_beside))
    results.write_result(text, getattr(arguments, "output", None))
    return verdicts.STATUS[verdicts.Outcome(found.verdict)]


def _chosen(directory: Path, run: str | None) -> Iterator[tuple[int, dict[str, Any]]]:
    for index, entry in reading.read(directory):
        if run is None or str(entry.get("run", "")).startswith(run):
            yield index, entry


def _lines(chosen: Iterator[tuple[int, dict[str, Any]]], form: str) -> Iterator[str]:
    width = _width()
    for index, entry in chosen:
        # ASCII, so that no byte of a value is a terminal's command.
        as_json = form == "jsonl"
        yield (
            json.dumps({"index": index, "entry": entry})
            if as_json
            else render.entry_line(index, entry, width)
        )


def _print_entries(entries: list[tuple[int, dict[str, Any]]], arguments: argparse.Namespace) -> None:
    unchecked = verdicts.Verdict(verdicts.Outcome.UNKNOWN, "shown, not verified")
    data = results.result(
        "evidence show",
        unchecked,
        summary={"entries": len(entries)},
        entries=[{"index": index, "entry": entry} for index, entry in entries],
    )
    text = json.dumps({**data, "verdict": None}, indent=2)
    results.write_result(text, getattr(arguments, "output", None))


def _width() -> int | None:
    """Columns to keep within; none where the lines go to a file or a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() or "COLUMNS" in os.environ else None


def _refuse_unusable(directory: Path, outside: list[Path]) -> None:
    if directory.exists() and not directory.is_dir():
        raise UsageError(
            f"{directory} is not a directory", hint=f"give the directory that holds {layout.LOG}"
        )
    for path in outside:
        if not path.exists():
            raise UsageError(f"there is no outside checkpoint {path}")


def _verifier_keys(directory: Path, given: Path | None) -> list[VerifierKey]:
    if given is not None:
        return keys.read_verifier_keys(given)
    beside = directory / layout.VERIFIER_KEY
    return keys.read_verifier_keys(beside) if beside.exists() else []


def _as_data(
    arguments: argparse.Namespace, found: Verification, outside: Sequence[Path], *, key_beside: bool
) -> dict[str, Any]:
    directory, given = arguments.directory, arguments.key
    reason = next((problem.what for problem in found.problems if problem.verdict == found.verdict), "")
    return results.result(
        "evidence verify",
        verdicts.Verdict(verdicts.Outcome(found.verdict), reason),
        summary={
            "directory": str(directory),
            "entries": found.size,
            "root": base64.b64encode(found.root).decode(),
            "covered": found.covered,
            "covered_outside": found.covered_outside,
            "checkpoints": found.checkpoints,
            "key": "beside the log" if key_beside else "given" if given else "none",
            "outside": [str(path) for path in outside],
        },
        findings=[_finding(directory, problem) for problem in found.problems],
    )


def _finding(directory: Path, problem: Problem) -> dict[str, Any]:
    finding = verdicts.Finding(
        problem.check,
        _SEVERITY[problem.verdict],
        problem.where if problem.line is None else f"{problem.where}:{problem.line}",
        str(directory),
        f"{problem.what}; {problem.why}",
        problem.fix,
    )
    return {
        **finding.as_data(),
        "verdict": problem.verdict,
        "line": problem.line,
        "until": problem.until,
        "first_seen": None,
    }
