"""Inclusion and consistency proofs (RFC 9162 section 2.1, the same as RFC 6962 section 2.1 with SHA-256).

An inclusion proof shows that one entry is in the log under a checkpoint; a consistency proof shows that a
later checkpoint continues an earlier one. Both take about log2(size) hashes, so neither needs the log itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drkit.core.evidence.merkle import EMPTY_ROOT, CompactRange, node_hash

if TYPE_CHECKING:
    from collections.abc import Sequence


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of a list of leaf hashes."""
    tree = CompactRange()
    tree.add(*leaves)
    return tree.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """PATH(index, leaves) of RFC 9162 section 2.1.3.1, from the leaf upwards.

    Raises:
        IndexError: no leaf has this index.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(leaves[:split], index), root_of(leaves[split:])]
    return [*inclusion_proof(leaves[split:], index - split), root_of(leaves[:split])]


def consistency_proof(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """PROOF(first, leaves) of RFC 9162 section 2.1.4.1; empty for the sizes 0 and ``len(leaves)``.

    Raises:
        IndexError: ``first`` is negative or more than there are leaves.
    """
    if not 0 <= first <= len(leaves):
        raise IndexError(first)
    return _subproof(leaves, first, complete=True) if first else []


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether ``proof`` leads from a leaf hash at ``index`` to the root of ``size`` leaves.

    RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    position, last, node = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(other, node)
            position, last = _skip_to_right_child(position, last)
        else:
            node = node_hash(node, other)
        position, last = position >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    """Whether the tree of ``second`` leaves continues that of ``first`` (section 2.1.4.2).

    Every tree continues the empty one, for which the proof is empty.
    """
    if first == 0:
        return not proof and first_root == EMPTY_ROOT and second >= 0
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    # The RFC leaves out the first node where it is the old root itself: a complete tree.
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    return bool(path) and _follows(first - 1, second - 1, path, (first_root, second_root))


def _follows(position: int, last: int, path: list[bytes], roots: tuple[bytes, bytes]) -> bool:
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(other, old), node_hash(other, new)
            position, last = _skip_to_right_child(position, last)
        else:
            new = node_hash(new, other)
        position, last = position >> 1, last >> 1
    return last == 0 and (old, new) == roots


def _skip_to_right_child(position: int, last: int) -> tuple[int, int]:
    """Pass the levels on which a node at the right edge has no sibling."""
    while position and not position & 1:
        position, last = position >> 1, last >> 1
    return position, last


def _subproof(leaves: Sequence[bytes], first: int, *, complete: bool) -> list[bytes]:
    if first == len(leaves):
        return [] if complete else [root_of(leaves)]
    split = _split(len(leaves))
    if first <= split:
        return [*_subproof(leaves[:split], first, complete=complete), root_of(leaves[split:])]
    return [*_subproof(leaves[split:], first - split, complete=False), root_of(leaves[:split])]


def _split(size: int) -> int:
    """The largest power of two below ``size``, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)
