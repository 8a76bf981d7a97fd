"""Who may do what is collected whole, taken up where it was broken off, and judged offline; what is cut is UNKNOWN."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers import Drkit
from people import People, allow

from drkit.clouds.tencent.cam_lists import read_pages
from drkit.clouds.tencent.cam_policies import LIST_POLICIES
from drkit.clouds.tencent.client import TencentClient
from drkit.clouds.tencent.settings import KeyPair, endpoint
from drkit.flows.saved_identities import read_identities
from drkit.ports.identities import Identities
from drkit.ports.unread import Unread
from drkit.sandbox.testing import Running


@pytest.fixture
def staff(sandbox: Running) -> People:
    """The seed's people."""
    return People(sandbox)


@pytest.fixture
def facts(cloud: Drkit) -> Path:
    """What was collected of the sandbox."""
    ran = cloud("collect", "--to", "facts")
    assert ran.status == 0, ran.out
    return cloud.directory / "facts"


def saved(facts: Path) -> Identities:
    """The one account that was saved."""
    (found,) = read_identities(facts)
    return found


def audited(drkit: Drkit, *words: str | Path) -> dict[str, Any]:
    """The result of an audit."""
    return drkit("access", "audit", "--format", "json", *words).json


def test_everything_of_an_account_is_collected(cloud: Drkit, staff: People) -> None:
    ann = staff.new_user("ann", allow("cvm:DescribeDisks"))
    number = staff.new_policy("limit", allow("cvm:*"))
    root = "administrator"
    group = staff(root, "cam", "CreateGroup", GroupName="ops")["GroupId"]
    staff(root, "cam", "AddUserToGroup", Info=[{"GroupId": group, "Uin": ann["Uin"]}])
    staff(root, "cam", "AttachGroupPolicy", AttachGroupId=group, PolicyId=number)
    staff(root, "cam", "PutUserPermissionsBoundary", TargetUin=ann["Uin"], PolicyId=number)
    staff(root, "cam", "SetMfaFlag", OpUin=ann["Uin"], LoginFlag={"Stoken": 1})
    narrow = json.dumps({"version": "2.0", "statement": [allow("cvm:Describe*")]})
    staff(root, "cam", "CreatePolicyVersion", PolicyId=number, PolicyDocument=narrow, SetAsDefault=True)

    assert cloud("collect", "--to", "facts").status == 0
    found = saved(cloud.directory / "facts")

    assert not isinstance(found.users, Unread)
    user = next(each for each in found.users if each.name == "ann")
    assert (user.second_factor, user.boundary, user.console) == (True, str(number), False)
    assert not isinstance(user.keys, Unread)
    assert [key.active for key in user.keys] == [True]
    assert not isinstance(found.groups, Unread)
    assert [(each.name, each.members) for each in found.groups] == [("ops", (str(ann["Uin"]),))]
    assert not isinstance(found.policies, Unread)
    policy = next(each for each in found.policies if each.name == "limit")
    assert (policy.version, "Describe" in str(policy.document)) == ("2", True)
    assert not isinstance(policy.others, Unread)
    assert [(each.id, "cvm:*" in str(each.document)) for each in policy.others] == [("1", True)]
    assert not isinstance(found.activity, Unread)
    assert {"cam:AttachGroupPolicy", "cam:CreatePolicyVersion"} <= {
        each.action for each in found.activity.changes
    }


def test_a_list_of_several_pages_is_read_whole(staff: People, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {staff.new_policy(f"p{number}", allow("cvm:DescribeDisks")) for number in range(205)}
    monkeypatch.setenv("DRKIT_TENCENT_ENDPOINT", f"http://127.0.0.1:{staff.sandbox.port}")
    client = TencentClient(KeyPair(*staff.sandbox.key("drkit-look")), endpoint(), 10)

    listed = read_pages(client, LIST_POLICIES, "List", "PolicyId", {"Scope": "Local"})

    assert made <= {each["PolicyId"] for each in listed}


def test_the_audit_of_saved_facts_needs_no_cloud_and_has_the_same_bytes(cloud: Drkit, facts: Path) -> None:
    estate = ("--estate", Path(cloud.environment["DRKIT_ESTATE"]))
    for form in ("text", "json", "sarif", "html"):
        words = ("access", "audit", "--facts", facts, *estate, "--format", form)
        here = cloud(*words)
        offline = cloud(
            *words,
            DRKIT_TENCENT_ENDPOINT="http://127.0.0.1:9",
            DRKIT_LOOK_SECRET_ID="",
            DRKIT_LOOK_SECRET_KEY="",
        )
        assert (offline.status, offline.out) == (here.status, here.out)
        assert here.out


def test_accounts_and_their_saved_facts_come_to_the_same_findings(cloud: Drkit, facts: Path) -> None:
    at_once, later = audited(cloud), audited(cloud, "--facts", facts)

    assert at_once["findings"] == later["findings"] != []


def test_a_policy_that_nobody_may_read_makes_unknown_and_never_clean(cloud: Drkit, sandbox: Running) -> None:
    sandbox.fault("error", service="cam", action="GetPolicy", code="UnauthorizedOperation", times=100)

    ran = cloud("collect", "--to", "facts", "--format", "json")
    told = audited(cloud, "--facts", cloud.directory / "facts")

    assert (ran.status, "UnauthorizedOperation" in ran.json["reason"]) == (1, True)
    assert any("policies/1 document: cam:GetPolicy" in each for each in told["not_understood"])
    assert 1 in told["statuses"]


@pytest.mark.parametrize(
    "action", ["ListUsers", "ListGroups", "DescribeRoleList", "ListPolicies", "DescribeEvents"]
)
def test_a_list_that_is_denied_is_unread_and_never_empty(cloud: Drkit, sandbox: Running, action: str) -> None:
    sandbox.fault(
        "error",
        service="cloudaudit" if action == "DescribeEvents" else "cam",
        action=action,
        code="UnauthorizedOperation",
        times=100,
    )

    assert cloud("collect", "--to", "facts").status == 1
    told = audited(cloud, "--facts", cloud.directory / "facts")

    assert any(action in each for each in told["not_understood"])
    assert told["verdict"] != "pass"


@pytest.mark.parametrize("name", ["users", "policies", "uses"])
def test_a_file_that_was_cut_is_unread_and_leaves_no_traceback(cloud: Drkit, facts: Path, name: str) -> None:
    path = facts / "production" / "identities" / f"{name}.jsonl"
    whole = path.read_bytes()
    for cut in (b"", b'{"id"', b"[]\n", b'{"id":"x"}\n', whole[:-20], whole[:-1]):
        path.write_bytes(cut)

        ran = cloud("access", "audit", "--facts", facts, "--format", "json")

        assert "Traceback" not in ran.err
        assert any(f"the saved {name}" in each for each in ran.json["not_understood"]), cut


def test_a_head_that_nobody_wrote_so_is_refused(cloud: Drkit, facts: Path) -> None:
    whole = json.loads((facts / "facts.json").read_bytes())
    changes: list[dict[str, Any]] = [{"account": "../x"}, {"root": 1}, {"users": None}, {"cloud": "other"}]
    for change in changes:
        head = {**whole, "identities": [{**whole["identities"][0], **change}]}
        (facts / "facts.json").write_text(json.dumps(head))

        ran = cloud("access", "audit", "--facts", facts)

        assert (ran.status, "Traceback" in ran.err) == (2, False), change


def test_what_was_broken_off_is_taken_up_where_it_ended(cloud: Drkit, facts: Path, sandbox: Running) -> None:
    head = json.loads((facts / "facts.json").read_bytes())
    (facts / "facts.json").unlink()
    done = {**head, "identities": [], "regions": head["regions"][:1]}
    (facts / "collecting.json").write_text(json.dumps(done))
    sandbox.fault(
        "error", service="cbs", action="DescribeDisks", region="ap-beijing", code="InternalError", times=99
    )

    ran = cloud("collect", "--to", facts)

    assert ran.status == 0, ran.out  # Beijing was not asked again
    again = json.loads((facts / "facts.json").read_bytes())
    assert (again["looked_at"], len(again["regions"]), len(again["identities"])) == (head["looked_at"], 2, 1)
    assert not (facts / "collecting.json").exists()


@pytest.mark.parametrize("begun", ["", "[]", "{}", '{"form": "other"}'])
def test_what_was_not_begun_by_collect_is_refused(cloud: Drkit, begun: str) -> None:
    cloud.write("facts/collecting.json", begun)

    ran = cloud("collect", "--to", "facts")

    assert (ran.status, "Traceback" in ran.err) == (2, False)
