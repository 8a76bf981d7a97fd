"""A finding names the line and column at which its statement begins, in whatever spelling and layout."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drkit.access.language.marks import marks, statement_mark
from drkit.access.places import Places

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
STATEMENTS = st.lists(st.dictionaries(st.text(max_size=6), VALUES, max_size=3), min_size=1, max_size=4)


@given(
    statements=STATEMENTS,
    name=st.sampled_from(["statement", "Statement"]),
    indent=st.sampled_from([None, 0, 2]),
    ascii_only=st.booleans(),
)
def test_the_place_is_that_of_the_slower_reading(
    statements: list[dict[str, object]], name: str, indent: int | None, *, ascii_only: bool
) -> None:
    text = json.dumps(
        {"a": [1, {"b": "}"}], name: statements, "z": 1}, indent=indent, ensure_ascii=ascii_only
    )
    found = marks(text)
    for number in range(len(statements)):
        mark = statement_mark(found, number)
        assert Places("p", text).of(number) == f"p:{mark.line}:{mark.column}"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"statement"', '{"statement": [', "{" * 9999, '{"statement":' + "[" * 9999]
)
def test_a_text_that_is_none_has_its_place_at_its_beginning(text: str) -> None:
    assert Places("p", text).of(0) == "p:1:1"
