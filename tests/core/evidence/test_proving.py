from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drkit.core.evidence import merkle, proofs
from drkit.core.evidence.proving import inclusion_proofs


@given(st.integers(1, 150), st.data())
def test_proofs_made_in_one_pass_are_those_of_the_definition(size, data):
    leaves = [merkle.leaf_hash(number.to_bytes(2)) for number in range(size)]
    indexes = data.draw(st.sets(st.integers(0, size - 1)))
    root, paths = inclusion_proofs(iter(leaves), size, indexes)
    assert root == proofs.root_of(leaves)
    assert paths == {index: proofs.inclusion_proof(leaves, index) for index in indexes}


def test_a_log_that_is_shorter_than_it_should_be_proves_nothing():
    with pytest.raises(ValueError, match="2 leaves of 3"):
        inclusion_proofs([bytes(32)] * 2, 3, {0})
