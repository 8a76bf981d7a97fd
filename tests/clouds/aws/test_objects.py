"""S3 passes the suite of the objects port, against ministack."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from clouds.aws.conftest import REGION
from clouds.objects_suite import ObjectsSuite

from drkit.clouds.aws.cloud import AwsCloud
from drkit.ports.objects import Objects
from drkit.sandbox.testing import Running

BUCKET = "cold-suite"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}


class TestS3(ObjectsSuite):
    @pytest.fixture
    def prefix(self, person: Callable[..., str], sandbox: Running, monkeypatch) -> str:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{sandbox.record.aws_port}")
        return person("lister", {"Version": "2012-10-17", "Statement": [EVERYTHING]})

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
    def s3(self, root: Callable[..., Any]) -> Any:
        return root("s3")

    @pytest.fixture
    def place(self, s3: Any) -> tuple[str, str]:
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        return REGION, BUCKET

    @pytest.fixture
    def put(self, s3: Any) -> Callable[[str, bytes], None]:
        return lambda key, content: s3.put_object(Bucket=BUCKET, Key=key, Body=content)

    @pytest.fixture
    def remove(self, s3: Any) -> Callable[[str], None]:
        return lambda key: s3.delete_object(Bucket=BUCKET, Key=key)

    @pytest.fixture
    def deny(self, root: Callable[..., Any]) -> Callable[[], None]:
        iam = root("iam")
        return lambda: iam.put_user_policy(
            UserName="lister", PolicyName="no", PolicyDocument=json.dumps(DENY)
        )
