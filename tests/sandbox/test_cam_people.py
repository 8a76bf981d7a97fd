"""Users, groups and keys of CAM: the official client against the sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from people import ACCOUNT, People, allow, refused

from drkit.sandbox.testing import InThread

ADMIN = "administrator"


@pytest.fixture
def by(sandbox: InThread) -> People:
    return People(sandbox)


def cam(by: People, action: str, **parameters: Any) -> Any:
    return by(ADMIN, "cam", action, **parameters)


def test_the_seeds_users_are_listed_with_the_fields_of_recorded_answers(by: People) -> None:
    users = cam(by, "ListUsers")["Data"]
    assert [user["Name"] for user in users] == [ADMIN, "drkit-look", "drkit-make", "drkit-broker"]
    assert set(users[0]) == {
        "Uin",
        "Name",
        "Uid",
        "Remark",
        "ConsoleLogin",
        "PhoneNum",
        "CountryCode",
        "Email",
        "CreateTime",
        "NickName",
    }


def test_a_user_is_added_changed_found_and_deleted(by: People) -> None:
    made = cam(by, "AddUser", Name="jack", Remark="new", PhoneNum="10086", CountryCode="86")
    assert (made["Name"], made["SecretId"], made["Password"]) == ("jack", "", "")
    cam(by, "UpdateUser", Name="jack", Remark="known", ConsoleLogin=1)
    user = cam(by, "GetUser", Name="jack")
    assert (user["Uin"], user["Uid"], user["Remark"]) == (made["Uin"], made["Uid"], "known")
    assert (user["ConsoleLogin"], user["PhoneNum"]) == (1, "10086")
    found = cam(by, "DescribeSubAccounts", FilterSubAccountUin=[made["Uin"], 1])["SubAccounts"]
    assert [(one["Uin"], one["UserType"]) for one in found] == [(made["Uin"], 2)]
    assert cam(by, "GetAccountSummary")["User"] == 5
    cam(by, "DeleteUser", Name="jack")
    assert refused(lambda: cam(by, "GetUser", Name="jack")) == "ResourceNotFound.UserNotExist"


def test_a_new_user_may_do_nothing_and_its_key_says_who_it_is(by: People) -> None:
    user = by.new_user("jack")
    assert refused(lambda: by(user, "cbs", "DescribeDisks")) == "UnauthorizedOperation"
    by.attach(user, by.new_policy("ask", allow("sts:GetCallerIdentity")))
    assert by(user, "sts", "GetCallerIdentity")["UserId"] == str(user["Uin"])


def test_a_password_is_made_up_where_none_is_given_and_a_weak_one_is_refused(by: People) -> None:
    assert len(cam(by, "AddUser", Name="one", ConsoleLogin=1)["Password"]) == 32
    assert cam(by, "AddUser", Name="two", ConsoleLogin=1, Password="aB3!aB3!")["Password"] == ""
    weak = {"Name": "three", "ConsoleLogin": 1, "Password": "aaaaaaaa"}
    assert refused(lambda: cam(by, "AddUser", **weak)) == "InvalidParameter.PasswordViolatedRules"


def test_names_of_users_are_legal_and_given_once(by: People) -> None:
    assert refused(lambda: cam(by, "AddUser", Name="a b")) == "InvalidParameter.UserNameIllegal"
    assert refused(lambda: cam(by, "AddUser", Name=ADMIN)) == "InvalidParameter.SubUserNameInUse"


def test_a_user_with_keys_is_deleted_by_force_alone(by: People) -> None:
    user = by.new_user("jack", allow("sts:*"))
    assert refused(lambda: cam(by, "DeleteUser", Name="jack")) == "OperationDenied.HaveKeys"
    cam(by, "DeleteUser", Name="jack", Force=1)
    assert refused(lambda: by(user, "sts", "GetCallerIdentity")) == "AuthFailure.SecretIdNotFound"


def test_deleting_by_force_needs_the_right_to_delete_keys(by: People) -> None:
    by.new_user("victim")
    clerk = by.new_user("clerk", allow("cam:DeleteUser"))
    deleting = {"Name": "victim", "Force": 1}
    assert refused(lambda: by(clerk, "cam", "DeleteUser", **deleting)) == "UnauthorizedOperation.DeleteApiKey"
    by.attach(clerk, by.new_policy("keys", allow("cam:DeleteApiKey")))
    by(clerk, "cam", "DeleteUser", **deleting)


def test_a_thousand_users_are_the_most(by: People, sandbox: InThread) -> None:
    identity = sandbox.world.accounts[ACCOUNT].identity
    like = identity.users["100000000101"]
    identity.users.update({str(number): like for number in range(1000 - len(identity.users))})
    assert refused(lambda: cam(by, "AddUser", Name="more")) == "InvalidParameter.SubUserFull"


def test_a_group_gives_its_members_its_policies_while_they_are_in_it(by: People) -> None:
    user = by.new_user("jack")
    group = cam(by, "CreateGroup", GroupName="readers", Remark="of disks")["GroupId"]
    cam(by, "AttachGroupPolicy", AttachGroupId=group, PolicyId=by.new_policy("disks", allow("cvm:Describe*")))
    pair = [{"GroupId": group, "Uin": user["Uin"]}]
    cam(by, "AddUserToGroup", Info=pair)

    assert by(user, "cbs", "DescribeDisks")["TotalCount"] > 0
    assert cam(by, "GetGroup", GroupId=group)["UserInfo"][0]["Name"] == "jack"
    assert cam(by, "ListUsersForGroup", GroupId=group)["TotalNum"] == 1
    of_user = cam(by, "ListGroupsForUser", SubUin=user["Uin"])
    assert [one["GroupName"] for one in of_user["GroupInfo"]] == ["readers"]
    cam(by, "RemoveUserFromGroup", Info=[{"GroupId": group, "Uid": user["Uid"]}])
    assert refused(lambda: by(user, "cbs", "DescribeDisks")) == "UnauthorizedOperation"


def test_groups_are_changed_listed_and_deleted(by: People) -> None:
    ids = [cam(by, "CreateGroup", GroupName=f"group-{number}")["GroupId"] for number in range(3)]
    cam(by, "UpdateGroup", GroupId=ids[0], GroupName="first", Remark="r")
    cam(by, "DeleteGroup", GroupId=ids[1])
    page = cam(by, "ListGroups", Rp=1, Page=2)
    assert (page["TotalNum"], [one["GroupName"] for one in page["GroupInfo"]]) == (2, ["group-2"])
    assert cam(by, "ListGroups", Keyword="FIR")["GroupInfo"][0]["Remark"] == "r"


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("CreateGroup", {"GroupName": "taken"}, "InvalidParameter.GroupNameInUse"),
        ("GetGroup", {"GroupId": 77}, "ResourceNotFound.UserNotExist"),
        ("UpdateGroup", {"GroupId": 77}, "ResourceNotFound.GroupNotExist"),
        ("AddUserToGroup", {"Info": [{"GroupId": 77, "Uin": 1}]}, "ResourceNotFound.UserNotExist"),
        (
            "AddUserToGroup",
            {"Info": [{"GroupId": 77, "Uin": 100000000101}]},
            "InvalidParameter.GroupNotExist",
        ),
        ("AddUserToGroup", {"Info": [{"GroupId": 77}]}, "InvalidParameter.UserUinAndUinNotAllNull"),
        ("ListGroups", {"Rp": 201}, "InvalidParameter.ParamError"),
        ("ListGroups", {"Page": 0}, "InvalidParameter.ParamError"),
    ],
)
def test_groups_are_refused_with_the_documented_codes(
    by: People, action: str, parameters: dict[str, Any], code: str
) -> None:
    cam(by, "CreateGroup", GroupName="taken")
    assert refused(lambda: cam(by, action, **parameters)) == code


def test_a_user_is_in_ten_groups_at_most_and_joins_all_or_none(by: People) -> None:
    user = by.new_user("jack")
    ids = [cam(by, "CreateGroup", GroupName=f"group-{number}")["GroupId"] for number in range(11)]
    pairs = [{"GroupId": group, "Uin": user["Uin"]} for group in ids]
    assert refused(lambda: cam(by, "AddUserToGroup", Info=pairs)) == "InvalidParameter.UserGroupFull"
    assert cam(by, "ListGroupsForUser", Uid=user["Uid"])["TotalNum"] == 0
    cam(by, "AddUserToGroup", Info=pairs[:10])
    assert refused(lambda: cam(by, "AddUserToGroup", Info=pairs[10:])) == "InvalidParameter.UserGroupFull"


def test_a_group_has_a_hundred_users_at_most(by: People, sandbox: InThread) -> None:
    group = cam(by, "CreateGroup", GroupName="crowd")["GroupId"]
    members = sandbox.world.accounts[ACCOUNT].identity.groups[group].members
    members.update({str(number): sandbox.clock.now() for number in range(100)})
    joining = {"Info": [{"GroupId": group, "Uin": 100000000101}]}
    assert refused(lambda: cam(by, "AddUserToGroup", **joining)) == "InvalidParameter.GroupUserFull"


def test_a_key_is_made_used_switched_off_and_deleted(by: People) -> None:
    user = by.new_user("jack", allow("sts:GetCallerIdentity"))
    made = cam(by, "CreateAccessKey", TargetUin=user["Uin"], Description="second")["AccessKey"]
    second = {"SecretId": made["AccessKeyId"], "SecretKey": made["SecretAccessKey"]}
    assert by(second, "sts", "GetCallerIdentity")["UserId"] == str(user["Uin"])

    key = {"TargetUin": user["Uin"], "AccessKeyId": made["AccessKeyId"]}
    cam(by, "UpdateAccessKey", Status="Inactive", **key)
    assert refused(lambda: by(second, "sts", "GetCallerIdentity")) == "AuthFailure.SecretIdNotFound"
    cam(by, "UpdateAccessKey", Status="Active", **key)
    assert by(second, "sts", "GetCallerIdentity")["UserId"] == str(user["Uin"])
    listed = cam(by, "ListAccessKeys", TargetUin=user["Uin"])["AccessKeys"]
    assert [(one["Status"], one["Description"]) for one in listed] == [("Active", ""), ("Active", "second")]
    assert all(set(one) == {"AccessKeyId", "Status", "CreateTime", "Description"} for one in listed)
    cam(by, "DeleteAccessKey", **key)
    assert refused(lambda: by(second, "sts", "GetCallerIdentity")) == "AuthFailure.SecretIdNotFound"


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("CreateAccessKey", {"TargetUin": 1}, "InvalidParameter.UserNotExist"),
        ("CreateAccessKey", {"TargetUin": int(ACCOUNT)}, "OperationDenied.SubUin"),
        ("ListAccessKeys", {"TargetUin": int(ACCOUNT)}, "OperationDenied.SubUin"),
        ("DeleteAccessKey", {"AccessKeyId": "AKIDnone"}, "ResourceNotFound.SecretNotExist"),
        ("UpdateAccessKey", {"AccessKeyId": "AKIDnone", "Status": "x"}, "InvalidParameter.ParamError"),
        ("CreateAccessKey", {"Description": "a b"}, "InvalidParameter.ParamError"),
        ("GetSecurityLastUsed", {"SecretIdList": ["a"] * 11}, "InvalidParameter"),
    ],
)
def test_keys_are_refused_with_the_documented_codes(
    by: People, action: str, parameters: dict[str, Any], code: str
) -> None:
    assert refused(lambda: cam(by, action, **parameters)) == code


def test_a_user_has_two_keys_at_most_and_nobody_elses(by: People) -> None:
    user = by.new_user("jack")
    cam(by, "CreateAccessKey", TargetUin=user["Uin"])
    target = {"TargetUin": user["Uin"]}
    assert refused(lambda: cam(by, "CreateAccessKey", **target)) == "OperationDenied.AccessKeyOverLimit"
    foreign = {"AccessKeyId": by.sandbox.secret_id, **target}
    assert refused(lambda: cam(by, "DeleteAccessKey", **foreign)) == "OperationDenied.UinNotMatch"


def test_the_root_has_keys_of_its_own(by: People) -> None:
    assert len(by("root", "cam", "ListAccessKeys")["AccessKeys"]) == 1


def test_the_day_of_a_keys_last_use_is_known_a_day_late(by: People, sandbox: InThread) -> None:
    look = sandbox.key("drkit-look").secret_id
    day = sandbox.clock.now().astimezone(UTC).date().isoformat()

    def last_used() -> Any:
        rows = cam(by, "GetSecurityLastUsed", SecretIdList=[look, "AKIDnone"])["SecretIdLastUsedRows"]
        assert rows[1] == {"SecretId": "AKIDnone", "LastUsedDate": None, "LastSecretUsedDate": None}
        return rows[0]["LastUsedDate"]

    by("drkit-look", "sts", "GetCallerIdentity")
    assert last_used() is None
    sandbox.clock.advance(timedelta(days=1))
    assert last_used() == day
    by("drkit-look", "sts", "GetCallerIdentity")
    assert last_used() == day
    sandbox.clock.advance(timedelta(days=3))
    assert last_used() == (datetime.fromisoformat(day) + timedelta(days=1)).date().isoformat()


def test_the_second_factor_of_a_user_is_set_and_shown(by: People) -> None:
    user = by.new_user("jack")
    colleague = {"SubUin": user["Uin"]}
    assert cam(by, "DescribeSafeAuthFlagColl", **colleague)["LoginFlag"] == {
        "Phone": 0,
        "Token": 0,
        "Stoken": 0,
        "Wechat": 0,
        "Custom": 0,
    }
    target = {"OpUin": user["Uin"]}
    phone = {"LoginFlag": {"Phone": 1}, **target}
    assert refused(lambda: cam(by, "SetMfaFlag", **phone)) == "FailedOperation.UserNotBindPhone"
    cam(by, "UpdateUser", Name="jack", PhoneNum="10086")
    cam(by, "SetMfaFlag", **phone)
    cam(by, "SetMfaFlag", ActionFlag={"Stoken": 1}, **target)
    shown = cam(by, "DescribeSafeAuthFlagColl", **colleague)
    assert (shown["LoginFlag"]["Phone"], shown["ActionFlag"]["Stoken"]) == (1, 1)


def test_the_app_id_of_the_account_is_told(by: People) -> None:
    answer = by("vault-administrator", "cam", "GetUserAppId")
    assert (answer["AppId"], answer["OwnerUin"]) == (1250000001, "100000000002")
