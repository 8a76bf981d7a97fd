"""A real SSH server on loopback, and what is held on it.

What is held is a file that a stand-in for fsfreeze makes and removes: freezing needs a file system of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from drkit.clouds.ssh.handout import hold
from drkit.ports.shells import Hook

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
needs_sshd = pytest.mark.skipif(SSHD is None, reason="there is no sshd here")
WITHIN = 15.0  # seconds in which what is waited for happens


@dataclass(frozen=True, slots=True)
class Host:
    """An SSH server, and what is frozen on it."""

    hook: Hook
    directory: Path

    @property
    def frozen(self) -> Path:
        """There while it is frozen."""
        return self.directory / "frozen"

    def holding(self, seconds: float = 60, **changes: tuple[str, ...]) -> Hook:
        """A hook that freezes by two commands, unless changed."""
        take = changes.get("take", ("touch", str(self.frozen)))
        release = changes.get("release", ("rm", str(self.frozen)))
        words = (
            sys.executable,
            hold.__file__,
            str(seconds),
            "commands",
            json.dumps(take),
            json.dumps(release),
        )
        return replace(self.hook, hold=words)


def make_key(path: Path) -> str:
    """A pair of keys without a passphrase; the public one."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return " ".join(path.with_suffix(".pub").read_text().split()[:2])


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    ends = time.monotonic() + WITHIN
    while not holds():
        assert time.monotonic() < ends, "it did not come to pass"
        time.sleep(0.02)


@contextmanager
def ssh_host(tmp_path: Path) -> Iterator[Host]:
    """An SSH server of this user's on loopback, with a key of its own."""
    host_key, client_key = make_key(tmp_path / "host"), make_key(tmp_path / "client")
    (tmp_path / "authorized").write_text(client_key + "\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where sshd's own service would make it
    settings = {
        "ListenAddress": f"127.0.0.1:{port}",
        "HostKey": tmp_path / "host",
        "AuthorizedKeysFile": tmp_path / "authorized",
        "PasswordAuthentication": "no",
        "StrictModes": "no",
        "UsePAM": "no",
        "PidFile": "none",
    }
    options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
    server = subprocess.Popen([str(SSHD), "-D", "-e", "-f", os.devnull, *options], stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: listens(port))
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        hook = Hook("127.0.0.1", port, user, str(tmp_path / "client"), host_key, ("true",))
        yield Host(hook, tmp_path)
    finally:
        server.terminate()
        server.wait()


def listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0
