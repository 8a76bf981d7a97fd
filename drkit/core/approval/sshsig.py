"""Signatures of ``ssh-keygen -Y sign`` (OpenSSH PROTOCOL.sshsig), parsed and verified."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from drkit.core.approval.algorithms import Touch
from drkit.core.approval.errors import NamespaceError, SignatureError
from drkit.core.approval.keys import PublicKey, decode_base64, read_key
from drkit.core.approval.wire import Reader, string

APPROVE = "approve@drkit"
REQUEST = "request@drkit"  # by which a requester shows that the request is his
ROSTER = "roster@drkit"  # by which the holders of the root sign a version of the roster
REVIEW = "review@drkit"  # by which somebody says that he looked into a command that broke the glass
LARGEST_SIGNATURE = 16 * 1024  # bytes of an armored signature; the largest RSA needs half of it

_MAGIC = b"SSHSIG"
_VERSION = 1
_HASHES = {"sha256": hashlib.sha256, "sha512": hashlib.sha512}
_ARMOR = re.compile(
    rb"-----BEGIN SSH SIGNATURE-----\n((?:[A-Za-z0-9+/=]{1,76}\n)+)-----END SSH SIGNATURE-----\n?"
)


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature, not verified: who says to have signed, for which purpose."""

    key: PublicKey
    namespace: str
    hash_algorithm: str
    signature: bytes

    def verify(self, message: bytes, namespace: str) -> Touch | None:
        """What a security key reports; None for other keys.

        Raises:
            NamespaceError: signed for another purpose than ``namespace``.
            UntouchedError, FalseSignatureError, SignatureError: as `algorithms.verify`.
        """
        if self.namespace != namespace:
            raise NamespaceError(f"signed for {self.namespace!r}, not for {namespace!r}")
        digest = _HASHES[self.hash_algorithm](message).digest()
        fields = (namespace.encode(), b"", self.hash_algorithm.encode(), digest)
        return self.key.verify(self.signature, _MAGIC + b"".join(map(string, fields)))


def parse(armored: bytes) -> Signature:
    """A signature from the bytes of a ``.sig`` file.

    A reserved field that is not empty is refused, where the protocol lets a reader ignore it: nobody can say
    what it will mean, and stock OpenSSH signs and verifies as if it were empty.

    Raises:
        SignatureError: any other form, version, hash or key.
    """
    found = _ARMOR.fullmatch(armored) if len(armored) <= LARGEST_SIGNATURE else None
    if not found:
        raise SignatureError("it is not an armored SSH signature")
    reader = Reader(decode_base64(found[1].replace(b"\n", b"").decode("ascii")))
    if reader.take(len(_MAGIC)) != _MAGIC or reader.uint32() != _VERSION:
        raise SignatureError("it is not an SSH signature of version 1")
    key, namespace, reserved = read_key(reader.string()), reader.text(), reader.string()
    hash_algorithm, signature = reader.text(), reader.string()
    reader.end()
    if reserved or hash_algorithm not in _HASHES:
        raise SignatureError("its hash is neither sha256 nor sha512, or its reserved field is not empty")
    return Signature(key, namespace, hash_algorithm, signature)
