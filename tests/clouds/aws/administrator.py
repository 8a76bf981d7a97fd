"""Who sets up an AWS account for drkit as docs/policies.md says, with the policies that the project ships."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from helpers import ROOT

from drkit.clouds.aws.policies import TRUST_FILE, file_name
from drkit.clouds.tencent.client import Power

ACCOUNT = "210000000001"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/drkit-destroy"
POLICIES = ROOT / "configs" / "policies"


def holder(service: str, variables: Mapping[str, str], prefix: str = "AWS") -> Any:
    """boto3 in us-east-1 with the key pair of a prefix."""
    return boto3.client(
        service,
        "us-east-1",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables[f"{prefix}_ACCESS_KEY_ID"],
        aws_secret_access_key=variables[f"{prefix}_SECRET_ACCESS_KEY"],
    )


def set_up(root: Callable[..., Any], prefix: str = "AWS", number: str = ACCOUNT) -> dict[str, str]:
    """Users drkit-look, drkit-make and drkit-broker, and the role; the variables with their key pairs."""
    iam, variables = root("iam"), {}
    for power in (Power.LOOK, Power.MAKE, Power.BROKER):
        name = f"drkit-{power}"
        iam.create_user(UserName=name)
        document = (POLICIES / file_name(power)).read_text()
        made = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
        iam.attach_user_policy(UserName=name, PolicyArn=made)
        pair = iam.create_access_key(UserName=name)["AccessKey"]
        variables |= {
            f"{prefix}_{power.name}_ACCESS_KEY_ID": pair["AccessKeyId"],
            f"{prefix}_{power.name}_SECRET_ACCESS_KEY": pair["SecretAccessKey"],
        }
    trust = (POLICIES / TRUST_FILE).read_text().replace("ACCOUNT", number)
    iam.create_role(RoleName="drkit-destroy", AssumeRolePolicyDocument=trust)
    document = (POLICIES / file_name(Power.DESTROY)).read_text()
    iam.put_role_policy(RoleName="drkit-destroy", PolicyName="own", PolicyDocument=document)
    return variables


def account(**changed: Any) -> dict[str, Any]:
    """The account as an estate has it."""
    return {
        "cloud": "aws",
        "account": ACCOUNT,
        "environment": "production",
        "regions": ["us-east-1"],
        "credentials": {"look": "AWS_LOOK", "make": "AWS_MAKE", "destroy": "AWS_BROKER"},
        "destroy_role": ROLE,
        **changed,
    }


def estate_text(**changed: Any) -> str:
    """An estate of that account alone."""
    return json.dumps({"estate": "e", "accounts": {"abroad": account(**changed)}})
