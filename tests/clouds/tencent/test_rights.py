"""What policies could let a user destroy: rather too much than too little, and what cannot be read is said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drkit.clouds.tencent.client import Call
from drkit.clouds.tencent.dangers import first_danger
from drkit.clouds.tencent.rights import LIST_POLICIES, PAGE, read_policy, rights_of
from drkit.ports.errors import RefusedError, UncertainError
from drkit.ports.identity import Caller, Danger

USER = Caller("100000000001", "qcs::cam:100000000001:uin/100000000102")


def policy(*statements: Any) -> str:
    return json.dumps({"version": "2.0", "statement": list(statements)})


def allow(*actions: str, **more: Any) -> dict[str, Any]:
    return {"effect": "allow", "action": list(actions), "resource": ["*"], **more}


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "*:*",
        "cvm:*",
        "name/cvm:*",
        "CVM:deletesnapshots",
        "cvm:DeleteSnapshots",
        "cbs:Delete*",
        "c*:*Snap*s",
        "*:TerminateDisks",
        "cvm:Delete*Snap*hot*",
        "cam:Attach*",
        "sts:AssumeRole",
        "kms:Schedule*",
    ],
)
def test_a_pattern_that_could_mean_a_destroying_action_is_dangerous(pattern: str) -> None:
    (danger,) = read_policy("p", policy(allow(pattern))).dangers

    assert (danger.policy, danger.pattern) == ("p", pattern)


@pytest.mark.parametrize(
    "pattern",
    ["cvm:Describe*", "name/cvm:DescribeDisks", "cvm:CreateSnapshot", "cam:Get*", "*:Describe*", "tag:List*"],
)
def test_what_reads_and_what_drkit_itself_needs_to_make_is_no_danger(pattern: str) -> None:
    assert read_policy("p", policy(allow(pattern))).dangers == ()
    assert read_policy("p", policy(allow(pattern))).unread == ()


@pytest.mark.parametrize(
    "pattern",
    ["vpc:*", "gaap:DestroyProxies", "cvm:DeleteSnapshotsX", "xcvm:DeleteSnapshots", "cvm:D*X", "cvm:"],
)
def test_what_is_on_no_list_could_destroy_for_all_that_is_known(pattern: str) -> None:
    read = read_policy("p", policy(allow(pattern)))

    assert read.dangers == ()
    assert read.unread == (f"the policy p: it is not known whether {pattern} can destroy",)


def test_a_pattern_of_thousands_of_stars_is_judged_at_once() -> None:
    assert first_danger("cvm:" + 3000 * "*e" + "*x") is None
    assert first_danger("cvm:" + 6000 * "*") == "cvm:TerminateInstances"


@pytest.mark.parametrize(
    "document",
    [
        policy(allow("cvm:*", condition={"ip_equal": {"qcs:ip": "10.0.0.1"}})),
        policy(allow("cvm:*"), {"effect": "deny", "action": "*", "resource": "*"}),
        policy(allow("cvm:*", resource=["qcs::cvm:::volume/disk-1"])),
        json.dumps({"statement": {"effect": "allow", "action": "cvm:*", "resource": "*"}}),
        json.dumps({"Version": "2.0", "Statement": [{"Effect": "Allow", "Action": "cvm:*"}]}),
    ],
    ids=["condition", "deny", "resource", "no lists", "capitals"],
)
def test_conditions_denies_and_resources_make_nothing_harmless(document: str) -> None:
    assert read_policy("p", document).dangers == (Danger("p", "cvm:*", "cvm:TerminateInstances"),)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "no json",
        "[]",
        "{}",
        "null",
        "[" * 100_000,
        policy("a text"),
        policy(None),
        policy({"effect": "allow", "resource": "*"}),
        policy({"action": "cvm:Describe*"}),
        policy({"effect": "perhaps", "action": "cvm:Describe*"}),
        policy(allow("permid/419082")),
        policy({"effect": "allow", "action": [5]}),
        policy({"effect": ["allow"], "action": ["cvm:DescribeDisks"]}),
    ],
)
def test_what_cannot_be_understood_is_said_and_never_passed_over(document: str) -> None:
    read = read_policy("odd", document)

    assert read.dangers == ()
    assert len(read.unread) == 1
    assert "the policy odd" in read.unread[0]


class Cam:
    """Answers the two questions about policies; what it is asked is written down."""

    def __init__(self, documents: dict[str, Any], total: int | None = None) -> None:
        self.documents = documents
        self.total = len(documents) if total is None else total
        self.asked: list[dict[str, Any]] = []

    def call(self, call: Call, parameters: Any) -> dict[str, Any]:
        self.asked.append(dict(parameters))
        if call == LIST_POLICIES:
            first = (parameters["Page"] - 1) * PAGE
            listed = [{"PolicyId": id_, "PolicyName": f"n{id_}"} for id_ in self.documents]
            return {"TotalNum": self.total, "PolicyList": listed[first : first + PAGE]}
        document = self.documents[str(parameters["PolicyId"])]
        if isinstance(document, Exception):
            raise document
        return {"PolicyDocument": document}


def test_every_attached_policy_is_read_on_every_page_and_those_of_groups_too() -> None:
    cam = Cam({str(number): policy(allow("cvm:Describe*")) for number in range(450)})

    assert rights_of(cam, USER).dangers == ()

    lists = [each for each in cam.asked if "Page" in each]
    assert [(each["Page"], each["AttachType"], each["TargetUin"]) for each in lists] == [
        (page, 0, 100000000102) for page in (1, 2, 3)
    ]
    assert len(cam.asked) == 453


def test_a_policy_that_may_not_be_read_is_said_beside_the_dangers_of_the_others() -> None:
    denied = RefusedError("cam:GetPolicy: UnauthorizedOperation", code="UnauthorizedOperation")

    rights = rights_of(Cam({"1": denied, "2": policy(allow("*"))}), USER)

    assert [danger.policy for danger in rights.dangers] == ["n2"]
    assert rights.unread == ("the policy n1: cam:GetPolicy: UnauthorizedOperation",)


@pytest.mark.parametrize("cam", [Cam({}, total=1), Cam({"1": "x"}, total=5)])
def test_a_list_that_is_not_whole_is_no_list(cam: Cam) -> None:
    with pytest.raises(UncertainError, match="not as many policies as it says"):
        rights_of(cam, USER)


def test_a_policy_without_a_number_is_said() -> None:
    assert "no id that is a number" in rights_of(Cam({"": policy()}), USER).unread[0]


def test_the_root_account_can_do_everything() -> None:
    root = Caller("100000000001", "qcs::cam:100000000001:uin/100000000001")

    assert rights_of(Cam({}), root).dangers[0].pattern == "*"


@pytest.mark.parametrize("form", ["qcs::cam::uin/100000000001:uin/7", "qcs::cam:100000000001:uin/7"])
def test_a_user_is_understood_in_both_documented_forms(form: str) -> None:
    cam = Cam({})

    rights_of(cam, Caller("100000000001", form))

    assert cam.asked[0]["TargetUin"] == 7


def test_a_role_is_not_judged_and_that_is_said() -> None:
    role = Caller("100000000001", "qcs::sts:100000000001:assumed-role/46")

    rights = rights_of(Cam({}), role)

    assert rights.dangers == ()
    assert "is no user" in rights.unread[0]
