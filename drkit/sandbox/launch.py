"""Start a sandbox as a process of its own, and end one."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from drkit.core import exits
from drkit.core.errors import DrkitError, UsageError
from drkit.sandbox.home import Home, Record, process_start

if TYPE_CHECKING:
    from collections.abc import Callable

START = 15.0  # seconds to answer in
END = 10.0  # seconds to end in
STEP = 0.02
TAIL = 12  # lines of the log to show


def start(home: Home, seed: str, port: int | None, aws_port: int | None = None) -> Record:
    """Start a detached sandbox and return once it listens.

    Raises:
        LockedError: a sandbox already runs in the home.
        UsageError, DrkitError: it did not come up; the last lines of its log are in the message.
    """
    home.prepare()
    if home.running():
        raise home.taken()
    command = [sys.executable, "-m", "drkit.sandbox.process", "--home", str(home.path), "--seed", seed]
    command += [] if port is None else ["--port", str(port)]
    command += [] if aws_port is None else ["--aws-port", str(aws_port)]
    log = os.open(home.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    beginning = os.fstat(log).st_size
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, close_fds=True
        )
    finally:
        os.close(log)
    try:
        came_up = wait(lambda: process.poll() is not None or is_of(home, process.pid), START)
    except BaseException:
        process.kill()
        process.wait()
        raise
    if not came_up:
        process.kill()
        process.wait()
    record = home.running()
    if record is None or record.pid != process.pid:
        raise failure(home, beginning, process.poll())
    # The sandbox outlives this process, which therefore does not wait for it.
    process.returncode = 0
    return record


def is_of(home: Home, pid: int) -> bool:
    """Whether the home's record is that of this process."""
    record = home.running()
    return record is not None and record.pid == pid


def failure(home: Home, beginning: int, status: int | None) -> DrkitError:
    """Why a sandbox did not come up, from what it wrote into its log."""
    if status == exits.LOCKED:
        return home.taken()
    with home.log.open("rb") as stream:
        stream.seek(beginning)
        said = stream.read().decode(errors="replace").strip().splitlines()[-TAIL:]
    kind = UsageError if status == exits.USAGE else DrkitError
    return kind("the sandbox did not start:\n" + "\n".join(said), hint=f"its log is {home.log}")


def end(record: Record) -> bool:
    """End a sandbox, by force if it does not end by itself; whether it is gone."""

    def gone() -> bool:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(record.pid, os.WNOHANG)  # a child of this very process, as it is in tests
        return process_start(record.pid) != record.started

    for number in (signal.SIGTERM, signal.SIGKILL):
        if gone():
            return True
        os.kill(record.pid, number)
        if wait(gone, END):
            return True
    return False


def wait(until: Callable[[], bool], seconds: float) -> bool:
    """Look again and again; whether it came true in time."""
    limit = time.monotonic() + seconds
    while not until():
        if time.monotonic() > limit:
            return False
        time.sleep(STEP)
    return True
