"""What every cloud has to do: a new one subclasses `CloudSuite`, gives its fixtures, and passes.

What a cloud cannot do is absent from it, and absent means UNKNOWN; what it has behaves as told here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from drkit.ports.cloud import Cloud
from drkit.ports.disks import SnapshotState
from drkit.ports.errors import CloudError, RefusedError, ThrottledError, UncertainError
from drkit.ports.read_only import ReadOnlyCloud


@dataclass(frozen=True)
class Expected:
    """What the estate behind the fixtures has.

    Args:
        region: a region with hosts and disks.
        empty: a region without any.
        disks: how many disks the region has; more than one page of a small page size.
        attached: a disk that a host names.
    """

    account: str
    region: str
    empty: str
    hosts: int
    disks: int
    attached: str


class Trouble(Protocol):
    """Makes the server misbehave from now on, until the test ends."""

    def __call__(self, kind: str) -> None: ...


class CloudSuite:
    """The conformance suite; ``cloud``, ``expected``, ``trouble`` and ``finish`` are the cloud's fixtures."""

    @pytest.fixture
    def disk(self, expected: Expected) -> str:
        return expected.attached

    def make(self, cloud: Cloud, expected: Expected, disk: str, name: str = "drkit-suite") -> str:
        deadline = datetime.now(UTC) + timedelta(days=3)
        return cloud.disks.create_snapshot(
            expected.region, disk, name=name, deadline=deadline, tags={"drkit:run": "r"}
        )

    def test_it_says_whose_the_credential_is(self, cloud: Cloud, expected: Expected) -> None:
        caller = cloud.identity.caller()
        assert caller.account == expected.account
        assert caller.principal

    def test_it_lists_its_regions(self, cloud: Cloud, expected: Expected) -> None:
        assert {expected.region, expected.empty} <= set(cloud.machines.list_regions())

    def test_it_lists_every_host_with_its_volumes(self, cloud: Cloud, expected: Expected) -> None:
        hosts = cloud.machines.list_hosts(expected.region)
        assert len({host.id for host in hosts}) == expected.hosts
        assert all(host.id and host.zone and host.state and host.volumes for host in hosts)

    def test_it_lists_every_disk_once_whatever_the_size_of_a_page(
        self, cloud: Cloud, expected: Expected
    ) -> None:
        disks = cloud.disks.list_disks(expected.region)
        assert len({disk.id for disk in disks}) == len(disks) == expected.disks

    def test_the_volumes_of_hosts_are_among_its_disks_unless_they_are_local(
        self, cloud: Cloud, expected: Expected
    ) -> None:
        known = {disk.id for disk in cloud.disks.list_disks(expected.region)}
        named = {
            v.disk for host in cloud.machines.list_hosts(expected.region) for v in host.volumes if not v.local
        }
        assert expected.attached in named <= known

    def test_a_region_without_anything_is_empty_and_no_error(self, cloud: Cloud, expected: Expected) -> None:
        assert cloud.machines.list_hosts(expected.empty) == ()
        assert cloud.disks.list_disks(expected.empty) == ()
        assert cloud.disks.list_snapshots(expected.empty) == ()

    def test_a_snapshot_is_creating_and_then_good(
        self, cloud: Cloud, expected: Expected, disk: str, finish
    ) -> None:
        made = self.make(cloud, expected, disk)
        (begun,) = cloud.disks.get_snapshots(expected.region, [made])
        assert (begun.state, begun.disk, begun.name) == (SnapshotState.CREATING, disk, "drkit-suite")
        finish()
        (done,) = cloud.disks.get_snapshots(expected.region, [made])
        assert done.state is SnapshotState.GOOD

    def test_a_new_snapshot_is_minutes_old_in_one_of_its_readings(
        self, cloud: Cloud, expected: Expected, disk: str
    ) -> None:
        (begun,) = cloud.disks.get_snapshots(expected.region, [self.make(cloud, expected, disk)])
        assert begun.created is not None
        least, greatest = begun.created.age(datetime.now(UTC))
        assert least <= timedelta(minutes=5)
        assert min(abs(least), abs(greatest)) <= timedelta(minutes=5)

    def test_a_snapshot_is_found_by_its_exact_name_on_its_disk(
        self, cloud: Cloud, expected: Expected, disk: str
    ) -> None:
        made = self.make(cloud, expected, disk, "drkit-suite-1")
        assert [each.id for each in cloud.disks.find_snapshots(expected.region, disk, "drkit-suite-1")] == [
            made
        ]
        assert cloud.disks.find_snapshots(expected.region, disk, "drkit-suite") == ()

    def test_ids_that_do_not_exist_are_absent_and_no_error(self, cloud: Cloud, expected: Expected) -> None:
        assert cloud.disks.get_snapshots(expected.region, ["snap-00000000"]) == ()

    def test_a_snapshot_of_a_disk_that_is_not_there_is_refused(
        self, cloud: Cloud, expected: Expected
    ) -> None:
        with pytest.raises(RefusedError):
            self.make(cloud, expected, "disk-00000000")

    def test_a_deadline_that_has_passed_is_refused(self, cloud: Cloud, expected: Expected, disk: str) -> None:
        with pytest.raises(RefusedError):
            cloud.disks.create_snapshot(expected.region, disk, name="n", deadline=datetime.now(UTC), tags={})

    @pytest.mark.parametrize(
        ("kind", "error"),
        [
            ("throttled", ThrottledError),
            ("garbage", UncertainError),
            ("silence", UncertainError),
            ("denied", RefusedError),
        ],
    )
    def test_trouble_is_told_by_what_it_means(
        self, cloud: Cloud, expected: Expected, trouble: Trouble, kind: str, error: type[CloudError]
    ) -> None:
        trouble(kind)
        with pytest.raises(error):
            cloud.disks.list_disks(expected.region)

    def test_what_was_opened_to_look_reads_the_same_and_acts_never(
        self, cloud: Cloud, expected: Expected, disk: str
    ) -> None:
        eyes = ReadOnlyCloud(cloud)
        assert eyes.disks.list_disks(expected.region) == cloud.disks.list_disks(expected.region)
        assert eyes.machines.list_hosts(expected.region) == cloud.machines.list_hosts(expected.region)
        with pytest.raises(RefusedError, match="opened to look only"):
            self.make(eyes, expected, disk)
        assert cloud.disks.find_snapshots(expected.region, disk, "drkit-suite") == ()
