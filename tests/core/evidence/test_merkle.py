from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drkit.core.evidence import merkle, proofs

# The test vectors of github.com/google/certificate-transparency for RFC 6962.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]


@pytest.mark.parametrize("size", range(9))
def test_the_roots_of_the_known_leaves_are_the_known_roots(size):
    assert proofs.root_of(HASHES[:size]).hex() == ROOTS[size]


def test_the_known_inclusion_proof_of_the_first_leaf():
    assert [node.hex() for node in proofs.inclusion_proof(HASHES, 0)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]


def test_the_known_consistency_proof_from_six_to_eight():
    assert [node.hex() for node in proofs.consistency_proof(HASHES, 6)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


sizes = st.integers(1, 70)


def leaves_of(size: int) -> list[bytes]:
    return [merkle.leaf_hash(number.to_bytes(2)) for number in range(size)]


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_tree_grown_in_parts_has_the_root_of_the_definition(first, second):
    leaves = leaves_of(first + second)
    tree = merkle.CompactRange()
    tree.add(*leaves[:first])
    for leaf in leaves[first:]:
        tree.add(leaf)
    assert tree.root() == by_definition(leaves)
    assert len(tree.edge) == tree.size.bit_count()


@given(sizes, st.data())
def test_an_inclusion_proof_holds_for_its_leaf_and_for_nothing_else(size, data):
    leaves = leaves_of(size)
    index = data.draw(st.integers(0, size - 1))
    proof, root = proofs.inclusion_proof(leaves, index), by_definition(leaves)
    assert proofs.verify_inclusion(leaves[index], index, size, proof, root)
    other = data.draw(st.integers(-1, size).filter(lambda number: number != index))
    assert not proofs.verify_inclusion(leaves[index], other, size, proof, root)
    assert not proofs.verify_inclusion(b"\x00" * 32, index, size, proof, root)
    assert not proofs.verify_inclusion(leaves[index], index, size, proof, b"\x00" * 32)
    assert not proofs.verify_inclusion(leaves[index], index, size, [*proof, root], root)
    if proof:
        assert not proofs.verify_inclusion(leaves[index], index, size, proof[:-1], root)


@given(sizes, st.data())
def test_a_consistency_proof_holds_for_its_two_trees_and_for_no_others(second, data):
    leaves = leaves_of(second)
    first = data.draw(st.integers(0, second))
    old, new = by_definition(leaves[:first]), by_definition(leaves)
    proof = proofs.consistency_proof(leaves, first)
    assert proofs.verify_consistency(first, second, proof, old, new)
    assert not proofs.verify_consistency(first, second, proof, b"\x00" * 32, new)
    assert not proofs.verify_consistency(first, second, [*proof, new], old, new)
    if first:
        assert not proofs.verify_consistency(first, second, proof, old, b"\x00" * 32)
    if proof:
        assert not proofs.verify_consistency(first, second, proof[:-1], old, new)
        altered = data.draw(st.integers(0, len(proof) - 1))
        forged = [b"\x00" * 32 if number == altered else node for number, node in enumerate(proof)]
        assert not proofs.verify_consistency(first, second, forged, old, new)


def test_no_proof_exists_for_what_is_not_there():
    with pytest.raises(IndexError):
        proofs.inclusion_proof(HASHES, 8)
    with pytest.raises(IndexError):
        proofs.consistency_proof(HASHES, 9)
    assert not proofs.verify_consistency(3, 2, [], HASHES[0], HASHES[0])
