"""Inclusion proofs for chosen entries of a log of any length, in one pass and little memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drkit.core.evidence.merkle import CompactRange, node_hash

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

Place = tuple[int, int]
"""A node by its level, 0 for leaves, and its number on that level from the left."""


def inclusion_proofs(
    leaves: Iterable[bytes], size: int, indexes: Collection[int]
) -> tuple[bytes, dict[int, list[bytes]]]:
    """The root of ``size`` leaf hashes, and PATH(index, leaves) of RFC 9162 section 2.1.3.1 for each index.

    Args:
        leaves: the leaf hashes, no more of them than ``size``.
        size: how many there are.
        indexes: the leaves to prove, each below ``size``.

    Raises:
        ValueError: there are fewer leaves.
    """
    paths = {index: _places(index, size) for index in indexes}
    wanted = {place for path in paths.values() for place in path}
    nodes: dict[Place, bytes] = {}
    tree = CompactRange()
    for leaf in leaves:
        _add(tree, leaf, wanted, nodes)
    if tree.size != size:
        raise ValueError(f"{tree.size} leaves of {size}")
    for level, number in wanted - nodes.keys():
        nodes[level, number] = _at_right_edge(tree.edge, size, level)
    return tree.root(), {index: [nodes[place] for place in path] for index, path in paths.items()}


def _places(index: int, size: int) -> list[Place]:
    """The nodes beside the way from a leaf up; a node without a neighbour goes up as it is."""
    places, number, last = [], index, size - 1
    for level in range(last.bit_length()):
        if number ^ 1 <= last:
            places.append((level, number ^ 1))
        number, last = number >> 1, last >> 1
    return places


def _add(tree: CompactRange, leaf: bytes, wanted: Collection[Place], nodes: dict[Place, bytes]) -> None:
    """Append a leaf, and note the complete subtrees that are wanted as they come into being."""
    node, level, number = leaf, 0, tree.size
    while True:
        if (level, number) in wanted:
            nodes[level, number] = node
        if not number & 1:
            break
        node, level, number = node_hash(tree.edge.pop(), node), level + 1, number >> 1
    tree.edge.append(node)
    tree.size += 1


def _at_right_edge(edge: Sequence[bytes], size: int, level: int) -> bytes:
    """The last node of a level where its subtree is not complete: the root of the leaves left over."""
    parts = (size & ((1 << level) - 1)).bit_count()
    node = edge[-1]
    for left in reversed(edge[len(edge) - parts : -1]):
        node = node_hash(left, node)
    return node
