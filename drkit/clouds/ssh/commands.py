"""Approved commands, run on a host by `handout/run.py`: on this one in a process, on others in an SSH session."""

from __future__ import annotations

import json
import os
import pwd
import shlex
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from drkit.clouds.ssh.shells import TO_CONNECT, NoSessionError, connect
from drkit.core.text import harmless
from drkit.ports.errors import UncertainError
from drkit.ports.shells import Program

HANDOUT = Path(__file__).parent / "handout" / "run.py"
LONGEST_LINE = 1024 * 1024  # bytes; what a command says comes in parts of 64 KiB
TO_END = 90.0  # seconds beside those that a command has: to begin, to be ended, to tell of it
DEAD = 60  # seconds after which a host that does not even acknowledge is gone
ALIVE = 15  # seconds between two signs of life that it is asked for


class Session(Protocol):
    """A program on a host that was asked one question; it ends when this ends."""

    def answers(self) -> Iterator[Mapping[str, Any]]:
        """What it says, line by line.

        Raises:
            UncertainError: the session broke, or that is no answer.
        """

    def close(self) -> None:
        """Hang up, which ends the program and what it began."""


def ask_here(question: Mapping[str, Any], user: str | None, within: float) -> Session:
    """Ask on this host, as another user where this one is root.

    Args:
        question: as the program on the host takes it.
        user: whom the program becomes; None for this one.
        within: seconds after which the session is cut, whatever becomes of it.

    Raises:
        UncertainError: there is no such user, or it could not be begun.
    """
    return _Here(question, user, within)


def ask_there(program: Program, question: Mapping[str, Any], within: float) -> Session:
    """Ask on another host; ``within`` as of `ask_here`, from the moment in which it is reached.

    Raises:
        UncertainError: it was not reached (``NotReached``).
    """
    return _There(program, question, within)


class _Here:
    def __init__(self, question: Mapping[str, Any], user: str | None, within: float) -> None:
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(HANDOUT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},  # what this process knows by its environment is not for the command
                cwd="/",
                **_as_user(user),
            )
        except (OSError, KeyError, subprocess.SubprocessError) as error:
            raise UncertainError(f"this host did not begin: {error}", code="NotReached") from None
        self._timer = _cut_after(within, self._process.kill)
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(_line(question))
            self._process.stdin.flush()
        except OSError as error:
            self.close()
            raise UncertainError(f"this host did not begin: {error}", code="NotReached") from None

    def answers(self) -> Iterator[Mapping[str, Any]]:
        assert self._process.stdout is not None
        return _answers(self._process.stdout, "this host")

    def close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        self._process.wait()  # the timer ends the one that does not end
        self._timer.cancel()


def _cut_after(within: float, cut: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(within, cut)
    timer.daemon = True
    timer.start()
    return timer


def _as_user(user: str | None) -> dict[str, Any]:
    """What makes a process another user's; only root can."""
    if user is None:
        return {}
    known = pwd.getpwnam(user)
    if known.pw_uid == os.geteuid():
        return {}
    return {
        "user": known.pw_uid,
        "group": known.pw_gid,
        "extra_groups": os.getgrouplist(user, known.pw_gid),
    }


class _There:
    def __init__(self, program: Program, question: Mapping[str, Any], within: float) -> None:
        import paramiko

        self._address = program.address
        try:
            self._client = connect(program)
        except NoSessionError as error:
            told = f"{program.address} was not reached: {harmless(str(error))}"
            raise UncertainError(told, code="NotReached") from None
        self._timer = _cut_after(within, self._client.close)
        try:
            transport = self._client.get_transport()
            # A host that dies says nothing: its silence has to come to an end by itself.
            transport.set_keepalive(ALIVE)
            transport.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD * 1000)
            self._channel = transport.open_session(timeout=TO_CONNECT)
            self._channel.exec_command(shlex.join(program.words))
            self._channel.sendall(_line(question))
        except (paramiko.SSHException, OSError, EOFError) as error:
            self.close()
            told = f"{program.address} was not reached: {harmless(f'{type(error).__name__}: {error}')}"
            raise UncertainError(told, code="NotReached") from None

    def answers(self) -> Iterator[Mapping[str, Any]]:
        return _answers(self._channel.makefile("rb"), self._address)

    def close(self) -> None:
        self._client.close()
        self._timer.cancel()


def _line(question: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(question)).encode() + b"\n"


def _answers(stream: Any, whose: str) -> Iterator[Mapping[str, Any]]:
    while True:
        try:
            line = stream.readline(LONGEST_LINE)
        except (OSError, EOFError) as error:
            told = harmless(f"{type(error).__name__}: {error}")
            raise UncertainError(f"the session with {whose} broke: {told}", code="Lost") from None
        if not line:
            return
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise UncertainError(f"what {whose} said cannot be understood", code="Garbled")
        yield answer
