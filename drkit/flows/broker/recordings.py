"""What approved commands said: encrypted, each with a key of its own that can be erased, apart from the evidence.

The evidence keeps the sha256 of the encrypted bytes. So it proves what was recorded for as long as that is kept,
and tells nothing of it, not even to somebody who guesses, once the key is gone.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from drkit.core.errors import DrkitError
from drkit.core.files import write_whole

OUTPUT, SETTLED, BEGUN = "output", "settled.json", "begun"
RESERVED = 1024 * 1024  # bytes that have to be free before a command begins
MOST = 256 * 1024 * 1024  # bytes of one recording, so that no command fills the disk of the evidence
_KEY = 32
_NONCE = 12
_HEAD = struct.Struct(">I")
_CHANNELS = {"out": b"o", "err": b"e"}
_LONGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where one recording lies, and where its key.

    Args:
        directory: of the recording.
        key: the file of its key, in another directory, so that one can be kept without the other.
    """

    directory: Path
    key: Path

    @property
    def output(self) -> Path:
        """The encrypted bytes."""
        return self.directory / OUTPUT

    @property
    def settled(self) -> Path:
        """What came of the command; there once it is over."""
        return self.directory / SETTLED

    @property
    def begun(self) -> Path:
        """There before the command can have begun; locked for as long as a process carries it out."""
        return self.directory / BEGUN


def place_of(state: Path, run: str) -> Place:
    """The place of a run's recording in a broker's state."""
    return Place(state / "recordings" / run, state / "recording-keys" / run)


class Recording:
    """Encrypts what a command says as it comes; every part is on the disk before the next is taken."""

    def __init__(self, place: Place) -> None:
        """Begin one.

        Raises:
            OSError: the disk is full, or there is one already.
        """
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = secrets.token_bytes(_KEY)
        place.key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(place.key, key, mode=0o600)
        self._cipher, self._number, self._size = AESGCM(key), 0, 0
        self._digest = hashlib.sha256()
        self._descriptor = os.open(place.output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.posix_fallocate(self._descriptor, 0, RESERVED)
        os.ftruncate(self._descriptor, 0)

    def add(self, channel: str, part: bytes) -> None:
        """One part of what it says to ``out`` or ``err``; raises OSError."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, _CHANNELS[channel] + part, _HEAD.pack(self._number))
        self._number += 1
        frame = _HEAD.pack(len(sealed)) + sealed
        self._size += len(frame)
        if self._size > MOST:
            raise OSError(f"it said more than {MOST // 1024**2} MiB")
        if os.write(self._descriptor, frame) != len(frame):
            raise OSError("the disk is full")
        self._digest.update(frame)

    def close(self) -> str:
        """End it: the sha256 of the encrypted bytes; raises OSError."""
        os.fsync(self._descriptor)
        os.close(self._descriptor)
        return self._digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what a command said.

    Args:
        channel: ``out`` or ``err``.
        number: which part it is, from 0.
        end: the place in the file behind it, in bytes.
    """

    channel: str
    content: bytes
    number: int
    end: int


def parts(place: Place, number: int = 0, at: int = 0) -> Iterator[Part]:
    """What was recorded, part by part; one that is still being written is left for later.

    Args:
        place: of the recording.
        number: of the first part that is wanted, and
        at: its place in the file.

    Raises:
        DrkitError: there is none, its key was erased, or it was altered.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        cipher = AESGCM(place.key.read_bytes())
    except FileNotFoundError:
        raise DrkitError(
            f"there is no key for {place.directory.name}: it was erased, or there is no recording"
        ) from None
    except OSError as error:
        raise DrkitError(
            f"{place.key} cannot be read: {error.strerror}", hint="ask as the broker's user"
        ) from None
    names = {letter: name for name, letter in _CHANNELS.items()}
    try:
        for each, (sealed, end) in enumerate(_frames(place.output, at), number):
            plain = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _HEAD.pack(each))
            yield Part(names[plain[:1]], plain[1:], each, end)
    except (InvalidTag, ValueError, KeyError, OverflowError, struct.error):
        raise DrkitError(f"{place.output} was altered or cut") from None
    except OSError as error:
        raise DrkitError(f"{place.output} cannot be read: {error.strerror}") from None


def _frames(path: Path, at: int) -> Iterator[tuple[bytes, int]]:
    """Each frame that is there whole, and where it ends."""
    with path.open("rb") as stream:
        stream.seek(at)
        while len(head := stream.read(_HEAD.size)) == _HEAD.size:
            length = _HEAD.unpack(head)[0]
            if length > _LONGEST:
                raise ValueError("no frame is so long")
            sealed = stream.read(length)
            if len(sealed) < length:
                return
            at += _HEAD.size + length
            yield sealed, at


def erase(place: Place) -> None:
    """Erase the key, after which nobody can read the recording; what was encrypted stays, for its hash.

    Raises:
        DrkitError: it cannot be erased.
    """
    try:
        place.key.unlink(missing_ok=True)
    except OSError as error:
        raise DrkitError(f"{place.key} cannot be erased: {error.strerror}") from None
