"""The sandbox's home: a private directory with what is known about the sandbox that runs.

``sandbox.json`` (pid, port, key pair, token), ``server.log``, ``state/`` (the state of drkit itself while it
works against the sandbox) and ``estate.yaml``.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.core.errors import LockedError, UsageError
from drkit.core.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Record:
    """What ``sandbox.json`` says; ``started`` tells a recycled pid from the sandbox's own process.

    ``secret_id`` and ``secret_key`` are the administrator's; ``keys`` has the pairs of everybody by name.
    """

    pid: int
    started: str
    port: int
    seed: str
    secret_id: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)
    aws_port: int = 0
    aws_access_key_id: str = ""
    aws_secret_access_key: str = field(default="", repr=False)
    keys: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def aws_endpoint(self) -> str:
        """Where the AWS beside it listens."""
        return f"http://127.0.0.1:{self.aws_port}"

    def is_sound(self) -> bool:
        """Whether it can be a record: a signal to process -1 would go to every process there is."""
        texts = [self.started, self.seed, self.secret_id, self.secret_key, self.token]
        texts += [self.aws_access_key_id, self.aws_secret_access_key]
        numbers = type(self.pid) is int and self.pid > 1 and type(self.port) is type(self.aws_port) is int
        sound = numbers and all(type(text) is str for text in texts) and self.started != ""
        return sound and are_pairs(self.keys)


def are_pairs(keys: object) -> bool:
    """Whether this maps names to key pairs."""
    return isinstance(keys, dict) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 and all(type(text) is str for text in pair)  # noqa: PLR2004
        for pair in keys.values()
    )


@dataclass(frozen=True, slots=True)
class Home:
    """One home; at most one sandbox runs in it."""

    path: Path

    @property
    def record_file(self) -> Path:
        """What runs."""
        return self.path / "sandbox.json"

    @property
    def log(self) -> Path:
        """What a detached sandbox said."""
        return self.path / "server.log"

    @property
    def state(self) -> Path:
        """The state of drkit while it works against the sandbox."""
        return self.path / "state"

    @property
    def contents(self) -> Path:
        """What disks hold."""
        return self.path / "contents"

    @property
    def estate(self) -> Path:
        """The estate that the seed describes."""
        return self.path / "estate.yaml"

    def prepare(self) -> None:
        """Make the directories, for nobody else to read.

        Raises:
            UsageError: they cannot be made.
        """
        try:
            for directory in (self.path, self.state):
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
                directory.chmod(0o700)
        except OSError as error:
            raise UsageError(
                f"the sandbox's home {self.path} cannot be used: {error.strerror}",
                hint="name another directory with --home or DRKIT_SANDBOX",
            ) from error

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the home for as long as a sandbox runs in it; the lock dies with its process.

        Raises:
            LockedError: one runs already.
        """
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise self.taken() from None
            yield
        finally:
            os.close(descriptor)

    def taken(self) -> LockedError:
        """The error that says which sandbox runs here."""
        record = self.running()
        which = f"pid {record.pid}, port {record.port}" if record else "it is just starting"
        return LockedError(
            f"a sandbox already runs in {self.path} ({which})",
            hint="end it with `drkit sandbox down`, or use another home with --home or DRKIT_SANDBOX",
        )

    def write(self, record: Record) -> None:
        """Say what runs."""
        write_whole(self.record_file, json.dumps(asdict(record), indent=2).encode() + b"\n", mode=0o600)

    def read(self) -> Record | None:
        """What was said to run, if that can be read."""
        try:
            record = Record(**json.loads(self.record_file.read_bytes()))
        except (OSError, ValueError, TypeError, RecursionError):
            return None
        return record if record.is_sound() else None

    def running(self) -> Record | None:
        """The sandbox whose process is alive, and is the one that wrote the record."""
        record = self.read()
        return record if record and process_start(record.pid) == record.started else None

    def forget(self) -> None:
        """Remove the record."""
        self.record_file.unlink(missing_ok=True)


def find(given: Path | None) -> Home:
    """The home: as given, else ``DRKIT_SANDBOX``, else the place for the system or the user."""
    if given is not None:
        return Home(Path(given).expanduser().absolute())
    if named := os.environ.get("DRKIT_SANDBOX"):
        return Home(Path(named).expanduser().absolute())
    if os.geteuid() == 0:
        return Home(Path("/var/lib/drkit-sandbox"))
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Home((Path(state).expanduser() / "drkit-sandbox").absolute())


def process_start(pid: int) -> str | None:
    """When a process was started, in whatever form the system has; None when there is no such process.

    Linux counts clock ticks since boot in field 22 of ``/proc/PID/stat`` (proc(5)); elsewhere the pid alone
    has to do.
    """
    stat = Path(f"/proc/{pid}/stat")
    try:
        # The name in field 2 may hold anything, so fields are counted from behind its closing bracket.
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return None if Path("/proc/self/stat").exists() else alive(pid)
    return None if fields[0] == "Z" else fields[19]


def alive(pid: int) -> str | None:
    """An empty text when a process of this id lives."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return ""
