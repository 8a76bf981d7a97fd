"""``drkit sandbox fault FILE | --list | --clear``."""

from __future__ import annotations

import urllib.error
from typing import TYPE_CHECKING, Any

from drkit.core import exits
from drkit.core.errors import DrkitError, UsageError
from drkit.core.results import json_text, result, write_result
from drkit.core.verdicts import Outcome, Verdict
from drkit.sandbox import home as homes

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from drkit.sandbox.home import Record


def fault(arguments: argparse.Namespace) -> int:
    """Order the faults of a file, forget all that wait, or list them.

    Raises:
        ConfigurationError: the file is not right; every error of it, with its place.
        UsageError: no sandbox runs.
        DrkitError: it does not answer.
    """
    # Before anything is looked for: a file that is wrong is wrong without a sandbox too.
    wanted = from_file(arguments.file) if arguments.file else None
    home = homes.find(arguments.home)
    record = home.running()
    if record is None:
        raise UsageError(f"no sandbox runs in {home.path}", hint="start one with `drkit sandbox up --detach`")
    if arguments.clear:
        waiting = asked(record, "DELETE")
    else:
        waiting = asked(record, "GET") if wanted is None else asked(record, "POST", wanted)
    text = "\n".join(map(line, waiting)) or "no fault waits"
    if arguments.format == "json":
        fine = Verdict(Outcome.PASS)
        text = json_text(result("sandbox fault", fine, summary={"waiting": len(waiting)}, faults=waiting))
    write_result(text, arguments.output)
    return exits.OK


def from_file(path: Path) -> dict[str, Any]:
    """The faults of a file as the control door takes them.

    Raises:
        ConfigurationError: it cannot be read, or is not right.
    """
    from drkit.core.configuration.reading import read
    from drkit.sandbox.faults.model import FaultFile

    return read(path, FaultFile).model_dump(mode="json", exclude_unset=True)


def asked(record: Record, method: str, content: Any = None) -> list[dict[str, Any]]:
    """What the control door answers about faults.

    Raises:
        DrkitError: it does not.
    """
    from drkit.sandbox.knocking import knock

    try:
        found: list[dict[str, Any]] = knock(record.endpoint, record.token, method, "faults", content)[
            "faults"
        ]
    except urllib.error.HTTPError as error:
        said = error.read().decode(errors="replace").strip()[:300]
        raise DrkitError(
            f"the sandbox refused that: {said}", hint="see its log, server.log in its home"
        ) from None
    except OSError as error:
        raise DrkitError(
            f"the sandbox at {record.endpoint} does not answer: {error}",
            hint="end it with `drkit sandbox down` and start it again",
        ) from None
    return found


def line(waiting: dict[str, Any]) -> str:
    """One fault that waits, for people."""
    left = "until it is cleared" if waiting["left"] is None else f"{waiting['left']} left"
    told = ("kind", "left", "struck", "times")
    fields = " ".join(f"{name}={value}" for name, value in waiting.items() if name not in told)
    return f"{waiting['kind']} {fields or 'every call'} ({left}, struck {waiting['struck']})"
