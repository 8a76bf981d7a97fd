"""Ages of snapshots by stamps that have no zone, from the cloud's list to the verdict."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from helpers import Drkit, ask
from shifted import ahead

from drkit.sandbox.testing import Running

REGION = "ap-beijing"
APART = timedelta(minutes=3)  # on which side of a bound an age surely is
# How old each disk's only snapshot is, and what is said of the disk where 25 hours are promised. A stamp is believed
# to be UTC+8, and nobody has confirmed it: read as UTC it is eight hours younger.
AGES = (
    (timedelta(hours=33) + APART, "stale"),
    (timedelta(hours=33) - APART, "unknown"),
    (timedelta(hours=31), "unknown"),
    (timedelta(hours=25) + APART, "unknown"),
    (timedelta(hours=25) - APART, "covered"),
    (timedelta(hours=23), "covered"),
)


@pytest.fixture
def days(sandbox: Running) -> Iterator[Running]:
    """The sandbox is shared, and its clock is right again afterwards."""
    began = time.monotonic()
    sandbox.save("before")
    sandbox.create_in(0)
    yield sandbox
    sandbox.load("before")
    sandbox.advance(timedelta(seconds=time.monotonic() - began))


def test_at_23_25_31_and_33_hours_a_disk_is_covered_only_if_it_is_so_in_either_zone(
    cloud: Drkit, days: Running
) -> None:
    listed = ask(days, "DescribeSnapshots", REGION, Limit=100)["SnapshotSet"]
    have = {each["DiskId"] for each in listed}
    disks = ask(days, "DescribeDisks", REGION, Limit=100)["DiskSet"]
    bare = [each["DiskId"] for each in disks if each["DiskId"] not in have][: len(AGES)]
    passed, oldest = timedelta(), AGES[0][0]
    for disk, (age, _) in zip(bare, AGES, strict=True):
        days.advance(oldest - age - passed)
        passed = oldest - age
        ask(days, "CreateSnapshot", REGION, DiskId=disk, SnapshotName="n")
    days.advance(AGES[-1][0])

    ran = cloud("snapshots", "cover", "--younger-than", "25h", "--format", "json", prefix=ahead(oldest))

    said = {row["disk"]: row["status"] for row in ran.json["rows"]}
    assert [said[disk] for disk in bare] == [status for _, status in AGES], ran.err
