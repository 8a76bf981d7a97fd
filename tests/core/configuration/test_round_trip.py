"""What PyYAML writes, drkit reads as the same data, or it names what it will not read."""

import math
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from drkit.core.configuration.ambiguity import difference
from drkit.core.configuration.composing import compose
from drkit.core.configuration.scalars import EXACT, Refused, resolve

numeric = st.text("0123456789+-._:eExobTZ", min_size=1, max_size=12)
text = st.one_of(
    st.text(max_size=12), numeric, st.sampled_from(["no", "On", "y", "null", "~", "=", "<<", ""])
)
leaves = st.one_of(st.none(), st.booleans(), st.integers(-EXACT, EXACT), st.floats(-1e15, 1e15), text)
data = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)
NAMED = (
    "YAML 1.1",
    "does not show",
    "to some programs",
    "does not exist",
    "not a finite number",
    "beyond 2^53",
)


@settings(max_examples=200, deadline=None)
@given(data=data, flow=st.booleans())
def test_what_is_dumped_is_read_back_or_refused_by_name(data: Any, *, flow: bool) -> None:
    dumped = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True, width=1000, sort_keys=False)
    document, problems = compose(dumped.encode("utf-8", "surrogatepass"), "f")
    if problems:
        assert all(any(name in problem.message for name in (*NAMED, "not UTF-8", "empty", "anchor", "alias"))
                   for problem in problems)  # fmt: skip
        return
    assert document
    assert repr(document.root.plain()) == repr(data)


def read_by_yaml_1_1(scalar: str) -> object:
    loader = yaml.SafeLoader("")
    tag = loader.resolve(yaml.ScalarNode, scalar, (True, False))
    return loader.construct_object(yaml.ScalarNode(tag, scalar))


@settings(max_examples=400, deadline=None)
@given(scalar=st.one_of(numeric, st.sampled_from(["no", "Yes", "nO", "~", "Null", "TRUE", "tRUE"])))
def test_a_scalar_that_is_not_refused_is_the_same_to_yaml_1_1(scalar: str) -> None:
    try:
        ours = resolve(scalar)
    except Refused:
        return
    theirs = read_by_yaml_1_1(scalar)
    assert ours == theirs
    assert type(ours) is type(theirs)


def test_a_number_that_is_accepted_is_finite_and_exact() -> None:
    assert difference("1.5") == ""
    assert resolve(str(EXACT)) == EXACT
    assert math.isfinite(float(str(resolve("1.0e+15"))))
