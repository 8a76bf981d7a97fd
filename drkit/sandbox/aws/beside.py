"""AWS on a port that is there at once and a process that starts with the first connection to it.

The kernel keeps those who connect waiting until ministack is up (half a second), so that the sandbox's own first
answer waits for nothing, and who needs no AWS pays nothing for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from drkit.sandbox.aws.identity import AwsIdentity

LOG = logging.getLogger("drkit.sandbox")

END = 5.0  # seconds to end in
TOO_SHORT = 10.0  # a life in seconds after which a death is taken for a start that failed
INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "VIRTUAL_ENV")


class Beside:
    """The AWS server of one sandbox.

    Args:
        listener: a socket that listens on loopback; it stays open as long as the sandbox runs.
        identity: who may call.
        token: what opens its control door.
        volumes: the directory in which it keeps what its volumes hold.
    """

    def __init__(self, listener: socket.socket, identity: AwsIdentity, token: str, volumes: Path) -> None:
        self.listener = listener
        self.identity = identity
        self.token = token
        self.volumes = volumes
        self.process: asyncio.subprocess.Process | None = None
        self.forgotten = False

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self.listener.getsockname()[1]
        return port

    async def serve(self) -> None:
        """Start the process whenever it is needed, until cancelled; then end it."""
        try:
            while await self.live():
                pass
        finally:
            await self.end()

    async def live(self) -> bool:
        """One life of the process, from the first connection to its end; whether there may be another."""
        await connection_to(self.listener)
        began, self.forgotten = time.monotonic(), False
        self.process = await self.begin()
        status = await self.process.wait()
        if self.forgotten:
            return True
        lived = time.monotonic() - began
        LOG.error("the AWS server ended with status %s after %.0f s; what it held is gone", status, lived)
        if lived < TOO_SHORT:
            self.listener.close()  # nobody shall wait for what does not come
            return False
        return True

    async def begin(self) -> asyncio.subprocess.Process:
        """Start the process; it serves on the listener, and ends when the pipe to it does."""
        descriptor = self.listener.fileno()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "drkit.sandbox.aws.child", str(descriptor)),
            stdin=asyncio.subprocess.PIPE,
            stdout=sys.stderr.fileno(),
            stderr=sys.stderr.fileno(),
            env={name: os.environ[name] for name in INHERITED if name in os.environ},
            pass_fds=[descriptor],
            start_new_session=True,  # an interrupt at the terminal is the sandbox's to pass on
        )
        assert process.stdin is not None
        told = {**self.identity.plain(), "token": self.token, "volumes": str(self.volumes.absolute())}
        process.stdin.write(json.dumps(told).encode() + b"\n")
        LOG.info("the AWS server starts, pid %s", process.pid)
        return process

    def forget(self) -> None:
        """Let everything on AWS be gone; the next call finds it empty."""
        if self.process is not None and self.process.returncode is None:
            self.forgotten = True
            self.process.kill()

    async def end(self) -> None:
        """End the process, if there is one, and wait until it is gone."""
        process = self.process
        if process is None or process.returncode is not None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(END):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def connection_to(listener: socket.socket) -> None:
    """Wait until somebody connects; the connection is left for another process to accept."""
    loop, came = asyncio.get_running_loop(), asyncio.Event()
    descriptor = listener.fileno()
    loop.add_reader(descriptor, came.set)
    try:
        await came.wait()
    finally:
        loop.remove_reader(descriptor)
