"""The Merkle tree of RFC 6962 (the same as RFC 9162 with SHA-256), growing at its right edge."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

EMPTY_ROOT = hashlib.sha256(b"").digest()
HASH_SIZE = 32


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data), RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right), RFC 6962 section 2.1; the prefix keeps nodes from passing as leaves."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class CompactRange:
    """A tree of which only the right edge is kept: one root for each complete subtree, the largest first.

    Memory is 32 bytes for each bit of the size, however long the log grows.
    """

    size: int = 0
    edge: list[bytes] = field(default_factory=list)

    def add(self, *leaves: bytes) -> None:
        """Append leaf hashes."""
        # The innermost loop of every append and every verification: node_hash is written out.
        edge, sha256 = self.edge, hashlib.sha256
        for size, leaf in enumerate(leaves, self.size):
            node, below = leaf, size
            while below & 1:
                node = sha256(b"\x01" + edge.pop() + node).digest()
                below >>= 1
            edge.append(node)
        self.size += len(leaves)

    def root(self) -> bytes:
        """The Merkle tree hash of all leaves so far; of none, the SHA-256 of nothing."""
        if not self.edge:
            return EMPTY_ROOT
        root = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            root = node_hash(left, root)
        return root
