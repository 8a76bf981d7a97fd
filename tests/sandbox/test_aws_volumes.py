"""Volumes of the AWS beside the sandbox: attached as EC2 does it, and holding something that a host finds."""

from __future__ import annotations

import contextlib
import json
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from drkit.sandbox.knocking import knock
from drkit.sandbox.testing import Running, running

REGION, ZONE = "us-east-1", "us-east-1a"
CONTENT = b"content" * 1000


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running("empty", home=tmp_path_factory.mktemp("volumes")) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ec2(aws: Running) -> Iterator[Any]:
    client = root(aws)
    yield client
    client.close()


def root(aws: Running) -> Any:
    return boto3.Session().client(
        "ec2",
        REGION,
        endpoint_url=aws.record.aws_endpoint,
        aws_access_key_id=aws.record.aws_access_key_id,
        aws_secret_access_key=aws.record.aws_secret_access_key,
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )


@pytest.fixture
def hosts(ec2: Any) -> list[str]:
    made = ec2.run_instances(ImageId="ami-12345678", MinCount=2, MaxCount=2)["Instances"]
    return [each["InstanceId"] for each in made]


def volume(ec2: Any, zone: str = ZONE, **more: Any) -> str:
    return str(ec2.create_volume(AvailabilityZone=zone, **(more or {"Size": 8}))["VolumeId"])


def code(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


def states(ec2: Any, id_: str) -> tuple[str, list[str]]:
    (found,) = ec2.describe_volumes(VolumeIds=[id_])["Volumes"]
    return found["State"], [each["State"] for each in found["Attachments"]]


def named(ec2: Any, host: str) -> list[str]:
    """The volumes that a host itself names."""
    (found,) = ec2.describe_instances(InstanceIds=[host])["Reservations"][0]["Instances"]
    return [each["Ebs"]["VolumeId"] for each in found["BlockDeviceMappings"]]


def told(call: Callable[..., Any], *arguments: Any) -> tuple[int, str]:
    """Status and sentence of what the door refuses."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        call(*arguments)
    with refused.value as answer:
        return answer.code, str(json.load(answer)["error"])


def found_at(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes()[: len(CONTENT)] for path in place.iterdir()}


def test_what_is_attached_or_detached_is_under_way_until_somebody_has_looked(
    ec2: Any, hosts: list[str]
) -> None:
    disk = volume(ec2)
    assert ec2.attach_volume(VolumeId=disk, InstanceId=hosts[0], Device="/dev/sdf")["State"] == "attaching"
    assert states(ec2, disk) == ("in-use", ["attaching"])
    assert states(ec2, disk) == ("in-use", ["attached"])
    assert disk in named(ec2, hosts[0])
    assert ec2.detach_volume(VolumeId=disk)["InstanceId"] == hosts[0]
    assert states(ec2, disk) == ("in-use", ["detaching"])
    assert states(ec2, disk) == ("available", [])
    assert disk not in named(ec2, hosts[0])


def test_what_ec2_does_not_attach_or_detach_is_refused_by_its_own_codes(ec2: Any, hosts: list[str]) -> None:
    host, other = hosts
    disk, second, elsewhere = volume(ec2), volume(ec2), volume(ec2, f"{REGION}b")
    here = {"InstanceId": host, "Device": "/dev/sdf"}
    ec2.attach_volume(VolumeId=disk, **here)

    assert code(ec2.attach_volume, VolumeId=disk, InstanceId=other, Device="/dev/sdg") == "VolumeInUse"
    assert code(ec2.attach_volume, VolumeId=second, **here) == "InvalidParameterValue"
    assert code(ec2.attach_volume, VolumeId=second, **{**here, "Device": "<b>"}) == "InvalidParameterValue"
    assert code(ec2.attach_volume, VolumeId=elsewhere, **here) == "InvalidVolume.ZoneMismatch"
    assert code(ec2.attach_volume, VolumeId="vol-1", **here) == "InvalidVolume.NotFound"
    assert (
        code(ec2.attach_volume, VolumeId=second, **{**here, "InstanceId": "i-1"})
        == "InvalidInstanceID.NotFound"
    )
    assert code(ec2.detach_volume, VolumeId=disk, InstanceId=other) == "InvalidAttachment.NotFound"
    assert code(ec2.detach_volume, VolumeId=second) == "IncorrectState"
    assert code(ec2.delete_volume, VolumeId=disk) == "VolumeInUse"
    assert (states(ec2, disk)[0], states(ec2, second)) == ("in-use", ("available", []))


def test_a_volume_is_made_once_for_a_token_of_a_snapshot_that_is_there_and_is_as_large(ec2: Any) -> None:
    snapshot = ec2.create_snapshot(VolumeId=volume(ec2, Size=30))["SnapshotId"]
    (made,) = ec2.describe_volumes(VolumeIds=[volume(ec2, SnapshotId=snapshot)])["Volumes"]
    assert made["Size"] == 30
    once = {"SnapshotId": snapshot, "ClientToken": "once"}
    assert volume(ec2, **once) == volume(ec2, **once)
    assert code(ec2.create_volume, AvailabilityZone=f"{REGION}b", **once) == "IdempotentParameterMismatch"
    missing = {"AvailabilityZone": ZONE, "SnapshotId": "snap-1"}
    assert code(ec2.create_volume, **missing) == "InvalidSnapshot.NotFound"


def test_a_volume_made_of_a_snapshot_holds_what_that_held_and_a_host_finds_it_while_it_hangs_there(
    aws: Running, ec2: Any, hosts: list[str], tmp_path: Path
) -> None:
    image, place = tmp_path / "image", tmp_path / "place"
    place.mkdir()
    image.write_bytes(CONTENT)
    source = volume(ec2)
    before = ec2.create_snapshot(VolumeId=source)["SnapshotId"]
    aws.fill_volume(source, image)
    snapshot = ec2.create_snapshot(VolumeId=source)["SnapshotId"]
    image.write_bytes(b"other")
    aws.fill_volume(source, image)
    aws.place_instance(hosts[0], place)
    copy, empty = volume(ec2, SnapshotId=snapshot), volume(ec2, SnapshotId=before)

    for each, device in ((copy, "/dev/sdf"), (empty, "/dev/sdg")):
        ec2.attach_volume(VolumeId=each, InstanceId=hosts[0], Device=device)
    assert list(place.iterdir()) == []
    states(ec2, copy)
    name = f"nvme-Amazon_Elastic_Block_Store_{copy.replace('-', '')}"
    assert found_at(place) == {name: CONTENT}
    with (place / name).open("r+b") as file:
        file.write(b"CHANGED")

    ec2.detach_volume(VolumeId=copy)
    assert list(place.iterdir()) == []
    states(ec2, copy)
    ec2.attach_volume(VolumeId=copy, InstanceId=hosts[0], Device="/dev/sdh")
    states(ec2, copy)
    assert found_at(place)[name][:14] == b"CHANGEDcontent"
    again = volume(ec2, SnapshotId=snapshot)
    assert (aws.home.path / "aws-volumes" / again).read_bytes() == CONTENT

    ec2.delete_volume(VolumeId=again)
    ec2.delete_snapshot(SnapshotId=snapshot)
    left = {path.name for path in (aws.home.path / "aws-volumes").iterdir()}
    assert {source, copy} <= left
    assert not {again, snapshot, before, empty} & left


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        [],
        {},
        {"disk": "vol-1", "image": "/etc/hosts"},
        {"disk": "../x", "image": "/etc/hosts"},
        {"disk": 1, "image": "/etc/hosts"},
        {"host": "i-1", "directory": "relative"},
        {"host": "i-1", "directory": "/nowhere/at/all"},
        {"host": "i-1", "directory": "/tmp", "more": 1},
    ],
)
def test_what_the_door_of_aws_cannot_do_is_refused_with_a_sentence(aws: Running, wanted: Any) -> None:
    status, sentence = told(knock, aws.record.aws_endpoint, aws.token, "POST", "volumes", wanted)
    assert (status, bool(sentence)) == (400, True)


def test_an_image_that_cannot_be_read_fills_nothing(aws: Running, ec2: Any, tmp_path: Path) -> None:
    disk = volume(ec2)
    _, sentence = told(aws.fill_volume, disk, tmp_path / "nothing")
    assert "cannot be read" in sentence
    assert not (aws.home.path / "aws-volumes" / disk).exists()


@pytest.mark.parametrize("token", ["", "another", "é"])
def test_the_door_of_aws_opens_to_the_sandboxs_token_alone(aws: Running, token: str) -> None:
    status, _ = told(knock, aws.record.aws_endpoint, token, "POST", "volumes", {})
    assert status == 403


def test_a_reset_leaves_nothing_of_what_volumes_held_and_all_that_others_put_there(
    aws: Running, ec2: Any, tmp_path: Path
) -> None:
    """The last test of this file: what the others share is gone after it."""
    image = tmp_path / "image"
    image.write_bytes(CONTENT)
    aws.fill_volume(volume(ec2), image)
    foreign = aws.home.path / "aws-volumes" / "notes"
    foreign.write_text("somebody's own")
    aws.reset()
    with contextlib.closing(root(aws)) as anew:
        assert anew.describe_volumes()["Volumes"] == []
    assert list(foreign.parent.iterdir()) == [foreign]
