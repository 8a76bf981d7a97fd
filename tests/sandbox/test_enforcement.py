"""The rules of CAM by themselves: a table of known cases with their sources, and what holds for all policies."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import allow, deny, policy

from drkit.sandbox.enforcement import generate, known
from drkit.sandbox.enforcement.documents import PolicyError, parse, parse_trust
from drkit.sandbox.enforcement.evaluate import Asked, Rights, permitted
from drkit.sandbox.enforcement.patterns import Owner, glob

OWNER = Owner("100000000001", "1250000000", {"uin": "100000000101", "owner_uin": "100000000001"})
DISK = "qcs::cvm:ap-beijing:uin/100000000001:volume/disk-1"
COS = "qcs::cos:ap-beijing:uin/100000000001:prefix//1250000000/b/k"
USER = "qcs::cam::uin/100000000001:uin/100000000101"
DELETE = ("cvm:DeleteSnapshots", "cbs:DeleteSnapshots")

Seen = Callable[[str], Any]


def nothing(_key: str) -> None:
    """A call without circumstances."""


def may(
    documents: list[str],
    action: str | tuple[str, ...] = DELETE,
    resource: str = DISK,
    limits: tuple[str, ...] = (),
    seen: Seen = nothing,
) -> bool:
    rights = Rights(tuple(map(parse, documents)), tuple(map(parse, limits)))
    actions = (action,) if isinstance(action, str) else action
    return permitted(rights, Asked(actions, resource, OWNER, seen))


def condition(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"condition": {operator: {key: value}}}


def having(**values: list[str]) -> Seen:
    """Circumstances; ``__`` stands for the colon of a key."""
    return {key.replace("__", ":"): value for key, value in values.items()}.get


# Statements, resource, whether DeleteSnapshots is allowed there, source.
EVALUATED = [
    ([], DISK, False, "598/10605: what no policy allows is denied"),
    ([allow("*")], DISK, True, "598/10605"),
    ([allow("*"), deny("*")], DISK, False, "598/10605: an explicit deny wins"),
    ([deny("cvm:DeleteSnapshots"), allow("cvm:*")], DISK, False, "598/10605: in whatever order"),
    ([allow("cvm:Delete*")], DISK, True, "598/10604: a prefix"),
    ([allow("cvm:Describe*")], DISK, False, "598/10604"),
    ([allow("name/cvm:DeleteSnapshots")], DISK, True, "598/10604: the prefix name/"),
    ([allow("*:*")], DISK, True, "598/10604"),
    ([allow("cos:*")], DISK, False, "598/10604"),
    ([allow("cbs:*")], DISK, True, "362/34221 says cvm; cbs is taken to grant too"),
    ([allow("cvm:*"), deny("cbs:*")], DISK, True, "whether a deny on cbs bites is on no page"),
    ([allow("cvm:deletesnapshots")], DISK, True, "case is documented for COS alone: an allow is read widely"),
    ([allow("*"), deny("cvm:deletesnapshots")], DISK, True, "and a deny narrowly"),
    ([allow("*", "qcs::cvm:ap-beijing::*")], DISK, True, "598/10606: six segments, a region"),
    ([allow("*", "qcs::cvm:bj::*")], DISK, True, "598/10606: the old code of a region"),
    ([allow("*", "qcs::cvm:ap-shanghai::*")], DISK, False, "598/10606"),
    ([allow("*", "qcs::cvm:::volume/*")], DISK, True, "598/10606: an empty region is every region"),
    ([allow("*", "qcs:::::*")], DISK, True, "598/10606: an empty service is every service"),
    ([allow("*", "qcs::cvm:::volume/disk-1")], DISK, True, "598/10606: an id"),
    ([allow("*", "qcs::cvm:::volume/disk")], DISK, False, "no page says that an id stands for a prefix"),
    ([allow("*", "qcs::cvm:::instance/*")], DISK, False, "598/10606: a type"),
    ([allow("*", "qcs::cvm::uin/100000000001:*")], DISK, True, "598/10606: an account"),
    ([allow("*", "qcs::cvm::uin/100000000002:*")], DISK, False, "598/10606"),
    ([allow("*", "qcs::cos::uid/1250000000:*")], COS, True, "598/10606: COS names accounts by APPID"),
    ([allow("*", "qcs::cvm:::volume/${uin}")], DISK, False, "598/10606: variables"),
    ([allow("*", "qcs::cvm::uin/${owner_uin}:*")], DISK, True, "598/10606: variables"),
    ([allow("*")], "*", True, "213/77373: an operation-level action is passed *"),
    ([allow("*", "qcs::cvm:::volume/*")], "*", False, "213/77373: what names a resource does not grant it"),
    ([allow("*"), deny("*", "qcs::cvm:::volume/*")], "*", True, "213/77373: nor does such a deny bite"),
    ([allow("*", "qcs:::::*")], "*", True, "six segments that restrict nothing are read as *"),
    ([allow("*"), deny("*", "qcs::cvm:::volume/disk-1")], DISK, False, "598/10605"),
    ([allow("*"), deny("*", "qcs::cvm:::volume/disk-2")], DISK, True, "598/10605"),
    (
        [allow("*", "qcs:::ap-beijing::*")],
        USER,
        True,
        "what lies in no region: on no page, an allow is read widely",
    ),
    ([allow("*"), deny("*", "qcs:::ap-beijing::*")], USER, True, "and a deny narrowly"),
    ([allow("*"), deny("*", "qcs:::*::*")], USER, False, "598/10606"),
]


@pytest.mark.parametrize(
    ("statements", "resource", "expected", "source"), EVALUATED, ids=lambda one: str(one)[:60]
)
def test_a_call_is_decided_as_the_source_says(
    statements: list[dict[str, Any]], *, resource: str, expected: bool, source: str
) -> None:
    documents = [policy(one) for one in statements]
    assert may(documents, resource=resource) is expected, source
    if statements:
        assert may([policy(*statements)], resource=resource) is expected, source


# Operator, value, what the call has, whether an allow with it grants, whether a deny with it denies; source 598/10608.
CONDITIONS = [
    ("ip_equal", ["10.0.0.0/8", "127.0.0.1/8"], ["127.0.0.1"], True, True),
    ("ip_equal", "10.0.0.0/8", ["127.0.0.1"], False, False),
    ("ip_not_equal", "10.0.0.0/8", ["127.0.0.1"], True, True),
    ("ip_equal", "nonsense", ["127.0.0.1"], False, False),
    ("string_equal", "a", ["a"], True, True),
    ("string_equal", "A", ["a"], False, False),
    ("string_equal_ignore_case", "A", ["a"], True, True),
    ("string_not_equal_ignore_case", "A", ["a"], False, False),
    ("string_like", "a*", ["abc"], True, True),
    ("string_not_like", "a*", ["abc"], False, False),
    ("string_not_equal", ["a", "b"], ["a"], True, False),  # neither or not both: on no page
    ("string_equal", "a", None, False, False),
    ("string_equal_if_exist", "a", None, True, True),
    ("string_equal_if_exist", "a", ["b"], False, False),
    ("null_equal", "true", None, True, True),
    ("null_equal", True, ["x"], False, False),
    ("null_equal", "false", ["x"], True, True),
    ("numeric_equal", 1, ["1"], True, True),
    ("numeric_less_than", 2, ["1"], True, True),
    ("numeric_greater_than_equal", "2", ["1"], False, False),
    ("numeric_not_equal", 1, ["2"], True, True),
    ("numeric_equal", "x", ["1"], False, False),
    ("bool_equal", True, ["true"], True, True),
    ("bool_equal", "false", ["true"], False, False),
    ("date_less_than", "2026-01-01T00:00:00Z", ["2025-12-31T23:59:59+00:00"], True, True),
    ("date_greater_than", "2026-01-01T00:00:00Z", ["2025-12-31T23:59:59+00:00"], False, False),
    ("date_equal", "2026-01-01T08:00:00+08:00", ["2026-01-01T00:00:00+00:00"], True, True),
    ("date_not_equal", "2026-01-01T00:00:00", ["2026-01-01T00:00:00+00:00"], False, False),
    ("date_equal", "soon", ["2026-01-01T00:00:00+00:00"], False, False),
    ("binary_equal", "YQ==", ["YQ=="], True, True),
    ("for_any_value:string_equal", ["a", "b"], ["x", "b"], True, True),
    ("for_any_value:string_equal", ["a"], [], False, False),
    ("for_all_value:string_equal", ["a", "b"], ["x", "b"], False, False),
    ("for_all_value:string_equal", ["a", "b"], ["a", "b"], True, True),
    ("for_all_value:string_equal", ["a"], [], True, False),  # over an empty list: on no page
    ("for_any_value:string_like_if_exist", ["a*"], None, True, True),
    ("string_equal", "${uin}", ["100000000101"], True, True),
]


@pytest.mark.parametrize(("operator", "value", "found", "grants", "denies"), CONDITIONS, ids=str)
def test_a_condition_decides_as_documented_an_allow_widely_and_a_deny_narrowly(
    operator: str, value: Any, found: list[str] | None, *, grants: bool, denies: bool
) -> None:
    key = condition(operator, "key", value)
    seen: Seen = {"key": found}.get
    assert may([policy(allow("*", **key))], seen=seen) is grants
    assert may([policy(allow("*"), deny("*", **key))], seen=seen) is not denies


def test_a_pattern_of_many_stars_is_decided_at_once() -> None:
    """Tried in every way, such a pattern would take longer than anybody lives."""
    began = time.process_time()
    stars = f"qcs::cvm:::volume/{'*a' * 40}*b"
    named = f"qcs::cvm:ap-beijing:uin/100000000001:volume/{'a' * 80}"
    assert not may([policy(allow("*", stars))], resource=named)
    assert may([policy(allow("*", stars))], resource=f"{named}b")
    assert time.process_time() - began < 1


@given(st.text("ab*", max_size=8), st.text("ab", max_size=8))
@settings(max_examples=200)
def test_a_star_stands_for_any_text(pattern: str, text: str) -> None:
    assert (glob(pattern).fullmatch(text) is not None) is fnmatchcase(text, pattern)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_a_document_with_numbers_that_json_does_not_have_is_no_policy(value: str) -> None:
    with pytest.raises(PolicyError, match="it is not JSON"):
        parse(policy(allow("*", condition={"numeric_equal": {"qcs:mfa": 1}})).replace("1}", f"{value}}}"))


def test_every_block_and_every_key_has_to_hold() -> None:
    both = {"condition": {"string_equal": {"a": "1", "b": "2"}, "ip_equal": {"c": "127.0.0.1"}}}
    document = [policy(allow("*", **both))]
    assert may(document, seen=having(a=["1"], b=["2"], c=["127.0.0.1"]))
    assert not may(document, seen=having(a=["1"], b=["3"], c=["127.0.0.1"]))
    assert not may(document, seen=having(a=["1"], b=["2"], c=["10.0.0.1"]))


def test_a_boundary_and_a_session_policy_both_have_to_allow() -> None:
    wide, narrow = policy(allow("*")), policy(allow("cvm:Describe*"))
    assert may([wide], limits=(wide, wide))
    assert not may([wide], limits=(wide, narrow))
    assert not may([narrow], limits=(wide, wide))
    assert not may([wide], limits=(policy(allow("*"), deny("cvm:*")),))


ACTIONS = ["cvm:DescribeDisks", "cvm:DeleteSnapshots", "cam:AddUser", "cos:GetObject"]
RESOURCES = ["*", DISK, DISK.replace("ap-beijing", "ap-shanghai"), "qcs::cam::uin/100000000001:uin/1"]
KEYS = ["qcs:ip", "qcs:mfa", "qcs:resource_tag"]
patterns = st.sampled_from(["*", "cvm:*", "cvm:De*", "cbs:*", "cam:AddUser", *ACTIONS])
places = st.sampled_from(
    ["*", "qcs::cvm:::*", "qcs::cvm:ap-beijing::*", "qcs::cvm:::volume/*", "qcs::cbs:::*", "qcs:::::*", DISK]
)
conditions = st.dictionaries(
    st.sampled_from(["string_equal", "string_not_equal", "string_like_if_exist", "null_equal", "ip_equal"]),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["1", "0", "true", "127.0.0.1"]), min_size=1),
    max_size=2,
)
statements = st.builds(
    lambda effect, action, resource, when: {
        "effect": effect,
        "action": action,
        "resource": resource,
        "condition": when,
    },
    st.sampled_from(["allow", "deny"]),
    st.lists(patterns, min_size=1, max_size=3),
    st.lists(places, min_size=1, max_size=3),
    conditions,
)
documents = st.lists(statements, min_size=1, max_size=4).map(lambda one: policy(*one))
circumstances = st.dictionaries(st.sampled_from(KEYS), st.lists(st.sampled_from(["1", "0", "127.0.0.1"])))
questions = st.tuples(st.sampled_from(ACTIONS), st.sampled_from(RESOURCES), circumstances)


def asked(question: tuple[str, str, dict[str, list[str]]]) -> dict[str, Any]:
    action, resource, seen = question
    return {"action": action, "resource": resource, "seen": seen.get}


@given(st.lists(documents, max_size=3), questions)
def test_a_deny_of_everything_always_wins(held: list[str], question: Any) -> None:
    assert not may([*held, policy(deny("*"))], **asked(question))


@given(st.lists(documents, max_size=3), documents, questions)
def test_adding_a_deny_never_grants_and_adding_an_allow_never_denies(
    held: list[str], more: str, question: Any
) -> None:
    added = json.loads(more)["statement"]
    before = may(held, **asked(question))
    denied = may([*held, policy(*({**one, "effect": "deny"} for one in added))], **asked(question))
    allowed = may([*held, policy(*({**one, "effect": "allow"} for one in added))], **asked(question))
    assert denied <= before <= allowed


@given(st.lists(documents, max_size=3), st.lists(documents, max_size=2), questions)
def test_a_limit_never_grants(held: list[str], limits: list[str], question: Any) -> None:
    assert may(held, limits=tuple(limits), **asked(question)) <= may(held, **asked(question))


@given(documents, documents, questions)
def test_a_limit_is_an_intersection(one: str, other: str, question: Any) -> None:
    both = may([one], **asked(question)) and may([other], **asked(question))
    assert may([one], limits=(other,), **asked(question)) is both


@given(st.permutations(["a", "b", "c"]), st.lists(documents, min_size=3, max_size=3), questions)
def test_the_order_of_policies_does_not_matter(order: list[str], held: list[str], question: Any) -> None:
    shuffled = [held["abc".index(letter)] for letter in order]
    assert may(held, **asked(question)) is may(shuffled, **asked(question))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda one: (
            st.lists(one)
            | st.dictionaries(
                st.sampled_from(
                    ["version", "statement", "effect", "action", "resource", "condition", "principal"]
                ),
                one,
            )
        ),
    )
)
def test_whatever_json_is_sent_is_a_policy_or_refused(content: Any) -> None:
    for read in (parse, parse_trust):
        with contextlib.suppress(PolicyError):
            assert read(json.dumps(content)).statements


def test_the_level_of_an_action_is_what_the_pages_claim() -> None:
    levels = {
        ("cbs", "DescribeDisks"): "r",
        ("cbs", "DeleteSnapshots"): "or",  # on no page
        ("cvm", "AllocateHosts"): "o",
        ("sts", "AssumeRole"): "or",  # the pages disagree
        ("cam", "AttachUserPolicy"): "o",
        ("cloudaudit", "AnythingElse"): "o",
        ("unheard", "Of"): "or",
    }
    assert {key: known.level(*key) for key in levels} == levels


def test_reads_are_told_by_their_names_and_role_assumption_counts_as_one() -> None:
    assert known.reads("cbs", "DescribeDisks")
    assert known.reads("sts", "AssumeRole")
    assert not known.reads("cbs", "DeleteSnapshots")


def test_the_tables_are_what_their_generator_makes(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "DATA", tmp_path)
    actions = {
        "services": {
            "cbs": {
                "default": "unknown",
                "actions": {
                    "A": {"level": "operation", "claims": [{"level": "resource"}]},
                    "B": {"level": "resource"},
                    "C": {"level": "unknown"},
                },
            }
        },
        "presets": {
            "All": {"policy_id": 1, "document": {"version": "2.0"}, "how_sure": "documented"},
            "Some": {"document": {}, "how_sure": "inferred from the name"},
            "None": {"document": None, "how_sure": "inferred from the name"},
        },
    }
    codes = {"cbs": {"A": ["AuthFailure.UnauthorizedOperation"], "B": ["UnauthorizedOperation"], "C": []}}
    for name, content in (("actions", actions), ("errors", codes)):
        (tmp_path / f"{name}.in").write_text(json.dumps(content))
    generate.main(str(tmp_path / "actions.in"), str(tmp_path / "errors.in"))

    assert json.loads((tmp_path / "levels.json").read_text()) == {
        "cbs": {"default": "or", "actions": {"A": "or", "B": "r", "C": "or"}}
    }
    assert json.loads((tmp_path / "denials.json").read_text()) == {
        "cbs": {
            "default": "UnauthorizedOperation",
            "actions": {"A": "AuthFailure.UnauthorizedOperation"},
        }
    }
    assert [
        (one["id"], one["name"], one["sure"]) for one in json.loads((tmp_path / "presets.json").read_text())
    ] == [(1, "All", True)]


@pytest.mark.parametrize("preset", known.presets().values(), ids=lambda one: one.name)
def test_every_preset_is_a_policy(preset: known.Preset) -> None:
    assert parse(preset.document).statements
