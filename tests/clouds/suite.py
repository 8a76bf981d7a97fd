"""What every cloud has to do: a new one subclasses `CloudSuite`, gives its fixtures, and passes.

What a cloud cannot do is absent from it, and absent means UNKNOWN; what it has behaves as told here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from drkit.ports.cloud import Cloud
from drkit.ports.disks import Disk, SnapshotState
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


# Where a cloud has tags instead of names and deadlines, they bear them.
OF_THE_CLOUD = frozenset({"Name", "drkit:delete-after"})


def given(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that a thing was given, without those that stand for its name and its deadline."""
    return {key: value for key, value in tags.items() if key not in OF_THE_CLOUD}


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

    def test_a_deleted_snapshot_is_gone_and_no_other(
        self, cloud: Cloud, expected: Expected, disk: str, finish
    ) -> None:
        doomed = self.make(cloud, expected, disk, "drkit-doomed")
        finish()
        kept = self.make(cloud, expected, disk, "drkit-kept")
        finish()
        cloud.disks.delete_snapshot(expected.region, doomed)
        left = cloud.disks.get_snapshots(expected.region, [doomed, kept])
        assert [each.id for each in left] == [kept]

    def test_a_snapshot_that_is_not_good_or_not_there_is_not_deleted(
        self, cloud: Cloud, expected: Expected, disk: str
    ) -> None:
        creating = self.make(cloud, expected, disk)
        for snapshot in (creating, "snap-00000000"):
            with pytest.raises(RefusedError):
                cloud.disks.delete_snapshot(expected.region, snapshot)
        assert [each.id for each in cloud.disks.get_snapshots(expected.region, [creating])] == [creating]

    def copied(
        self, cloud: Cloud, expected: Expected, finish, name: str = "drkit-copy", times: int = 1
    ) -> str:
        """A disk made from a snapshot of a data disk, however often the same is asked for."""
        source = next(disk for disk in cloud.disks.list_disks(expected.region) if disk.system is False)
        snapshot = self.make(cloud, expected, source.id)
        finish()
        made = {
            cloud.disks.create_disk(
                expected.region,
                snapshot,
                zone=source.zone,
                kind=source.kind,
                name=name,
                tags={"drkit:run": "r"},
                token="drkit-token",
            )
            for _ in range(times)
        }
        assert len(made) == 1
        return made.pop()

    def test_a_disk_is_made_from_a_snapshot_once_however_often_it_is_asked_for_with_one_token(
        self, cloud: Cloud, expected: Expected, finish
    ) -> None:
        made = self.copied(cloud, expected, finish, times=2)
        finish()
        (disk,) = cloud.disks.find_disks(expected.region, "drkit-copy")
        assert disk.id == made
        assert (disk.made, disk.system, disk.host, given(disk.tags)) == (True, False, "", {"drkit:run": "r"})
        assert cloud.disks.get_disks(expected.region, [disk.id, "disk-00000000"]) == (disk,)

    def test_a_disk_is_found_by_its_exact_name(self, cloud: Cloud, expected: Expected, finish) -> None:
        self.copied(cloud, expected, finish, "drkit-copy-1")
        finish()
        assert cloud.disks.find_disks(expected.region, "drkit-copy") == ()

    def test_a_deleted_disk_is_gone_and_its_snapshots_stay(
        self, cloud: Cloud, expected: Expected, finish
    ) -> None:
        disk = self.copied(cloud, expected, finish)
        finish()
        snapshot = self.make(cloud, expected, disk)
        finish()
        cloud.disks.delete_disk(expected.region, disk)
        finish()
        assert cloud.disks.get_disks(expected.region, [disk]) == ()
        assert [each.id for each in cloud.disks.snapshots_of(expected.region, disk)] == [snapshot]

    def hosts_of(self, cloud: Cloud, expected: Expected, disk: str) -> list[str]:
        """Two hosts of a disk's zone."""
        (found,) = cloud.disks.get_disks(expected.region, [disk])
        there = [host.id for host in cloud.machines.list_hosts(expected.region) if host.zone == found.zone]
        return sorted(there)[:2]

    def at_rest(self, cloud: Cloud, expected: Expected, disk: str, finish) -> Disk:
        """A disk, once it is neither on its way to a host nor from it."""
        for _ in range(5):
            (found,) = cloud.disks.get_disks(expected.region, [disk])
            if found.made:
                return found
            finish()
        raise AssertionError(f"{disk} does not come to rest")

    def test_a_disk_hangs_on_the_host_that_it_was_attached_to_and_is_detached_from_no_other(
        self, cloud: Cloud, expected: Expected, finish
    ) -> None:
        disk = self.copied(cloud, expected, finish)
        finish()
        host, other = self.hosts_of(cloud, expected, disk)

        cloud.disks.attach_disk(expected.region, disk, host)
        (under_way,) = cloud.disks.get_disks(expected.region, [disk])
        assert not under_way.made
        hanging = self.at_rest(cloud, expected, disk, finish)
        assert (hanging.host, hanging.system) == (host, False)
        for elsewhere in (host, other):
            with pytest.raises(RefusedError):
                cloud.disks.attach_disk(expected.region, disk, elsewhere)
        with pytest.raises(RefusedError):
            cloud.disks.detach_disk(expected.region, disk, other)
        with pytest.raises(RefusedError):
            cloud.disks.delete_disk(expected.region, disk)
        assert self.at_rest(cloud, expected, disk, finish).host == host

        cloud.disks.detach_disk(expected.region, disk, host)
        (under_way,) = cloud.disks.get_disks(expected.region, [disk])
        assert not under_way.made
        assert self.at_rest(cloud, expected, disk, finish).host == ""
        with pytest.raises(RefusedError):
            cloud.disks.detach_disk(expected.region, disk, host)

    def test_a_disk_or_a_host_that_is_not_there_is_not_attached(
        self, cloud: Cloud, expected: Expected, finish
    ) -> None:
        disk = self.copied(cloud, expected, finish)
        finish()
        (found,) = cloud.disks.get_disks(expected.region, [disk])
        host = self.hosts_of(cloud, expected, disk)[0]
        for each, where in (("disk-00000000", host), (disk, "ins-00000000")):
            with pytest.raises(RefusedError):
                cloud.disks.attach_disk(expected.region, each, where)
        assert self.at_rest(cloud, expected, disk, finish) == found

    def test_a_disk_that_is_attached_or_not_there_is_not_deleted(
        self, cloud: Cloud, expected: Expected, disk: str
    ) -> None:
        for doomed in (disk, "disk-00000000"):
            with pytest.raises(RefusedError):
                cloud.disks.delete_disk(expected.region, doomed)
        assert cloud.disks.get_disks(expected.region, [disk])

    def test_a_snapshot_tells_its_tags_and_whether_it_is_shared(
        self, cloud: Cloud, expected: Expected, disk: str
    ) -> None:
        (made,) = cloud.disks.get_snapshots(expected.region, [self.make(cloud, expected, disk)])
        assert (given(made.tags), made.shared, made.permanent) == ({"drkit:run": "r"}, False, False)

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
        with pytest.raises(RefusedError, match="opened to look only"):
            eyes.disks.delete_snapshot(expected.region, "snap-00000000")
        with pytest.raises(RefusedError, match="opened to look only"):
            eyes.disks.delete_disk(expected.region, disk)
        for move in (eyes.disks.attach_disk, eyes.disks.detach_disk):
            with pytest.raises(RefusedError, match="opened to look only"):
                move(expected.region, disk, "ins-00000000")
        with pytest.raises(RefusedError, match="opened to look only"):
            eyes.disks.create_disk(
                expected.region, "snap-00000000", zone="", kind="", name="", tags={}, token=""
            )
        assert eyes.disks.get_disks(expected.region, [disk]) == cloud.disks.get_disks(expected.region, [disk])
        assert cloud.disks.find_snapshots(expected.region, disk, "drkit-suite") == ()
