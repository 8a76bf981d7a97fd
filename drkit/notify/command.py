"""A program of the user's gets a message on its stdin."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress

TIMEOUT = 30.0
"""Seconds that the program has."""


def deliver(command: Sequence[str], message: bytes, environment: Mapping[str, str]) -> str:
    """Run the program with the message; empty where it took it, otherwise why not.

    Neither its output nor its arguments are in the answer: they may hold what nobody should read later.
    It leads a process group of its own, so that nothing of it is left behind when its time is over.
    """
    try:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return f"it cannot be started: {getattr(error, 'strerror', None) or 'no such command line'}"
    try:
        process.communicate(message, TIMEOUT)
    except subprocess.TimeoutExpired:
        return f"it did not end within {TIMEOUT:.0f} s"
    finally:
        _end(process)
    return f"it ended with status {process.returncode}" if process.returncode else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
