"""Groups of Tencent Cloud: the suite, and what the cloud says of them beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from clouds.group_suite import NAME, TAGS, GroupSuite, Pair

from drkit.clouds.tencent.cloud import TencentCloud
from drkit.ports.errors import RefusedError
from drkit.sandbox.testing import InThread, in_thread

REGION = "ap-beijing"


class TestTencentGroups(GroupSuite):
    @pytest.fixture
    def server(self) -> Iterator[InThread]:
        with in_thread() as server:
            yield server

    @pytest.fixture
    def cloud(self, server: InThread, monkeypatch: pytest.MonkeyPatch) -> TencentCloud:
        monkeypatch.setenv("DRKIT_TENCENT_ENDPOINT", server.endpoint)
        monkeypatch.setenv("SUITE_SECRET_ID", server.secret_id)
        monkeypatch.setenv("SUITE_SECRET_KEY", server.secret_key)
        return TencentCloud("SUITE")

    @pytest.fixture
    def pair(self, server: InThread) -> Pair:
        by_host: dict[str, list[str]] = {}
        for disk in server.world.accounts["100000000001"].regions[REGION].disks.values():
            if disk.instance:
                by_host.setdefault(disk.instance, []).append(disk.id)
        host, disks = next((host, some) for host, some in by_host.items() if len(some) > 1)
        foreign = next(some[0] for other, some in by_host.items() if other != host)
        return Pair(REGION, host, disks, foreign)

    @pytest.fixture
    def finish(self, server: InThread) -> Callable[[], None]:
        return lambda: server.clock.advance(timedelta(minutes=1))

    def test_its_snapshots_are_numbered_and_stay_until_each_is_adopted(
        self, cloud: TencentCloud, pair: Pair, finish: Callable[[], None]
    ) -> None:
        self.begin(cloud, pair, pair.disks)
        finish()
        (group,) = cloud.disks.find_groups(REGION, NAME)
        begun = {each.name: each for each in group.snapshots}
        assert sorted(begun) == [f"{NAME}_{number}" for number in range(len(pair.disks))]
        assert all(each.permanent and not each.tags for each in begun.values())

        until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=7)
        first = begun[f"{NAME}_0"].id
        cloud.disks.adopt_snapshot(REGION, first, name=NAME, deadline=until, tags=TAGS)
        (adopted,) = cloud.disks.get_snapshots(REGION, [first])
        assert (adopted.name, adopted.permanent, adopted.tags) == (NAME, False, TAGS)
        assert adopted.deadline
        assert until in (adopted.deadline.earliest, adopted.deadline.latest)
        kept = [each for each in cloud.disks.find_groups(REGION, NAME)[0].snapshots if each.id != first]
        assert all(each.permanent for each in kept)

    def test_a_name_that_leaves_no_room_for_numbers_is_refused_before_anything_is_asked(
        self, cloud: TencentCloud, pair: Pair
    ) -> None:
        deadline = datetime.now(UTC) + timedelta(days=7)
        with pytest.raises(RefusedError, match="too long"):
            cloud.disks.create_group(REGION, pair.host, pair.disks, name="n" * 58, deadline=deadline, tags={})
        assert cloud.disks.find_groups(REGION, "n" * 58) == ()

    def test_a_disk_that_cannot_be_snapshotted_makes_the_cloud_refuse_the_group(
        self, server: InThread, cloud: TencentCloud, pair: Pair
    ) -> None:
        server.world.accounts["100000000001"].regions[REGION].disks[pair.disks[0]].snapshot_ability = False
        with pytest.raises(RefusedError) as refused:
            self.begin(cloud, pair, pair.disks)
        assert refused.value.code == "InvalidDisk.NotSupported"
        assert cloud.disks.find_groups(REGION, NAME) == ()
