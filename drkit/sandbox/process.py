"""The server's process: a world, a socket, a record in the home, until it is told to end.

python -m drkit.sandbox.process --home DIRECTORY --seed NAME [--port NUMBER] [--aws-port NUMBER]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import secrets
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.core import exits
from drkit.core.errors import DrkitError, UsageError
from drkit.core.files import write_whole
from drkit.sandbox.aws.beside import Beside
from drkit.sandbox.aws.identity import AwsIdentity
from drkit.sandbox.control import Control
from drkit.sandbox.door import Door
from drkit.sandbox.gateway import Gateway
from drkit.sandbox.home import Home, Record, process_start
from drkit.sandbox.seeds import people
from drkit.sandbox.seeds.catalogue import SEEDS
from drkit.sandbox.specification.load import Specification
from drkit.sandbox.wire.server import BACKLOG, listen
from drkit.sandbox.world.clock import WorldClock
from drkit.sandbox.world.model import World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drkit.sandbox.seeds.catalogue import Seed
    from drkit.sandbox.world.identity import KeyPair


def run(
    home: Home,
    seed_name: str,
    port: int | None,
    announce: Callable[[Record], None],
    aws_port: int | None = None,
) -> int:
    """Serve in this process until SIGTERM (status 0) or SIGINT (status 130).

    Raises:
        LockedError: a sandbox already runs in the home.
        UsageError: there is no such seed, or the port or the home cannot be used.
    """
    seed = find_seed(seed_name)
    home.prepare()
    with home.lock(), bind(port) as listener, bind(aws_port) as aws_listener:
        keys, token = people.new_keys(), secrets.token_urlsafe(24)
        clock = WorldClock()
        door = assemble(seed, keys, token, clock, home.contents)
        door.port = listener.getsockname()[1]
        door.aws = Beside(aws_listener, AwsIdentity.new(), token, home.path / "aws-volumes")
        write_whole(home.estate, seed.estate.encode())
        started = process_start(os.getpid()) or ""
        record = Record(
            os.getpid(),
            started,
            door.port,
            seed_name,
            *keys[people.ADMINISTRATOR],
            token,
            door.aws.port,
            door.aws.identity.access_key_id,
            door.aws.identity.secret_access_key,
            keys,
        )
        try:
            return asyncio.run(serve(home, record, listener, door, announce))
        finally:
            home.forget()


async def serve(
    home: Home, record: Record, listener: socket.socket, door: Door, announce: Callable[[Record], None]
) -> int:
    """Serve until a signal comes; the exit status for it."""
    stop = asyncio.Event()
    statuses: list[int] = []

    def end(status: int) -> None:
        statuses.append(status)
        stop.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, end, exits.OK)
    loop.add_signal_handler(signal.SIGINT, end, exits.INTERRUPTED)
    home.write(record)
    announce(record)
    beside = asyncio.create_task(door.aws.serve()) if door.aws else None
    await listen(listener, door.answer, stop)
    if beside:
        beside.cancel()
        await asyncio.gather(beside, return_exceptions=True)
    return statuses[0]


def assemble(
    seed: Seed, keys: Mapping[str, KeyPair], token: str, clock: WorldClock, contents: Path | None = None
) -> Door:
    """A whole sandbox, but for its socket; ``keys`` are those of the seed's people by name."""
    world = World()
    build, adopt = seed.built_with(keys), people.adopting(keys)
    build(world, clock.now())
    control = Control(world, clock, token, build, adopt, contents)
    return Door(Gateway(world, Specification(), clock), control)


def find_seed(name: str) -> Seed:
    """The seed of this name.

    Raises:
        UsageError: there is none.
    """
    if name not in SEEDS:
        raise UsageError(f"there is no seed {name!r}", hint=f"the seeds are {', '.join(SEEDS)}")
    return SEEDS[name]


def bind(port: int | None) -> socket.socket:
    """A socket on loopback, on any free port unless one is named.

    Raises:
        UsageError: the port is taken.
    """
    # asyncio turns Nagle's algorithm off only where the protocol is named; without that, answers wait 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port or 0))
        # From here on clients wait rather than fail, so the record may name the port before the loop runs.
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        why = getattr(error, "strerror", None) or error
        raise UsageError(
            f"port {port} of 127.0.0.1 cannot be used: {why}", hint="leave --port out to get a free one"
        ) from error
    return listener


def main(arguments: list[str]) -> int:
    """What a detached sandbox runs; all it says goes to the log."""
    parser = argparse.ArgumentParser(prog="drkit.sandbox.process")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--seed", default="weimob")
    parser.add_argument("--port", type=int)
    parser.add_argument("--aws-port", type=int)
    chosen = parser.parse_args(arguments)
    log_to_stderr()
    try:
        return run(Home(chosen.home), chosen.seed, chosen.port, say_listening, chosen.aws_port)
    except DrkitError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
        return error.status


def log_to_stderr() -> None:
    """One line a request, without anything secret in it."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("asyncio").setLevel(logging.WARNING)


def say_listening(record: Record) -> None:
    """The first line of a detached sandbox's log."""
    print(
        f"listening on {record.endpoint}, seed {record.seed}, pid {record.pid}, AWS on {record.aws_endpoint}",
        file=sys.stderr,
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
