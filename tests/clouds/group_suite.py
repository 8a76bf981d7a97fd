"""What every cloud that takes the disks of one host together has to do: a new one subclasses `GroupSuite`, and passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from drkit.ports.cloud import Cloud
from drkit.ports.disks import SnapshotState
from drkit.ports.errors import RefusedError
from drkit.ports.read_only import ReadOnlyCloud

TAGS = {"drkit:run": "r", "drkit:together": "token"}
NAME = "drkit-daily-20261122T0130-1w"


@dataclass(frozen=True)
class Pair:
    """A host, all of its disks, of which it has several, and a disk of another."""

    region: str
    host: str
    disks: Sequence[str]
    foreign: str


class GroupSuite:
    """The conformance suite of groups; ``cloud``, ``pair`` and ``finish`` are the cloud's fixtures."""

    def begin(self, cloud: Cloud, pair: Pair, disks: Sequence[str]) -> str:
        deadline = datetime.now(UTC) + timedelta(days=7)
        return cloud.disks.create_group(
            pair.region, pair.host, disks, name=NAME, deadline=deadline, tags=TAGS
        )

    def test_each_disk_of_the_host_has_one_snapshot_in_the_group(
        self, cloud: Cloud, pair: Pair, finish: Callable[[], None]
    ) -> None:
        made = self.begin(cloud, pair, pair.disks)
        finish()
        (group,) = cloud.disks.find_groups(pair.region, NAME)
        assert (group.id, group.name) == (made, NAME)
        assert sorted(each.disk for each in group.snapshots) == sorted(pair.disks)
        assert {each.state for each in group.snapshots} == {SnapshotState.GOOD}
        of = {each.id: cloud.disks.group_of(pair.region, each.id) for each in group.snapshots}
        assert {group.id for group in of.values() if group} == {made}

    def test_a_group_is_found_by_its_exact_name(
        self, cloud: Cloud, pair: Pair, finish: Callable[[], None]
    ) -> None:
        made = self.begin(cloud, pair, pair.disks)
        finish()
        assert [each.id for each in cloud.disks.find_groups(pair.region, NAME)] == [made]
        assert cloud.disks.find_groups(pair.region, NAME[:-1]) == ()

    def test_what_was_taken_alone_is_of_no_group(
        self, cloud: Cloud, pair: Pair, finish: Callable[[], None]
    ) -> None:
        deadline = datetime.now(UTC) + timedelta(days=7)
        alone = cloud.disks.create_snapshot(
            pair.region, pair.disks[0], name=NAME, deadline=deadline, tags={"drkit:run": "r"}
        )
        finish()
        assert cloud.disks.group_of(pair.region, alone) is None
        assert cloud.disks.find_groups(pair.region, NAME) == ()

    def test_a_disk_of_another_host_is_refused_and_nothing_is_made(self, cloud: Cloud, pair: Pair) -> None:
        with pytest.raises(RefusedError):
            self.begin(cloud, pair, [pair.disks[0], pair.foreign])
        assert cloud.disks.find_groups(pair.region, NAME) == ()
        assert NAME not in {each.name for each in cloud.disks.snapshots_of(pair.region, pair.disks[0])}

    def test_what_was_opened_to_look_begins_no_group(self, cloud: Cloud, pair: Pair) -> None:
        eyes = ReadOnlyCloud(cloud)
        with pytest.raises(RefusedError, match="opened to look only"):
            self.begin(eyes, pair, pair.disks)
        with pytest.raises(RefusedError, match="opened to look only"):
            eyes.disks.adopt_snapshot(pair.region, "snap-1", name=NAME, deadline=datetime.now(UTC), tags=TAGS)
        assert eyes.disks.find_groups(pair.region, NAME) == ()
        assert eyes.disks.group_of(pair.region, "snap-00000000") is None
