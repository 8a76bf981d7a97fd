"""Policies that bite: calls of the official client, allowed and refused for their resources and circumstances."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from people import ACCOUNT, People, allow, deny, policy, refused
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from drkit.sandbox.testing import InThread, in_thread

ADMIN = "administrator"
DENIED = "UnauthorizedOperation"


@pytest.fixture
def by(sandbox: InThread) -> People:
    return People(sandbox)


def disks(by: People, region: str = "ap-beijing") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = by(ADMIN, "cbs", "DescribeDisks", region, Limit=100)["DiskSet"]
    return found


def test_a_refusal_names_the_operation_and_the_resource_as_the_real_one_does(by: People) -> None:
    user = by.new_user("jack", allow("cvm:DescribeDisks", "qcs::cvm:ap-shanghai::volume/*"))
    with pytest.raises(TencentCloudSDKException) as caught:
        by(user, "cbs", "DescribeDisks")
    assert caught.value.code == DENIED
    assert caught.value.message == (
        f"[request id:{caught.value.requestId}]you are not authorized to perform operation (cvm:DescribeDisks)\n"
        f"resource (qcs::cvm:ap-beijing:uin/{ACCOUNT}:volume/*) has no permission\n"
    )


def test_the_code_of_a_refusal_is_the_one_that_the_service_documents(by: People) -> None:
    user = by.new_user("jack")
    assert refused(lambda: by(user, "cam", "AddUser", Name="more")) == "AuthFailure.UnauthorizedOperation"
    boundary = {"TargetUin": user["Uin"], "PolicyId": 1}
    assert refused(lambda: by(user, "cam", "PutUserPermissionsBoundary", **boundary)) == DENIED
    assert refused(lambda: by(user, "sts", "GetCallerIdentity")) == DENIED


def test_every_emulated_service_refuses_a_user_without_policies(by: People) -> None:
    user = by.new_user("jack")
    calls = [
        ("cam", "ListUsers", {}),
        ("cbs", "DescribeDisks", {}),
        ("cloudaudit", "DescribeEvents", {"StartTime": 1, "EndTime": 2}),
        ("cvm", "DescribeInstances", {}),
        ("sts", "GetCallerIdentity", {}),
        ("tag", "DescribeTags", {}),
    ]
    codes = {service: refused(lambda: by(user, service, action, **given)) for service, action, given in calls}  # noqa: B023
    assert {code.removeprefix("AuthFailure.") for code in codes.values()} == {DENIED}


def test_disks_in_one_region_and_no_other(by: People) -> None:
    user = by.new_user("jack", allow(["cbs:*", "cvm:*"], "qcs::cvm:ap-beijing::*"))
    assert by(user, "cbs", "DescribeDisks")["TotalCount"] > 0
    assert refused(lambda: by(user, "cbs", "DescribeDisks", "ap-shanghai")) == DENIED
    here, there = disks(by)[0]["DiskId"], disks(by, "ap-shanghai")[0]["DiskId"]
    assert by(user, "cbs", "CreateSnapshot", DiskId=here)["SnapshotId"]
    assert refused(lambda: by(user, "cbs", "CreateSnapshot", "ap-shanghai", DiskId=there)) == DENIED


def test_what_no_page_says_the_level_of_is_allowed_by_a_policy_that_names_the_thing(by: People) -> None:
    """A region, a type, an id: CreateAutoSnapshotPolicy and DeleteAutoSnapshotPolicies are on no page."""
    rule = {"Policy": [{"DayOfWeek": [1], "Hour": [2]}]}
    user = by.new_user("jack", allow("cvm:*", "qcs::cvm:ap-beijing::*"))
    made = by(user, "cbs", "CreateAutoSnapshotPolicy", **rule)["AutoSnapshotPolicyId"]
    assert refused(lambda: by(user, "cbs", "CreateAutoSnapshotPolicy", "ap-shanghai", **rule)) == DENIED
    assert by(user, "cvm", "DescribeZones")["TotalCount"] > 0
    other = by.new_user("jill", allow("cvm:Delete*", f"qcs::cvm:::snapshot/{made}"))
    assert refused(
        lambda: by(other, "cbs", "DeleteAutoSnapshotPolicies", AutoSnapshotPolicyIds=["asp-0"])
    ) == (DENIED)
    by(other, "cbs", "DeleteAutoSnapshotPolicies", AutoSnapshotPolicyIds=[made])


def test_one_disk_and_no_other_and_all_that_a_call_names_have_to_be_allowed(by: People) -> None:
    one, other = (disk["DiskId"] for disk in disks(by)[:2])
    user = by.new_user("jack", allow("cvm:DescribeDisks", f"qcs::cvm:::volume/{one}"))
    assert by(user, "cbs", "DescribeDisks", DiskIds=[one])["TotalCount"] == 1
    assert refused(lambda: by(user, "cbs", "DescribeDisks", DiskIds=[one, other])) == DENIED
    assert refused(lambda: by(user, "cbs", "DescribeDisks")) == DENIED


def test_an_operation_level_action_is_not_bound_by_a_resource_neither_to_allow_nor_to_deny(
    by: People,
) -> None:
    here = f"qcs::cam::uin/{ACCOUNT}:uin/*"
    bound = by.new_user("bound", allow("cam:ListUsers", here), allow("cam:AddUser", here))
    code = "AuthFailure.UnauthorizedOperation"
    assert refused(lambda: by(bound, "cam", "AddUser", Name="more")) == code
    loose = by.new_user("loose", allow("cam:*"), deny("cam:AddUser", here))
    assert by(loose, "cam", "AddUser", Name="more")["Uin"]


def test_a_user_makes_keys_for_itself_alone_where_its_policy_says_so(by: People) -> None:
    user = by.new_user("jack", allow("cam:CreateAccessKey", f"qcs::cam::uin/{ACCOUNT}:uin/${{uin}}"))
    assert by(user, "cam", "CreateAccessKey")["AccessKey"]["AccessKeyId"]
    target = {"TargetUin": 100000000101}
    code = "AuthFailure.UnauthorizedOperation"
    assert refused(lambda: by(user, "cam", "CreateAccessKey", **target)) == code


def test_a_deny_wins_wherever_it_comes_from(by: People) -> None:
    user = by.new_user("jack", allow("*"))
    assert by(user, "cbs", "DescribeDisks")["TotalCount"] > 0
    group = by(ADMIN, "cam", "CreateGroup", GroupName="careful")["GroupId"]
    no_disks = by.new_policy("no-disks", deny("cvm:DescribeDisks"))
    by(ADMIN, "cam", "AttachGroupPolicy", AttachGroupId=group, PolicyId=no_disks)
    by(ADMIN, "cam", "AddUserToGroup", Info=[{"GroupId": group, "Uin": user["Uin"]}])
    assert refused(lambda: by(user, "cbs", "DescribeDisks")) == DENIED
    assert by(user, "cbs", "DescribeSnapshots")["TotalCount"] > 0


def test_the_root_is_stopped_by_no_policy(by: People) -> None:
    assert by("root", "cam", "AddUser", Name="more")["Uin"]
    assert by("root", "cbs", "DescribeDisks")["TotalCount"] > 0


def test_the_preset_that_reads_reads_and_the_one_for_resources_reaches_users_nevertheless(by: People) -> None:
    reader, operator = by.new_user("reader"), by.new_user("operator")
    by.attach(reader, 400411)
    by.attach(operator, 2)
    disk = disks(by)[0]["DiskId"]
    assert by(reader, "cbs", "DescribeDisks")["TotalCount"] > 0
    assert by(reader, "cam", "ListUsers")["Data"]
    assert refused(lambda: by(reader, "cbs", "CreateSnapshot", DiskId=disk)) == DENIED
    assert by(operator, "cbs", "CreateSnapshot", DiskId=disk)["SnapshotId"]
    assert refused(lambda: by(operator, "cam", "AddUser", Name="more")) == "AuthFailure.UnauthorizedOperation"
    group = by(operator, "cam", "CreateGroup", GroupName="administrators")["GroupId"]
    by(ADMIN, "cam", "AttachGroupPolicy", AttachGroupId=group, PolicyId=1)
    by(operator, "cam", "AddUserToGroup", Info=[{"GroupId": group, "Uin": operator["Uin"]}])
    assert by(operator, "cam", "AddUser", Name="more")["Uin"]


def test_an_address_and_a_second_factor_count(by: People) -> None:
    here = {"condition": {"ip_equal": {"qcs:ip": "127.0.0.0/8"}, "string_equal": {"qcs:mfa": "1"}}}
    away = {"condition": {"ip_equal": {"qcs:ip": "10.0.0.0/8"}}}
    user = by.new_user("jack", allow("cvm:DescribeDisks", **here), allow("cvm:DescribeSnapshots", **away))
    assert refused(lambda: by(user, "cbs", "DescribeDisks")) == DENIED
    by(ADMIN, "cam", "SetMfaFlag", OpUin=user["Uin"], LoginFlag={"Stoken": 1})
    assert by(user, "cbs", "DescribeDisks")["TotalCount"] > 0
    assert refused(lambda: by(user, "cbs", "DescribeSnapshots")) == DENIED


def test_a_right_runs_out_by_the_worlds_clock(by: People, sandbox: InThread) -> None:
    until = (sandbox.clock.now() + timedelta(hours=1)).isoformat()
    user = by.new_user(
        "jack", allow("cvm:DescribeDisks", condition={"date_less_than": {"qcs:current_time": until}})
    )
    assert by(user, "cbs", "DescribeDisks")["TotalCount"] > 0
    sandbox.clock.advance(timedelta(hours=2))
    assert refused(lambda: by(user, "cbs", "DescribeDisks")) == DENIED


def test_tags_of_what_is_touched_and_of_what_is_asked_for_count(by: People) -> None:
    redis = next(disk for disk in disks(by) if {"Key": "service", "Value": "redis"} in disk["Tags"])
    other = next(disk for disk in disks(by) if disk["Tags"] and disk["Tags"] != redis["Tags"])
    tagged = {"condition": {"for_any_value:string_equal": {"qcs:resource_tag": ["service&redis"]}}}
    user = by.new_user("jack", allow("cvm:DescribeDisks", "qcs::cvm:::volume/*", **tagged))
    assert by(user, "cbs", "DescribeDisks", DiskIds=[redis["DiskId"]])["TotalCount"] == 1
    assert refused(lambda: by(user, "cbs", "DescribeDisks", DiskIds=[other["DiskId"]])) == DENIED

    asking = {"condition": {"for_any_value:string_equal": {"qcs:request_tag": ["drkit:run&1"]}}}
    maker = by.new_user("maker", allow("cvm:CreateSnapshot", **asking))
    made = by(
        maker, "cbs", "CreateSnapshot", DiskId=redis["DiskId"], Tags=[{"Key": "drkit:run", "Value": "1"}]
    )
    assert made["SnapshotId"]
    assert refused(lambda: by(maker, "cbs", "CreateSnapshot", DiskId=other["DiskId"])) == DENIED


TAGGED = {"for_any_value:string_equal": {"qcs:resource_tag": ["keep&yes"]}}


def tag(by: People, kind: str, id_: str) -> None:
    name = f"qcs::cvm:ap-beijing:uin/{ACCOUNT}:{kind}/{id_}"
    given = {"ResourceList": [name], "Tags": [{"TagKey": "keep", "TagValue": "yes"}]}
    assert by(ADMIN, "tag", "TagResources", **given)["FailedResources"] == []


def test_a_deny_on_what_bears_a_tag_holds_for_hosts_disks_and_images(by: People, sandbox: InThread) -> None:
    disk = disks(by)[0]["DiskId"]
    host = by(ADMIN, "cvm", "DescribeInstances", Limit=1)["InstanceSet"][0]["InstanceId"]
    image = by(ADMIN, "cvm", "CreateImage", ImageName="whole", InstanceId=host)["ImageId"]
    sandbox.clock.advance(timedelta(hours=1))
    for kind, id_ in (("volume", disk), ("image", image), ("instance", host)):
        tag(by, kind, id_)
    user = by.new_user("jack", allow("cvm:*"), deny("cvm:*", condition=TAGGED))
    for service, action, given in (
        ("cbs", "TerminateDisks", {"DiskIds": [disk]}),
        ("cvm", "DeleteImages", {"ImageIds": [image]}),
        ("cvm", "StopInstances", {"InstanceIds": [host]}),
    ):
        code = refused(lambda: by(user, service, action, **given))  # noqa: B023
        assert code == DENIED, action


def test_an_allow_on_what_bears_a_tag_holds_for_snapshots_and_groups_of_them(by: People) -> None:
    tags = [{"Key": "keep", "Value": "yes"}]
    host = by(ADMIN, "cvm", "DescribeInstances", Limit=1)["InstanceSet"][0]["InstanceId"]
    bound = [disk["DiskId"] for disk in disks(by) if disk["InstanceId"] == host]
    group = by(ADMIN, "cbs", "CreateSnapshotGroup", DiskIds=bound, Tags=tags)["SnapshotGroupId"]
    other = next(disk["DiskId"] for disk in disks(by) if disk["DiskId"] not in bound)
    tagged = by(ADMIN, "cbs", "CreateSnapshot", DiskId=other, Tags=tags)["SnapshotId"]
    by.sandbox.control("POST", "finish-snapshots")
    user = by.new_user("jack", allow("cvm:*", "qcs::cvm:::snapshot/*", condition=TAGGED))
    old = next(
        one["SnapshotId"] for one in by(ADMIN, "cbs", "DescribeSnapshots")["SnapshotSet"] if not one["Tags"]
    )
    assert refused(lambda: by(user, "cbs", "DeleteSnapshots", SnapshotIds=[old])) == DENIED
    by(user, "cbs", "DeleteSnapshots", SnapshotIds=[tagged])
    assert refused(lambda: by(user, "cbs", "DeleteSnapshotGroup", SnapshotGroupId="snapgroup-0")) == DENIED
    by(user, "cbs", "DeleteSnapshotGroup", SnapshotGroupId=group)


def test_a_deny_on_what_bears_a_tag_does_not_hold_where_no_page_says_that_the_action_knows_its_resource(
    by: People,
) -> None:
    """DeleteSnapshots is on no page: read as operation-level, it is passed nothing that could have a tag."""
    disk = disks(by)[0]["DiskId"]
    tags = [{"Key": "keep", "Value": "yes"}]
    made = by(ADMIN, "cbs", "CreateSnapshot", DiskId=disk, Tags=tags)["SnapshotId"]
    by.sandbox.control("POST", "finish-snapshots")
    user = by.new_user("jack", allow("cvm:*"), deny("cvm:*", condition=TAGGED))
    by(user, "cbs", "DeleteSnapshots", SnapshotIds=[made])


def test_a_zone_and_the_type_of_a_disk_or_host_count(by: People) -> None:
    """Condition keys that 362/34220 and the page of CVM like it list."""
    disk = disks(by)[0]
    of_its_type = {"condition": {"string_equal": {"cvm:disk_type": disk["DiskType"]}}}
    user = by.new_user("jack", allow("cvm:*"), deny("cvm:*", **of_its_type))
    assert refused(lambda: by(user, "cbs", "TerminateDisks", DiskIds=[disk["DiskId"]])) == DENIED
    order = {"Placement": {"Zone": "ap-beijing-3"}, "DiskChargeType": "POSTPAID_BY_HOUR", "DiskSize": 50}
    assert refused(lambda: by(user, "cbs", "CreateDisks", DiskType=disk["DiskType"], **order)) == DENIED
    assert by(user, "cbs", "CreateDisks", DiskType="CLOUD_HSSD", **order)["DiskIdSet"]

    host = by(ADMIN, "cvm", "DescribeInstances", Limit=1)["InstanceSet"][0]
    here = {"condition": {"string_equal": {"cvm:zone": host["Placement"]["Zone"]}}}
    such = {"condition": {"string_like": {"cvm:instance_type": host["InstanceType"][:2] + "*"}}}
    for name, condition in (("by-zone", here), ("by-type", such)):
        other = by.new_user(name, allow("cvm:*"), deny("cvm:*", **condition))
        stop = {"InstanceIds": [host["InstanceId"]]}
        assert refused(lambda: by(other, "cvm", "StopInstances", **stop)) == DENIED  # noqa: B023


def test_tags_of_what_is_made_count_wherever_the_call_has_them(by: People) -> None:
    prod = {"for_any_value:string_equal": {"qcs:request_tag": ["env&prod"]}}
    user = by.new_user("jack", allow(["cvm:*", "tag:*"]), deny("*", condition=prod))
    host = {
        "Placement": {"Zone": "ap-beijing-3"},
        "ImageId": "img-sandbox0",
        "InstanceType": "S5.2XLARGE16",
        "InstanceChargeType": "POSTPAID_BY_HOUR",
    }
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "env", "Value": "prod"}]}]
    assert refused(lambda: by(user, "cvm", "RunInstances", **host, TagSpecification=tags)) == DENIED
    assert by(user, "cvm", "RunInstances", **host)["InstanceIdSet"]
    name = f"qcs::cvm:ap-beijing:uin/{ACCOUNT}:volume/{disks(by)[0]['DiskId']}"
    given = {"Resource": name, "ReplaceTags": [{"TagKey": "env", "TagValue": "prod"}]}
    assert refused(lambda: by(user, "tag", "ModifyResourceTags", **given)).endswith(DENIED)


def test_a_policy_that_nobody_can_read_is_said_to_be_not_emulated_and_grants_nothing(
    by: People, sandbox: InThread
) -> None:
    """No client can put one there; a state that somebody edited may bring one."""
    for name, document in (
        ("permid", policy(allow("cvm:*"), allow("permid/280649"))),
        ("broken", "{"),
    ):
        user = by.new_user(name, allow("cvm:*"))
        own = sandbox.world.accounts[ACCOUNT].identity.users[str(user["Uin"])].policies
        for number in own:
            sandbox.world.accounts[ACCOUNT].identity.policies[number].versions[1].document = document
        assert refused(lambda: by(user, "cbs", "DescribeDisks")) == "UnsupportedOperation.NotEmulated"  # noqa: B023
    assert by(ADMIN, "cbs", "DescribeDisks")["TotalCount"] > 0


def test_of_several_snapshots_of_which_one_is_denied_none_is_deleted(by: People) -> None:
    made = [by(ADMIN, "cbs", "CreateSnapshot", DiskId=disk["DiskId"])["SnapshotId"] for disk in disks(by)[:3]]
    by.sandbox.control("POST", "finish-snapshots")
    user = by.new_user("jack", allow("cvm:*", [f"qcs::cvm:ap-beijing::snapshot/{one}" for one in made[:2]]))
    assert refused(lambda: by(user, "cbs", "DeleteSnapshots", SnapshotIds=made)) == DENIED
    assert by(ADMIN, "cbs", "DescribeSnapshots", SnapshotIds=made)["TotalCount"] == 3
    by(user, "cbs", "DeleteSnapshots", SnapshotIds=made[:2])
    assert by(ADMIN, "cbs", "DescribeSnapshots", SnapshotIds=made)["TotalCount"] == 1


def test_drkits_own_users_may_do_what_their_policies_ship_and_destroy_nothing(by: People) -> None:
    snapshot = by(ADMIN, "cbs", "DescribeSnapshots")["SnapshotSet"][0]["SnapshotId"]
    for who in ("drkit-look", "drkit-make", "drkit-broker"):
        doomed = {"SnapshotIds": [snapshot]}
        assert refused(lambda: by(who, "cbs", "DeleteSnapshots", **doomed)) == DENIED  # noqa: B023
        code = refused(lambda: by(who, "cam", "CreateAccessKey"))  # noqa: B023
        assert code == "AuthFailure.UnauthorizedOperation"
    assert by("drkit-look", "cbs", "DescribeDisks")["TotalCount"] > 0
    disk = disks(by)[0]["DiskId"]
    assert refused(lambda: by("drkit-look", "cbs", "CreateSnapshot", DiskId=disk)) == DENIED
    assert by("drkit-make", "cbs", "CreateSnapshot", DiskId=disk)["SnapshotId"]


def test_one_account_sees_nothing_of_the_other(by: People) -> None:
    assert by("vault-administrator", "cbs", "DescribeDisks")["TotalCount"] == 0
    users = by("vault-administrator", "cam", "ListUsers")["Data"]
    assert {user["Name"] for user in users} == {
        "vault-administrator",
        "vault-look",
        "vault-make",
        "vault-broker",
    }
    foreign = {"AttachUin": 100000000101, "PolicyId": 1}
    code = refused(lambda: by("vault-administrator", "cam", "AttachUserPolicy", **foreign))
    assert code == "ResourceNotFound.UserNotExist"


def test_who_there_is_comes_back_with_a_reset_and_keys_stay_good(by: People, sandbox: InThread) -> None:
    user = by.new_user("jack", allow("sts:*"))
    by(ADMIN, "cam", "DeleteUser", Name="drkit-look", Force=1)
    assert refused(lambda: by("drkit-look", "sts", "GetCallerIdentity")) == "AuthFailure.SecretIdNotFound"
    sandbox.reset()
    assert by("drkit-look", "sts", "GetCallerIdentity")["UserId"] == "100000000102"
    assert refused(lambda: by(user, "sts", "GetCallerIdentity")) == "AuthFailure.SecretIdNotFound"


def test_a_state_of_another_sandbox_opens_to_the_keys_of_the_one_that_loads_it(by: People) -> None:
    by.new_user("jack")
    with in_thread() as other:
        there = People(other)
        saved = by.sandbox.control("GET", "state")
        other.control("POST", "state", saved)
        assert there("drkit-look", "sts", "GetCallerIdentity")["UserId"] == "100000000102"
        assert len(there(ADMIN, "cam", "ListUsers")["Data"]) == 5


def test_a_key_that_was_deleted_before_a_state_was_saved_stays_deleted_when_it_is_loaded(by: People) -> None:
    make = {"TargetUin": 100000000103, "AccessKeyId": by.sandbox.key("drkit-make").secret_id}
    by(ADMIN, "cam", "DeleteAccessKey", **make)
    by.sandbox.control("POST", "states/before")
    by.sandbox.control("POST", "states/before/load")
    assert refused(lambda: by("drkit-make", "sts", "GetCallerIdentity")) == "AuthFailure.SecretIdNotFound"
    assert by("drkit-look", "sts", "GetCallerIdentity")["UserId"] == "100000000102"


def test_a_policy_of_the_vault_means_the_vaults_own_resources(by: People) -> None:
    """An empty account in a resource is the account of the policy's owner (598/10606)."""
    made = by("vault-administrator", "cam", "AddUser", Name="jack", UseApi=1)
    document = policy(allow("cvm:*", "qcs::cvm:::*"))
    number = by("vault-administrator", "cam", "CreatePolicy", PolicyName="own", PolicyDocument=document)
    by("vault-administrator", "cam", "AttachUserPolicy", AttachUin=made["Uin"], PolicyId=number["PolicyId"])
    assert by(made, "cbs", "DescribeDisks")["TotalCount"] == 0
