"""Signed notes (C2SP signed-note, https://c2sp.org/signed-note) with Ed25519 signatures."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drkit.core.errors import DrkitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = b"\x01"  # signature type identifier byte
MOST_SIGNATURES = 100  # the specification wants a limit, of 16 at the least
_SIGNATURE_LINE = re.compile("— ([^ ]+) ([A-Za-z0-9+/]+={0,2})")
_PUBLIC_SIZE = 32


class NoteError(DrkitError):
    """Not a signed note, or not a verifier key."""


class UnknownSignerError(NoteError):
    """No signature of the note belongs to a known key."""


class BadSignatureError(NoteError):
    """A signature that claims to be of a known key is not."""


@dataclass(frozen=True)
class VerifierKey:
    """The public half of a signer: a name without spaces or plus, and 32 bytes of Ed25519 public key."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.name) or len(self.public) != _PUBLIC_SIZE:
            raise NoteError(
                "not a verifier key: a name without spaces or '+' and 32 bytes of Ed25519 are wanted",
                hint="name the log like a URL without its scheme, e.g. example.com/estate",
            )

    @property
    def identifier(self) -> bytes:
        """The four-byte key id: SHA-256(name || 0x0A || 0x01 || public)[:4]."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        encoded = base64.b64encode(ED25519 + self.public).decode()
        return f"{self.name}+{self.identifier.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """A key from its text ``name+8 hex digits+base64``.

        Raises:
            NoteError: it has another form, another algorithm, or its id does not belong to it.
        """
        name, _, rest = text.partition("+")
        identifier, _, encoded = rest.partition("+")
        raw = decode_base64(encoded)
        if raw[:1] != ED25519:
            raise NoteError("not a verifier key of the Ed25519 kind", hint="see docs/evidence.md")
        key = cls(name, raw[1:])
        if key.identifier.hex() != identifier:
            raise NoteError("the verifier key's id does not belong to it: the text was changed or cut")
        return key


@dataclass(frozen=True)
class Signer:
    """A name and its private key."""

    name: str
    private: Ed25519PrivateKey = field(repr=False)

    @property
    def key(self) -> VerifierKey:
        """What others need to verify what this signer signs."""
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())


@dataclass(frozen=True)
class Signature:
    """One signature line, not verified."""

    name: str
    identifier: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    """A note, not verified: its text with the final newline, and its signatures in their order."""

    text: str
    signatures: tuple[Signature, ...]


def is_key_name(name: str) -> bool:
    """Whether a name may stand in a signature line: not empty, no Unicode space, no plus."""
    return bool(name) and "+" not in name and not any(map(str.isspace, name))


def sign_note(text: str, signer: Signer) -> bytes:
    """The text, a blank line, and the signer's line.

    Raises:
        NoteError: the text does not end in a newline or holds a control character.
    """
    if not text.endswith("\n") or _has_control_character(text):
        raise NoteError("a note's text ends in a newline and has no control characters")
    signature = signer.private.sign(text.encode())
    encoded = base64.b64encode(signer.key.identifier + signature).decode()
    return f"{text}\n— {signer.name} {encoded}\n".encode()


def parse_note(raw: bytes) -> Note:
    """A note from its bytes, by the letter of the specification; nothing is verified yet.

    Raises:
        NoteError: not UTF-8, a control character, no blank line, no or more than 100 signatures, a signature
            line of another form.
    """
    try:
        whole = raw.decode()
    except UnicodeDecodeError as error:
        raise NoteError("not a signed note: not UTF-8") from error
    text, blank, signatures = whole.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise NoteError("not a signed note: no blank line before the signatures, or no newline at the end")
    if _has_control_character(whole):
        raise NoteError("not a signed note: it holds a control character")
    lines = signatures[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise NoteError(f"not a signed note: more than {MOST_SIGNATURES} signatures")
    return Note(text + "\n", tuple(map(_signature, lines)))


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
    """The known keys that signed the note, at least one.

    Signatures of unknown keys are ignored; one false signature of a known key refuses the whole note.

    Raises:
        BadSignatureError: a signature under a known name and id is false.
        UnknownSignerError: no signature is of a known key.
    """
    known: dict[tuple[str, bytes], list[VerifierKey]] = {}
    for key in keys:
        known.setdefault((key.name, key.identifier), []).append(key)
    signers = [
        _verified(note.text, signature, candidates)
        for signature in note.signatures
        if (candidates := known.get((signature.name, signature.identifier)))
    ]
    if not signers:
        raise UnknownSignerError("signed by no known key")
    return signers


def decode_base64(text: str) -> bytes:
    """Standard base64 (RFC 4648 section 4) in its one canonical spelling.

    Raises:
        NoteError: anything else, such as missing padding or stray bits.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise NoteError("not canonical base64")
    return raw


def _signature(line: str) -> Signature:
    match = _SIGNATURE_LINE.fullmatch(line)
    if not match or not is_key_name(match[1]):
        raise NoteError("not a signed note: a signature line has another form than '— name base64'")
    raw = decode_base64(match[2])
    if len(raw) <= len(ED25519) + 3:
        raise NoteError("not a signed note: a signature is too short")
    return Signature(match[1], raw[:4], raw[4:])


def _verified(text: str, signature: Signature, candidates: Sequence[VerifierKey]) -> VerifierKey:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    for key in candidates:
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature.signature, text.encode())
        except InvalidSignature:
            continue
        return key
    raise BadSignatureError(f"the signature under the name {signature.name} is false")


def _has_control_character(text: str) -> bool:
    return any(character < " " and character != "\n" for character in text)
