"""The append-only log: canonical JSON lines under a Merkle tree, with signed checkpoints."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from drkit.core import times
from drkit.core.evidence import keys, layout, replay, resuming, torn
from drkit.core.evidence.checkpoint import Checkpoint, sign_checkpoint
from drkit.core.evidence.errors import DamagedLogError, EvidenceError, surfaced
from drkit.core.evidence.lines import line_of
from drkit.core.evidence.merkle import CompactRange, leaf_hash
from drkit.core.files import sync_directory, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from drkit.core.evidence.note import Signer, VerifierKey


@dataclass
class EvidenceLog:
    """One writer's hold on the log of a directory; make it with `open`.

    There must be one writer at a time: the caller holds the lock. A second writer is noticed by the length of
    the file and refused, which protects the log but not the second writer's entry.

    An entry is in the log when `append` returns: the death of the process does not lose it, a power cut may.
    After `sync`, `checkpoint` or ``append(durable=True)`` a power cut does not lose it either.
    """

    directory: Path
    signer: Signer
    last: Checkpoint | None
    _tree: CompactRange = field(repr=False)
    _length: int
    _handle: int
    _resume: resuming.Point | None  # before the last checkpoint: see `resuming`
    _before: resuming.Point | None = None  # before the last write
    _broken: bool = False

    @classmethod
    def open(
        cls,
        directory: Path,
        signer: Signer,
        *,
        earlier_keys: Sequence[VerifierKey] = (),
        now: times.Clock = times.now,
    ) -> Self:
        """Open the log of a directory, or begin one.

        The log must hold against its last checkpoint: what came after it is read, and all of it when anything
        else touched the file since it was closed (`resuming`). A torn end that no checkpoint covers is set
        aside to a file ``torn-<index>-<digest>`` and recorded as an entry of kind ``evidence.torn``.

        Args:
            directory: made if absent; belongs to this log alone.
            signer: signs the checkpoints; its name is their origin.
            earlier_keys: keys that signed checkpoints of this log before it got the present one.
            now: the time for the record of a torn end.

        Raises:
            DamagedLogError: the log is not what its checkpoint says.
            EvidenceError: the directory cannot be read or written.
        """
        with surfaced(directory, "opened for writing"):
            directory.mkdir(mode=0o750, parents=True, exist_ok=True)
            last = replay.last_checkpoint(directory, (signer.key, *earlier_keys))
            if last is None:
                _begin(directory)
            state = replay.replay(directory, last)
            _lay_beside(directory, signer)
            torn.set_aside(directory, state.tree.size, state.length)
            record = torn.record(directory, state.tree.size, now())
            handle = os.open(directory / layout.LOG, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        log = cls(directory, signer, last, state.tree, state.length, handle, state.before)
        if record:
            log._record_or_close(record)
        return log

    @property
    def size(self) -> int:
        """The number of entries, those without a checkpoint included."""
        return self._tree.size

    @property
    def root(self) -> bytes:
        """The Merkle root of all entries."""
        return self._tree.root()

    def append(self, entry: Mapping[str, Any], *, durable: bool = False) -> int:
        """Add one JSON object as it is; its index.

        Args:
            entry: any JSON object without a secret in it: the log is meant to be shown.
            durable: wait until a power cut cannot lose it.

        Raises:
            EntryError: the entry has no canonical form; nothing was written.
            EvidenceError: the disk is full or failed; nothing was written, and the log stays usable.
        """
        return self.extend((entry,), durable=durable)[0]

    def extend(self, entries: Iterable[Mapping[str, Any]], *, durable: bool = False) -> range:
        """Add many entries with one write, all of them or none; their indexes. Raises as `append`."""
        lines = [line_of(entry) for entry in entries]
        first = self.size
        self._refuse_unusable()
        self._before = resuming.Point(first, self._length, tuple(self._tree.edge)) if lines else self._before
        self._broken = True  # an interrupt before file and tree agree again leaves it so
        self._write(b"\n".join([*lines, b""]))
        self._tree.add(*map(leaf_hash, lines))
        self._broken = False
        if durable:
            self.sync()
        return range(first, self.size)

    def sync(self) -> None:
        """Wait until a power cut cannot lose what was appended.

        Raises:
            EvidenceError: the disk failed. The kernel may have dropped what it could not write, so the log is
                closed to appending until it is opened, and thereby read, again.
        """
        self._refuse_unusable()
        try:
            os.fsync(self._handle)
        except OSError as error:
            self._broken = True
            raise EvidenceError(
                f"{self.directory / layout.LOG} could not be flushed to the disk: {error.strerror}",
                hint="what was recorded last may be lost; check the disk and run again",
            ) from error

    def checkpoint(self) -> Checkpoint:
        """Sign what the log holds now, after making it durable.

        The history gets the file first, then the latest is replaced: a crash in between leaves both valid.

        Raises:
            EvidenceError: the checkpoint could not be written; the entries are safe.
        """
        self.sync()
        signed = sign_checkpoint(self.size, self.root, self.signer)
        if self.last and self.last.signed == signed.signed:
            return self.last
        history = self.directory / layout.HISTORY
        with surfaced(history, "written"):
            history.mkdir(mode=0o750, exist_ok=True)
            write_whole(history / layout.history_name(signed.size), signed.signed, mode=0o640)
            write_whole(self.directory / layout.LATEST, signed.signed, mode=0o640)
        self.last = signed
        self._resume = self._before or self._resume
        return signed

    def close(self) -> None:
        """Let go of the log; nothing is flushed or signed."""
        if self._handle >= 0:
            if self._resume and not self._broken:
                resuming.keep(self.directory, self._resume, self._handle)
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _record_or_close(self, record: dict[str, Any]) -> None:
        try:
            self.append(record, durable=True)
        except BaseException:
            self.close()
            raise

    def _refuse_unusable(self) -> None:
        if self._handle < 0:
            raise EvidenceError("the log is closed")
        if self._broken:
            raise EvidenceError("the log failed before", hint="open it again: that reads and checks it")

    def _write(self, content: bytes) -> None:
        with surfaced(self.directory, "appended to"):
            if os.fstat(self._handle).st_size != self._length:
                raise DamagedLogError(
                    "something else wrote to the log", hint="only the holder of the lock may write; run again"
                )
            try:
                _write_all(self._handle, content)
            except OSError:
                # Part of an entry may stand there. Where cutting it off fails too, the log stays broken, and
                # opening it again sets the part aside.
                os.ftruncate(self._handle, self._length)
                self._broken = False
                raise
        self._length += len(content)


def _begin(directory: Path) -> None:
    """Make an empty log where there is none."""
    os.close(os.open(directory / layout.LOG, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o640))
    sync_directory(directory)


def _lay_beside(directory: Path, signer: Signer) -> None:
    """The verifier key beside the log: convenient, though one that was noted elsewhere proves more."""
    beside = directory / layout.VERIFIER_KEY
    known = keys.read_verifier_keys(beside) if beside.exists() else []
    if signer.key not in known:
        text = "".join(f"{key}\n" for key in (*known, signer.key))
        write_whole(beside, text.encode())


def _write_all(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]
