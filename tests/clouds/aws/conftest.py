"""AWS beside a real sandbox: one process a module, emptied and filled anew for each test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from clouds.aws.relay import Relay, relaying

from drkit.clouds.aws.cloud import AwsCloud
from drkit.sandbox.testing import Running, running

REGION, EMPTY = "us-east-1", "eu-west-1"
HOSTS, BESIDE = 3, 9


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running("empty", home=tmp_path_factory.mktemp("aws")) as sandbox:
        yield sandbox


@pytest.fixture
def root(sandbox: Running) -> Callable[..., Any]:
    """boto3 as the root of an account that has nothing."""
    sandbox.reset()
    identity = {
        "aws_access_key_id": sandbox.record.aws_access_key_id,
        "aws_secret_access_key": sandbox.record.aws_secret_access_key,
        "endpoint_url": f"http://127.0.0.1:{sandbox.record.aws_port}",
        "config": Config(retries={"total_max_attempts": 1}, proxies={}),
    }

    def new(service: str, region: str = REGION) -> Any:
        return boto3.Session().client(service, region, **identity)

    return new


@pytest.fixture
def relay(sandbox: Running) -> Iterator[Relay]:
    with relaying(sandbox.record.aws_port) as relay:
        yield relay


@pytest.fixture
def person(root: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Make a user with a policy, and put the key pair into the environment; its prefix."""

    def make(name: str, policy: dict[str, Any]) -> str:
        iam, prefix = root("iam"), name.upper().replace("-", "_")
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(policy))
        made = iam.create_access_key(UserName=name)["AccessKey"]
        monkeypatch.setenv(f"{prefix}_ACCESS_KEY_ID", made["AccessKeyId"])
        monkeypatch.setenv(f"{prefix}_SECRET_ACCESS_KEY", made["SecretAccessKey"])
        return prefix

    return make


@pytest.fixture
def filled(root: Callable[..., Any]) -> str:
    """Three hosts, and nine volumes beside theirs, one of them attached; that one's id."""
    ec2 = root("ec2")
    hosts = ec2.run_instances(ImageId="ami-12345678", MinCount=HOSTS, MaxCount=HOSTS)["Instances"]
    volumes = [
        ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=8, VolumeType="gp3")["VolumeId"]
        for _ in range(BESIDE)
    ]
    first: str = hosts[0]["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    assert volumes
    return first


@pytest.fixture
def cloud(person: Callable[..., str], filled: str, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> AwsCloud:
    """A user who may do everything, through the relay."""
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    monkeypatch.setenv("AWS_ENDPOINT_URL", relay.endpoint)
    return AwsCloud(person("suite", {"Version": "2012-10-17", "Statement": [everything]}), REGION)
