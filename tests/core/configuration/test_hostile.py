"""Files made to exhaust or to confuse the reader."""

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import Field

from drkit.core.configuration import composing
from drkit.core.configuration.model import Model
from drkit.core.configuration.nodes import Node
from drkit.core.configuration.reading import read
from drkit.core.configuration.types import Duration, Name
from drkit.core.errors import ConfigurationError

LAUGHS = b"a0: &a0 [lol]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (level, level, b",".join([b"*a%d" % (level - 1)] * 9)) for level in range(1, 10)
)
LARGE = 1024 * 1024
EXHAUSTING = {
    "billion laughs": LAUGHS,
    "brackets": b"[" * LARGE,
    "braces": b"{" * LARGE,
    "items": b"- " * (LARGE // 2),
    "questions": b"? " * (LARGE // 2),
    "keys in brackets": b"[a," * (LARGE // 3),
    "one number": b"9" * LARGE,
    "one number to base 60": b"1" + b":1" * (LARGE // 2 - 1),
    "tabs": b"\t" * LARGE,
    "controls": b"\x00" * LARGE,
    "directives": b"%\n" * (LARGE // 2),
}


@pytest.mark.parametrize("content", EXHAUSTING.values(), ids=EXHAUSTING)
def test_an_exhausting_file_is_refused_at_once(content: bytes) -> None:
    begin = time.process_time()
    _, problems = composing.compose(content, "f")
    assert time.process_time() - begin < 0.5
    assert problems
    assert len(problems) <= 101
    assert max(len(str(problem)) for problem in problems) < 400


@pytest.mark.parametrize("name", ["billion laughs", "brackets", "braces"])
def test_the_pure_parser_is_not_exhausted_either(name: str) -> None:
    begin = time.process_time()
    _, problems = composing.compose(EXHAUSTING[name], "f", parser=yaml.SafeLoader)
    assert time.process_time() - begin < 2
    assert problems


def test_very_many_problems_are_counted_and_not_listed() -> None:
    _, problems = composing.compose(b"- no\n" * 5000, "f")
    assert len(problems) == 101
    assert str(problems[-1]) == "f:100:3: and 4900 more problems from here on"


class Part(Model):
    keep: Duration
    size: int = 0


class Whole(Model):
    parts: dict[Name, Part]
    tags: tuple[str, ...] = ()
    any: dict[str, object] = Field(default={})


SEED = b"""\
# an estate
parts:
  first: {keep: 25h, size: 3}
  second:
    keep: "14d"
    size: 0x10
tags: [a, 'b', "c\\u00e9"]
any:
  text: |
    two
    lines
  folded: >-
    one
    line
"""
SNIPPETS = [
    b"\t", b"\n", b" ", b"  ", b": ", b"- ", b"? ", b"[", b"]", b"{", b"}", b",", b"'", b'"', b"|", b">",
    b"&a ", b"*a", b"!!x ", b"! ", b"#", b" #", b"%", b"@", b"---\n", b"...\n",
    b"<<", b"no", b"22:00", b"\xff", b"\xc2\x85",
    b"\xef\xbb\xbf", b"\x00", b"\\", b"\r", b"\xf0\x9f\x98\x80", b"1e5", b"=", b"\\U00110000", b"\\ud800",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    content = SEED
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        until = at + draw(st.integers(0, 8))
        content = content[:at] + draw(st.sampled_from([b"", *SNIPPETS])) + content[until:]
    return content


grammar = st.lists(st.sampled_from([*SNIPPETS, b"a", b"b: c\n", b"- d\n"]), max_size=20).map(b"".join)
hostile = st.one_of(st.binary(max_size=200), mutated(), grammar)
fuzz = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@fuzz
@given(content=hostile)
@example(content=SEED)
@example(content=b'a: "\\UFFFFFFFF"\n')
def test_whatever_the_bytes_there_is_a_model_or_a_configuration_error(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "estate.yaml"
    path.write_bytes(content)
    problems = problems_of(path)
    assert all(problem.startswith(f"{path}:") for problem in problems)
    assert all(problem.isprintable() for problem in problems)


def problems_of(path: Path) -> list[str]:
    """Empty means that there is a model; anything raised but a ConfigurationError fails the test."""
    try:
        assert isinstance(read(path, Whole), Whole)
    except ConfigurationError as error:
        return error.problems or ["an error without a problem"]
    return []


@pytest.mark.skipif(not hasattr(yaml, "CSafeLoader"), reason="PyYAML without libyaml")
@fuzz
@given(content=hostile)
@example(content=SEED)
def test_what_both_parsers_accept_they_read_the_same_at_the_same_places(content: bytes) -> None:
    pure, pure_problems = composing.compose(content, "f", parser=yaml.SafeLoader)
    fast, fast_problems = composing.compose(content, "f", parser=yaml.CSafeLoader)
    if pure and fast and not pure_problems and not fast_problems:
        assert repr(fast.root.plain()) == repr(pure.root.plain())
        assert places(fast.root) == places(pure.root)


def places(node: Node) -> list[tuple[int, int]]:
    """The place of everything that is written; a value left out has none of its own."""
    own = [(node.line, node.column)] if node.kind != "scalar" or node.value is not None else []
    keys = [(entry.key.line, entry.key.column) for entry in node.entries.values()]
    return [*own, *keys, *(place for child in node.children() for place in places(child))]


@pytest.fixture(scope="module")
def seed_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seed") / "estate.yaml"
    path.write_bytes(SEED)
    return path


def test_the_file_that_the_fuzzer_mutates_is_good(seed_file: Path) -> None:
    assert read(seed_file, Whole).tags == ("a", "b", "cé")
