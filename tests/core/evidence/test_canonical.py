from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from drkit.core.canonical import DEEPEST, canonical, digest
from drkit.core.evidence.lines import EntryError, fault, line_of

texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars = (
    st.none()
    | st.booleans()
    | texts
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2.0**53), 2.0**53, exclude_min=True, exclude_max=True)
    | st.sampled_from(["\\", '"', "\x00\x1f\x7f\x80\u2028", "\U0001f600"])
)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=6)
entries = st.dictionaries(texts, values, max_size=4)


@settings(max_examples=80, deadline=None)
@given(entries)
def test_every_entry_is_spelt_as_rfc8785_spells_it(entry):
    line = line_of(entry)
    assert line == rfc8785.dumps(entry)
    assert b"\n" not in line


@settings(max_examples=80, deadline=None)
@given(entries)
def test_what_is_written_reads_back_as_one_canonical_object(entry):
    line = line_of(entry)
    assert fault(line) is None
    assert json.loads(line) == entry


@settings(max_examples=80, deadline=None)
@given(values)
def test_any_json_data_is_spelt_as_rfc8785_spells_it(value):
    assert canonical(value) == rfc8785.dumps(value)


def test_the_same_data_has_the_same_digest_whatever_its_order():
    assert digest({"b": 1, "a": [1, 2]}) == digest({"a": [1, 2], "b": 1}) != digest({"a": [2, 1], "b": 1})


def test_keys_sort_by_utf16_units():
    # RFC 8785 section 3.2.3: a code point beyond the BMP sorts before U+FB33 by its surrogates.
    assert canonical({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


def nested(levels: int) -> dict[str, object]:
    value: dict[str, object] = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "entry",
    [
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": 2**53},
        {"a": 1e20},
        {"a": b"bytes"},
        {"a": "\ud800"},
        {1: "a"},
        {None: "a"},
        {"a": {2: "b"}},
        {"a": object()},
        nested(DEEPEST + 1),
        {"a": 1.5, "b": nested(DEEPEST)},
        {"a": "x" * (16 * 1024 * 1024)},
    ],
)
def test_what_has_no_canonical_form_is_refused(entry):
    with pytest.raises(EntryError):
        line_of(entry)


def test_an_entry_within_itself_is_refused():
    entry: dict[str, object] = {}
    entry["self"] = entry
    with pytest.raises(EntryError):
        line_of(entry)


def test_the_deepest_entry_that_is_written_is_read():
    assert fault(line_of(nested(DEEPEST))) is None
    assert fault(line_of({"f": 1.5, "n": nested(DEEPEST - 1)})) is None


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"", "a blank line"),
        (b"  ", "a blank line"),
        (b"\xff{}", "not UTF-8 (byte 1 of the line)"),
        (b"{", "not JSON (character 2 of the line)"),
        (b"{} {}", "not JSON (character 4 of the line)"),
        (b"\xef\xbb\xbf{}", "not JSON (character 1 of the line)"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'{"a":1,"a":2}', "a key occurs twice in one object"),
        (b'{"b":{"a":1,"a":1}}', "a key occurs twice in one object"),
        (b'{"b":1,"a":2}', "not canonical JSON (RFC 8785)"),
        (b'{"a": 1}', "not canonical JSON (RFC 8785)"),
        (b'{"a":1.0}', "not canonical JSON (RFC 8785)"),
        (b'{"a":-0}', "not canonical JSON (RFC 8785)"),
        (b'{"a":1e3}', "not canonical JSON (RFC 8785)"),
        (b'{"a":NaN}', "not canonical JSON (RFC 8785)"),
        (b'{"a":9007199254740993}', "not canonical JSON (RFC 8785)"),
        (b'{"a":"\\u0041"}', "not canonical JSON (RFC 8785)"),
        (b'{"a":"\\ud800"}', "not canonical JSON (RFC 8785)"),
        (b'{"a":' + b"[" * 200 + b"]" * 200 + b"}", "not canonical JSON (RFC 8785)"),
        (b"[" * 100_000, "JSON beyond what the log takes (nested too deeply, or a number too long)"),
        (
            b'{"a":' + b"1" * 5000 + b"}",
            "JSON beyond what the log takes (nested too deeply, or a number too long)",
        ),
    ],
)
def test_a_line_that_is_not_canonical_is_named_for_what_it_is(line, what):
    assert fault(line) == what
