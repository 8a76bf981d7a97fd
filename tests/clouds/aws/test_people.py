"""Who there is in an account of AWS, read by the policy that is shipped from a server that enforces it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from clouds.aws.administrator import ACCOUNT, set_up
from clouds.aws.relay import relaying

from drkit.clouds.aws.client import AwsClient
from drkit.clouds.aws.cloud import AwsCloud
from drkit.clouds.aws.people import read_details
from drkit.clouds.aws.printed import identities_of
from drkit.clouds.tencent.settings import Endpoint, KeyPair
from drkit.ports.errors import UncertainError
from drkit.ports.identities import Activity, Identities, Origin
from drkit.ports.unread import Unread

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ARN = f"arn:aws:iam::{ACCOUNT}"


@pytest.fixture
def found(root: Callable[..., Any], sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> Identities:
    """What the credential `look` finds in an account with a group and two versions of a policy."""
    variables = set_up(root)
    iam = root("iam")
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="ops")
    iam.add_user_to_group(GroupName="ops", UserName="ann")
    iam.put_group_policy(GroupName="ops", PolicyName="own", PolicyDocument=json.dumps(EVERYTHING))
    made = iam.create_policy(PolicyName="two", PolicyDocument=json.dumps(EVERYTHING))["Policy"]["Arn"]
    narrow = {**EVERYTHING, "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    iam.create_policy_version(PolicyArn=made, PolicyDocument=json.dumps(narrow), SetAsDefault=True)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{sandbox.record.aws_port}")
    return AwsCloud("AWS_LOOK", "us-east-1").people.identities("abroad", ACCOUNT)


def test_users_groups_roles_and_policies_are_read_by_the_shipped_policy(found: Identities) -> None:
    assert not isinstance(found.users, Unread)
    assert not isinstance(found.groups, Unread)
    assert not isinstance(found.roles, Unread)
    assert not isinstance(found.policies, Unread)
    by_name = {user.name: user for user in found.users}
    assert {"ann", "drkit-look", "drkit-make", "drkit-broker"} <= set(by_name)
    assert [group.members for group in found.groups] == [(f"{ARN}:user/ann",)]
    assert [role.name for role in found.roles] == ["drkit-destroy"]
    two = next(policy for policy in found.policies if policy.name == "two")
    assert '"Deny"' in str(two.document)
    assert not isinstance(two.others, Unread)
    assert [('"Allow"' in str(each.document)) for each in two.others] == [True]
    inline = {policy.id for policy in found.policies if policy.origin is Origin.INLINE}
    assert {f"{ARN}:group/ops#own", f"{ARN}:role/drkit-destroy#own"} <= inline


def test_keys_and_second_factors_come_from_the_credential_report(found: Identities) -> None:
    assert not isinstance(found.users, Unread)
    look = next(user for user in found.users if user.name == "drkit-look")
    assert not isinstance(look.keys, Unread)
    assert [key.active for key in look.keys] == [True]
    assert look.second_factor is False
    assert look.console is False


def test_the_trail_tells_what_was_changed(found: Identities) -> None:
    assert isinstance(found.activity, Activity), found.activity
    # ministack calls every action of IAM POST.iam; what was asked for it tells.
    asked = [change.parameters for change in found.activity.changes if not change.refused]
    assert any('"UserName": "ann"' in each for each in asked)


def test_a_boundary_and_policies_in_either_spelling_are_read() -> None:
    ann = {
        "Arn": f"{ARN}:user/ann",
        "UserName": "ann",
        "GroupList": [],
        "AttachedManagedPolicies": [],
        "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": "%7B%22Statement%22%3A%5B%5D%7D"}],
        "PermissionsBoundary": {"PermissionsBoundaryArn": f"{ARN}:policy/limit"},
    }
    details = {"UserDetailList": [ann], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}

    found = identities_of("abroad", details, {"ec2_instances": [{"id": "i-1", "role": f"{ARN}:role/r"}]})

    assert not isinstance(found.users, Unread)
    assert not isinstance(found.policies, Unread)
    assert (found.number, found.users[0].boundary) == (ACCOUNT, f"{ARN}:policy/limit")
    assert [policy.document for policy in found.policies] == ['{"Statement":[]}']
    assert not isinstance(found.workloads, Unread)
    assert [(each.kind, each.role) for each in found.workloads] == [("ec2_instances", f"{ARN}:role/r")]


@pytest.mark.parametrize(
    "details",
    [
        Unread("authorization-details.json:1:1: no JSON"),
        None,
        [],
        {"UserDetailList": []},
        {"UserDetailList": [1], "GroupDetailList": [], "RoleDetailList": [], "Policies": []},
        {"UserDetailList": [{}], "GroupDetailList": [], "RoleDetailList": [], "Policies": []},
        {
            "UserDetailList": [],
            "GroupDetailList": [],
            "RoleDetailList": [],
            "Policies": [],
            "IsTruncated": True,
        },
    ],
)
def test_details_that_are_cut_or_none_are_unread_and_never_an_empty_account(details: Any) -> None:
    found = identities_of("210000000001", details)

    assert isinstance(found.users, Unread)
    assert isinstance(found.policies, Unread)


def test_details_that_go_on_without_a_word_from_where_are_no_whole_account() -> None:
    lists = "<UserDetailList/><GroupDetailList/><RoleDetailList/><Policies/>"
    name = "GetAccountAuthorizationDetails"
    body = f"<{name}Response><{name}Result>{lists}<IsTruncated>true</IsTruncated></{name}Result></{name}Response>"
    with relaying(0) as relay:
        relay.to_every_call((200, "text/xml", body.encode()))
        endpoint = Endpoint("http", relay.endpoint.removeprefix("http://"))
        with pytest.raises(UncertainError, match="from where"):
            read_details(AwsClient(KeyPair("id", "key", None), endpoint, 5), "us-east-1")
