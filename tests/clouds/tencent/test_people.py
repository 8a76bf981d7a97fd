"""What CAM and CloudAudit could answer without meaning to: it is read as far as it goes, and never a traceback."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from drkit.clouds.tencent import audit_trail
from drkit.clouds.tencent.cam_lists import read_pages
from drkit.clouds.tencent.cam_policies import LIST_POLICIES, read_policies
from drkit.clouds.tencent.cam_users import read_users
from drkit.clouds.tencent.client import Call
from drkit.clouds.tencent.times import moment
from drkit.ports.errors import UncertainError


class Answers:
    """Another server: it answers as it is told."""

    def __init__(self, **answers: dict[str, Any]) -> None:
        self._answers = answers

    def call(self, call: Call, _parameters: object) -> dict[str, Any]:
        """The answer of an action."""
        return self._answers.get(call.action, {})


@pytest.mark.parametrize("stamp", ["0001-01-01 00:00:00", "9999-99-99", "", None, 7, [], "²"])
def test_a_time_that_no_calendar_has_is_none(stamp: object) -> None:
    assert moment("cam", "User", "CreateTime", {"CreateTime": stamp}) is None


@pytest.mark.parametrize("stamp", ["999999999999", "²", "", "x", None, "1" * 5000])
def test_an_event_without_a_time_is_refused(stamp: object) -> None:
    event = {"EventId": "1", "CloudAuditEvent": "{}", "EventTime": stamp}
    with pytest.raises(UncertainError, match="has no time"):
        audit_trail.moment_of(event)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"TotalNum": "3", "List": []},
        {"TotalNum": 3, "List": None},
        {"TotalNum": 1, "List": [{"PolicyId": None}]},
        {"TotalNum": 2, "List": [{"PolicyId": 1}, {"PolicyId": 1}]},
    ],
)
def test_a_list_that_is_not_whole_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises(UncertainError):
        read_pages(Answers(ListPolicies=answer), LIST_POLICIES, "List", "PolicyId")


@pytest.mark.parametrize("data", [None, {}, [{}], [{"Uin": "²"}], [{"Uin": None}]])
def test_users_that_are_none_are_refused(data: object) -> None:
    with pytest.raises(UncertainError):
        read_users(Answers(ListUsers={"Data": data}))


def test_a_document_with_half_a_character_can_be_saved() -> None:
    answers = Answers(
        ListPolicies={"TotalNum": 1, "List": [{"PolicyId": 7, "PolicyName": "p"}]},
        GetPolicy={"PolicyDocument": '{"a":"\ud800"}', "PolicyName": "\udfff", "Type": 1},
        ListPolicyVersions={"Versions": [{"VersionId": "²", "IsDefaultVersion": 1}]},
    )

    (policy,) = read_policies(answers, ())

    assert orjson.dumps([policy.name, policy.document])
