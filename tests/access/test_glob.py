"""Wildcards match what they should, in time that does not grow with what a pattern could try."""

from __future__ import annotations

import time
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drkit.access.language import glob as module
from drkit.access.language.glob import any_name, glob, glob_of

PATTERNS = st.text(alphabet="ab*?", max_size=9)
TEXTS = st.text(alphabet="abc*?", max_size=9)


def slowly(pattern: str, text: str, *, single: bool = True) -> bool:
    """By definition."""

    @cache
    def at(i: int, j: int) -> bool:
        if i == len(pattern):
            return j == len(text)
        if pattern[i] == "*":
            return at(i + 1, j) or (j < len(text) and at(i, j + 1))
        same = j < len(text) and (pattern[i] == text[j] or (single and pattern[i] == "?"))
        return same and at(i + 1, j + 1)

    return at(0, 0)


@given(pattern=PATTERNS, text=TEXTS, single=st.booleans())
def test_a_pattern_matches_what_its_definition_says(pattern: str, text: str, *, single: bool) -> None:
    assert glob(pattern, single=single)(text) is slowly(pattern, text, single=single)


@given(pattern=PATTERNS, text=TEXTS)
def test_pieces_found_by_bits_are_those_that_expressions_find(pattern: str, text: str) -> None:
    few, module.FEW = module.FEW, -1
    glob_of.cache_clear()
    try:
        assert glob(pattern)(text) is slowly(pattern, text)
    finally:
        module.FEW = few
        glob_of.cache_clear()


@given(patterns=st.lists(PATTERNS, max_size=4), text=TEXTS)
def test_one_of_many_names_is_any_of_them(patterns: list[str], text: str) -> None:
    assert any_name(tuple(patterns), single=True)(text) is any(slowly(each, text) for each in patterns)


@given(text=TEXTS)
def test_a_literal_part_has_no_wildcards(text: str) -> None:
    assert glob_of(((True, text),))(text)
    assert glob_of(((False, "*"), (True, text), (False, "*")))(f"x{text}y")


MANY = 10_000
HOSTILE = [
    "*a" * MANY,
    "a*" * MANY + "b",
    "*" * MANY,
    "?" * MANY,
    "*?" * MANY,
    "*" + "a?" * (MANY // 2) + "b*",
    "*" + "?" * MANY + "b",
    ("*" + "a?" * 50 + "b") * 90,
]


@pytest.mark.parametrize("pattern", HOSTILE, ids=range(len(HOSTILE)))
def test_ten_thousand_wildcards_stay_bounded(pattern: str) -> None:
    text = "a" * 16_000
    begin = time.process_time()
    glob(pattern)(text)
    assert time.process_time() - begin < 2
