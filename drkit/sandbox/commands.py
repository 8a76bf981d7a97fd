"""``drkit sandbox up | env | down | coverage``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from drkit.core import exits
from drkit.core.errors import DrkitError, UsageError
from drkit.core.results import json_text, result, write_result
from drkit.core.verdicts import Outcome, Verdict
from drkit.sandbox import home as homes

if TYPE_CHECKING:
    import argparse

    from drkit.sandbox.home import Home, Record

REGION = "ap-beijing"
FINE = Verdict(Outcome.PASS)


def up(arguments: argparse.Namespace) -> int:
    """Start the sandbox; in the foreground until it is interrupted, detached until ``down``.

    Raises:
        LockedError: one already runs in this home.
        UsageError, DrkitError: it cannot start.
    """
    home = homes.find(arguments.home)
    # The server is not imported by the other commands.
    from drkit.sandbox import launch, process

    process.find_seed(arguments.seed)
    if arguments.detach:
        announce(launch.start(home, arguments.seed, arguments.port))
        return exits.OK
    process.log_to_stderr()
    return process.run(home, arguments.seed, arguments.port, announce)


def announce(record: Record) -> None:
    """Say where the sandbox is."""
    print(f"sandbox {record.seed} listens on {record.endpoint} (pid {record.pid})", flush=True)
    print('point your shell at it with: eval "$(drkit sandbox env)"', file=sys.stderr, flush=True)


def env(arguments: argparse.Namespace) -> int:
    """Print the variables with which unchanged tools work against the sandbox.

    Raises:
        UsageError: none runs.
    """
    home = homes.find(arguments.home)
    record = home.running()
    if record is None:
        raise UsageError(f"no sandbox runs in {home.path}", hint="start one with `drkit sandbox up --detach`")
    variables = environment(home, record)
    text = "\n".join(f"export {name}={quoted(value)}" for name, value in variables.items())
    if arguments.format == "json":
        summary = {"endpoint": record.endpoint}
        text = json_text(result("sandbox env", FINE, summary=summary, environment=variables))
    write_result(text, arguments.output)
    return exits.OK


def environment(home: Home, record: Record) -> dict[str, str]:
    """The variables of `env`; they hold the sandbox's own key pair, which opens nothing else."""
    return {
        "http_proxy": record.endpoint,
        "no_proxy": "127.0.0.1,localhost",
        "DRKIT_TENCENT_ENDPOINT": record.endpoint,
        "DRKIT_STATE": str(home.state),
        "DRKIT_ESTATE": str(home.estate),
        "TENCENTCLOUD_SECRET_ID": record.secret_id,
        "TENCENTCLOUD_SECRET_KEY": record.secret_key,
        "TENCENTCLOUD_REGION": REGION,
    }


def quoted(value: str) -> str:
    """A value in single quotes, for a POSIX shell."""
    return "'" + value.replace("'", "'\\''") + "'"


def down(arguments: argparse.Namespace) -> int:
    """End the sandbox; that none runs is no error.

    Raises:
        DrkitError: it runs as somebody else, or does not end.
    """
    home = homes.find(arguments.home)
    from drkit.sandbox import launch

    record = home.running()
    if record is None:
        stale = home.read()
        home.forget()
        print(f"no sandbox runs in {home.path}" + (f" (pid {stale.pid} is gone)" if stale else ""))
        return exits.OK
    try:
        gone = launch.end(record)
    except PermissionError:
        gone = False
    if not gone:
        raise DrkitError(f"the sandbox of pid {record.pid} did not end", hint="end that process yourself")
    home.forget()
    print(f"sandbox of pid {record.pid} ended")
    return exits.OK


def coverage(arguments: argparse.Namespace) -> int:
    """Print which actions are emulated, of how many that the specification knows."""
    from drkit.sandbox.coverage import Coverage

    covered = Coverage.measure()
    text = covered.text()
    if arguments.format == "json":
        text = json_text(result("sandbox coverage", FINE, summary=covered.counts(), services=covered.rows()))
    write_result(text, arguments.output)
    return exits.OK
