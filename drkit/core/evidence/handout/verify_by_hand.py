"""Verify evidence of drkit without drkit: Python 3.8 and openssl 3 are all it needs.

    python3 verify_by_hand.py DIRECTORY VERIFIER_KEYS CHECKPOINT...

DIRECTORY holds log.jsonl, the whole log, or entries.jsonl and proofs.jsonl, some entries of it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile


def main(directory: pathlib.Path, keys: pathlib.Path, *checkpoints: pathlib.Path) -> None:
    """Hold what is in the directory against each checkpoint."""
    hold = whole_log if (directory / "log.jsonl").exists() else some_entries
    for checkpoint in checkpoints:
        size, root = authentic(checkpoint, keys.read_text("utf-8").split())
        print(f"{checkpoint}: {hold(directory, size, root)}")


def authentic(checkpoint: pathlib.Path, keys: list[str]) -> tuple[int, bytes]:
    """Size and root of a checkpoint that one of the keys signed (C2SP signed-note, tlog-checkpoint)."""
    text, _, signatures = checkpoint.read_text("utf-8").rpartition("\n\n")
    text += "\n"
    origin, size, root = text.splitlines()[:3]
    for line in signatures.splitlines():
        _, name, encoded = line.split(" ")
        signature = base64.b64decode(encoded)
        for key in keys:
            owner, identifier, public = key.split("+", 2)
            if origin == name == owner and signature[:4].hex() == identifier:
                if not is_signed(text, signature[4:], base64.b64decode(public)[1:]):
                    sys.exit("the signature is false")
                return int(size), base64.b64decode(root)
    sys.exit("another key signed this checkpoint")


def is_signed(text: str, signature: bytes, public: bytes) -> bool:
    """Whether an Ed25519 signature is good, by openssl."""
    der = bytes.fromhex("302a300506032b6570032100") + public  # RFC 8410
    with tempfile.TemporaryDirectory() as work:
        for name, content in {"key": der, "text": text.encode(), "signature": signature}.items():
            pathlib.Path(work, name).write_bytes(content)
        command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in text -sigfile signature"
        done = subprocess.run(command.split(), cwd=work, stdout=subprocess.DEVNULL, check=False)
        return done.returncode == 0


def whole_log(directory: pathlib.Path, size: int, root: bytes) -> str:
    """The root of the first entries, from all of them (RFC 6962 section 2.1)."""
    lines = (directory / "log.jsonl").read_bytes().split(b"\n")[:-1]
    if len(lines) < size:
        sys.exit(f"the log has {len(lines)} entries, the checkpoint covers {size}")
    nodes = [leaf(line) for line in lines[:size]] or [hashlib.sha256().digest()]
    while len(nodes) > 1:
        pairs = [node(left, right) for left, right in zip(nodes[::2], nodes[1::2])]
        nodes = pairs + nodes[2 * len(pairs) :]  # an odd last node goes up as it is
    if nodes[0] != root:
        sys.exit("the log is not the one that was signed")
    return f"{size} of {len(lines)} entries are as they were signed"


def some_entries(directory: pathlib.Path, size: int, root: bytes) -> str:
    """The root from each entry and its proof (RFC 9162 section 2.1.3.2)."""
    lines = (directory / "entries.jsonl").read_bytes().split(b"\n")[:-1]
    proofs = [json.loads(line) for line in (directory / "proofs.jsonl").read_text().splitlines()]
    if len(lines) != len({proof["index"] for proof in proofs}) or len(lines) != len(proofs):
        sys.exit(f"{len(lines)} entries have {len(proofs)} proofs, or one stands there twice")
    for line, proof in zip(lines, proofs):
        found = root_of(leaf(line), proof["index"], size, [bytes.fromhex(other) for other in proof["path"]])
        if found != root:
            sys.exit(f"entry {proof['index']} is not in the log that was signed")
    return f"{len(lines)} entries are in the log of {size} as they were signed"


def root_of(entry: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The root to which a proof leads; nothing when it has another length than it must have."""
    position, last = index, size - 1
    for other in path:
        if last == 0:
            return None
        if position % 2 or position == last:
            entry = node(other, entry)
            while position and position % 2 == 0:  # levels on which it has no neighbour
                position, last = position // 2, last // 2
        else:
            entry = node(entry, other)
        position, last = position // 2, last // 2
    return entry if last == 0 and 0 <= index < size else None


def leaf(line: bytes) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(b"\0" + line).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two hashes."""
    return hashlib.sha256(b"\1" + left + right).digest()


if __name__ == "__main__":
    _, *words = sys.argv
    if not words[2:]:
        sys.exit(__doc__)
    main(*map(pathlib.Path, words))
