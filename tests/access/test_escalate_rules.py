"""What limits somebody limits what it can come to, unless it can lift the limit; what nobody knows never makes safe."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from accounts_made import EVERYTHING, Estate, allowing, look
from deciding import aws, cam, may, never
from hypothesis import given, settings
from hypothesis import strategies as st

from drkit.access.escalate.escalated import escalated
from drkit.access.escalate.ways import USER
from drkit.access.language.form import Dialect
from drkit.ports.unread import Unread

ROOT = "arn:aws:iam::111122223333:root"
LAMBDA = "lambda.amazonaws.com"


def steps(found: Any) -> list[tuple[str, str]]:
    return [(step.action, step.to) for step in found.path]


def test_who_holds_every_right_has_no_path() -> None:
    estate = Estate()
    boss = estate.user("boss", aws(may()))
    found = look(estate)[boss]
    assert (found.administrator, found.certain, found.path) == (True, True, ())


def test_a_right_on_another_is_no_way() -> None:
    estate = Estate()
    eve = estate.user("eve", aws(may("iam:AttachUserPolicy", "arn:aws:iam::111122223333:user/bob")))
    bob = estate.user("bob", aws(may("s3:*")))
    found = look(estate)
    assert not found[eve].administrator
    assert not found[bob].administrator


def test_calls_of_two_roles_that_one_may_take_are_a_way() -> None:
    estate = Estate()
    eve = estate.user("eve", aws(may("sts:AssumeRole")))
    maker = estate.role("maker", estate.trust(ROOT), aws(may(["iam:PassRole", "lambda:CreateFunction"])))
    estate.role("caller", estate.trust(ROOT), aws(may("lambda:InvokeFunction")))
    boss = estate.role("boss", estate.trust(service=LAMBDA), aws(may()))
    found = look(estate)
    assert steps(found[eve]) == [("sts:AssumeRole", maker), ("lambda:CreateFunction", boss)]
    assert not found[maker].administrator


def test_a_role_is_passed_to_the_service_that_it_trusts_alone() -> None:
    estate = Estate()
    calls = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]
    eve = estate.user("eve", aws(may(calls)))
    to_other = may("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}})
    bob = estate.user("bob", aws(to_other, may(calls[1:])))
    estate.role("boss", estate.trust(service=LAMBDA), aws(may()))
    found = look(estate)
    assert found[eve].administrator
    assert not found[bob].administrator
    other = Estate()
    eve = other.user("eve", aws(may(calls)))
    other.role("boss", other.trust(service="ec2.amazonaws.com"), aws(may()))
    assert not look(other)[eve].administrator


def test_a_boundary_holds_until_its_holder_can_lift_it() -> None:
    estate = Estate()
    tight = estate.policy("tight", aws(may("s3:*")))
    loose = estate.policy("loose", aws(may(["s3:*", "iam:DeleteUserPermissionsBoundary"])))
    edits = estate.policy("edits", aws(may(["s3:*", "iam:CreatePolicyVersion"])))
    bound = estate.user("bound", aws(may()), boundary=tight)
    free = estate.user("free", aws(may()), boundary=loose)
    editor = estate.user("editor", aws(may()), boundary=edits)
    found = look(estate)
    assert not found[bound].administrator
    assert steps(found[free]) == [("iam:DeleteUserPermissionsBoundary", "administrator")]
    assert steps(found[editor]) == [("iam:CreatePolicyVersion", "administrator")]


def test_more_policies_do_not_lift_a_boundary() -> None:
    estate = Estate()
    limit = estate.policy("limit", aws(may(["s3:*", "iam:AttachUserPolicy"])))
    eve = estate.user("eve", aws(may("iam:AttachUserPolicy")), boundary=limit)
    assert not look(estate)[eve].administrator


def test_rights_over_what_is_within_a_boundary_are_no_way() -> None:
    estate = Estate()
    limit = estate.policy("limit", aws(may("s3:*")))
    delegated = may(
        [
            "iam:CreateUser",
            "iam:CreateRole",
            "iam:AttachUserPolicy",
            "iam:AttachRolePolicy",
            "iam:CreateAccessKey",
        ],
        Condition={"StringEquals": {"iam:PermissionsBoundary": limit}},
    )
    eve = estate.user("eve", aws(delegated))
    assert not look(estate)[eve].administrator


def test_a_sure_deny_holds_and_an_undecided_one_does_not() -> None:
    estate = Estate()
    grant = may("iam:AttachUserPolicy")
    office = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    denied = estate.user("denied", aws(grant, never("iam:AttachUserPolicy")))
    perhaps = estate.user("perhaps", aws(grant, never("iam:AttachUserPolicy", Condition=office)))
    there = estate.user("there", aws(may("iam:AttachUserPolicy", Condition=office)))
    odd = estate.user("odd", aws(may("iam:AttachUserPolicy", Condition={"NobodyKnows": {"k": "v"}})))
    found = look(estate)
    assert not found[denied].administrator
    for who in (perhaps, there, odd):
        assert (found[who].administrator, found[who].certain) == (True, False)


def test_variables_stand_for_the_caller() -> None:
    estate = Estate()
    own = aws(may("iam:PutUserPolicy", "arn:aws:iam::*:user/${aws:username}"))
    eve, bob = estate.user("eve", own), estate.user("bob", own)
    assert all(look(estate)[who].certain and look(estate)[who].administrator for who in (eve, bob))


def test_a_condition_on_the_policy_that_is_attached_is_looked_at() -> None:
    estate = Estate()
    harmless = {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}
    eve = estate.user("eve", aws(may("iam:AttachUserPolicy", Condition=harmless)))
    assert not look(estate)[eve].administrator


def test_a_ring_of_roles_ends() -> None:
    estate = Estate()
    names = [f"arn:aws:iam::111122223333:role/r{n}" for n in range(5)]
    for n in range(5):
        estate.role(f"r{n}", estate.trust(names[n - 1]), aws(may("sts:AssumeRole")))
    found = look(estate)
    assert not any(each.administrator for each in found.values())
    assert len(found[names[0]].acts_as) == 4


def test_a_trust_in_somebody_who_is_gone_is_for_nobody() -> None:
    estate = Estate()
    eve = estate.user("eve", aws(may("sts:AssumeRole")))
    estate.role("boss", estate.trust("AIDAEXAMPLEEXAMPLE"), aws(may()))
    estate.role("other", estate.trust("arn:aws:iam::111122223333:user/gone"), aws(may()))
    assert not look(estate)[eve].administrator


def test_another_account_is_reached_where_both_sides_allow() -> None:
    here, there = Estate(), Estate(number="444455556666")
    eve, bob = here.user("eve", aws(may("sts:AssumeRole"))), here.user("bob", aws(may("s3:*")))
    boss = there.role("boss", there.trust(ROOT), aws(may()))
    found = look(here, there)
    assert steps(found[eve]) == [("sts:AssumeRole", boss)]
    assert not found[bob].administrator


@pytest.mark.parametrize("dialect", list(Dialect))
def test_what_nobody_read_may_be_every_right(dialect: Dialect) -> None:
    estate = Estate(dialect)
    hidden = estate.policy("9", Unread("denied"))
    eve = estate.user("200", None, hidden)
    bob = estate.user(
        "201", allowing(dialect, ["x:Y"]), "1" if dialect is Dialect.CAM else "arn:aws:iam::aws:policy/Z"
    )
    ann = estate.user("202", allowing(dialect, ["x:Y"]))
    found = look(estate)
    for who in (eve, bob):
        assert (found[who].administrator, found[who].certain) == (True, False)
    assert not found[ann].administrator


def test_groups_that_nobody_read_may_hold_everybody() -> None:
    estate = Estate()
    eve = estate.user("eve", aws(may("s3:*")))
    estate.group("admins", Unread("denied"), aws(may()))
    found = look(estate)[eve]
    assert (found.administrator, found.certain) == (True, False)


@pytest.mark.parametrize("kind", ["groups", "users", "roles"])
def test_whom_nobody_read_may_hold_every_right(kind: str) -> None:
    estate = Estate()
    calls = {"groups": "s3:*", "users": "iam:CreateAccessKey", "roles": "sts:AssumeRole"}
    caller = estate.role("eve", estate.trust(ROOT), aws(may(calls[kind])))
    if kind != "users":
        caller = estate.user("eve", aws(may(calls[kind])))
    before = escalated([estate.facts()])
    after = escalated([replace(estate.facts(), **{kind: Unread("denied")})])
    [was] = [each for each in before.principals if each.id == caller]
    [now] = [each for each in after.principals if each.id == caller]
    assert not was.administrator
    assert (now.administrator, now.certain) == (True, False)


def test_a_condition_that_leaves_out_one_policy_leaves_others() -> None:
    estate = Estate()
    but = {"ArnNotEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}}
    own = {"ArnLike": {"iam:PolicyARN": "arn:aws:iam::111122223333:policy/*"}}
    attaching = estate.user("attaching", aws(may("iam:AttachUserPolicy", Condition=but)))
    writing = estate.user("writing", aws(may("iam:PutUserPolicy", Condition=but)))
    perhaps = estate.user("perhaps", aws(may("iam:AttachUserPolicy", Condition=own)))
    found = look(estate)
    assert [found[who].certain and found[who].administrator for who in (attaching, writing)] == [True, True]
    assert (found[perhaps].administrator, found[perhaps].certain) == (True, False)


def test_what_a_group_allows_its_caller_may_be_a_way_for_who_joins_it() -> None:
    estate = Estate()
    eve = estate.user("eve", aws(may("iam:AddUserToGroup")))
    estate.group("selves", [], aws(may("iam:PutUserPolicy", "arn:aws:iam::*:user/${aws:username}")))
    assert look(estate)[eve].administrator


def test_a_limit_of_one_region_is_none_for_another() -> None:
    estate = Estate()
    calls = may(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])
    eve = estate.user("eve", aws(calls, never("lambda:*", "arn:aws:lambda:us-east-1:*:function:*")))
    estate.role("boss", estate.trust(service=LAMBDA), aws(may()))
    assert look(estate)[eve].administrator


@pytest.mark.parametrize("name", ["arn:aws:iam::1:user/200", " qcs::cam::uin/100000000001:*", "a:b:c:d:e:f"])
def test_a_resource_of_cam_that_is_none_is_not_understood(name: str) -> None:
    estate = Estate(Dialect.CAM)
    eve = estate.user("200", allowing(Dialect.CAM, ["cam:*"], name))
    found = look(estate)[eve]
    assert (found.administrator, found.certain) == (True, False)


def test_opaque_permissions_of_cam_may_be_every_right() -> None:
    estate = Estate(Dialect.CAM)
    eve = estate.user("200", cam({"effect": "allow", "action": "permid/280649", "resource": "*"}))
    found = look(estate)[eve]
    assert (found.administrator, found.certain) == (True, False)


def test_where_nobody_read_what_runs_code_may_run_with_a_role() -> None:
    estate = Estate()
    eve = estate.user("eve", aws(may("lambda:UpdateFunctionCode")))
    estate.role("boss", estate.trust(service=LAMBDA), aws(may()))
    assert not look(estate)[eve].administrator
    estate.workloads = Unread("denied")
    found = look(estate)[eve]
    assert (found.administrator, found.certain) == (True, False)


def test_resources_only_leads_into_the_group_of_administrators() -> None:
    estate = Estate(Dialect.CAM)
    eve = estate.user(
        "200",
        cam(
            {
                "effect": "allow",
                "action": "*",
                "resource": "*",
                "condition": {"numeric_equal": {"qcs:except_cam_finance": 1}},
            }
        ),
    )
    group = estate.group("7", [], EVERYTHING[Dialect.CAM])
    found = look(estate)[eve]
    assert found.certain
    assert [(step.action, step.on) for step in found.path] == [("cam:AddUserToGroup", group)]


def test_a_named_thing_where_cam_is_given_a_star_grants_nothing() -> None:
    estate = Estate(Dialect.CAM)
    eve = estate.user("200", allowing(Dialect.CAM, ["cam:AttachUserPolicy"], estate.resource(USER, "200")))
    assert not look(estate)[eve].administrator


def facts_of_aws(directory: Path, statement: dict[str, Any]) -> None:
    account = directory / "aws" / "111122223333"
    account.mkdir(parents=True)
    inline = [{"PolicyName": "p", "PolicyDocument": aws(statement)}]
    user = {
        "Arn": "arn:aws:iam::111122223333:user/eve",
        "UserName": "eve",
        "UserId": "AIDA",
        "Path": "/",
        "GroupList": [],
        "AttachedManagedPolicies": [],
        "UserPolicyList": inline,
    }
    details = {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    (account / "authorization-details.json").write_text(json.dumps(details))
    (account / "resources.json").write_text("{}")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "drkit", "access", "escalate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_says_how_and_fails(tmp_path: Path) -> None:
    facts_of_aws(tmp_path, may("iam:PutUserPolicy"))
    done = run("--facts", str(tmp_path), "--format", "json")
    assert done.returncode == 3
    [principal] = json.loads(done.stdout)["principals"]
    eve = "arn:aws:iam::111122223333:user/eve"
    [step] = principal["path"]
    assert (principal["id"], principal["administrator"]) == (eve, True)
    assert {key: step[key] for key in ("from", "action", "on", "to")} == {
        "from": eve,
        "action": "iam:PutUserPolicy",
        "on": eve,
        "to": "administrator",
    }
    declared = run("--facts", str(tmp_path), "--administrator", eve)
    assert (declared.returncode, declared.stderr) == (0, "")


def test_the_command_says_what_is_cut(tmp_path: Path) -> None:
    facts_of_aws(tmp_path, may("s3:GetObject"))
    assert run("--facts", str(tmp_path)).returncode == 0
    path = tmp_path / "aws" / "111122223333" / "authorization-details.json"
    path.write_text(path.read_text()[:100])
    done = run("--facts", str(tmp_path))
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "not read" in done.stdout
    assert run("--facts", str(tmp_path / "nowhere")).returncode == 2


JUNK = st.recursive(
    st.none()
    | st.integers()
    | st.text(max_size=4)
    | st.sampled_from(["*", "iam:*", "sts:AssumeRole", "permid/1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Statement", "statement", "Effect", "effect", "Action", "action", "Resource", "Principal"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(deadline=None)  # what is slow is the machine, or the first of its kind
@given(
    dialect=st.sampled_from(list(Dialect)),
    documents=st.lists(JUNK, min_size=4, max_size=4),
    who=st.text(max_size=5),
)
def test_whatever_the_facts_are_everybody_is_answered_for(
    dialect: Dialect, documents: list[Any], who: str
) -> None:
    own, trusted, group, limit = documents
    estate = Estate(dialect)
    boundary = estate.policy("limit", limit)
    estate.user("200", own, boundary=boundary)
    estate.user(who, own, "nowhere")
    estate.role("r", trusted, own)
    estate.group("7", ["200", "gone"], group)
    assert len(look(estate)) >= 2
