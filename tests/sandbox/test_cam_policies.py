"""Policies of CAM, and what they are attached to: the official client against the sandbox."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from people import ACCOUNT, People, allow, deny, policy, refused

from drkit.sandbox.testing import InThread

ADMIN = "administrator"
MAKE = 100000000103


@pytest.fixture
def by(sandbox: InThread) -> People:
    return People(sandbox)


def cam(by: People, action: str, **parameters: Any) -> Any:
    return by(ADMIN, "cam", action, **parameters)


def test_a_policy_is_made_read_changed_and_deleted_with_what_it_gave(by: People) -> None:
    user = by.new_user("jack")
    number = by.new_policy("disks", allow("cvm:DescribeDisks"))
    by.attach(user, number)
    assert by(user, "cbs", "DescribeDisks")["TotalCount"] > 0

    shown = cam(by, "GetPolicy", PolicyId=number)
    assert json.loads(shown["PolicyDocument"])["statement"][0]["action"] == "cvm:DescribeDisks"
    assert (shown["Type"], shown["PresetAlias"], shown["IsServiceLinkedRolePolicy"]) == (1, None, 0)
    cam(by, "UpdatePolicy", PolicyId=number, PolicyDocument=policy(allow("cvm:DescribeSnapshots")))
    assert refused(lambda: by(user, "cbs", "DescribeDisks")) == "UnauthorizedOperation"
    assert by(user, "cbs", "DescribeSnapshots")["TotalCount"] > 0
    assert cam(by, "UpdatePolicy", PolicyName="disks", Description="d")["PolicyId"] == number
    assert cam(by, "GetPolicy", PolicyId=number)["Description"] == "d"
    cam(by, "DeletePolicy", PolicyId=[number])
    assert refused(lambda: by(user, "cbs", "DescribeSnapshots")) == "UnauthorizedOperation"
    assert refused(lambda: cam(by, "GetPolicy", PolicyId=number)) == "ResourceNotFound.PolicyIdNotFound"


def test_policies_are_listed_with_the_fields_of_recorded_answers(by: People) -> None:
    local = cam(by, "ListPolicies", Scope="Local")
    assert local["TotalNum"] == len(local["List"]) == 4
    assert set(local["List"][0]) == {
        "PolicyId",
        "PolicyName",
        "Type",
        "Description",
        "CreateMode",
        "Attachments",
        "ServiceType",
        "IsAttached",
        "AddTime",
        "UpdateTime",
        "IsServiceLinkedPolicy",
        "AttachEntityCount",
        "AttachEntityBoundaryCount",
        "Deactived",
        "DeactivedDetail",
    }
    presets = cam(by, "ListPolicies", Scope="QCS", Keyword="AdministratorAccess", Rp=200)["List"]
    assert [(one["PolicyId"], one["Type"], one["AttachEntityCount"]) for one in presets] == [(1, 2, 1)]
    everything = cam(by, "ListPolicies", Rp=200)
    assert everything["TotalNum"] == 4 + cam(by, "ListPolicies", Scope="QCS")["TotalNum"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("nonsense", "PolicyDocumentError"),
        ("[]", "PolicyDocumentError"),
        ('{"version":"2.0","statement":[],"id":1}', "PolicyDocumentError"),
        ('{"version":"1.0","statement":[]}', "VersionError"),
        ('{"version":"2.0","statement":[]}', "StatementError"),
        ('{"version":"2.0","statement":"all"}', "StatementError"),
        (policy({"effect": "Allow", "action": "*", "resource": "*"}), "EffectError"),
        (policy({"effect": "allow", "resource": "*"}), "ActionMiss"),
        (policy(allow("DescribeDisks")), "ActionError"),
        (policy(allow([])), "ActionError"),
        (policy({"effect": "allow", "action": "*"}), "ResourceError"),
        (policy(allow("*", "disk-1")), "ResourceQcsError"),
        (policy(allow("*", "qcs::cvm:ap-beijing:disk-1")), "ResourceQcsError"),
        (policy(allow("*", "qcs:1:cvm:::volume/*")), "ResourceProjectError"),
        (policy(allow("*", "qcs::cvm::1:volume/*")), "ResourceUinError"),
        (policy(allow("*", "qcs::cvm:::")), "ResourceContentError"),
        (policy(allow("*", condition=[])), "ConditionError"),
        (policy(allow("*", condition={"ip_equal": []})), "ConditionError"),
        (policy(allow("*", condition={"ip_near": {"qcs:ip": "1.1.1.1"}})), "ConditionTypeError"),
        (policy(allow("*", condition={"ip_equal": {"qcs:ip": [{}]}})), "ConditionContentError"),
        (policy(allow("*", principal={"qcs": "*"})), "PrincipalError"),
        (policy(allow("*", not_action="x")), "StatementError"),
        (policy(allow("cvm:" + "x" * 6200)), "PolicyDocumentLengthOverLimit"),
    ],
)
def test_a_document_that_is_no_policy_is_refused_with_the_documented_code(
    by: People, document: str, code: str
) -> None:
    making = {"PolicyName": "p", "PolicyDocument": document}
    assert refused(lambda: cam(by, "CreatePolicy", **making)) == f"InvalidParameter.{code}"
    number = by.new_policy("good", allow("*"))
    versions = {"PolicyId": number, "PolicyDocument": document, "SetAsDefault": True}
    assert refused(lambda: cam(by, "CreatePolicyVersion", **versions)) == f"InvalidParameter.{code}"


def test_an_action_that_nobody_can_read_is_not_emulated_rather_than_ignored(by: People) -> None:
    making = {"PolicyName": "p", "PolicyDocument": policy(allow("permid/280655"))}
    assert refused(lambda: cam(by, "CreatePolicy", **making)) == "UnsupportedOperation.NotEmulated"


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("CreatePolicy", {"PolicyName": "drkit-look"}, "FailedOperation.PolicyNameInUse"),
        ("CreatePolicy", {"PolicyName": "ReadOnlyAccess"}, "FailedOperation.PolicyNameInUse"),
        ("CreatePolicy", {"PolicyName": "a b"}, "InvalidParameter.PolicyNameError"),
        (
            "CreatePolicy",
            {"PolicyName": "p", "Description": "x" * 301},
            "InvalidParameter.DescriptionLengthOverlimit",
        ),
        ("UpdatePolicy", {"PolicyId": 1}, "InvalidParameter.PolicyIdNotExist"),
        ("UpdatePolicy", {}, "InvalidParameter.ParamError"),
        ("DeletePolicy", {"PolicyId": [1]}, "ResourceNotFound.PolicyIdNotFound"),
        ("ListPolicies", {"Scope": "Mine"}, "InvalidParameter.ScopeError"),
        ("AttachUserPolicy", {"AttachUin": 1, "PolicyId": 1}, "ResourceNotFound.UserNotExist"),
        ("AttachUserPolicy", {"AttachUin": MAKE, "PolicyId": 77}, "ResourceNotFound.PolicyIdNotFound"),
        ("AttachGroupPolicy", {"AttachGroupId": 7, "PolicyId": 1}, "ResourceNotFound.GroupNotExist"),
        ("AttachRolePolicy", {"AttachRoleName": "x", "PolicyId": 1}, "InvalidParameter.RoleNotExist"),
        ("AttachRolePolicy", {"AttachRoleName": "drkit-destroy"}, "InvalidParameter.ParamError"),
        (
            "AttachRolePolicy",
            {"AttachRoleName": "drkit-destroy", "PolicyName": "x"},
            "InvalidParameter.PolicyIdNotExist",
        ),
        ("ListEntitiesForPolicy", {"PolicyId": 1, "EntityFilter": "x"}, "InvalidParameter.EntityFilterError"),
        ("GetPolicyVersion", {"PolicyId": 77, "VersionId": 1}, "ResourceNotFound.PolicyIdNotFound"),
        (
            "PutUserPermissionsBoundary",
            {"TargetUin": MAKE, "PolicyId": 77},
            "InvalidParameter.PolicyIdNotExist",
        ),
        ("DeleteUserPermissionsBoundary", {"TargetUin": 1}, "InvalidParameter.UserNotExist"),
    ],
)
def test_policies_are_refused_with_the_documented_codes(
    by: People, action: str, parameters: dict[str, Any], code: str
) -> None:
    document = {"PolicyDocument": policy(allow("*"))} if action == "CreatePolicy" else {}
    assert refused(lambda: cam(by, action, **{**document, **parameters})) == code


def test_the_version_in_force_is_what_counts(by: People) -> None:
    user = by.new_user("jack")
    number = by.new_policy("changing", allow("cvm:DescribeDisks"))
    by.attach(user, number)
    nothing = policy(deny("*"))
    second = cam(by, "CreatePolicyVersion", PolicyId=number, PolicyDocument=nothing, SetAsDefault=False)
    assert by(user, "cbs", "DescribeDisks")["TotalCount"] > 0
    cam(by, "SetDefaultPolicyVersion", PolicyId=number, VersionId=second["VersionId"])
    assert refused(lambda: by(user, "cbs", "DescribeDisks")) == "UnauthorizedOperation"

    versions = cam(by, "ListPolicyVersions", PolicyId=number)["Versions"]
    assert [(one["VersionId"], one["IsDefaultVersion"]) for one in versions] == [(1, 0), (2, 1)]
    first = cam(by, "GetPolicyVersion", PolicyId=number, VersionId=1)["PolicyVersion"]
    assert json.loads(first["Document"])["statement"][0]["effect"] == "allow"
    in_force = {"PolicyId": number, "VersionId": [1, 2]}
    assert refused(lambda: cam(by, "DeletePolicyVersion", **in_force)) == (
        "FailedOperation.PolicyVersionAlreadyDefault"
    )
    cam(by, "DeletePolicyVersion", PolicyId=number, VersionId=[1])
    gone = {"PolicyId": number, "VersionId": 1}
    assert refused(lambda: cam(by, "SetDefaultPolicyVersion", **gone)) == (
        "InvalidParameter.PolicyVersionNotExists"
    )


def test_a_policy_has_five_versions_at_most(by: People) -> None:
    number = by.new_policy("changing", allow("*"))
    adding = {"PolicyId": number, "PolicyDocument": policy(allow("*")), "SetAsDefault": True}
    assert [cam(by, "CreatePolicyVersion", **adding)["VersionId"] for _ in range(4)] == [2, 3, 4, 5]
    assert refused(lambda: cam(by, "CreatePolicyVersion", **adding)) == "FailedOperation.PolicyVersionFull"


def test_an_identity_has_two_hundred_policies_at_most(by: People, sandbox: InThread) -> None:
    user = by.new_user("jack")
    held = sandbox.world.accounts[ACCOUNT].identity.users[str(user["Uin"])].policies
    held.update({number: sandbox.clock.now() for number in range(10**9, 10**9 + 200)})
    one_more = {"AttachUin": user["Uin"], "PolicyId": 1}
    assert refused(lambda: cam(by, "AttachUserPolicy", **one_more)) == "InvalidParameter.AttachmentFull"


def test_what_is_attached_is_told_from_every_side(by: People) -> None:
    user = by.new_user("jack", allow("sts:*"))
    group = cam(by, "CreateGroup", GroupName="readers")["GroupId"]
    cam(by, "AddUserToGroup", Info=[{"GroupId": group, "Uin": user["Uin"]}])
    cam(by, "AttachGroupPolicy", AttachGroupId=group, PolicyId=400411)
    cam(by, "AttachRolePolicy", AttachRoleName="drkit-destroy", PolicyName="ReadOnlyAccess")

    assert [
        one["PolicyName"] for one in cam(by, "ListAttachedUserPolicies", TargetUin=user["Uin"])["List"]
    ] == ["of-jack"]
    rows = {"TargetUin": user["Uin"], "Page": 1, "Rp": 20}
    by_way = [
        [(one["PolicyName"], one["Groups"]) for one in answer["PolicyList"]]
        for answer in (cam(by, "ListAttachedUserAllPolicies", AttachType=way, **rows) for way in (0, 1, 2))
    ]
    through = ("ReadOnlyAccess", [{"GroupId": group, "GroupName": "readers"}])
    assert by_way == [[("of-jack", []), through], [("of-jack", [])], [through]]
    of_group = cam(by, "ListAttachedGroupPolicies", TargetGroupId=group)["List"]
    assert [(one["PolicyId"], one["PolicyType"]) for one in of_group] == [(400411, "QCS")]
    of_role = cam(by, "ListAttachedRolePolicies", RoleName="drkit-destroy", Page=1, Rp=10, PolicyType="QCS")
    assert [one["PolicyName"] for one in of_role["List"]] == ["ReadOnlyAccess"]
    having = cam(by, "ListEntitiesForPolicy", PolicyId=400411)["List"]
    assert [(one["Name"], one["RelatedType"]) for one in having] == [("readers", 2), ("drkit-destroy", 3)]
    assert cam(by, "ListEntitiesForPolicy", PolicyId=400411, EntityFilter="Role")["TotalNum"] == 1

    cam(by, "DetachGroupPolicy", DetachGroupId=group, PolicyId=400411)
    cam(by, "DetachRolePolicy", DetachRoleName="drkit-destroy", PolicyId=400411)
    assert cam(by, "ListEntitiesForPolicy", PolicyId=400411)["TotalNum"] == 0


def test_a_policy_that_is_taken_away_gives_nothing_any_more(by: People) -> None:
    user = by.new_user("jack")
    number = by.new_policy("disks", allow("cvm:DescribeDisks"))
    by.attach(user, number)
    assert by(user, "cbs", "DescribeDisks")["TotalCount"] > 0
    cam(by, "DetachUserPolicy", DetachUin=user["Uin"], PolicyId=number)
    assert refused(lambda: by(user, "cbs", "DescribeDisks")) == "UnauthorizedOperation"


def test_a_boundary_takes_away_and_never_gives(by: People) -> None:
    user = by.new_user("jack", allow(["cvm:DescribeDisks", "sts:GetCallerIdentity"]))
    wider = by.new_policy("wider", allow(["cvm:DescribeDisks", "cvm:DescribeSnapshots"]))
    cam(by, "PutUserPermissionsBoundary", TargetUin=user["Uin"], PolicyId=wider)
    assert by(user, "cbs", "DescribeDisks")["TotalCount"] > 0
    assert refused(lambda: by(user, "cbs", "DescribeSnapshots")) == "UnauthorizedOperation"
    assert refused(lambda: by(user, "sts", "GetCallerIdentity")) == "UnauthorizedOperation"
    assert cam(by, "GetUserPermissionBoundary", TargetUin=user["Uin"])["PolicyName"] == "wider"
    cam(by, "DeleteUserPermissionsBoundary", TargetUin=user["Uin"])
    assert by(user, "sts", "GetCallerIdentity")["UserId"] == str(user["Uin"])
    assert cam(by, "GetUserPermissionBoundary", TargetUin=user["Uin"])["PolicyId"] is None


def test_a_boundary_limits_a_role_too(by: People) -> None:
    arn = f"qcs::cam::uin/{ACCOUNT}:roleName/drkit-destroy"
    session = by("drkit-broker", "sts", "AssumeRole", RoleArn=arn, RoleSessionName="run")
    assert by(session, "sts", "GetCallerIdentity")["Type"] == "CAMRole"
    nothing = by.new_policy("nothing", allow("cvm:DescribeDisks"))
    cam(by, "PutRolePermissionsBoundary", RoleName="drkit-destroy", PolicyId=nothing)
    assert refused(lambda: by(session, "sts", "GetCallerIdentity")) == "UnauthorizedOperation"
    role = cam(by, "GetRole", RoleName="drkit-destroy")["RoleInfo"]["RoleId"]
    assert cam(by, "GetRolePermissionBoundary", RoleId=role)["PolicyName"] == "nothing"
    cam(by, "DeleteRolePermissionsBoundary", RoleId=role)
    assert by(session, "sts", "GetCallerIdentity")["Type"] == "CAMRole"


def trusting(*principals: str, **more: Any) -> str:
    statement = {"effect": "allow", "action": "name/sts:AssumeRole", "principal": {"qcs": list(principals)}}
    return policy({**statement, **more})


def test_a_role_is_made_assumed_changed_and_deleted(by: People) -> None:
    everybody = f"qcs::cam::uin/{ACCOUNT}:root"
    document = quote(trusting(everybody))
    made = cam(by, "CreateRole", RoleName="reader", PolicyDocument=document, SessionDuration=3600)
    cam(by, "AttachRolePolicy", AttachRoleId=made["RoleId"], PolicyId=400411)
    arn = cam(by, "GetRole", RoleId=made["RoleId"])["RoleInfo"]["RoleArn"]
    assuming = {"RoleArn": arn, "RoleSessionName": "me"}
    session = by(ADMIN, "sts", "AssumeRole", **assuming)
    assert by(session, "cbs", "DescribeDisks")["TotalCount"] > 0

    nobody = trusting(f"qcs::cam::uin/{ACCOUNT}:uin/{MAKE}")
    cam(by, "UpdateAssumeRolePolicy", RoleName="reader", PolicyDocument=nobody)
    assert refused(lambda: by(ADMIN, "sts", "AssumeRole", **assuming)) == "UnauthorizedOperation"
    cam(by, "UpdateRoleDescription", RoleName="reader", Description="reads")
    cam(by, "UpdateRoleSessionDuration", RoleName="reader", SessionDuration=43200)
    cam(by, "UpdateRoleConsoleLogin", RoleName="reader", ConsoleLogin=1)
    listed = cam(by, "DescribeRoleList", Page=1, Rp=10)
    assert listed["TotalNum"] == 2
    assert [(one["Description"], one["SessionDuration"], one["ConsoleLogin"]) for one in listed["List"]][
        1
    ] == (
        "reads",
        43200,
        1,
    )
    cam(by, "DeleteRole", RoleName="reader")
    assert refused(lambda: by(session, "cbs", "DescribeDisks")) == "UnauthorizedOperation"
    assert refused(lambda: by(ADMIN, "sts", "AssumeRole", **assuming)) == "ResourceNotFound.RoleNotFound"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"RoleName": "a b"}, "RoleNameError"),
        ({"RoleName": "drkit-destroy"}, "RoleNameInUse"),
        ({"PolicyDocument": trusting("somebody")}, "PrincipalQcsError"),
        ({"PolicyDocument": trusting(f"qcs::cam::uin/{ACCOUNT}:uin/7")}, "PrincipalQcsNotExist"),
        ({"PolicyDocument": policy(allow("sts:AssumeRole"))}, "PrincipalError"),
        ({"PolicyDocument": trusting("qcs::cam::anyone:anyone", effect="x")}, "EffectError"),
        ({"SessionDuration": 43201}, "ParamError"),
    ],
)
def test_roles_are_refused_with_the_documented_codes(by: People, change: dict[str, Any], code: str) -> None:
    good = {"RoleName": "new", "PolicyDocument": trusting(f"qcs::cam::uin/{ACCOUNT}:root")}
    assert refused(lambda: cam(by, "CreateRole", **{**good, **change})) == f"InvalidParameter.{code}"


def test_a_role_may_trust_a_group_and_ask_for_a_second_factor(by: People, sandbox: InThread) -> None:
    user = by.new_user("jack", allow("sts:AssumeRole"))
    group = cam(by, "CreateGroup", GroupName="readers")["GroupId"]
    document = trusting(
        f"qcs::cam::uin/{ACCOUNT}:groupid/{group}", condition={"string_equal": {"qcs:mfa": "1"}}
    )
    cam(by, "CreateRole", RoleName="reader", PolicyDocument=document)
    arn = {"RoleArn": f"qcs::cam::uin/{ACCOUNT}:roleName/reader", "RoleSessionName": "me"}
    assert refused(lambda: by(user, "sts", "AssumeRole", **arn)) == "UnauthorizedOperation"
    cam(by, "AddUserToGroup", Info=[{"GroupId": group, "Uin": user["Uin"]}])
    assert refused(lambda: by(user, "sts", "AssumeRole", **arn)) == "UnauthorizedOperation"
    cam(by, "SetMfaFlag", OpUin=user["Uin"], LoginFlag={"Stoken": 1})
    assert by(user, "sts", "AssumeRole", **arn)["ExpiredTime"]
