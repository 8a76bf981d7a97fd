"""Sessions on hosts by paramiko: the key of the host is pinned, and nothing is left open.

The session is the hold: sshd ends the program's input when the session ends, also when this process dies.
"""

from __future__ import annotations

import shlex
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from drkit.core.text import harmless
from drkit.ports.errors import RefusedError
from drkit.ports.shells import Hook

TO_CONNECT = 15.0  # seconds
TO_HOLD = 60.0  # seconds that a program may take until it holds, or lets go
LONGEST_LINE = 200  # bytes of what a host says that are looked at


class SshShells:
    """The shells port."""

    @contextmanager
    def held(self, hook: Hook) -> Iterator[None]:
        """Hold by the hook's program for as long as the context lasts."""
        client = _connect(hook)
        try:
            channel = _begin(client, hook)
            yield
            _let_go(channel, hook)
        finally:
            client.close()


def _connect(hook: Hook) -> Any:
    import paramiko

    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    try:
        pinned = paramiko.hostkeys.HostKeyEntry.from_line(f"{_known_as(hook)} {hook.host_key}")
        if pinned is None or pinned.key is None:
            raise _not_held(hook, "its host_key cannot be read")
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
        raise _not_held(hook, f"no session: {type(error).__name__}: {error}") from None
    return client


def _known_as(hook: Hook) -> str:
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
