"""AWS beside the sandbox, asked by boto3: what it enforces and what it does not, as docs/sandbox.md says."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from drkit.sandbox.testing import Running, running

ROLE = "arn:aws:iam::210000000001:role/replicate"
NOBODY = json.dumps({"Version": "2012-10-17", "Statement": []})


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(home=tmp_path_factory.mktemp("aws")) as sandbox:
        yield sandbox


@pytest.fixture
def client(aws: Running, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """boto3 with nothing but the variables of `drkit sandbox env`, or as somebody else."""
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    quick = Config(retries={"total_max_attempts": 1})

    def new(service: str, region: str | None = None, **somebody: Any) -> Any:
        return boto3.Session().client(service, region, **{"config": quick, **somebody})

    return new


def refused(call: Callable[..., Any], **arguments: Any) -> Any:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def keys(client: Callable[..., Any], name: str, *statements: Any) -> dict[str, str]:
    """A new user with these permissions: the arguments for a client of theirs."""
    iam = client("iam")
    iam.create_user(UserName=name)
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}


def allow(action: str, resource: str = "*", effect: str = "Allow") -> dict[str, str]:
    return {"Effect": effect, "Action": action, "Resource": resource}


def test_the_variables_of_env_make_the_caller_the_root_of_the_account(client: Callable[..., Any]) -> None:
    identity = client("sts").get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == ("210000000001", "arn:aws:iam::210000000001:root")


def test_an_object_is_put_got_and_kept_in_every_version(client: Callable[..., Any]) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="versions")
    s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    first, second = (
        s3.put_object(Bucket="versions", Key="a/b c", Body=body)["VersionId"] for body in (b"1", b"2")
    )
    assert s3.get_object(Bucket="versions", Key="a/b c")["Body"].read() == b"2"
    assert s3.delete_object(Bucket="versions", Key="a/b c")["DeleteMarker"]
    assert refused(s3.get_object, Bucket="versions", Key="a/b c") == "NoSuchKey"
    assert s3.get_object(Bucket="versions", Key="a/b c", VersionId=first)["Body"].read() == b"1"
    listed = s3.list_object_versions(Bucket="versions")
    assert {one["VersionId"] for one in listed["Versions"]} == {first, second}
    assert len(listed["DeleteMarkers"]) == 1


def test_a_lock_in_compliance_mode_holds_against_the_root(client: Callable[..., Any]) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}}
    s3.put_object_lock_configuration(
        Bucket="locked", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    version = s3.put_object(Bucket="locked", Key="k", Body=b"kept")["VersionId"]
    one = {"Bucket": "locked", "Key": "k", "VersionId": version}
    until = s3.get_object_retention(**one)["Retention"]["RetainUntilDate"]
    sooner = {"Mode": "COMPLIANCE", "RetainUntilDate": until - dt.timedelta(days=29)}
    milder = {"Mode": "GOVERNANCE", "RetainUntilDate": until}
    later = {"Mode": "COMPLIANCE", "RetainUntilDate": until + dt.timedelta(days=1)}

    assert refused(s3.delete_object, **one, BypassGovernanceRetention=True) == "AccessDenied"
    together = s3.delete_objects(
        Bucket="locked",
        Delete={"Objects": [{"Key": "k", "VersionId": version}]},
        BypassGovernanceRetention=True,
    )
    assert [error["Code"] for error in together["Errors"]] == ["AccessDenied"]
    for weaker in (sooner, milder):
        told = refused(s3.put_object_retention, **one, Retention=weaker, BypassGovernanceRetention=True)
        assert told == "AccessDenied"
    s3.put_object_retention(**one, Retention=later)
    assert refused(s3.delete_bucket, Bucket="locked") == "BucketNotEmpty"
    assert s3.get_object(**one)["Body"].read() == b"kept"


def test_a_lock_in_governance_mode_gives_way_to_those_who_may_bypass_it_and_a_hold_to_nobody(
    client: Callable[..., Any],
) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="governed", ObjectLockEnabledForBucket=True)
    until = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    put = {
        "Bucket": "governed",
        "Body": b"1",
        "ObjectLockMode": "GOVERNANCE",
        "ObjectLockRetainUntilDate": until,
    }
    held, free = (s3.put_object(Key=name, **put)["VersionId"] for name in ("held", "free"))
    s3.put_object_legal_hold(Bucket="governed", Key="held", VersionId=held, LegalHold={"Status": "ON"})
    assert refused(s3.delete_object, Bucket="governed", Key="free", VersionId=free) == "AccessDenied"
    bypass = {"Bucket": "governed", "BypassGovernanceRetention": True}
    s3.delete_object(Key="free", VersionId=free, **bypass)
    assert refused(s3.delete_object, Key="held", VersionId=held, **bypass) == "AccessDenied"
    mallory = client(
        "s3", **keys(client, "mallory", allow("s3:*"), allow("s3:BypassGovernanceRetention", effect="Deny"))
    )
    version = s3.put_object(Key="other", **put)["VersionId"]
    assert refused(mallory.delete_object, Key="other", VersionId=version, **bypass) == "AccessDenied"


def test_new_objects_are_replicated_to_another_region_and_deletions_are_not(
    client: Callable[..., Any],
) -> None:
    here, there = client("s3"), client("s3", "eu-west-1")
    here.create_bucket(Bucket="source")
    there.create_bucket(Bucket="replica", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for s3, bucket in ((here, "source"), (there, "replica")):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    here.put_object(Bucket="source", Key="before", Body=b"old")
    rule = {
        "ID": "all",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": "arn:aws:s3:::replica"},
    }
    here.put_bucket_replication(Bucket="source", ReplicationConfiguration={"Role": ROLE, "Rules": [rule]})
    here.put_object(Bucket="source", Key="new", Body=b"bytes")

    assert until(lambda: body_of(there, "replica", "new")) == b"bytes"
    assert here.head_object(Bucket="source", Key="new")["ReplicationStatus"] == "COMPLETED"
    assert there.head_object(Bucket="replica", Key="new")["ReplicationStatus"] == "REPLICA"
    here.delete_object(Bucket="source", Key="new")
    assert body_of(there, "replica", "new") == b"bytes"
    assert body_of(there, "replica", "before") is None


def body_of(s3: Any, bucket: str, key: str) -> Any:
    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None


def until(look: Callable[[], Any], seconds: float = 20) -> Any:
    ends = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < ends, "it never came to be"
        time.sleep(0.02)
    return seen


def test_volumes_and_snapshots_come_and_go_and_a_copy_is_in_its_own_region(
    client: Callable[..., Any],
) -> None:
    ec2, elsewhere = client("ec2"), client("ec2", "eu-west-1")
    tags = [{"ResourceType": "volume", "Tags": [{"Key": "service", "Value": "orders"}]}]
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8, TagSpecifications=tags)["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume, Description="daily")["SnapshotId"]
    seen = ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"][0]
    assert (seen["State"], seen["VolumeId"], seen["VolumeSize"]) == ("completed", volume, 8)
    copy = elsewhere.copy_snapshot(SourceRegion="us-east-1", SourceSnapshotId=snapshot)["SnapshotId"]
    ec2.delete_snapshot(SnapshotId=snapshot)
    assert refused(ec2.describe_snapshots, SnapshotIds=[snapshot]) == "InvalidSnapshot.NotFound"
    owned = elsewhere.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    assert [one["SnapshotId"] for one in owned] == [copy]
    ec2.delete_volume(VolumeId=volume)
    assert refused(ec2.delete_volume, VolumeId=volume) == "InvalidVolume.NotFound"


def test_a_user_may_do_what_policies_allow_and_no_deny_forbids(client: Callable[..., Any]) -> None:
    client("s3").create_bucket(Bucket="ours")
    reader = keys(client, "reader", allow("s3:*"), allow("s3:DeleteObject", "arn:aws:s3:::ours/*", "Deny"))
    s3 = client("s3", **reader)
    s3.put_object(Bucket="ours", Key="k", Body=b"1")
    assert refused(s3.delete_object, Bucket="ours", Key="k") == "AccessDenied"
    assert refused(client("ec2", **reader).describe_volumes) == "UnauthorizedOperation"
    assert refused(client("s3", **keys(client, "nobody")).list_buckets) == "AccessDenied"
    assert client("sts", **reader).get_caller_identity()["Arn"].endswith(":user/reader")


def test_a_role_is_assumed_and_a_session_policy_narrows_it(client: Callable[..., Any]) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": "210000000001"}, "Action": "sts:AssumeRole"}
    iam = client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="operator", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:*")]})
    iam.put_role_policy(RoleName="operator", PolicyName="s3", PolicyDocument=policy)
    session = json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:ListAllMyBuckets")]})
    made = client("sts").assume_role(RoleArn=role, RoleSessionName="incident", Policy=session)["Credentials"]
    s3 = client(
        "s3",
        aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretAccessKey"],
        aws_session_token=made["SessionToken"],
    )
    s3.list_buckets()
    assert refused(s3.create_bucket, Bucket="not-by-this-session") == "AccessDenied"


def test_a_wrong_secret_an_unsigned_call_and_the_keys_that_ministack_takes_for_root_are_refused(
    client: Callable[..., Any],
) -> None:
    known = keys(client, "known", allow("s3:*"))
    wrong = client("s3", **{**known, "aws_secret_access_key": "w" * 40})
    assert refused(wrong.list_buckets) == "SignatureDoesNotMatch"
    assert refused(client("s3", config=Config(signature_version=UNSIGNED)).list_buckets) == "AccessDenied"
    for taken in ("test", "000000000000", "210000000001"):
        stranger = client("s3", aws_access_key_id=taken, aws_secret_access_key="test")
        assert refused(stranger.list_buckets) == "AccessDenied"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/_ministack/reset", 404), ("GET", "/_localstack/health", 404), ("GET", "/", 403)],
)
def test_ministacks_own_doors_are_shut(aws: Running, method: str, path: str, status: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", aws.record.aws_port, timeout=30)
    try:
        connection.request(method, path)
        assert connection.getresponse().status == status
    finally:
        connection.close()


def test_a_reset_empties_aws_too(tmp_path: Path) -> None:
    with running(home=tmp_path) as sandbox:
        variables = sandbox.environment()
        s3 = boto3.client(
            "s3",
            "us-east-1",
            endpoint_url=variables["AWS_ENDPOINT_URL"],
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        )
        s3.create_bucket(Bucket="gone")
        sandbox.reset()
        assert s3.list_buckets()["Buckets"] == []


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in found for child in path.read_text().split()]


def test_it_starts_with_the_first_connection_and_listens_on_loopback_alone(tmp_path: Path) -> None:
    with running(home=tmp_path) as sandbox:
        assert children(sandbox.record.pid) == []
        with socket.create_connection(("127.0.0.1", sandbox.record.aws_port), timeout=5):
            (child,) = until(lambda: children(sandbox.record.pid))
        assert sandbox.record.aws_secret_access_key not in Path(f"/proc/{child}/environ").read_text()
        assert sandbox.record.aws_secret_access_key not in Path(f"/proc/{child}/cmdline").read_text()
        assert listening_at(sandbox.record.aws_port) == {"0100007F"}


def listening_at(port: int) -> set[str]:
    """The addresses, as /proc/net writes them, at which a port is listened to."""
    lines = Path("/proc/net/tcp").read_text().splitlines() + Path("/proc/net/tcp6").read_text().splitlines()
    rows = [line.split() for line in lines]
    return {row[1].split(":")[0] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_the_sandbox_however_that_ends(tmp_path: Path, number: signal.Signals) -> None:
    with running(home=tmp_path) as sandbox:
        socket.create_connection(("127.0.0.1", sandbox.record.aws_port), timeout=5).close()
        (child,) = until(lambda: children(sandbox.record.pid))
        os.kill(sandbox.record.pid, number)
        until(lambda: not Path(f"/proc/{child}").exists() or "Z" in state_of(child))


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_where_it_cannot_start_nobody_waits_for_it_and_the_sandbox_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken" / "ministack"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('not installed')")
    monkeypatch.setenv("PYTHONPATH", str(broken.parent))
    with running(home=tmp_path / "home") as sandbox:
        address = ("127.0.0.1", sandbox.record.aws_port)
        with socket.create_connection(address, timeout=30) as waiting, contextlib.suppress(ConnectionError):
            assert waiting.recv(1) == b""
        until(lambda: "the AWS server ended with status 1" in sandbox.home.log.read_text())
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=5)
        assert sandbox.control("GET", "health")["status"] == "ok"


def test_the_port_of_aws_can_be_chosen_and_one_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = ["sandbox", "up", "--detach", "--aws-port", str(port), "--home", str(tmp_path)]
        command = [sys.executable, "-m", "drkit", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 2
        assert f"port {port} of 127.0.0.1 cannot be used" in done.stderr
    subprocess.run(command, capture_output=True, check=True, timeout=60)
    try:
        shown = subprocess.run(
            [sys.executable, "-m", "drkit", "sandbox", "env", "--home", str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"export AWS_ENDPOINT_URL='http://127.0.0.1:{port}'\n" in shown.stdout
        assert "export AWS_CONFIG_FILE='/dev/null'\n" in shown.stdout
    finally:
        subprocess.run(
            [sys.executable, "-m", "drkit", "sandbox", "down", "--home", str(tmp_path)], check=True
        )
