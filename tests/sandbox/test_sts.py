"""Who is calling, and credentials that run out: the official client against the sandbox."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from people import ACCOUNT, VAULT, People, allow, policy, refused

from drkit.sandbox.testing import InThread
from drkit.sandbox.world.identity import Role

DESTROY = f"qcs::cam::uin/{ACCOUNT}:roleName/drkit-destroy"


@pytest.fixture
def by(sandbox: InThread) -> People:
    return People(sandbox)


def assume(by: People, who: Any = "drkit-broker", **parameters: Any) -> Any:
    return by(who, "sts", "AssumeRole", **{"RoleArn": DESTROY, "RoleSessionName": "a-run", **parameters})


def session(*actions: str) -> str:
    """A session policy as it is sent: URL-encoded."""
    return quote(policy(allow(list(actions))))


@pytest.mark.parametrize(
    ("who", "account", "user"),
    [
        ("root", ACCOUNT, ACCOUNT),
        ("administrator", ACCOUNT, "100000000101"),
        ("drkit-look", ACCOUNT, "100000000102"),
        ("drkit-make", ACCOUNT, "100000000103"),
        ("drkit-broker", ACCOUNT, "100000000104"),
        ("vault-root", VAULT, VAULT),
        ("vault-administrator", VAULT, "100000000201"),
    ],
)
def test_everybody_of_the_seed_is_told_who_they_are(by: People, who: str, account: str, user: str) -> None:
    answer = by(who, "sts", "GetCallerIdentity")
    assert (answer["Type"], answer["AccountId"], answer["UserId"]) == ("CAMUser", account, user)
    assert answer["Arn"] == f"qcs::cam:{account}:uin/{user}"


def test_the_broker_assumes_the_role_and_is_then_told_to_be_it(by: People, sandbox: InThread) -> None:
    began = datetime.now(UTC)
    answer = assume(by, DurationSeconds=900)

    assert set(answer["Credentials"]) == {"Token", "TmpSecretId", "TmpSecretKey"}
    expires = datetime.fromtimestamp(answer["ExpiredTime"], UTC)
    assert timedelta(seconds=899) <= expires - began <= timedelta(seconds=905)
    assert answer["Expiration"] == expires.strftime("%Y-%m-%dT%H:%M:%SZ")
    role = sandbox.world.accounts[ACCOUNT].identity.roles["drkit-destroy"].id
    identity = by(answer, "sts", "GetCallerIdentity")
    assert (identity["Type"], identity["UserId"]) == ("CAMRole", f"{role}:a-run")
    assert identity["PrincipalId"] == "100000000104"
    assert identity["Arn"] == f"qcs::sts:{ACCOUNT}:assumed-role/{role}"


def test_a_role_is_found_by_its_id_too(by: People, sandbox: InThread) -> None:
    role = sandbox.world.accounts[ACCOUNT].identity.roles["drkit-destroy"].id
    assert assume(by, RoleArn=f"qcs::cam::uin/{ACCOUNT}:role/{role}")["ExpiredTime"]


def test_the_broker_may_do_nothing_but_assume_that_role_and_ask_who_it_is(by: People) -> None:
    for service, action, parameters in (
        ("cvm", "DescribeInstances", {}),
        ("cbs", "DescribeDisks", {}),
        ("cbs", "DescribeSnapshots", {}),
        ("cbs", "DeleteSnapshots", {"SnapshotIds": ["snap-11111111"]}),
    ):
        code = refused(lambda: by("drkit-broker", service, action, **parameters))  # noqa: B023 - called at once
        assert code == "UnauthorizedOperation", action


def test_nobody_but_those_whom_a_role_trusts_may_assume_it(by: People) -> None:
    """The administrator may call sts:AssumeRole on everything, and is not trusted."""
    assert refused(lambda: assume(by, "administrator")) == "UnauthorizedOperation"
    assert refused(lambda: assume(by, "vault-administrator")) == "UnauthorizedOperation"


def test_one_whom_a_role_trusts_needs_the_right_to_assume_it_too(by: People, sandbox: InThread) -> None:
    role = sandbox.world.accounts[ACCOUNT].identity.roles["drkit-destroy"]
    role.trust = role.trust.replace("100000000104", "100000000102")
    assert refused(lambda: assume(by, "drkit-look")) == "UnauthorizedOperation"


def test_an_account_that_trusts_another_lets_its_people_in_as_far_as_their_policies_do(
    by: People, sandbox: InThread
) -> None:
    now = datetime.now(UTC)
    principal = {"qcs": [f"qcs::cam::uin/{ACCOUNT}:root"]}
    statement = {"effect": "allow", "action": "sts:AssumeRole", "principal": principal}
    trust = json.dumps({"version": "2.0", "statement": statement})
    vault = sandbox.world.accounts[VAULT].identity
    vault.roles["copies"] = Role("4611686018427397000", "copies", trust, now, now, policies={1: now})
    there = f"qcs::cam::uin/{VAULT}:roleName/copies"

    identity = by(assume(by, "administrator", RoleArn=there), "sts", "GetCallerIdentity")
    assert identity["AccountId"] == VAULT
    assert by(assume(by, "root", RoleArn=there), "cbs", "DescribeDisks")["TotalCount"] == 0
    assert refused(lambda: assume(by, "drkit-broker", RoleArn=there)) == "UnauthorizedOperation"


def test_a_role_may_ask_for_a_secret_of_those_whom_it_trusts(by: People, sandbox: InThread) -> None:
    role = sandbox.world.accounts[ACCOUNT].identity.roles["drkit-destroy"]
    trust = json.loads(role.trust)
    trust["statement"][0]["condition"] = {"string_equal": {"sts:external_id": "between-us"}}
    role.trust = json.dumps(trust)
    assert refused(lambda: assume(by)) == "UnauthorizedOperation"
    assert refused(lambda: assume(by, ExternalId="another")) == "UnauthorizedOperation"
    assert assume(by, ExternalId="between-us")["ExpiredTime"]


def test_a_session_policy_leaves_what_both_it_and_the_role_allow(by: People) -> None:
    narrow = assume(by, Policy=session("sts:GetCallerIdentity", "cam:ListUsers"))
    assert by(narrow, "sts", "GetCallerIdentity")["Type"] == "CAMRole"
    doomed = {"SnapshotIds": ["snap-11111111"]}
    assert refused(lambda: by(narrow, "cbs", "DeleteSnapshots", **doomed)) == "UnauthorizedOperation"
    assert refused(lambda: by(narrow, "cam", "ListUsers")) == "AuthFailure.UnauthorizedOperation"
    whole = assume(by, Policy=session("*"))
    assert refused(lambda: by(whole, "cbs", "DeleteSnapshots", **doomed)) != "UnauthorizedOperation"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"RoleArn": "drkit-destroy"}, "InvalidParameter.ParamError"),
        ({"RoleSessionName": "x"}, "InvalidParameter.ParamError"),
        ({"RoleSessionName": "a b"}, "InvalidParameter.ParamError"),
        ({"DurationSeconds": 0}, "InvalidParameter.OverTimeError"),
        ({"DurationSeconds": 43201}, "InvalidParameter.OverTimeError"),
        ({"Policy": "%7B"}, "InvalidParameter.StrategyFormatError"),
        ({"Policy": quote('{"version":"2.0","statement":[]}')}, "InvalidParameter.StrategyInvalid"),
        ({"Policy": "x" * 6145}, "InvalidParameter.PolicyTooLong"),
        ({"TokenCode": "123456"}, "UnsupportedOperation.NotEmulated"),
    ],
    ids=str,
)
def test_a_role_is_refused_for_the_documented_reasons(by: People, wrong: dict[str, Any], code: str) -> None:
    assert refused(lambda: assume(by, **wrong)) == code


@pytest.mark.parametrize(
    "arn",
    [
        f"qcs::cam::uin/{ACCOUNT}:roleName/nobody",
        f"qcs::cam::uin/{ACCOUNT}:role/4611686018000000000",
        "qcs::cam::uin/100000000009:roleName/drkit-destroy",
    ],
)
def test_whether_a_role_exists_is_told_to_those_alone_who_might_assume_it(by: People, arn: str) -> None:
    assert refused(lambda: assume(by, "administrator", RoleArn=arn)) == "ResourceNotFound.RoleNotFound"
    assert refused(lambda: assume(by, RoleArn=arn)) == "UnauthorizedOperation"


def test_a_session_policy_of_which_nobody_knows_what_it_grants_is_not_emulated(by: People) -> None:
    given = quote(policy({"effect": "allow", "action": "permid/280649", "resource": "*"}))
    assert refused(lambda: assume(by, Policy=given)) == "UnsupportedOperation.NotEmulated"


def test_a_temporary_key_opens_with_its_own_token_alone(by: People) -> None:
    mine, other = assume(by), assume(by)
    for token in ("", "x", other["Credentials"]["Token"], None):
        spoilt = {"Credentials": {**mine["Credentials"], "Token": token}}
        assert refused(lambda: by(spoilt, "sts", "GetCallerIdentity")) == "AuthFailure.TokenFailure"  # noqa: B023


def test_a_temporary_key_runs_out_by_the_machines_clock_and_not_by_the_worlds(
    by: People, sandbox: InThread
) -> None:
    answer = assume(by, DurationSeconds=900)
    sandbox.clock.advance(timedelta(days=1))
    assert by(answer, "sts", "GetCallerIdentity")["Type"] == "CAMRole"
    held = sandbox.world.accounts[ACCOUNT].identity.temporary[answer["Credentials"]["TmpSecretId"]]
    held.expires = datetime.now(UTC)
    assert refused(lambda: by(answer, "sts", "GetCallerIdentity")) == "AuthFailure.TokenFailure"


def test_a_federated_credential_is_its_user_limited_by_a_policy(by: People) -> None:
    limit = session("sts:GetCallerIdentity")
    answer = by("administrator", "sts", "GetFederationToken", Name="reader", Policy=limit)
    identity = by(answer, "sts", "GetCallerIdentity")
    assert identity["UserId"] == "100000000101:reader"
    assert identity["Arn"] == f"qcs::sts:{ACCOUNT}:federated-user/100000000101"
    assert refused(lambda: by(answer, "cbs", "DescribeDisks")) == "UnauthorizedOperation"
