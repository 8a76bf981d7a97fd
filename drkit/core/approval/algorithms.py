"""The kinds of key that may sign, and how each is read and verified.

Wire formats: RFC 8709 (Ed25519), RFC 5656 (ECDSA), RFC 4253 section 6.6 and RFC 8332 (RSA with SHA-2), and
OpenSSH's PROTOCOL.u2f for the ``sk-`` keys of FIDO security keys. DSA, SHA-1 and certificates are not here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drkit.core.approval.errors import FalseSignatureError, SignatureError, UntouchedError
from drkit.core.approval.wire import Reader

LEAST_RSA_BITS = 2048
MOST_RSA_BITS = 16_384
MOST_RSA_EXPONENT = 2**32  # a larger one only makes verifying slow
_ED25519_SIGNATURE = 64  # bytes
_PRESENT, _VERIFIED = 0x01, 0x04  # flags of the authenticator's answer, WebAuthn section 6.1


@dataclass(frozen=True, slots=True)
class Touch:
    """What a security key says about the moment in which it signed.

    Args:
        verified: it also verified who touched it, by PIN or fingerprint.
        counter: how many signatures it says it has made.
    """

    verified: bool
    counter: int


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of key.

    Args:
        load: takes the key's fields, after its name, and answers a key of `cryptography`.
        check: raises InvalidSignature unless key, algorithm, signature and message belong together.
        algorithms: the names that its signatures may bear.
        hardware: a security key, whose signatures are over more than the message.
    """

    load: Callable[[Reader], Any]
    check: Callable[[Any, str, bytes, bytes], None]
    algorithms: frozenset[str]
    hardware: bool = False


def verify(kind: Kind, key: Any, application: bytes, blob: bytes, message: bytes) -> Touch | None:
    """Verify a signature blob; what a security key reports, None for other keys.

    Raises:
        SignatureError: unreadable, or of an algorithm that the key does not have.
        UntouchedError: a security key that nobody touched.
        FalseSignatureError: the key did not sign the message.
    """
    from cryptography.exceptions import InvalidSignature

    reader = Reader(blob)
    algorithm, signature = reader.text(), reader.string()
    flags, counter = (reader.byte(), reader.uint32()) if kind.hardware else (0, 0)
    reader.end()
    if algorithm not in kind.algorithms:
        raise SignatureError(f"the algorithm {algorithm} is not accepted")
    if kind.hardware:
        message = _authenticated(application, flags, counter, message)
    try:
        kind.check(key, algorithm, signature, message)
    except InvalidSignature:
        raise FalseSignatureError("the key did not sign these bytes") from None
    if kind.hardware and not flags & _PRESENT:
        raise UntouchedError("the security key signed without being touched")
    return Touch(bool(flags & _VERIFIED), counter) if kind.hardware else None


def _authenticated(application: bytes, flags: int, counter: int, message: bytes) -> bytes:
    """What a security key signs in place of the message (PROTOCOL.u2f, "SSH U2F signatures")."""
    around = hashlib.sha256(application).digest() + bytes([flags]) + counter.to_bytes(4, "big")
    return around + hashlib.sha256(message).digest()


def _load_ed25519(reader: Reader) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return Ed25519PublicKey.from_public_bytes(reader.string())


def _check_ed25519(key: Any, _: str, signature: bytes, message: bytes) -> None:
    if len(signature) != _ED25519_SIGNATURE:
        raise SignatureError("an Ed25519 signature has 64 bytes")
    key.verify(signature, message)


def _load_ecdsa(name: str, curve: str) -> Callable[[Reader], Any]:
    def load(reader: Reader) -> Any:
        from cryptography.hazmat.primitives.asymmetric import ec

        if reader.text() != name:
            raise SignatureError("the key is on another curve than its name says")
        point = reader.string()
        if point[:1] != b"\x04":
            raise SignatureError("the key's point is not uncompressed")  # RFC 5656 section 3.1 allows either
        return ec.EllipticCurvePublicKey.from_encoded_point(getattr(ec, curve)(), point)

    return load


def _check_ecdsa(digest: str) -> Callable[[Any, str, bytes, bytes], None]:
    def check(key: Any, _: str, signature: bytes, message: bytes) -> None:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, utils

        reader = Reader(signature)
        both = utils.encode_dss_signature(reader.integer(), reader.integer())
        reader.end()
        key.verify(both, message, ec.ECDSA(getattr(hashes, digest)()))

    return check


def _load_rsa(reader: Reader) -> Any:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    exponent, modulus = reader.integer(), reader.integer()
    if not LEAST_RSA_BITS <= modulus.bit_length() <= MOST_RSA_BITS or exponent > MOST_RSA_EXPONENT:
        raise SignatureError(f"an RSA key of {modulus.bit_length()} bits is not accepted")
    return RSAPublicNumbers(exponent, modulus).public_key()


def _check_rsa(key: Any, algorithm: str, signature: bytes, message: bytes) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    digest = hashes.SHA256() if algorithm == "rsa-sha2-256" else hashes.SHA512()
    key.verify(signature, message, PKCS1v15(), digest)


def _one(name: str, load: Callable[[Reader], Any], check: Callable[[Any, str, bytes, bytes], None]) -> Kind:
    return Kind(load, check, frozenset({name}), name.startswith("sk-"))


_NISTP256 = _load_ecdsa("nistp256", "SECP256R1"), _check_ecdsa("SHA256")
KINDS: dict[str, Kind] = {
    "ssh-ed25519": _one("ssh-ed25519", _load_ed25519, _check_ed25519),
    "sk-ssh-ed25519@openssh.com": _one("sk-ssh-ed25519@openssh.com", _load_ed25519, _check_ed25519),
    "ecdsa-sha2-nistp256": _one("ecdsa-sha2-nistp256", *_NISTP256),
    "ecdsa-sha2-nistp384": _one(
        "ecdsa-sha2-nistp384", _load_ecdsa("nistp384", "SECP384R1"), _check_ecdsa("SHA384")
    ),
    "ecdsa-sha2-nistp521": _one(
        "ecdsa-sha2-nistp521", _load_ecdsa("nistp521", "SECP521R1"), _check_ecdsa("SHA512")
    ),
    "sk-ecdsa-sha2-nistp256@openssh.com": _one("sk-ecdsa-sha2-nistp256@openssh.com", *_NISTP256),
    "ssh-rsa": Kind(_load_rsa, _check_rsa, frozenset({"rsa-sha2-256", "rsa-sha2-512"})),
}
"""By the name in the public key."""
