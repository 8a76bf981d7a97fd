"""Copies without inventories: their buckets are listed by the step itself, and one that is denied is UNKNOWN alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import yaml
from helpers import Drkit

from drkit.sandbox.testing import Running, running

PLAYBOOK = """\
playbook: cold
schedule: {every: day}
steps:
  - uses: copies.reconcile
  - uses: copies.grow
"""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running("empty", home=tmp_path_factory.mktemp("aws")) as sandbox:
        yield sandbox


def client(sandbox: Running, service: str) -> Any:
    variables = sandbox.environment()
    return boto3.client(
        service,
        "us-east-1",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )


@pytest.fixture
def aws(drkit: Drkit, sandbox: Running) -> Drkit:
    """Three buckets that keep versions, with the same objects, which one user may list, all but the last."""
    account = {
        "cloud": "aws",
        "account": "210000000001",
        "environment": "production",
        "regions": ["us-east-1"],
    }
    copies = {
        name: {"account": "abroad", "region": "us-east-1", "bucket": f"cold-{name}", "immutable": "locked"}
        for name in ("one", "two", "closed")
    }
    dataset = {"reference": "one", "copies": copies, "rule": "3-1-0-1-0"}
    estate = {"estate": "cold", "accounts": {"abroad": account}, "datasets": {"archive": dataset}}
    drkit.write("estate.yaml", yaml.safe_dump(estate))
    drkit.write("cold.yaml", PLAYBOOK)
    drkit.environment |= {**sandbox.environment(), "DRKIT_STATE": drkit.environment["DRKIT_STATE"]}
    drkit.environment["DRKIT_ESTATE"] = str(drkit.directory / "estate.yaml")
    s3 = client(sandbox, "s3")
    for name in copies:
        s3.create_bucket(Bucket=f"cold-{name}")
        s3.put_bucket_versioning(Bucket=f"cold-{name}", VersioningConfiguration={"Status": "Enabled"})
        for key in ("a", "b", "c"):
            s3.put_object(Bucket=f"cold-{name}", Key=key, Body=key.encode())
    return drkit


def run(drkit: Drkit) -> Any:
    return drkit("run", "cold.yaml", "--yes", "--format", "json")


def statuses(ran: Any, step: int) -> dict[str, str]:
    return {row["copy"]: row["status"] for row in ran.json["runs"][0]["steps"][step]["rows"]}


def test_listed_copies_are_compared_and_what_leaves_one_is_found_with_its_version(
    aws: Drkit, sandbox: Running
):
    first = run(aws)
    assert first.status == 0, first.out
    s3 = client(sandbox, "s3")
    (version,) = s3.list_object_versions(Bucket="cold-two", Prefix="b")["Versions"]
    s3.delete_object(Bucket="cold-two", Key="b", VersionId=version["VersionId"])
    ran = run(aws)
    assert ran.status == 3
    assert [(finding["id"], finding["subject"]) for finding in ran.json["findings"]] == [
        ("copies.reconcile/missing", "archive/two")
    ]
    grown = {row["copy"]: row for row in ran.json["runs"][0]["steps"][1]["rows"]}
    assert (grown["two"]["status"], grown["two"]["above"]) == ("lost", {"vanished": 1, "version_deleted": 1})

    iam = client(sandbox, "iam")
    iam.create_user(UserName="blind")
    see = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    deny = {"Effect": "Deny", "Action": "s3:List*", "Resource": "arn:aws:s3:::cold-closed"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [see, deny]})
    iam.put_user_policy(UserName="blind", PolicyName="own", PolicyDocument=document)
    pair = iam.create_access_key(UserName="blind")["AccessKey"]
    aws.environment["AWS_ACCESS_KEY_ID"] = pair["AccessKeyId"]
    aws.environment["AWS_SECRET_ACCESS_KEY"] = pair["SecretAccessKey"]
    s3.put_object(Bucket="cold-two", Key="b", Body=b"b")
    ran = run(aws)
    assert statuses(ran, 0) == {"one": "whole", "two": "whole", "closed": "unknown"}
    assert statuses(ran, 1) == {"one": "grown", "two": "lost", "closed": "unknown"}
    assert "bucket-denied" in ran.json["runs"][0]["steps"][0]["reason"]
