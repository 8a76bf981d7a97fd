"""How long an approval check takes, as JSON; exit status 1 beyond its limit.

    python benchmarks/approval.py [--checks N] [--requests N]

``check`` reads a request of three actions from its bytes and decides on it: two Ed25519 signatures, a roster of
fifty people that is already open. The same for other keys, whose cost is that of their arithmetic. ``open_roster``
is paid once a process; ``list`` is a directory of requests, each with one signature. Times are of this process's
CPU, the best of five rounds.
"""

from __future__ import annotations

import argparse
import base64
import gc
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from drkit.core.actions import Action, Effect
from drkit.core.approval import document, people
from drkit.core.approval.decide import Known, decide
from drkit.core.approval.intended import Intended
from drkit.core.approval.keys import PublicKey, parse_key
from drkit.core.approval.listing import listing
from drkit.core.approval.people import Key, Person, Root
from drkit.core.approval.requesting import request
from drkit.core.approval.roster import Pin, Roster, Signed, open_roster
from drkit.core.canonical import canonical

CHECK_LIMIT = 1.0  # milliseconds
LIST_LIMIT = 0.5  # seconds for ten thousand requests
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

INTENDED = Intended(
    "estate",
    "a" * 64,
    {"production": "100000000001"},
    "retention",
    "b" * 64,
    tuple(
        Action("disks.delete", Effect.DESTROY, "production", "ap-beijing", f"snap-{n}", {}, "old")
        for n in range(3)
    ),
    2,
)


def strings(*parts: bytes) -> bytes:
    """SSH strings, one after the other."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def public(private: Private) -> PublicKey:
    """The public half as drkit reads it."""
    return parse_key(private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode())


def raw_signature(private: Private, data: bytes) -> bytes:
    """The signature blob of a key."""
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return strings(b"ssh-ed25519", private.sign(data))
    if isinstance(private, rsa.RSAPrivateKey):
        return strings(b"rsa-sha2-512", private.sign(data, padding.PKCS1v15(), hashes.SHA512()))
    pair = utils.decode_dss_signature(private.sign(data, ec.ECDSA(hashes.SHA256())))
    numbers = strings(*(value.to_bytes(value.bit_length() // 8 + 1, "big") for value in pair))
    return strings(b"ecdsa-sha2-nistp256", numbers)


def sign(private: Private, message: bytes, namespace: bytes = b"approve@drkit") -> bytes:
    """What ``ssh-keygen -Y sign`` makes."""
    digest = hashlib.sha512(message).digest()
    signature = raw_signature(private, b"SSHSIG" + strings(namespace, b"", b"sha512", digest))
    fields = strings(public(private).blob, namespace, b"", b"sha512", signature)
    text = base64.b64encode(b"SSHSIG\0\0\0\1" + fields).decode()
    lines = [text[start : start + 70] for start in range(0, len(text), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]).encode()


@dataclass(frozen=True)
class World:
    """A roster of fifty people with keys of one kind, and a request that two of them signed."""

    pin: Pin
    history: list[Signed]
    raw: bytes
    signatures: list[bytes]

    @property
    def roster(self) -> Roster:
        """Opened anew."""
        return open_roster(self.pin, self.history, {})

    def check(self, roster: Roster) -> None:
        """One approval check from the request's bytes."""
        known = Known(NOW, NOW, frozenset(), requester="person0")
        decision = decide(document.read(self.raw), self.signatures, roster, INTENDED, known)
        if not decision.accepted:
            raise AssertionError(decision.reasons)


def world(make: Callable[[], Private]) -> World:
    """A world whose people have keys of one kind."""
    root, keys = ed25519.Ed25519PrivateKey.generate(), [make() for _ in range(3)]
    # Only three of the fifty sign or ask; the others' keys come from the fast generator.
    rest: list[Private] = [ed25519.Ed25519PrivateKey.generate() for _ in range(47)]
    roles = frozenset({people.APPROVER, people.REQUESTER})
    everybody = [
        Person(f"person{n}", (Key(public(key), NOW - DAY),), roles, NOW + DAY, NOW - DAY)
        for n, key in enumerate([*keys, *rest])
    ]
    rule = Root((public(root),), 1)
    first = people.write(number=1, previous=None, made_at=NOW - DAY, root=rule, people=everybody)
    asked = request(INTENDED, requester="person0", reason="benchmark", now=NOW)
    history = [Signed(first.raw, (sign(root, first.raw, b"roster@drkit"),))]
    return World(Pin(first.digest, rule), history, asked.raw, [sign(key, asked.raw) for key in keys[1:]])


def best(work: Callable[[], object], times: int) -> float:
    """CPU seconds of one time, in the best of five rounds."""
    rounds = []
    for _ in range(5):
        gc.collect()
        start = time.process_time()
        for _ in range(times):
            work()
        rounds.append((time.process_time() - start) / times)
    return min(rounds)


def file_requests(directory: Path, count: int) -> None:
    """A directory of so many requests, each with one signature."""
    made = world(ed25519.Ed25519PrivateKey.generate)
    value = orjson.loads(made.raw)
    for number in range(count):
        raw = canonical(value | {"nonce": f"{number:032x}"})
        place = directory / hashlib.sha256(raw).hexdigest()
        (place / "approvals").mkdir(parents=True)
        (place / "request.json").write_bytes(raw)
        (place / "approvals" / "person1.sig").write_bytes(made.signatures[0])


def measure(checks: int, requests: int) -> dict[str, Any]:
    """All figures."""
    kinds: dict[str, Callable[[], Private]] = {
        "check": ed25519.Ed25519PrivateKey.generate,
        "check_ecdsa_p256": partial(ec.generate_private_key, ec.SECP256R1()),
        "check_rsa_3072": partial(rsa.generate_private_key, 65537, 3072),
    }
    figures: dict[str, Any] = {"checks": checks, "requests": requests}
    for name, make in kinds.items():
        made = world(make)
        figures[f"{name}_ms"] = round(best(partial(made.check, made.roster), checks) * 1000, 3)
    figures["open_roster_ms"] = round(best(lambda: made.roster, max(checks // 20, 1)) * 1000, 3)
    with tempfile.TemporaryDirectory() as base:
        file_requests(Path(base), requests)
        figures["list_s"] = round(best(lambda: listing(Path(base)), 1), 3)
    return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checks", type=int, default=500)
    parser.add_argument("--requests", type=int, default=10_000)
    arguments = parser.parse_args()
    figures = measure(arguments.checks, arguments.requests)
    limits = {"check_ms": CHECK_LIMIT, "check_ecdsa_p256_ms": CHECK_LIMIT, "check_rsa_3072_ms": CHECK_LIMIT}
    limits["list_s"] = LIST_LIMIT * arguments.requests / 10_000
    over = [name for name, limit in limits.items() if figures[name] >= limit]
    print(json.dumps({**figures, "limits": limits, "over": over}, indent=2))
    sys.exit(1 if over else 0)


if __name__ == "__main__":
    main()
