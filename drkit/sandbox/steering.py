"""``drkit sandbox save | load | clock``: the whole state into a file and back, and time."""

from __future__ import annotations

import gzip
import json
import re
import urllib.error
import urllib.request
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

FINE = Verdict(Outcome.PASS)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
DURATION = re.compile(r"([0-9]{1,9})([smhd])")
PATIENCE = 120.0  # seconds; a year of automatic policies on a large estate takes a while


def save(arguments: argparse.Namespace) -> int:
    """Write all there is in the sandbox, its keys among it, into a private file.

    Raises:
        UsageError: no sandbox runs, or the file cannot be written.
    """
    from drkit.core.files import write_whole

    content = ask(running(arguments.home), "GET", "state")
    try:
        write_whole(arguments.file, content, mode=0o600)
    except OSError as error:
        raise UsageError(f"{arguments.file} cannot be written: {error.strerror}") from error
    print(f"saved to {arguments.file} ({len(content)} bytes)")
    return exits.OK


def load(arguments: argparse.Namespace) -> int:
    """Let the sandbox be as it was when the file was saved, its time too.

    Raises:
        UsageError: no sandbox runs, or the file is no saved state.
    """
    record = running(arguments.home)
    content = contents(arguments.file)
    packed = gzip.compress(content, compresslevel=1)
    moved = json.loads(ask(record, "POST", "state", packed, packed=True))
    print(f"loaded {arguments.file}; it is {moved['now']} there")
    return exits.OK


def contents(path: Path) -> bytes:
    """What is in the file.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error


def clock(arguments: argparse.Namespace) -> int:
    """Tell the sandbox's time, after moving it where that is asked for.

    Raises:
        UsageError: no sandbox runs, or the time cannot be moved so.
    """
    record = running(arguments.home)
    wanted = movement(arguments)
    method, body = ("GET", b"") if wanted is None else ("POST", json.dumps(wanted).encode())
    now = json.loads(ask(record, method, "clock", body))
    text = f"{now['now']} ({'running' if now['running'] else 'standing still'})"
    if arguments.format == "json":
        text = json_text(result("sandbox clock", FINE, summary=now))
    write_result(text, arguments.output)
    return exits.OK


def movement(arguments: argparse.Namespace) -> dict[str, Any] | None:
    """What the control door is told, None where the time is only asked for.

    Raises:
        UsageError: a duration is none.
    """
    if arguments.advance is not None:
        match = DURATION.fullmatch(arguments.advance)
        if match is None:
            raise UsageError(f"{arguments.advance!r} is no duration", hint="such as 90m, 24h or 7d")
        return {"advance": int(match[1]) * SECONDS[match[2]]}
    if arguments.set is not None:
        return {"set": arguments.set}
    return {"running": True} if arguments.running else None


def running(given: Path | None) -> Record:
    """The sandbox that runs.

    Raises:
        UsageError: none does.
    """
    home = homes.find(given)
    record = home.running()
    if record is None:
        raise UsageError(f"no sandbox runs in {home.path}", hint="start one with `drkit sandbox up --detach`")
    return record


def ask(record: Record, method: str, path: str, body: bytes = b"", *, packed: bool = False) -> bytes:
    """One request to the control door.

    Raises:
        UsageError: it was refused, with the reason.
        DrkitError: the sandbox does not answer.
    """
    from drkit.sandbox.control import PREFIX, TOKEN

    headers = {TOKEN: record.token} | ({"Content-Encoding": "gzip"} if packed else {})
    url = f"{record.endpoint}{PREFIX}{path}"
    request = urllib.request.Request(url, body or None, headers, method=method)  # noqa: S310 - our own server
    # No proxy from the environment: that may be the sandbox itself, or another one.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=PATIENCE) as answer:
            content: bytes = answer.read()
            return content
    except urllib.error.HTTPError as error:
        with error:
            raise UsageError(said(error.read())) from None
    except OSError as error:
        raise DrkitError(
            f"the sandbox at {record.endpoint} does not answer: {error}", hint="its home has its log"
        ) from None


def said(body: bytes) -> str:
    """Why the control door refused."""
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return "the sandbox refused the request"
