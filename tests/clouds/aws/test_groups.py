"""Snapshots of several volumes of one host on AWS, against the sandbox's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clouds.aws.conftest import REGION
from clouds.group_suite import NAME, GroupSuite, Pair

from drkit.clouds.aws.cloud import AwsCloud
from drkit.ports.errors import RefusedError


def volumes_of(ec2: Any, host: str) -> dict[str, str]:
    """The devices of a host's volumes."""
    (reservation,) = ec2.describe_instances(InstanceIds=[host])["Reservations"]
    mappings = reservation["Instances"][0]["BlockDeviceMappings"]
    return {each["Ebs"]["VolumeId"]: each["DeviceName"] for each in mappings}


class TestAwsGroups(GroupSuite):
    @pytest.fixture
    def ec2(self, root: Callable[..., Any]) -> Any:
        return root("ec2")

    @pytest.fixture
    def pair(self, ec2: Any) -> Pair:
        """A host with two data volumes beside the one that it starts from, and another host."""
        first, other = (
            str(each["InstanceId"])
            for each in ec2.run_instances(ImageId="ami-12345678", MinCount=2, MaxCount=2)["Instances"]
        )
        for device in ("/dev/sdf", "/dev/sdg"):
            volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=8)["VolumeId"]
            ec2.attach_volume(VolumeId=volume, InstanceId=first, Device=device)
        (foreign,) = volumes_of(ec2, other)
        return Pair(REGION, first, list(volumes_of(ec2, first)), foreign)

    @pytest.fixture
    def finish(self) -> Callable[[], None]:
        return lambda: None

    def test_name_deadline_and_tags_are_there_from_the_birth(self, cloud: AwsCloud, pair: Pair) -> None:
        self.begin(cloud, pair, pair.disks)
        for each in cloud.disks.find_groups(REGION, NAME)[0].snapshots:
            assert (each.name, each.permanent) == (NAME, False)
            assert each.deadline
            assert each.deadline.latest > datetime.now(UTC) + timedelta(days=6)
            assert (each.tags["drkit:run"], each.tags["drkit:together"]) == ("r", "token")

    @pytest.mark.parametrize("device", ["/dev/xvda", "/dev/sdf", "/dev/sdg"])
    def test_what_was_not_asked_for_is_left_out_be_it_what_the_host_starts_from_or_a_data_volume(
        self, cloud: AwsCloud, ec2: Any, pair: Pair, device: str
    ) -> None:
        others = [disk for disk, name in volumes_of(ec2, pair.host).items() if name != device]
        assert len(others) == 2
        self.begin(cloud, pair, others)
        (group,) = cloud.disks.find_groups(REGION, NAME)
        assert sorted(each.disk for each in group.snapshots) == sorted(others)

    def test_a_deadline_that_has_passed_is_refused(self, cloud: AwsCloud, pair: Pair) -> None:
        with pytest.raises(RefusedError, match="passed"):
            cloud.disks.create_group(
                REGION, pair.host, pair.disks, name=NAME, deadline=datetime.now(UTC), tags={}
            )

    def test_nothing_is_adopted_that_has_all_from_its_birth(self, cloud: AwsCloud) -> None:
        with pytest.raises(RefusedError, match="from its birth"):
            cloud.disks.adopt_snapshot(REGION, "snap-1", name=NAME, deadline=datetime.now(UTC), tags={})
