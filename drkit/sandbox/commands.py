"""``drkit sandbox up | env | down | coverage``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from drkit.core import exits
from drkit.core.errors import DrkitError, UsageError
from drkit.core.results import json_text, result, write_result
from drkit.core.verdicts import Outcome, Verdict
from drkit.sandbox import home as homes
from drkit.sandbox.aws import identity as aws

if TYPE_CHECKING:
    import argparse

    from drkit.sandbox.home import Home, Record

REGION = "ap-beijing"
# The seed's people whose keys are handed out here; the seeds themselves are not imported by every command.
ADMINISTRATOR, LOOK, MAKE, BROKER = "administrator", "drkit-look", "drkit-make", "drkit-broker"
VAULT_LOOK, VAULT_MAKE, VAULT_BROKER = "vault-look", "vault-make", "vault-broker"
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
        announce(launch.start(home, arguments.seed, arguments.port, arguments.aws_port))
        return exits.OK
    process.log_to_stderr()
    return process.run(home, arguments.seed, arguments.port, announce, arguments.aws_port)


def announce(record: Record) -> None:
    """Say where the sandbox is."""
    print(f"sandbox {record.seed} listens on {record.endpoint} (pid {record.pid})", flush=True)
    print(f"AWS beside it listens on {record.aws_endpoint}; it starts with the first call", flush=True)
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
    variables = broker_environment(record) if arguments.power else environment(home, record)
    text = "\n".join(f"export {name}={quoted(value)}" for name, value in variables.items())
    if arguments.format == "json":
        summary = {"endpoint": record.endpoint}
        text = json_text(result("sandbox env", FINE, summary=summary, environment=variables))
    write_result(text, arguments.output)
    return exits.OK


def environment(home: Home, record: Record) -> dict[str, str]:
    """The variables of `env`; they hold keys of the sandbox's own, which open nothing else."""
    return {
        **reach(record),
        "DRKIT_STATE": str(home.state),
        "DRKIT_ESTATE": str(home.estate),
        **pair("TENCENTCLOUD", record, ADMINISTRATOR),
        **pair("DRKIT_LOOK", record, LOOK),
        **pair("DRKIT_MAKE", record, MAKE),
        **pair("DRKIT_VAULT_LOOK", record, VAULT_LOOK),
        **pair("DRKIT_VAULT_MAKE", record, VAULT_MAKE),
        **aws.variables(record.aws_port, record.aws_access_key_id, record.aws_secret_access_key),
    }


def broker_environment(record: Record) -> dict[str, str]:
    """What the broker needs, and no key but its own: it can assume the role that destroys."""
    return {
        **reach(record),
        **pair("DRKIT_DESTROY", record, BROKER),
        **pair("DRKIT_VAULT_DESTROY", record, VAULT_BROKER),
    }


def reach(record: Record) -> dict[str, str]:
    """What every client needs to find the sandbox."""
    return {
        "http_proxy": record.endpoint,
        "no_proxy": "127.0.0.1,localhost",
        "DRKIT_TENCENT_ENDPOINT": record.endpoint,
        "TENCENTCLOUD_REGION": REGION,
    }


def pair(prefix: str, record: Record, name: str) -> dict[str, str]:
    """The variables with the key pair of one of the seed's people."""
    secret_id, secret_key = record.keys[name]
    return {f"{prefix}_SECRET_ID": secret_id, f"{prefix}_SECRET_KEY": secret_key}


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
