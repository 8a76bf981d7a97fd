"""What must hold whatever the policies are."""

from __future__ import annotations

from typing import Any

import pytest
from deciding import ANN, USER, aws, cam, decide_all
from hypothesis import given, settings
from hypothesis import strategies as st

ALLOWED = "allowed"
NAMES = {
    "aws": ("Effect", "Allow", "Deny", "Action", "Resource", "Condition", "StringEquals", "Bool", aws),
    "cam": ("effect", "allow", "deny", "action", "resource", "condition", "string_equal", "bool_equal", cam),
}
ACTIONS = ["s3:GetObject", "s3:*", "*", "cvm:TerminateInstances", "cvm:*", "cam:AttachUserPolicy", "permid/1"]
RESOURCES = {
    "aws": ["*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/k"],
    "cam": ["*", "qcs::cvm:::instance/*", "qcs::cvm:::instance/${uin}", "qcs::cvm::uin/100:instance/ins-1"],
}
ASKED = {
    "aws": {"principal": ANN, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"},
    "cam": {
        "principal": USER,
        "action": "cvm:TerminateInstances",
        "resource": "qcs::cvm:ap-beijing:uin/100:instance/ins-1",
    },
}
CONTEXTS = st.dictionaries(st.sampled_from(["k", "aws:username", "m"]), st.sampled_from(["a", "k", "true"]))


def statements(dialect: str, effects: tuple[str, ...] | None = None) -> st.SearchStrategy[dict[str, Any]]:
    effect, allow, deny, action, resource, condition, equals, boolean, _document = NAMES[dialect]
    conditions = st.sampled_from(
        [
            {},
            {equals: {"k": ["a", "b"]}},
            {boolean: {"m": "true"}},
            {"NobodyKnows": {"k": "a"}},
            {equals: {"k": "${aws:username}"}},
        ]
    )
    return st.fixed_dictionaries(
        {
            effect: st.sampled_from(effects or (allow, deny)),
            action: st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3),
            resource: st.sampled_from(RESOURCES[dialect]),
            condition: conditions,
        },
        optional={"Sid" if dialect == "aws" else "extra": st.just("x")},
    )


def documents(dialect: str, **more: Any) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(statements(dialect, **more), max_size=4).map(lambda made: [NAMES[dialect][-1](*made)])


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    dialect = draw(st.sampled_from(["aws", "cam"]))
    made: dict[str, Any] = {"dialect": dialect, **ASKED[dialect], "policies": draw(documents(dialect))}
    made["context"] = draw(CONTEXTS)
    if draw(st.booleans()):
        made["boundary"] = draw(documents(dialect))
    return made


@given(request=requests(), data=st.data())
def test_another_deny_never_grants(request: dict[str, Any], data: st.DataObject) -> None:
    dialect = request["dialect"]
    denies = data.draw(documents(dialect, effects=(NAMES[dialect][2],)))
    before, after = decide_all([request, request | {"policies": [*request["policies"], *denies]}])
    assert after != ALLOWED or before == ALLOWED


@given(request=requests(), data=st.data())
def test_a_boundary_never_grants(request: dict[str, Any], data: st.DataObject) -> None:
    without = {name: value for name, value in request.items() if name != "boundary"}
    bounded = without | {"boundary": data.draw(documents(request["dialect"]))}
    before, after = decide_all([without, bounded])
    assert after != ALLOWED or before == ALLOWED


@given(request=requests(), data=st.data())
def test_another_allow_never_denies(request: dict[str, Any], data: st.DataObject) -> None:
    dialect = request["dialect"]
    allows = data.draw(documents(dialect, effects=(NAMES[dialect][1],)))
    before, after = decide_all([request, request | {"policies": [*request["policies"], *allows]}])
    assert before != ALLOWED or after == ALLOWED
    assert (before == "explicit-deny") == (after == "explicit-deny")


@given(request=requests(), data=st.data())
def test_what_is_certain_of_part_of_a_context_stays_whatever_else_is_in_it(
    request: dict[str, Any], data: st.DataObject
) -> None:
    partial = request | {"context_partial": True}
    whole = request | {"context": {**data.draw(CONTEXTS), **request["context"]}}
    of_part, of_whole = decide_all([partial, whole])
    if of_part == ALLOWED:
        assert of_whole == ALLOWED
    if of_part in {"implicit-deny", "explicit-deny"}:
        assert of_whole in {"implicit-deny", "explicit-deny"}


@given(request=requests())
def test_a_policy_that_nobody_read_never_makes_an_answer_safe(request: dict[str, Any]) -> None:
    unread = request | {"policies": [*request["policies"], {"name": "x", "policy": None}]}
    before, after = decide_all([request, unread])
    assert after in {"unknown", before}
    if before == ALLOWED:
        assert after == "unknown"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Statement",
                    "statement",
                    "Effect",
                    "effect",
                    "Action",
                    "action",
                    "Resource",
                    "resource",
                    "Principal",
                    "principal",
                    "Condition",
                    "condition",
                    "Version",
                    "policies",
                    "k",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
FIELDS = (
    "policies",
    "boundary",
    "organization",
    "resource_control",
    "session",
    "endpoint",
    "resource_policy",
)


@settings(max_examples=300)
@given(
    dialect=st.sampled_from(["aws", "cam"]),
    policies=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3),
    context=JSON,
    principal=JSON,
)
def test_whatever_comes_is_answered(dialect: str, policies: Any, context: Any, principal: Any) -> None:
    request = {"dialect": dialect, **ASKED[dialect], **policies, "context": context, "principal": principal}
    [found] = decide_all([request])
    assert found in {"allowed", "implicit-deny", "explicit-deny", "unknown"}


@pytest.mark.parametrize("dialect", ["aws", "cam"])
def test_nothing_allowed_is_implicitly_denied(dialect: str) -> None:
    assert decide_all([{"dialect": dialect, **ASKED[dialect], "policies": []}]) == ["implicit-deny"]
