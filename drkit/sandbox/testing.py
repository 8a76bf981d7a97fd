"""Sandboxes for tests: in a process of its own (`running`), or in a thread, with a clock (`in_thread`)."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drkit.sandbox import launch
from drkit.sandbox.commands import environment
from drkit.sandbox.home import Home, Record
from drkit.sandbox.knocking import knock
from drkit.sandbox.process import assemble, bind
from drkit.sandbox.seeds import people
from drkit.sandbox.seeds.catalogue import SEEDS
from drkit.sandbox.wire.server import listen
from drkit.sandbox.world.clock import WorldClock
from drkit.sandbox.world.identity import KeyPair

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drkit.sandbox.world.model import World


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that runs, seen from a test."""

    port: int
    secret_id: str
    secret_key: str
    token: str
    keys: Mapping[str, KeyPair]

    def key(self, name: str) -> KeyPair:
        """The key pair of one of the seed's people, such as ``drkit-look``, ``root`` or ``vault-administrator``.

        Raises:
            KeyError: the seed has nobody of this name.
        """
        return self.keys[name]

    @property
    def endpoint(self) -> str:
        """Where it listens, as ``http://127.0.0.1:PORT``."""
        return f"http://127.0.0.1:{self.port}"

    def fault(self, kind: str, **fields: Any) -> None:
        """Order a fault: ``kind`` and fields are those of `drkit.sandbox.faults.model.Fault`."""
        self.control("POST", "faults", {"kind": kind, **fields})

    def faults(self) -> list[dict[str, Any]]:
        """The faults that still wait."""
        waiting: list[dict[str, Any]] = self.control("GET", "faults")["faults"]
        return waiting

    def clear_faults(self) -> None:
        """Forget all faults."""
        self.control("DELETE", "faults")

    def create_in(self, seconds: int) -> None:
        """How long a snapshot that is begun from now on is CREATING."""
        self.control("POST", f"creation/{seconds}")

    def reset(self) -> None:
        """Everything as it was at the start."""
        self.control("POST", "reset")

    def remove_disk(self, disk: str) -> None:
        """Let a disk vanish."""
        self.control("DELETE", f"disks/{disk}")

    def fill_disk(self, disk: str, image: Path) -> None:
        """Let a disk hold what a file holds now; what is made of it from now on holds that too."""
        self.control("POST", "volumes", {"disk": disk, "image": str(image)})

    def place_host(self, host: str, directory: Path) -> None:
        """Let a host find the disks that hang on it, as files ``virtio-<disk>`` in a directory."""
        self.control("POST", "volumes", {"host": host, "directory": str(directory)})

    def advance(self, by: timedelta) -> None:
        """Let time pass, and what happens in it happen."""
        self.control("POST", "clock", {"advance": by.total_seconds()})

    def save(self, name: str) -> None:
        """Keep all there is, under a name."""
        self.control("POST", f"states/{name}")

    def load(self, name: str) -> None:
        """Everything, the time too, as it was when it was saved under this name."""
        self.control("POST", f"states/{name}/load")

    def control(self, method: str, path: str, content: Any = None) -> dict[str, Any]:
        """One request to the control door.

        Raises:
            urllib.error.HTTPError: it was refused; the body says why.
        """
        return knock(self.endpoint, self.token, method, path, content)


@dataclass(frozen=True, slots=True)
class Running(Sandbox):
    """A sandbox in a process of its own; ``home`` holds its files, ``record`` says what runs."""

    home: Home
    record: Record

    def fill_volume(self, volume: str, image: Path) -> None:
        """Let a volume of the AWS beside it hold what a file holds now; as `fill_disk`."""
        self._ask_aws({"disk": volume, "image": str(image)})

    def place_instance(self, instance: str, directory: Path) -> None:
        """Let an instance of AWS find its volumes in a directory, by the names that udev gives NVMe disks."""
        self._ask_aws({"host": instance, "directory": str(directory)})

    def _ask_aws(self, content: dict[str, str]) -> None:
        knock(self.record.aws_endpoint, self.token, "POST", "volumes", content)

    def environment(self) -> dict[str, str]:
        """The variables that ``drkit sandbox env`` prints."""
        return environment(self.home, self.record)


@contextmanager
def running(seed: str = "weimob", home: Path | None = None) -> Iterator[Running]:
    """A sandbox in a process of its own, as ``drkit sandbox up --detach`` starts it."""
    with contextlib.ExitStack() as stack:
        directory = home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="drkit-sandbox-")))
        place = Home(directory.absolute())
        record = launch.start(place, seed, None)
        stack.callback(launch.end, record)
        keys = {name: KeyPair(*pair) for name, pair in record.keys.items()}
        yield Running(record.port, record.secret_id, record.secret_key, record.token, keys, place, record)


@dataclass(frozen=True, slots=True)
class InThread(Sandbox):
    """A sandbox in a thread of this process, whose world and clock a test can change."""

    world: World
    clock: WorldClock


@contextmanager
def in_thread(seed: str = "weimob", now: datetime | None = None) -> Iterator[InThread]:
    """A sandbox in a thread; its clock stands still at ``now`` (the time of the call) until advanced."""
    clock = WorldClock(now or datetime.now(UTC))
    token, keys = "token", people.new_keys()
    door = assemble(SEEDS[seed], keys, token, clock)
    with bind(None) as listener:
        door.port = listener.getsockname()[1]
        loop = asyncio.new_event_loop()
        stop = asyncio.Event()
        thread = threading.Thread(target=loop.run_until_complete, args=(listen(listener, door.answer, stop),))
        thread.start()
        try:
            secret_id, secret_key = keys[people.ADMINISTRATOR]
            yield InThread(door.port, secret_id, secret_key, token, keys, door.gateway.world, clock)
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()
