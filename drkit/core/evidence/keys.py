"""The key pair of a log: the private half in a directory of its own, never beside the evidence."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from drkit.core.errors import UsageError
from drkit.core.evidence import note
from drkit.core.evidence.placing import place_new

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PRIVATE = "private-key.pem"
VERIFIER = "verifier-key"
_LARGEST = 64 * 1024  # bytes of a key file that anybody reads


def create(directory: Path, name: str) -> note.Signer:
    """A new Ed25519 key pair in ``directory`` (mode 0700, made if absent).

    ``private-key.pem`` is PKCS#8 (RFC 5958) without a passphrase, mode 0600; ``verifier-key`` is public text.

    Args:
        directory: not the evidence directory: who copies the evidence must not copy the key.
        name: of the log, like a URL without its scheme, e.g. ``example.com/estate``.

    Raises:
        NoteError: the name has a space or a plus.
        UsageError: a key is there already, others can enter the directory, or it cannot be written.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    signer = note.Signer(name, Ed25519PrivateKey.generate())
    verifier = f"{signer.key}\n".encode()
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_open_directory(directory)
        _write_pair(directory, _pem(signer.private), verifier)
    except FileExistsError as error:
        raise UsageError(
            f"there is a key in {directory} already; it is not overwritten",
            hint="what it signed can be verified with its verifier-key alone; choose another directory",
        ) from error
    except OSError as error:
        raise UsageError(
            f"the key could not be written to {directory}: {error.strerror}",
            hint="free space, or choose a directory that you can write",
        ) from error
    return signer


def complete(directory: Path, name: str) -> None:
    """Write the public half beside a private one that lies alone, as a crash within `create` leaves it.

    Raises:
        UsageError: the private half is no use, or the public one cannot be written.
    """
    verifier = directory / VERIFIER
    private = _private(directory / PRIVATE)
    try:
        place_new(verifier, f"{note.Signer(name, private).key}\n".encode(), mode=0o644)
    except FileExistsError:
        return  # another process was faster
    except OSError as error:
        raise UsageError(
            f"{verifier} could not be written: {error.strerror}",
            hint="free space, or correct the permissions",
        ) from error


def load(directory: Path) -> note.Signer:
    """The key pair that `create` made.

    Raises:
        UsageError: absent, readable by others, not an Ed25519 key, or the two halves do not belong together.
    """
    private = _private(directory / PRIVATE)
    keys = read_verifier_keys(directory / VERIFIER)
    signer = note.Signer(keys[0].name, private)
    if signer.key != keys[0]:
        raise UsageError(
            f"{directory / VERIFIER} does not belong to {directory / PRIVATE}",
            hint="restore both from the same backup, or make a new pair in another directory",
        )
    return signer


def read_verifier_keys(path: Path) -> list[note.VerifierKey]:
    """The verifier keys of a text file, one a line, at least one.

    Raises:
        UsageError: the file cannot be read, is empty, or a line is no verifier key.
    """
    try:
        with path.open("rb") as stream:
            texts = stream.read(_LARGEST).decode().splitlines()
        keys = [note.VerifierKey.parse(text.strip()) for text in texts if text.strip()]
    except OSError as error:
        raise UsageError(f"the verifier key {path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, note.NoteError) as error:
        raise UsageError(
            f"{path} holds no verifier key",
            hint="a verifier key is one line: name+8 hex digits+base64; never give a private key here",
        ) from error
    if not keys:
        raise UsageError(f"{path} is empty", hint="it should hold a verifier key: name+8 hex digits+base64")
    return keys


def _private(path: Path) -> Ed25519PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(_read_private(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Not chained: what a parser says may quote what it parsed.
        raise UsageError(f"{path} is not an unencrypted PKCS#8 private key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{path} is not an Ed25519 key")
    return key


def _read_private(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise UsageError(
                    f"others can read the private key {path}",
                    hint=f"who read it can sign: make a new pair; or chmod 600 {path} if nobody did",
                )
            return stream.read(_LARGEST)
    except OSError as error:
        raise UsageError(
            f"the private key {path} cannot be read: {error.strerror}",
            hint="run as its owner, or restore it; what it signed can be verified without it",
        ) from error


def _refuse_open_directory(directory: Path) -> None:
    if directory.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(f"others can enter {directory}", hint=f"chmod 700 {directory}")


def _write_pair(directory: Path, private: bytes, verifier: bytes) -> None:
    place_new(directory / PRIVATE, private, mode=0o600)
    try:
        place_new(directory / VERIFIER, verifier, mode=0o644)
    except OSError:
        (directory / PRIVATE).unlink()
        raise


def _pem(private: Ed25519PrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
