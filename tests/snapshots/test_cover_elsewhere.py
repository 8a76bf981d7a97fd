"""Copies in promised regions, hosts of no account, and what automatic policies say: facts in, rows out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drkit.core.estate import OtherHost
from drkit.core.times import Reading
from drkit.ports.automatic import AutomaticPolicy
from drkit.ports.columns import SnapshotColumns
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.snapshots.coverage import Promised, Row, cover
from drkit.snapshots.judging import Status

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BEIJING, SHANGHAI = (Scope("production", region) for region in ("ap-beijing", "ap-shanghai"))
DISK = Disk("disk-aaaaaaaa", "data", "z", "ATTACHED", busy=False, can_snapshot=True, host="", tags={})
NAME = "drkit-daily-20261122T0900-14d"
COPY_NAME = "drkit-copy-20261122T0900-disk-aaaaaaaa-0a1b2c"


def snapshot(hours_old: float = 3, id_: str = "snap-aaaaaaaa", **changes: Any) -> Snapshot:
    made = NOW - timedelta(hours=hours_old)
    usual = {"name": NAME, "disk": DISK.id, "state": SnapshotState.GOOD, "created": Reading(made, made)}
    return Snapshot(**{"id": id_, **usual, **changes})


def copy(**changes: Any) -> Snapshot:
    return snapshot(1, "snap-cccccccc", **{"disk": "", "name": COPY_NAME, "copied": True, **changes})


def judged(here: tuple[Snapshot, ...], there: Any) -> Row:
    """What is said of the disk in Beijing, of which Shanghai is promised a copy."""
    facts = Facts(NOW, (RegionFacts(BEIJING, (), (DISK,), here), RegionFacts(SHANGHAI, (), (), there)))
    (row,) = cover(facts, Promised(timedelta(hours=25), ("ap-shanghai",), frozenset({BEIJING})))
    return row


@pytest.mark.parametrize(
    "there",
    [
        copy(),
        copy(name="Copied snap-aaaaaaaa from Beijing"),
        copy(name="x", tags={"drkit:source": "snap-aaaaaaaa"}),
    ],
    ids=["slot and disk in its name", "source in its name", "tag"],
)
def test_a_good_copy_of_a_fresh_snapshot_covers_the_promised_region(there: Snapshot) -> None:
    assert judged((snapshot(),), (there,)).status is Status.COVERED


@pytest.mark.parametrize(
    "there",
    [
        (),
        (copy(state=SnapshotState.CREATING),),
        (copy(copied=False),),
        (copy(name="drkit-copy-20261121T0900-disk-aaaaaaaa-0a1b2c"),),
        (copy(name="drkit-copy-20261122T0900-disk-bbbbbbbb-0a1b2c"),),
        (copy(name="Copied snap-bbbbbbbb from Beijing"),),
    ],
    ids=[
        "none",
        "being made",
        "no copy but by its name",
        "of another slot",
        "of another disk",
        "of another snapshot",
    ],
)
def test_without_a_good_copy_a_volume_is_not_copied_and_the_region_is_named(
    there: tuple[Snapshot, ...],
) -> None:
    row = judged((snapshot(),), there)

    assert (row.status, row.why) == (Status.NOT_COPIED, "no fresh snapshot has a good copy in ap-shanghai")
    assert row.days.endswith(".")


def test_a_copy_of_an_old_snapshot_counts_for_nothing_however_new_it_is() -> None:
    old = snapshot(50, "snap-dddddddd", name="drkit-daily-20261120T1000-14d")

    row = judged((snapshot(), old), (copy(name="Copied snap-dddddddd from Beijing"),))

    assert row.status is Status.NOT_COPIED


def test_a_promised_region_that_was_not_read_leaves_the_volume_unknown() -> None:
    row = judged((snapshot(),), Unread("denied"))

    assert (row.status, row.why) == (Status.UNKNOWN, "copies were not read: ap-shanghai: denied")


@pytest.mark.parametrize(
    ("covered", "status"),
    [("none", Status.NONE), ("impossible", Status.IMPOSSIBLE), ("elsewhere", Status.UNKNOWN)],
)
def test_a_host_in_no_account_is_a_row_and_never_covered(covered: Any, status: Status) -> None:
    host = OtherHost(name="tape-1", where="office, rack 3", covered=covered, reason="a robot saves it")

    (row,) = cover(Facts(NOW, ()), Promised(timedelta(hours=25)), (host,))

    assert (row.host, row.region, row.status) == ("tape-1", "office, rack 3", status)
    assert row.why.endswith("a robot saves it")


def told(policies: Any, *snapshots: Snapshot) -> str:
    facts = Facts(NOW, (RegionFacts(BEIJING, (), (DISK,), snapshots, policies),))
    (row,) = cover(facts, Promised(timedelta(hours=25)))
    return row.automatic


def policy(**changes: Any) -> AutomaticPolicy:
    usual = {"id": "asp-1", "name": "daily", "active": True, "every": timedelta(days=1), "disks": (DISK.id,)}
    return AutomaticPolicy(**{**usual, **changes})


@pytest.mark.parametrize(
    ("policies", "snapshots", "sentence"),
    [
        ((policy(),), (), "asp-1 says every 1d, there is no good snapshot by it"),
        ((policy(),), (snapshot(),), "asp-1 says every 1d, there is no good snapshot by it"),
        ((policy(),), (snapshot(72, policy="asp-1"),), "asp-1 says every 1d, the newest good snapshot by it is 3 days old"),
        ((policy(active=False),), (), "asp-1 is off, there is no good snapshot by it"),
        ((policy(every=None),), (), "asp-1 says no time that can be read, there is no good snapshot by it"),
        ((), (snapshot(72, policy="asp-9"),), "asp-9 is gone, the newest good snapshot by it is 3 days old"),
        ((policy(disks=()),), (snapshot(72, policy="asp-1"),), "asp-1 does not have this disk, the newest good snapshot by it is 3 days old"),
        ((policy(disks=()),), (), ""),
        (Unread("denied"), (snapshot(72, policy="asp-1"),), ""),
    ],
)  # fmt: skip
def test_what_an_automatic_policy_says_stands_beside_what_there_is(
    policies: Any, snapshots: tuple[Snapshot, ...], sentence: str
) -> None:
    assert told(policies, *snapshots) == sentence


def test_a_policy_is_never_believed() -> None:
    facts = Facts(NOW, (RegionFacts(BEIJING, (), (DISK,), (), (policy(every=timedelta(hours=1)),)),))

    assert cover(facts, Promised(timedelta(hours=25)))[0].status is Status.NONE


def test_snapshots_in_columns_are_judged_as_the_same_snapshots_are_apart() -> None:
    snapshots = [
        snapshot(hours, f"snap-{hours:08}", disk=disk, policy="asp-1", tags={"a": "b"}, shared=True)
        for disk in ("disk-aaaaaaaa", "disk-bbbbbbbb")
        for hours in (90, 30, 3)
    ] + [snapshot(1, "snap-x", created=None)]
    disks = (
        DISK,
        Disk("disk-bbbbbbbb", "", "z", "ATTACHED", busy=False, can_snapshot=True, host="", tags={}),
    )

    apart, columns = (
        cover(Facts(NOW, (RegionFacts(BEIJING, (), disks, each),)), Promised(timedelta(hours=25)))
        for each in (tuple(snapshots), SnapshotColumns(snapshots))
    )

    assert list(SnapshotColumns(snapshots)) == sorted(snapshots, key=lambda each: each.disk)
    assert apart == columns
