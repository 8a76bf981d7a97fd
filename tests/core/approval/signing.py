"""Signing as people do: with keys that ssh-keygen made, and with security keys that exist only here.

The SSHSIG format is written down here a second time, from PROTOCOL.sshsig and PROTOCOL.u2f, so that a mistake
in drkit's reader does not hide behind the same mistake in its writer.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key

from drkit.core.approval.keys import PublicKey, parse_key, read_key


def string(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def mpint(value: int) -> bytes:
    return string(value.to_bytes(value.bit_length() // 8 + 1, "big"))


def armor(blob: bytes) -> bytes:
    text = base64.b64encode(blob).decode()
    lines = [text[start : start + 70] for start in range(0, len(text), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]).encode()


def dearmor(armored: bytes) -> bytes:
    return base64.b64decode(b"".join(armored.split(b"\n")[1:-2]))


@dataclass(frozen=True)
class Parts:
    """The fields of a signature, to be put together whole or with one of them spoilt."""

    key: bytes
    namespace: bytes
    signature: bytes
    reserved: bytes = b""
    hash_algorithm: bytes = b"sha512"
    magic: bytes = b"SSHSIG"
    version: int = 1
    tail: bytes = b""

    def blob(self) -> bytes:
        fields = (self.key, self.namespace, self.reserved, self.hash_algorithm, self.signature)
        return self.magic + struct.pack(">I", self.version) + b"".join(map(string, fields)) + self.tail

    def armored(self) -> bytes:
        return armor(self.blob())


def signed_data(message: bytes, namespace: bytes, hash_algorithm: bytes) -> bytes:
    digest = hashlib.new(hash_algorithm.decode(), message).digest()
    return b"SSHSIG" + b"".join(map(string, (namespace, b"", hash_algorithm, digest)))


def dss(signature: bytes) -> bytes:
    return b"".join(map(mpint, utils.decode_dss_signature(signature)))


@dataclass(frozen=True)
class Pen:
    """A private key in software."""

    private: object
    path: Path | None = None

    @property
    def public(self) -> PublicKey:
        raw = self.private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        return parse_key(raw.decode())

    def parts(self, message, namespace="approve@drkit", hash_algorithm="sha512", algorithm=None) -> Parts:
        data = signed_data(message, namespace.encode(), hash_algorithm.encode())
        return Parts(
            self.public.blob,
            namespace.encode(),
            self._signature(data, algorithm),
            b"",
            hash_algorithm.encode(),
        )

    def sign(self, message: bytes, namespace="approve@drkit", hash_algorithm="sha512") -> bytes:
        return self.parts(message, namespace, hash_algorithm).armored()

    def _signature(self, data: bytes, algorithm: str | None) -> bytes:
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return string(b"ssh-ed25519") + string(self.private.sign(data))
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            digest = {256: hashes.SHA256, 384: hashes.SHA384, 521: hashes.SHA512}[self.private.key_size]()
            raw = self.private.sign(data, ec.ECDSA(digest))
            return string(self.public.kind.encode()) + string(dss(raw))
        assert isinstance(self.private, rsa.RSAPrivateKey)
        name = algorithm or "rsa-sha2-512"
        digest = {"rsa-sha2-512": hashes.SHA512, "rsa-sha2-256": hashes.SHA256, "ssh-rsa": hashes.SHA1}[
            name
        ]()
        return string(name.encode()) + string(self.private.sign(data, padding.PKCS1v15(), digest))


@dataclass
class SecurityKey:
    """A FIDO security key: it signs over its application, its flags and its counter too."""

    kind: str
    application: bytes = b"ssh:"
    flags: int = 0x01
    counter: int = 7
    private: object = field(default=None)

    def __post_init__(self) -> None:
        if self.private is None:
            elliptic = "ecdsa" in self.kind
            self.private = (
                ec.generate_private_key(ec.SECP256R1()) if elliptic else ed25519.Ed25519PrivateKey.generate()
            )

    @property
    def public(self) -> PublicKey:
        public = self.private.public_key()
        if "ecdsa" in self.kind:
            point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            fields = (self.kind.encode(), b"nistp256", point, self.application)
        else:
            fields = (self.kind.encode(), public.public_bytes_raw(), self.application)
        return read_key(b"".join(map(string, fields)))

    def sign(self, message: bytes, namespace="approve@drkit", hash_algorithm="sha512") -> bytes:
        data = signed_data(message, namespace.encode(), hash_algorithm.encode())
        rest = struct.pack(">BI", self.flags, self.counter)
        over = hashlib.sha256(self.application).digest() + rest + hashlib.sha256(data).digest()
        if "ecdsa" in self.kind:
            raw = dss(self.private.sign(over, ec.ECDSA(hashes.SHA256())))
        else:
            raw = self.private.sign(over)
        signature = string(self.kind.encode()) + string(raw) + rest
        return Parts(self.public.blob, namespace.encode(), signature, b"", hash_algorithm.encode()).armored()


def generate(directory: Path, name: str, *options: str) -> Pen:
    """A key of a kind, made by ssh-keygen."""
    path = directory / name
    subprocess.run(
        ["ssh-keygen", "-q", "-N", "", "-C", f"{name} laptop", "-f", str(path), *options], check=True
    )
    return Pen(load_ssh_private_key(path.read_bytes(), None), path)


def keygen_signs(pen: Pen, message: bytes, namespace="approve@drkit", *options: str) -> bytes:
    """What ``ssh-keygen -Y sign`` answers."""
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(pen.path), *options]
    return subprocess.run(command, input=message, capture_output=True, check=True).stdout


def keygen_accepts(
    directory: Path, allowed: str, person: str, armored: bytes, message: bytes, at: str
) -> bool:
    """Whether ``ssh-keygen -Y verify`` accepts, at a moment written ``20260301120000Z``."""
    (directory / "allowed_signers").write_text(allowed)
    (directory / "signature.sig").write_bytes(armored)
    command = [
        *("ssh-keygen", "-Y", "verify", "-n", "approve@drkit", "-I", person, "-O", f"verify-time={at}"),
        *("-f", str(directory / "allowed_signers"), "-s", str(directory / "signature.sig")),
    ]
    return subprocess.run(command, input=message, capture_output=True, check=False).returncode == 0
