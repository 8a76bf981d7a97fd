"""Checkpoints of a log (C2SP tlog-checkpoint, https://c2sp.org/tlog-checkpoint)."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drkit.core.evidence import merkle, note

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGEST = 64 * 1024  # bytes of a checkpoint file that anybody reads
_SIZE = re.compile("0|[1-9][0-9]{0,18}")
_REQUIRED_LINES = 3


@dataclass(frozen=True)
class Checkpoint:
    """What a log's signer vouches for: these many first entries have this root.

    ``origin`` names the log and equals the name of the signing key; ``signed`` is the whole note.
    """

    origin: str
    size: int
    root: bytes
    signed: bytes = field(repr=False)


def sign_checkpoint(size: int, root: bytes, signer: note.Signer) -> Checkpoint:
    """A checkpoint whose origin is the signer's name."""
    body = f"{signer.name}\n{size}\n{base64.b64encode(root).decode()}\n"
    return Checkpoint(signer.name, size, root, note.sign_note(body, signer))


def open_checkpoint(raw: bytes, keys: Sequence[note.VerifierKey]) -> Checkpoint:
    """A checkpoint whose signature and origin belong to one of the keys.

    Raises:
        BadSignatureError: a signature under a known key's name and id is false.
        UnknownSignerError: no known key signed it, or none that is named like its origin.
        NoteError: it is no checkpoint at all.
    """
    parsed = note.parse_note(raw)
    checkpoint = _from_text(parsed.text, raw)
    signers = note.verify_note(parsed, keys)
    if checkpoint.origin not in {key.name for key in signers}:
        raise note.UnknownSignerError("the checkpoint names another log as its origin than its signer")
    return checkpoint


def parse_checkpoint(raw: bytes) -> Checkpoint:
    """A checkpoint from its bytes, strictly; the signature is not verified.

    Raises:
        NoteError: not a signed note, a leading zero in the size, a root that is not 32 bytes, an empty line.
    """
    if len(raw) > LARGEST:
        raise note.NoteError(f"not a checkpoint: more than {LARGEST} bytes")
    return _from_text(note.parse_note(raw).text, raw)


def _from_text(text: str, raw: bytes) -> Checkpoint:
    lines = text[:-1].split("\n")
    if len(lines) < _REQUIRED_LINES or not all(lines):
        raise note.NoteError("not a checkpoint: origin, size and root are wanted, a line each")
    origin, size, encoded = lines[:_REQUIRED_LINES]
    if not _SIZE.fullmatch(size):
        raise note.NoteError("not a checkpoint: the size is not a decimal number without leading zeros")
    root = note.decode_base64(encoded)
    if len(root) != merkle.HASH_SIZE:
        raise note.NoteError("not a checkpoint: the root is not 32 bytes")
    return Checkpoint(origin, int(size), root, raw)
