"""Groups of Tencent Cloud: the suite, and what the cloud says of them beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clouds.group_suite import NAME, TAGS, GroupSuite, Pair
from clouds.tencent.relay import relaying

from drkit.clouds.tencent.cloud import TencentCloud
from drkit.core.actions import Action, Done, Effect, Failed, Outcome, Pending
from drkit.core.times import text_of
from drkit.ports.cloud import Hands
from drkit.ports.disks import Snapshot
from drkit.ports.errors import RefusedError
from drkit.ports.facts import Scope
from drkit.sandbox.testing import InThread
from drkit.snapshots import adopting, groups
from drkit.snapshots.together import VERB

REGION = "ap-beijing"


class TestTencentGroups(GroupSuite):
    @pytest.fixture
    def cloud(self, tencent: TencentCloud) -> TencentCloud:
        return tencent

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

    def test_what_somebody_gave_an_end_since_it_was_judged_keeps_that_end(
        self, cloud: TencentCloud, pair: Pair, finish: Callable[[], None]
    ) -> None:
        self.begin(cloud, pair, pair.disks)
        finish()
        (group,) = cloud.disks.find_groups(REGION, NAME)
        first = group.snapshots[0]
        now = datetime.now(UTC).replace(microsecond=0)
        cloud.disks.extend_snapshot(REGION, first.id, now + timedelta(days=365))
        theirs = cloud.disks.get_snapshots(REGION, [first.id])

        action = adopting.action_of(
            Scope("suite", REGION), first.id, first.disk, NAME, now + timedelta(days=7)
        )
        with pytest.raises(RefusedError, match="changed"):
            adopting.run(action, Hands({"suite": cloud}, "r"))
        assert cloud.disks.get_snapshots(REGION, [first.id]) == theirs

    def test_a_cloud_that_takes_the_name_and_not_the_end_has_not_adopted_it(
        self,
        cloud: TencentCloud,
        pair: Pair,
        finish: Callable[[], None],
        server: InThread,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """No page shows both in one call."""
        self.begin(cloud, pair, pair.disks)
        finish()
        first, second = cloud.disks.find_groups(REGION, NAME)[0].snapshots[:2]
        until = datetime.now(UTC) + timedelta(days=7)

        def came(snapshot: Snapshot, of: TencentCloud) -> Outcome:
            action = adopting.action_of(Scope("suite", REGION), snapshot.id, snapshot.disk, NAME, until)
            return adopting.run(action, Hands({"suite": of}, "r"))

        def without_end(response: dict[str, Any]) -> None:
            for each in response["SnapshotSet"]:
                each |= {"IsPermanent": True, "DeadlineTime": None}

        assert came(first, cloud) == Done()
        with relaying(server.endpoint, "DescribeSnapshots", without_end) as endpoint:
            monkeypatch.setenv("DRKIT_TENCENT_ENDPOINT", endpoint)
            half = came(second, TencentCloud("SUITE"))
        assert isinstance(half, Failed)
        assert half.code == "NoEnd"

    def test_after_silence_no_group_is_believed_that_was_begun_before_the_slot(
        self, cloud: TencentCloud, pair: Pair, finish: Callable[[], None]
    ) -> None:
        made = self.begin(cloud, pair, pair.disks)
        finish()
        now = datetime.now(UTC)
        arguments = {"name": NAME, "disks": list(pair.disks), "deadline": text_of(now + timedelta(days=7))}
        for slot, found in ((now, True), (now + timedelta(days=1), False)):
            wanted = {**arguments, "slot": text_of(slot)}
            action = Action(VERB, Effect.CREATE, "suite", REGION, pair.host, wanted, "because")
            came = groups.find(action, Hands({"suite": cloud}, "r"))
            assert came == (Pending(made, groups.POLL_AFTER) if found else None)

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
