"""Public keys of OpenSSH, read strictly enough that one key has one spelling."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from drkit.core.approval import algorithms
from drkit.core.approval.algorithms import KINDS, Touch
from drkit.core.approval.errors import SignatureError
from drkit.core.approval.wire import Reader

LARGEST_KEY = 8 * 1024  # bytes of a key in its wire form


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key; made by `read_key` or `parse_key` alone, so that every one there is can verify.

    Args:
        blob: its wire form (RFC 4253 section 6.6), which is its identity.
    """

    blob: bytes
    kind: str = field(compare=False)

    def __str__(self) -> str:
        return f"{self.kind} {base64.b64encode(self.blob).decode()}"

    @property
    def fingerprint(self) -> str:
        """What ``ssh-keygen -l`` shows: ``SHA256:`` and base64 without padding."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")

    def verify(self, signature: bytes, message: bytes) -> Touch | None:
        """Verify a signature blob over a message; raises as `algorithms.verify`."""
        kind, key, application = _loaded(self.blob)
        return algorithms.verify(kind, key, application, signature, message)


def read_key(blob: bytes) -> PublicKey:
    """A key from its wire form.

    Raises:
        SignatureError: of a kind that is not accepted, weak, or malformed.
    """
    if len(blob) > LARGEST_KEY:
        raise SignatureError("the public key is too large")
    _loaded(blob)
    return PublicKey(blob, Reader(blob).text())


def parse_key(text: str) -> PublicKey:
    """A key from the line of a ``.pub`` file: kind, base64 and, ignored, a comment.

    Raises:
        SignatureError: another form, or as `read_key`.
    """
    kind, _, rest = text.strip().partition(" ")
    key = read_key(decode_base64(rest.partition(" ")[0]))
    if key.kind != kind:
        raise SignatureError("the public key is of another kind than its line says")
    return key


def decode_base64(text: str) -> bytes:
    """Standard base64 (RFC 4648 section 4) in its one canonical spelling.

    Raises:
        SignatureError: anything else, such as missing padding or stray bits.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SignatureError("it is not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise SignatureError("it is not canonical base64")
    return raw


@lru_cache(maxsize=1024)
def _loaded(blob: bytes) -> tuple[algorithms.Kind, Any, bytes]:
    """What verifies; kept, because putting a point on its curve costs more than reading a whole request."""
    from cryptography.exceptions import UnsupportedAlgorithm

    reader = Reader(blob)
    name = reader.text()
    kind = KINDS.get(name)
    if kind is None:
        raise SignatureError(f"keys of the kind {name[:60]} are not accepted")
    try:
        key = kind.load(reader)
    except (ValueError, UnsupportedAlgorithm):
        raise SignatureError("the public key is malformed") from None
    application = reader.string() if kind.hardware else b""
    reader.end()
    return kind, key, application
