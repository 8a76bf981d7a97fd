"""Sessions on hosts by paramiko: the key of the host is pinned, and nothing is left open.

The session is the hold: sshd ends the program's input when the session ends, also when this process dies.
"""

from __future__ import annotations

import json
import shlex
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from drkit.core.text import harmless
from drkit.ports.errors import RefusedError, UncertainError
from drkit.ports.shells import Hook, Program

TO_CONNECT = 15.0  # seconds
TO_HOLD = 60.0  # seconds that a program may take until it holds, or lets go
LONGEST_LINE = 200  # bytes of what a host says that are looked at
LONGEST_ANSWER = 65_536  # bytes


class SshShells:
    """The shells port."""

    @contextmanager
    def held(self, hook: Hook) -> Iterator[None]:
        """Hold by the hook's program for as long as the context lasts."""
        try:
            client = connect(hook)
        except NoSessionError as error:
            raise _not_held(hook, str(error)) from None
        try:
            channel = _begin(client, hook)
            yield
            _let_go(channel, hook)
        finally:
            client.close()

    def ask(self, program: Program, question: Mapping[str, Any], seconds: float) -> Any:
        """The answer of a program to one question."""
        import paramiko

        try:
            client = connect(program)
        except NoSessionError as error:
            told = f"{program.address} was not reached: {harmless(str(error))}"
            raise UncertainError(told, code="NotReached") from None
        try:
            channel = client.get_transport().open_session(timeout=TO_CONNECT)
            channel.exec_command(shlex.join(program.words))
            channel.sendall(json.dumps(dict(question)).encode() + b"\n")
            # Its input stays open for as long as somebody waits: the program ends when that ends.
            return json.loads(_answer(channel, seconds + TO_HOLD))
        except (paramiko.SSHException, OSError, EOFError) as error:
            told = harmless(f"{type(error).__name__}: {error}")
            raise UncertainError(f"{program.address} did not answer: {told}", code="NoAnswer") from None
        except (ValueError, RecursionError):
            told = f"what the program on {program.address} said cannot be understood"
            raise UncertainError(told, code="NoAnswer") from None
        finally:
            client.close()


class NoSessionError(Exception):
    """There is no session, and why."""


class _Reached(Protocol):
    """Where a session goes to."""

    @property
    def address(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def user(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def host_key(self) -> str: ...


def connect(hook: _Reached) -> Any:
    """A client of SSH with a session; whoever has it closes it.

    Raises:
        NoSessionError: there is none, and why.
    """
    import paramiko

    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    try:
        pinned = paramiko.hostkeys.HostKeyEntry.from_line(f"{_known_as(hook)} {hook.host_key}")
        if pinned is None or pinned.key is None:
            raise NoSessionError("its host_key cannot be read")
        client.get_host_keys().add(_known_as(hook), pinned.key.get_name(), pinned.key)
        client.connect(
            hook.address,
            hook.port,
            hook.user,
            key_filename=hook.key,
            allow_agent=False,
            look_for_keys=False,
            timeout=TO_CONNECT,
            banner_timeout=TO_CONNECT,
            auth_timeout=TO_CONNECT,
        )
    except (paramiko.SSHException, OSError, ValueError) as error:
        client.close()
        raise NoSessionError(f"no session: {type(error).__name__}: {error}") from None
    return client


def _known_as(hook: _Reached) -> str:
    """The name under which a client of SSH knows the key of a host."""
    return hook.address if hook.port == 22 else f"[{hook.address}]:{hook.port}"  # noqa: PLR2004 - SSH's port


def _begin(client: Any, hook: Hook) -> Any:
    import paramiko

    try:
        channel = client.get_transport().open_session(timeout=TO_CONNECT)
        # SSH knows no list of words: the host's shell splits this one into exactly these.
        channel.exec_command(shlex.join(hook.hold))
        said = _line(channel)
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise _not_held(hook, f"{type(error).__name__}: {error}") from None
    if said != "held":
        raise _not_held(hook, f"its program said '{said}'")
    return channel


def _let_go(channel: Any, hook: Hook) -> None:
    import paramiko

    try:
        channel.shutdown_write()
        said = _line(channel)
    except (paramiko.SSHException, OSError, EOFError) as error:
        said = type(error).__name__
    if said != "released":
        raise RefusedError(
            f"{hook.address} did not hold for as long as it was needed, or nobody knows: it said '{said}'",
            code="HeldTooShort",
        )


def _answer(channel: Any, seconds: float) -> bytes:
    """The first line that a program says, or all that it says before it ends, if that is not too much."""
    ends, found = time.monotonic() + seconds, b""
    while b"\n" not in found and len(found) <= LONGEST_ANSWER:
        channel.settimeout(max(0.001, ends - time.monotonic()))
        try:
            part = channel.recv(LONGEST_ANSWER)
        except socket.timeout:  # noqa: UP041 - paramiko's own, on Python 3.9 another one
            raise TimeoutError("it said nothing in time") from None
        if not part:
            break
        found += part
    return found.partition(b"\n")[0]


def _line(channel: Any) -> str:
    """The next line that the program says, harmless to show; what came until its end where it says none."""
    ends, found = time.monotonic() + TO_HOLD, b""
    while not found.endswith(b"\n") and len(found) < LONGEST_LINE:
        left = ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("it said nothing in time")
        channel.settimeout(left)
        try:
            byte = channel.recv(1)
        except socket.timeout:  # noqa: UP041 - paramiko's own, on Python 3.9 another one
            raise TimeoutError("it said nothing in time") from None
        if not byte:
            break
        found += byte
    return harmless(found.decode("ascii", "replace").strip())


def _not_held(hook: Hook, why: str) -> RefusedError:
    return RefusedError(f"{hook.address} does not hold: {harmless(why)}", code="NotHeld")
