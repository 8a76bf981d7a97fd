"""What the pages of CAM and COS say of requests is what comes out; what none of them settles is unknown."""

from __future__ import annotations

from typing import Any

import pytest
from deciding import ROOT, USER, allow, cam, decide, deny

YES, NO, DENIED, OPEN = "allowed", "implicit-deny", "explicit-deny", "unknown"
HOST = "qcs::cvm:ap-beijing:uin/100:instance/ins-1"
OBJECT = "qcs::cos:ap-beijing:uid/1250000000:b-1250000000/a/b"
DISK = "qcs::cvm:ap-beijing:uin/100:volume/disk-1"


def asked(*statements: Any, **more: Any) -> str:
    request = {"dialect": "cam", "principal": USER, "action": "cvm:TerminateInstances", "resource": HOST}
    return decide(**{**request, "policies": [cam(*statements)], **more})


ELEMENTS = [  # 598/10603, 598/10604, 598/10605
    ("nothing is allowed by itself", [], {}, NO),
    ("an allow allows", [allow()], {}, YES),
    ("a deny wins", [allow(), deny("cvm:*")], {}, DENIED),
    ("star and star", [allow("*:*")], {}, YES),
    ("name/ in the policy", [allow("name/cvm:TerminateInstances")], {}, YES),
    ("name/ in the request", [allow("cvm:Terminate*")], {"action": "name/cvm:TerminateInstances"}, YES),
    ("another service", [allow("cdb:*")], {}, NO),
    ("another case is another name, or nobody knows", [allow("cvm:terminateinstances")], {}, OPEN),
    (
        "in COS another case is another name",
        [allow("cos:putobject")],
        {"action": "cos:PutObject", "resource": OBJECT},
        NO,
    ),
    ("permid is opaque", [allow("permid/280655")], {}, OPEN),
    ("permid in a deny is opaque", [allow(), deny("permid/280655")], {}, OPEN),
    ("permid beside a plain deny", [allow("permid/280655"), deny()], {}, DENIED),
    ("capitals, as in COS", [{"Effect": "Allow", "Action": "*", "Resource": "*"}], {}, YES),
    ("there is no NotAction", [{"effect": "allow", "notaction": "cam:*", "resource": "*"}], {}, OPEN),
    ("an operator that nobody knows", [allow(condition={"string_resembles": {"k": "v"}})], {}, OPEN),
    ("the root account", [], {"principal": ROOT}, YES),
    ("the root account by its UIN", [], {"principal": "qcs::cam::uin/100:uin/100"}, YES),
    ("a statement alone", [], {"policies": {"version": "2.0", "statement": allow()}}, YES),
    (
        "a policy as text",
        [],
        {
            "policies": [
                '\ufeff{"version":"2.0","statement":[{"effect":"allow","action":"*","resource":"*"}]}'
            ]
        },
        YES,
    ),
    ("a boundary that allows", [allow()], {"boundary": [cam(allow("cvm:*"))]}, YES),
    ("a boundary that does not", [allow()], {"boundary": [cam(allow("cos:*"))]}, NO),
    ("a boundary that denies", [allow()], {"boundary": [cam(allow(), deny("cvm:*"))]}, DENIED),
    ("a level that does not", [allow()], {"organization": [[cam(allow())], [cam(allow("cos:*"))]]}, NO),
    ("a level that denies", [allow()], {"organization": [[cam(allow(), deny("cvm:*"))]]}, DENIED),
    ("a session that does not", [allow()], {"session": [cam(allow("cos:*"))]}, NO),
]

RESOURCES = [  # 598/10606
    ("in full", HOST, HOST, YES),
    ("of any kind", "qcs::cvm:ap-beijing:uin/100:*", HOST, YES),
    ("of one kind", "qcs::cvm:ap-beijing:uin/100:instance/*", HOST, YES),
    ("of another kind", "qcs::cvm:ap-beijing:uin/100:volume/*", HOST, NO),
    ("an empty service", "qcs:::ap-beijing:uin/100:instance/*", HOST, YES),
    (
        "a region, where the resource has none",
        "qcs::cam:ap-beijing:uin/100:roleName/*",
        "qcs::cam::uin/100:roleName/ops",
        OPEN,
    ),
    ("an empty region", "qcs::cvm::uin/100:instance/*", HOST, YES),
    ("an old region", "qcs::cvm:bj:uin/100:instance/*", HOST, YES),
    ("another region", "qcs::cvm:ap-shanghai::instance/*", HOST, NO),
    ("an empty account is the caller's", "qcs::cvm:::instance/ins-1", HOST, YES),
    ("another account", "qcs::cvm::uin/101:instance/*", HOST, NO),
    ("another id", "qcs::cvm:::instance/ins-2", HOST, NO),
    ("a beginning is not the whole", "qcs::cvm:::instance/ins", HOST, NO),
    ("below it, without a star", "qcs::cvm:::instance", HOST, OPEN),
    ("of no six segments", "instance/ins-1", HOST, OPEN),
    ("a question mark is settled nowhere", "qcs::cvm:::instance/ins-?", HOST, OPEN),
    ("a variable", "qcs::cvm:::instance/${uin}", "qcs::cvm:ap-beijing:uin/100:instance/200", YES),
    (
        "a variable of the owner",
        "qcs::cvm:::instance/${owner_uin}",
        "qcs::cvm:ap-beijing:uin/100:instance/100",
        YES,
    ),
    ("a variable that has no value here", "qcs::cvm:::instance/${app_id}", HOST, OPEN),
    ("which could not help", "qcs::cvm:::volume/${app_id}", HOST, NO),
]

LEVELS = [  # 213/77373 and the pages of cam_actions.json
    (
        "a resource named for an operation grants nothing",
        [allow("cam:AttachUserPolicy", "qcs::cam::uin/100:uin/200")],
        "cam:AttachUserPolicy",
        NO,
    ),
    (
        "and denies nothing",
        [allow(), deny("cam:AttachUserPolicy", "qcs::cam::uin/100:uin/200")],
        "cam:AttachUserPolicy",
        YES,
    ),
    (
        "six segments that restrict nothing are a star",
        [allow("cam:AttachUserPolicy", "qcs:::::*")],
        "cam:AttachUserPolicy",
        YES,
    ),
    (
        "everything of a service may be a star",
        [allow("cam:AttachUserPolicy", "qcs::cam:::*")],
        "cam:AttachUserPolicy",
        OPEN,
    ),
    ("of another service not", [allow("cam:AttachUserPolicy", "qcs::cvm:::*")], "cam:AttachUserPolicy", NO),
    ("a star does", [allow("cam:AttachUserPolicy")], "cam:AttachUserPolicy", YES),
    ("a star denies", [allow(), deny("cam:AttachUserPolicy")], "cam:AttachUserPolicy", DENIED),
    (
        "a trail named in a deny",
        [allow(), deny("cloudaudit:DeleteAuditTrack", "qcs::cloudaudit::uin/100:track/t")],
        "cloudaudit:DeleteAuditTrack",
        YES,
    ),
    (
        "where no page says, a resource may grant",
        [allow("cvm:DescribeInstances", "qcs::cam::uin/100:uin/200")],
        "cvm:DescribeInstances",
        OPEN,
    ),
    (
        "where the pages disagree and one shows it",
        [allow("sts:AssumeRole", "qcs::cam::uin/100:uin/200")],
        "sts:AssumeRole",
        YES,
    ),
    (
        "and a deny may not bite",
        [allow(), deny("sts:AssumeRole", "qcs::cam::uin/100:uin/200")],
        "sts:AssumeRole",
        OPEN,
    ),
]

DISKS = [  # the pages of CBS name its actions cvm:
    ("cvm names the actions of CBS", [allow("cvm:*")], "cbs:TerminateDisks", YES),
    ("cbs may", [allow("cbs:*")], "cbs:TerminateDisks", YES),
    ("cbs denies perhaps", [allow(), deny("cbs:*")], "cbs:TerminateDisks", OPEN),
    ("cvm denies", [allow(), deny("cvm:*")], "cbs:TerminateDisks", DENIED),
    ("named as in a policy", [allow("cvm:TerminateDisks", DISK)], "cvm:TerminateDisks", YES),
]

CONDITIONS = [  # 598/10608, 436/71306
    ("string_equal", {"k": "a"}, "a", YES),
    ("string_equal", {"k": "a"}, "A", NO),
    ("string_equal", {"K": "a"}, "a", NO),
    ("string_equal", {"k": ["b", "a"]}, "a", YES),
    ("string_equal", {"k": "a"}, None, NO),
    ("string_equal_if_exist", {"k": "a"}, None, YES),
    ("string_not_equal", {"k": "a"}, "b", YES),
    ("string_not_equal", {"k": "a"}, None, NO),
    ("string_not_equal_if_exist", {"k": "a"}, None, YES),
    ("string_equal_ignore_case", {"k": "a"}, "A", YES),
    ("string_like", {"k": "a*"}, "ab", YES),
    ("string_not_like", {"k": "a*"}, "ab", NO),
    ("string_equal", {"k": "${uin}"}, "200", YES),
    ("numeric_equal", {"k": 1}, "1", YES),
    ("numeric_less_than", {"k": 10}, 9, YES),
    ("numeric_greater_than_equal", {"k": 10}, 9, NO),
    ("date_less_than", {"k": "2022-05-31 00:00:00"}, "2022-05-30T00:00:00Z", YES),
    ("date_greater_than", {"k": "2022-05-31T00:00:00+08:00"}, "2022-05-30T17:00:00Z", YES),
    ("bool_equal", {"k": "true"}, True, YES),
    ("bool_equal", {"k": "true"}, 1, YES),
    ("bool_equal", {"k": "true"}, None, NO),
    ("binary_equal", {"k": "a"}, "a", YES),
    ("binary_equal", {"k": "a"}, "A", OPEN),
    ("ip_equal", {"k": "10.217.182.3/24"}, "10.217.182.99", YES),
    ("ip_not_equal", {"k": ["10.0.0.0/8", "11.0.0.0/8"]}, "12.1.1.1", YES),
    ("ip_not_equal", {"k": ["10.0.0.0/8", "11.0.0.0/8"]}, "11.1.1.1", OPEN),
    ("ip_not_equal", {"k": ["11.0.0.0/8", "11.1.0.0/16"]}, "11.1.1.1", NO),
    ("null_equal", {"k": "true"}, None, YES),
    ("null_equal", {"k": "true"}, "x", NO),
    ("for_any_value:string_equal", {"k": ["a&1"]}, ["b&2", "a&1"], YES),
    ("for_any_value:string_equal", {"k": ["a&1"]}, None, NO),
    ("for_all_value:string_equal", {"k": ["a", "b"]}, ["a", "c"], NO),
    ("for_all_value:string_equal", {"k": ["a", "b"]}, ["a", "b"], YES),
    ("for_all_value:string_equal", {"k": ["a"]}, [], OPEN),
    ("for_all_value:string_equal_if_exist", {"k": ["a"]}, None, YES),
]


def bucket(principal: str, effect: str = "allow", **more: Any) -> dict[str, Any]:
    return cam(
        {
            "effect": effect,
            "principal": {"qcs": [principal]},
            "action": ["name/cos:*"],
            "resource": [OBJECT],
            **more,
        }
    )


STORE = {"action": "cos:GetObject", "resource": OBJECT, "resource_account": "100"}
B_USER = "qcs::cam::uin/300:uin/301"
ANYONE, NOBODY = "qcs::cam::anyone:anyone", "qcs::cam::anonymous:anonymous"
BUCKETS = [  # 436/31923, 436/45235, 598/10605 and "CAM 权限 deny 不生效场景"
    ("a user who is named", [], {"resource_policy": bucket(USER)}, YES),
    ("another who is named", [], {"resource_policy": bucket("qcs::cam::uin/100:uin/201")}, NO),
    ("all of the account", [], {"resource_policy": bucket("qcs::cam::uin/100:uin/*")}, YES),
    ("everybody", [], {"resource_policy": bucket(ANYONE)}, YES),
    ("anonymous holds for signed callers", [], {"resource_policy": bucket(NOBODY)}, YES),
    ("a deny for a user", [allow()], {"resource_policy": bucket(USER, "deny")}, DENIED),
    ("a deny for everybody binds no signed one", [allow()], {"resource_policy": bucket(ANYONE, "deny")}, YES),
    ("a deny for anonymous callers neither", [allow()], {"resource_policy": bucket(NOBODY, "deny")}, YES),
    ("an unsigned caller", [], {"principal": NOBODY, "resource_policy": bucket(ANYONE)}, YES),
    (
        "an unsigned caller who is denied",
        [],
        {
            "principal": NOBODY,
            "resource_policy": cam(*bucket(ANYONE)["statement"], *bucket(NOBODY, "deny")["statement"]),
        },
        DENIED,
    ),
    (
        "an unsigned caller where others are named",
        [],
        {"principal": NOBODY, "resource_policy": bucket(USER)},
        NO,
    ),
    (
        "two steps: both",
        [allow()],
        {"principal": B_USER, "resource_policy": bucket("qcs::cam::uin/300:root")},
        YES,
    ),
    (
        "two steps: the bucket alone",
        [],
        {"principal": B_USER, "resource_policy": bucket("qcs::cam::uin/300:root")},
        NO,
    ),
    ("two steps: the user's policies alone", [allow()], {"principal": B_USER}, NO),
    (
        "two steps: the other root account",
        [],
        {"principal": "qcs::cam::uin/300:root", "resource_policy": bucket("qcs::cam::uin/300:root")},
        YES,
    ),
    (
        "two steps: by its resource",
        [allow("cos:*", "qcs::cos::uid/1250000000:b-1250000000/*")],
        {"principal": B_USER, "resource_policy": bucket("qcs::cam::uin/300:root")},
        YES,
    ),
    (
        "two steps: an empty account is the policy's owner",
        [allow("cos:*", "qcs::cos:::b-1250000000/*")],
        {"principal": B_USER, "resource_policy": bucket("qcs::cam::uin/300:root")},
        NO,
    ),
    ("everybody, from another account", [], {"principal": B_USER, "resource_policy": bucket(ANYONE)}, YES),
    (
        "a host of another account",
        [allow()],
        {"principal": B_USER, "action": "cvm:TerminateInstances", "resource": HOST},
        NO,
    ),
    (
        "a boundary against a bucket's grant is settled nowhere",
        [],
        {"resource_policy": bucket(USER), "boundary": [cam(allow("cvm:*"))]},
        OPEN,
    ),
    (
        "the owner can always replace the policy",
        [],
        {"principal": ROOT, "action": "cos:PutBucketPolicy", "resource_policy": bucket(ROOT, "deny")},
        YES,
    ),
    ("an account by its APPID", [allow("cos:*", "qcs::cos::uid/1250000000:*")], {}, YES),
    ("by another APPID", [allow("cos:*", "qcs::cos::uid/1250000001:*")], {}, NO),
    ("by the owner's UIN", [allow("cos:*", "qcs::cos::uin/100:*")], {}, YES),
    ("a prefix without a star", [allow("cos:*", "qcs::cos:::b-1250000000/a/")], {}, NO),
    (
        "its policy at the top",
        [],
        {
            "resource_policy": {
                "version": "2.0",
                "principal": {"qcs": [USER]},
                "statement": [allow("cos:*", OBJECT)],
            }
        },
        YES,
    ),
    (
        "deleting many is deleting each",
        [allow("cos:DeleteObject")],
        {"action": "cos:DeleteMultipleObjects"},
        YES,
    ),
]


def trust(principal: Any) -> dict[str, Any]:
    return cam({"effect": "allow", "principal": principal, "action": "name/sts:AssumeRole"})


ASSUME = {"action": "sts:AssumeRole", "resource": "qcs::cam::uin/100:roleName/ops", "resource_account": "100"}
TRUSTS = [  # 598/19421 and 598/19422
    (
        "both allow",
        [allow("sts:AssumeRole")],
        {"resource_policy": trust({"qcs": ["qcs::cam::uin/100:root"]})},
        YES,
    ),
    ("the trust alone", [], {"resource_policy": trust({"qcs": ["qcs::cam::uin/100:root"]})}, NO),
    (
        "the policies alone",
        [allow("sts:AssumeRole")],
        {"resource_policy": trust({"service": "cvm.qcloud.com"})},
        NO,
    ),
    (
        "a service",
        [],
        {
            "principal": {"service": "cvm.qcloud.com"},
            "resource_policy": trust({"service": ["cvm.qcloud.com"]}),
        },
        YES,
    ),
    (
        "another account",
        [allow("sts:AssumeRole")],
        {"principal": B_USER, "resource_policy": trust({"qcs": "qcs::cam::uin/300:root"})},
        YES,
    ),
    (
        "another account that is not trusted",
        [allow("sts:AssumeRole")],
        {"principal": B_USER, "resource_policy": trust({"qcs": "qcs::cam::uin/100:root"})},
        NO,
    ),
]

PRESETS = [  # 598/105584; "CAM 权限 deny 不生效场景"; 598/10605
    ("read only, reading", ["ReadOnlyAccess"], "cvm:DescribeInstances", YES),
    ("read only, destroying", ["ReadOnlyAccess"], "cvm:TerminateInstances", NO),
    ("read only, becoming a role", ["ReadOnlyAccess"], "sts:AssumeRole", OPEN),
    ("resources only, hosts", ["QCloudResourceFullAccess"], "cvm:TerminateInstances", YES),
    ("resources only, a way to administrator", ["QCloudResourceFullAccess"], "cam:AddUserToGroup", YES),
    ("resources only, policies", ["QCloudResourceFullAccess"], "cam:AttachUserPolicy", NO),
    ("resources only, money", ["QCloudResourceFullAccess"], "finance:pay", NO),
    ("hosts reach disks", ["QcloudCVMFullAccess"], "cbs:TerminateDisks", YES),
    ("a preset that nobody knows", ["QcloudNobodyKnows"], "cvm:TerminateInstances", OPEN),
    ("an administrator", ["AdministratorAccess"], "cam:AttachUserPolicy", YES),
]


@pytest.mark.parametrize(("case", "statements", "more", "expected"), ELEMENTS, ids=[c[0] for c in ELEMENTS])
def test_elements(case: str, statements: list[Any], more: dict[str, Any], expected: str) -> None:
    assert asked(*statements, **more) == expected


@pytest.mark.parametrize(
    ("case", "pattern", "resource", "expected"), RESOURCES, ids=[c[0] for c in RESOURCES]
)
def test_resources_in_six_segments(case: str, pattern: str, resource: str, expected: str) -> None:
    assert asked(allow("*", pattern), resource=resource) == expected


@pytest.mark.parametrize(("case", "statements", "action", "expected"), LEVELS, ids=[c[0] for c in LEVELS])
def test_levels_of_authorisation(case: str, statements: list[Any], action: str, expected: str) -> None:
    assert asked(*statements, action=action, resource="qcs::cam::uin/100:uin/200") == expected


@pytest.mark.parametrize(("case", "statements", "action", "expected"), DISKS, ids=[c[0] for c in DISKS])
def test_disks_go_by_the_name_of_hosts(case: str, statements: list[Any], action: str, expected: str) -> None:
    assert asked(*statements, action=action, resource=DISK) == expected


@pytest.mark.parametrize(("operator", "condition", "value", "expected"), CONDITIONS)
def test_condition_operators(operator: str, condition: dict[str, Any], value: Any, expected: str) -> None:
    context = {} if value is None else {"k": value}
    assert asked(allow(condition={operator: condition}), context=context) == expected


@pytest.mark.parametrize(("case", "statements", "more", "expected"), BUCKETS, ids=[c[0] for c in BUCKETS])
def test_buckets(case: str, statements: list[Any], more: dict[str, Any], expected: str) -> None:
    assert asked(*statements, **{**STORE, **more}) == expected


@pytest.mark.parametrize(("case", "statements", "more", "expected"), TRUSTS, ids=[c[0] for c in TRUSTS])
def test_roles(case: str, statements: list[Any], more: dict[str, Any], expected: str) -> None:
    assert asked(*statements, **{**ASSUME, **more}) == expected


@pytest.mark.parametrize(("case", "names", "action", "expected"), PRESETS, ids=[c[0] for c in PRESETS])
def test_presets_by_name(case: str, names: list[str], action: str, expected: str) -> None:
    assert asked(policies=[{"name": name} for name in names], action=action, resource="*") == expected


def test_a_deny_of_money_is_ignored_beside_an_administrator() -> None:
    refuse = cam(deny("finance:*"))
    assert (
        asked(policies=[{"name": "AdministratorAccess"}, refuse], action="finance:pay", resource="*") == YES
    )
    assert asked(policies=[cam(allow()), refuse], action="finance:pay", resource="*") == DENIED


def test_every_user_needs_a_second_factor_for_its_account() -> None:
    change = {"action": "account:ModifyMail", "resource": "*"}
    assert asked(allow(), **change, context={"mfa": "0"}) == DENIED
    assert asked(allow(), **change, context={"mfa": "1"}) == YES


def test_a_deny_by_tag_may_not_hide_what_a_list_query_finds() -> None:
    by_tag = deny(condition={"for_any_value:string_equal": {"qcs:resource_tag": ["env&prod"]}})
    tagged = {"context": {"qcs:resource_tag": ["env&prod"]}}
    assert asked(allow(), by_tag, **tagged) == DENIED
    assert asked(allow(), by_tag, **tagged, action="cvm:DescribeInstances") == OPEN


def test_a_tag_by_its_key_is_found_in_the_list_of_tags() -> None:
    by_key = allow(condition={"string_equal": {"qcs:resource_tag/env": "prod"}})
    assert asked(by_key, context={"qcs:resource_tag": ["env&prod"]}) == YES
    assert asked(by_key, context={"qcs:resource_tag": ["env&test"]}) == NO


def test_accounts_are_known_by_their_appid_where_a_request_says_so() -> None:
    by_app_id = allow("cvm:*", "qcs::cvm::uid/1250000000:*")
    assert asked(by_app_id) == OPEN
    assert asked(by_app_id, app_ids={"100": "1250000000"}) == YES
