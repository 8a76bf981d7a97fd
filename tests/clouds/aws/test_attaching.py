"""Volumes of EBS are attached under a name that is free on the host, whoever takes names at the same time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from clouds.aws.conftest import REGION
from clouds.aws.relay import Relay

from drkit.clouds.aws.attaching import NAMES, free_names
from drkit.clouds.aws.cloud import AwsCloud
from drkit.clouds.aws.disks import parse_disk
from drkit.ports.errors import RefusedError, UncertainError

NOTHING = 200, "text/xml", b"<DescribeVolumesResponse><volumeSet/></DescribeVolumesResponse>"


def hanging(device: str, **changes: Any) -> dict[str, Any]:
    """What DescribeVolumes tells of a volume that hangs somewhere."""
    attachment = {"InstanceId": "i-1", "Device": device, "State": "attached", "DeleteOnTermination": False}
    return {"VolumeId": "vol-1", "State": "in-use", "Attachments": [{**attachment, **changes}]}


@pytest.fixture
def ec2(root: Callable[..., Any], filled: str) -> Any:
    """boto3 as the root of the account."""
    return root("ec2")


@pytest.fixture
def host(ec2: Any) -> str:
    return str(ec2.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"])


def spare(ec2: Any) -> list[str]:
    return [each["VolumeId"] for each in ec2.describe_volumes()["Volumes"] if not each["Attachments"]]


def device_of(ec2: Any, volume: str) -> str:
    (found,) = ec2.describe_volumes(VolumeIds=[volume])["Volumes"]
    return str(found["Attachments"][0]["Device"])


def test_what_hangs_on_something_of_a_service_hangs_on_that() -> None:
    """EC2 names no host and no device there (API reference, data type VolumeAttachment)."""
    task = "arn:aws:ecs:us-east-1:210000000001:task/t"
    volume = hanging("", InstanceId=None, Device=None, AssociatedResource=task)

    assert (parse_disk(volume).host, parse_disk(volume).system) == (task, None)


@pytest.mark.parametrize(
    ("devices", "first"),
    [
        ([], "/dev/sdf"),
        (["/dev/sda1", "/dev/xvda", "/dev/sdb"], "/dev/sdf"),
        (["/dev/sdf"], "/dev/sdg"),
        (["/dev/xvdf", "sdg", "/dev/sdh1", "xvdi"], "/dev/sdj"),
        (["", "/dev/nvme0n1", "/dev/xvdba"], "/dev/sdf"),
        (list(NAMES), None),
    ],
)
def test_a_name_is_free_if_no_volume_has_it_by_whichever_of_its_spellings(
    devices: list[str], first: str | None
) -> None:
    assert next(iter(free_names(map(hanging, devices))), None) == first


def test_a_disk_gets_the_first_name_that_is_free_on_its_host_and_is_not_detached_by_force(
    cloud: AwsCloud, ec2: Any, host: str, relay: Relay
) -> None:
    one, two, three, *_ = spare(ec2)
    ec2.attach_volume(VolumeId=one, InstanceId=host, Device="/dev/xvdf")
    cloud.disks.attach_disk(REGION, two, host)
    cloud.disks.attach_disk(REGION, three, host)
    assert [device_of(ec2, each) for each in (two, three)] == ["/dev/sdg", "/dev/sdh"]
    assert relay.actions().count("AttachVolume") == 2
    cloud.disks.detach_disk(REGION, two, host)
    (asked,) = [call for call in relay.seen if call["Action"] == "DetachVolume"]
    assert (asked["InstanceId"], "Force" in asked) == (host, False)


def test_whoever_loses_a_race_for_a_name_takes_the_next_one_and_gives_up_after_four(
    cloud: AwsCloud, ec2: Any, host: str, relay: Relay
) -> None:
    """The look shows what was: EC2 itself refuses names that are taken by then."""
    *taken, late, last = spare(ec2)[:6]
    for volume, device in zip(taken[:3], NAMES, strict=False):
        ec2.attach_volume(VolumeId=volume, InstanceId=host, Device=device)
    relay.answers["DescribeVolumes"] = NOTHING

    cloud.disks.attach_disk(REGION, late, host)

    assert device_of(ec2, late) == "/dev/sdi"
    with pytest.raises(RefusedError, match="no name of a device is free") as refused:
        cloud.disks.attach_disk(REGION, last, host)
    assert refused.value.code == "NoDeviceName"
    assert relay.actions().count("AttachVolume") == 8
    assert last in spare(ec2)


def test_what_ec2_refuses_for_another_reason_is_asked_once(
    cloud: AwsCloud, ec2: Any, host: str, relay: Relay
) -> None:
    elsewhere = ec2.create_volume(AvailabilityZone=f"{REGION}b", Size=8)["VolumeId"]
    with pytest.raises(RefusedError, match=r"InvalidVolume\.ZoneMismatch"):
        cloud.disks.attach_disk(REGION, elsewhere, host)
    assert relay.actions().count("AttachVolume") == 1


def test_after_silence_nothing_is_attached_a_second_time(
    cloud: AwsCloud, ec2: Any, host: str, relay: Relay
) -> None:
    volume = spare(ec2)[0]
    relay.lost.add("AttachVolume")
    with pytest.raises(UncertainError):
        cloud.disks.attach_disk(REGION, volume, host)
    assert relay.actions().count("AttachVolume") == 1
    assert device_of(ec2, volume) == "/dev/sdf"


@pytest.mark.parametrize(
    ("state", "host", "made"),
    [
        ("attaching", "i-1", False),
        ("attached", "i-1", True),
        ("detaching", "i-1", False),
        ("busy", "i-1", False),
        ("detached", "", True),
    ],
)
def test_a_disk_on_its_way_to_a_host_or_from_it_is_not_at_rest(state: str, host: str, *, made: bool) -> None:
    found = parse_disk(hanging("/dev/sdf", State=state))
    assert (found.host, found.made, found.busy) == (host, made, False)


@pytest.mark.parametrize(
    ("item", "system"),
    [
        (hanging("/dev/sdf"), False),
        (hanging("/dev/sdf", DeleteOnTermination=True), None),
        (hanging("/dev/sdf", DeleteOnTermination=None), None),
        (hanging("/dev/sda1"), None),
        (hanging("/dev/xvda"), None),
        (hanging("/dev/sda1", State="detached"), False),
        ({"State": "available"}, False),
    ],
)
def test_a_disk_is_surely_no_system_disk_where_it_hangs_as_what_is_attached_later_does(
    item: dict[str, Any], *, system: bool | None
) -> None:
    assert parse_disk(item).system is system
