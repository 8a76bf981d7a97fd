"""Results as JSON: the same text as Python's own writer makes, whatever stands in it, and nothing a terminal obeys."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drkit.core.results import UNPRINTABLE, json_text
from drkit.core.verdicts import Outcome

PLAIN = st.none() | st.booleans() | st.integers() | st.sampled_from([0.5, 12.25, -3.0]) | st.text()
ANYTHING = st.recursive(
    PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(ANYTHING)
def test_a_result_is_what_pythons_writer_makes_of_it_with_controls_escaped(data: Any) -> None:
    written = json_text(data)

    as_ever = json.dumps(data, ensure_ascii=False, indent=2)
    assert written == UNPRINTABLE.sub(lambda match: json.dumps(match.group())[1:-1], as_ever)
    assert json.loads(written) == data
    assert not UNPRINTABLE.search(written)


def test_half_a_pair_and_numbers_as_keys_and_words_of_a_choice_are_written_too() -> None:
    assert json.loads(json_text({1: "\ud800", "x": 2**70, "verdict": Outcome.PASS})) == {
        "1": "\ud800",
        "x": 2**70,
        "verdict": "pass",
    }


@dataclass
class _NoJson:
    field: int = 1


@pytest.mark.parametrize("odd", [datetime(2026, 1, 1), _NoJson()])  # noqa: DTZ001 - it is refused
def test_what_is_no_json_is_refused_and_never_written_in_some_way(odd: Any) -> None:
    with pytest.raises(TypeError):
        json_text({"odd": odd})
