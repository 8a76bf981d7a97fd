"""The state directory of one estate: journal, evidence, key and lock, under a schema version."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from drkit.core.errors import LockedError, UsageError
from drkit.core.files import write_whole
from drkit.core.migrations import MIGRATIONS, SCHEMA

SYSTEM_WIDE = Path("/var/lib/drkit")


def state_root(flag: Path | None) -> Path:
    """Where the states of all estates lie: flag, DRKIT_STATE, or the machine's usual place."""
    if flag is not None:
        return flag
    if chosen := os.environ.get("DRKIT_STATE"):
        return Path(chosen)
    if os.geteuid() == 0:
        return SYSTEM_WIDE
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "drkit"


@dataclass(frozen=True, slots=True)
class State:
    """One estate's state directory."""

    directory: Path

    @property
    def journal(self) -> Path:
        """The journal's database."""
        return self.directory / "journal.sqlite3"

    @property
    def evidence(self) -> Path:
        """The evidence: log and checkpoints."""
        return self.directory / "evidence"

    @property
    def playbooks(self) -> Path:
        """The bytes of playbooks that ran, by their sha256."""
        return self.directory / "playbooks"

    @property
    def keys(self) -> Path:
        """The private key that signs checkpoints, apart from what it signs."""
        return self.directory / "keys"

    @contextmanager
    def lock(self, purpose: str, name: str = "lock") -> Iterator[None]:
        """Be the only run of this estate on this machine, until the block or the process ends.

        A state of an older drkit is brought forward then: nobody else is at it.

        Args:
            purpose: what to tell whoever finds it held.
            name: another lock than that of runs.

        Raises:
            LockedError: another process holds it; the message names it.
        """
        path = self.directory / name
        with _opened(path) as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                stream.seek(0)
                raise LockedError(
                    f"another run holds {path}: {stream.read().strip() or 'it has not said which'}",
                    hint="wait until it ends; the lock ends with the process that holds it",
                ) from None
            stream.truncate(0)
            stream.write(f"process {os.getpid()}, {purpose}")
            stream.flush()
            if name == "lock":
                _bring_forward(self.directory / "schema.json")
            yield
            stream.truncate(0)


def _opened(path: Path) -> TextIO:
    try:
        return path.open("a+", encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(
            f"the lock {path} cannot be used: {error.strerror}", hint="see what stands there"
        ) from None


def open_state(root: Path, estate: str) -> State:
    """Open an estate's state directory, making it where there is none yet.

    Raises:
        UsageError: it cannot be written, or a newer drkit wrote it.
    """
    directory = root / estate
    hint = "give a directory that this user can write: --state DIR or DRKIT_STATE"
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        _settle_schema(directory / "schema.json")
        if not os.access(directory, os.W_OK):
            raise UsageError(f"the state directory {directory} cannot be written", hint=hint)
    except OSError as error:
        raise UsageError(
            f"the state directory {directory} cannot be used: {error.strerror}", hint=hint
        ) from None
    return State(directory)


def find_state(root: Path, estate: str) -> State:
    """An estate's state directory that has to be there already.

    Raises:
        UsageError: there is none.
    """
    directory = root / estate
    if not directory.is_dir():
        raise UsageError(
            f"there is no state of the estate '{estate}' in {root}",
            hint="nothing has run yet, or the state lies elsewhere: --state DIR or DRKIT_STATE",
        )
    _read_schema(directory / "schema.json")
    return State(directory)


def _settle_schema(path: Path) -> None:
    """Write the schema version where there is none; refuse one that is not understood."""
    if not path.exists():
        _write_schema(path, SCHEMA)
        return
    _read_schema(path)


def _bring_forward(path: Path) -> None:
    """Bring an older state to this version; the caller holds the lock."""
    for version in range(_read_schema(path), SCHEMA):
        MIGRATIONS[version](path.parent)
        _write_schema(path, version + 1)


def _read_schema(path: Path) -> int:
    """The schema version of a state.

    Raises:
        UsageError: it is not what drkit wrote, or only a newer drkit understands it.
    """
    try:
        found = json.loads(path.read_bytes())["schema"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        found = None
    if type(found) is not int or found < 1:
        raise UsageError(f"{path} is not what drkit wrote", hint="restore it, or move the directory away")
    if found > SCHEMA:
        raise UsageError(
            f"{path.parent} was written by a newer drkit (schema {found}, this one knows {SCHEMA})",
            hint="use the newer drkit",
        )
    return found


def _write_schema(path: Path, version: int) -> None:
    write_whole(path, json.dumps({"schema": version}).encode() + b"\n", mode=0o600)
