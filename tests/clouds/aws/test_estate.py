"""An account of AWS in an estate: its number, its role, its variables."""

from __future__ import annotations

import os
from typing import Any

import pytest
from clouds.aws.administrator import ACCOUNT, ROLE, estate_text
from pydantic import ValidationError

from drkit.core.estate import Account, Credentials, Estate
from drkit.flows.notifying import _without_keys


def account(**changed: Any) -> Account:
    return Estate.model_validate_json(estate_text(**changed)).accounts["abroad"]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"look": "EYES", "make": "HANDS"}, Credentials(look="EYES", make="HANDS")),
        ({"look": "EYES"}, Credentials(look="EYES", make="AWS")),
        ({}, Credentials(look="AWS", make="AWS")),
    ],
)
def test_the_variables_are_those_of_awss_own_tools_unless_the_estate_names_others(
    given: dict[str, str], meant: Credentials
) -> None:
    assert account(credentials=given).credentials == meant


def test_an_account_without_credentials_has_those_of_its_own_cloud() -> None:
    for cloud, number, prefix in (("aws", ACCOUNT, "AWS"), ("tencent", "100000000001", "TENCENTCLOUD")):
        text = f'{{"cloud": "{cloud}", "account": "{number}", "environment": "e", "regions": ["us-east-1"]}}'
        assert Account.model_validate_json(text).credentials == Credentials(look=prefix, make=prefix)


@pytest.mark.parametrize("number", ["12345678901", "1234567890123", "12345678901a", ""])
def test_a_number_that_no_account_of_aws_has_is_refused(number: str) -> None:
    with pytest.raises(ValidationError, match=r"accounts\.abroad\.account"):
        account(account=number, destroy_role=None)


@pytest.mark.parametrize(
    ("role", "why"),
    [
        ("qcs::cam::uin/210000000001:roleName/drkit-destroy", "is no role of the cloud 'aws'"),
        ("arn:aws:iam::210000000002:role/drkit-destroy", "is a role of another account"),
        ("arn:aws:iam::210000000001:user/drkit", "should match pattern"),
        ("arn:aws:iam::210000000001:role/*", "should match pattern"),
    ],
)
def test_a_role_that_is_not_the_accounts_is_refused(role: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        account(destroy_role=role)


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1", "ap-southeast-5"])
def test_regions_of_every_partition_can_be_named(region: str) -> None:
    assert account(regions=[region], destroy_role=ROLE.replace("aws:", "aws-cn:")).regions == (region,)


def test_a_program_that_is_told_what_changed_does_not_see_the_keys_of_aws(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = [
        f"{prefix}_{ending}"
        for prefix in ("AWS", "AWS_LOOK", "AWS_MAKE")
        for ending in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")
    ]
    for name in names:
        monkeypatch.setenv(name, "secret")

    seen = _without_keys({"abroad": account()})

    assert seen.keys().isdisjoint(names)
    assert seen["PATH"] == os.environ["PATH"]
