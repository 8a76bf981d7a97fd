"""S3 passes the suite of the objects port, against ministack."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from clouds.aws.conftest import REGION
from clouds.objects_suite import ObjectsSuite

from drkit.clouds.aws.cloud import AwsCloud
from drkit.ports.objects import Objects
from drkit.sandbox.testing import Running

LISTER = "lister"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENIED = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


def policy(statement: dict[str, str]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def anything(sandbox: Running) -> Callable[[str], Any]:
    """boto3 as the root; each test has a bucket of its own, so nothing has to be emptied."""
    identity = {
        "aws_access_key_id": sandbox.record.aws_access_key_id,
        "aws_secret_access_key": sandbox.record.aws_secret_access_key,
        "endpoint_url": f"http://127.0.0.1:{sandbox.record.aws_port}",
        "config": Config(retries={"total_max_attempts": 1}, proxies={}),
    }
    return lambda service: boto3.client(service, REGION, **identity)


@pytest.fixture(scope="module")
def s3(anything: Callable[[str], Any]) -> Any:
    return anything("s3")


@pytest.fixture(scope="module")
def iam(anything: Callable[[str], Any]) -> Any:
    return anything("iam")


@pytest.fixture(scope="module")
def lister(iam: Any) -> dict[str, str]:
    """A user who may do everything; the key pair, as the environment has it."""
    iam.create_user(UserName=LISTER)
    iam.put_user_policy(UserName=LISTER, PolicyName="own", PolicyDocument=policy(EVERYTHING))
    made = iam.create_access_key(UserName=LISTER)["AccessKey"]
    return {
        "LISTER_ACCESS_KEY_ID": made["AccessKeyId"],
        "LISTER_SECRET_ACCESS_KEY": made["SecretAccessKey"],
    }


class TestS3(ObjectsSuite):
    @pytest.fixture
    def prefix(self, lister: dict[str, str], sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{sandbox.record.aws_port}")
        for name, value in lister.items():
            monkeypatch.setenv(name, value)
        return LISTER.upper()

    @pytest.fixture
    def objects(self, prefix: str) -> Objects:
        return AwsCloud(prefix, REGION).objects

    @pytest.fixture
    def silent(self, prefix: str, monkeypatch: pytest.MonkeyPatch) -> Objects:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        return AwsCloud(prefix, REGION).objects

    @pytest.fixture
    def place(self, s3: Any) -> tuple[str, str]:
        bucket = f"cold-{uuid4().hex}"
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        return REGION, bucket

    @pytest.fixture
    def put(self, s3: Any, place: tuple[str, str]) -> Callable[[str, bytes], None]:
        return lambda key, content: s3.put_object(Bucket=place[1], Key=key, Body=content)

    @pytest.fixture
    def remove(self, s3: Any, place: tuple[str, str]) -> Callable[[str], None]:
        return lambda key: s3.delete_object(Bucket=place[1], Key=key)

    @pytest.fixture
    def deny(self, iam: Any, prefix: str) -> Iterator[Callable[[], None]]:
        yield lambda: iam.put_user_policy(
            UserName=prefix.lower(), PolicyName="no", PolicyDocument=policy(DENIED)
        )
        iam.delete_user_policy(UserName=prefix.lower(), PolicyName="no")
