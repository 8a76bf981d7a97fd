"""The function that an account's owner installs removes what is due, and nothing that anybody may still need."""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from clouds.aws.administrator import holder
from clouds.aws.conftest import REGION

from drkit.clouds import aws
from drkit.clouds.aws.cloud import AwsCloud

FILE = Path(aws.__path__[0]) / "handout" / "delete_after.py"


@pytest.fixture
def remove() -> Callable[..., dict[str, Any]]:
    """The function, loaded as Lambda loads it: a file by itself."""
    specification = importlib.util.spec_from_file_location("delete_after", FILE)
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    found: Callable[..., dict[str, Any]] = module.remove
    return found


def take(cloud: AwsCloud, volume: str, days: int, **tags: str) -> str:
    deadline = datetime.now(UTC) + timedelta(days=days)
    return cloud.disks.create_snapshot(
        REGION, volume, name="n", deadline=deadline, tags=tags or {"drkit:run": "run-1"}
    )


def take_newest(cloud: AwsCloud, volume: str) -> str:
    """One that is newer than all before it: ministack writes whole seconds, so the next one has to come first."""
    now = int(time.time())
    while int(time.time()) == now:
        time.sleep(0.02)
    return take(cloud, volume, 9)


def in_days(days: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def test_what_is_due_goes_and_what_is_early_foreign_or_not_of_a_run_stays(
    cloud: AwsCloud, filled: str, root: Callable[..., Any], remove: Callable[..., Any]
) -> None:
    ec2 = root("ec2")
    due, not_of_a_run = take(cloud, filled, 2), take(cloud, filled, 2, other="x")
    foreign = ec2.create_snapshot(VolumeId=filled)["SnapshotId"]
    early = take_newest(cloud, filled)

    assert remove(ec2, in_days(3), dry=True) == {"removed": [due], "kept": {}}
    assert remove(ec2, in_days(3)) == {"removed": [due], "kept": {}}

    assert {each.id for each in cloud.disks.list_snapshots(REGION)} == {early, not_of_a_run, foreign}


def test_the_newest_good_one_of_a_volume_that_is_there_stays_and_that_of_one_that_is_gone_goes(
    cloud: AwsCloud, filled: str, root: Callable[..., Any], remove: Callable[..., Any]
) -> None:
    ec2 = root("ec2")
    gone = next(each.id for each in cloud.disks.list_disks(REGION) if not each.host)
    last, orphan = take(cloud, filled, 2), take(cloud, gone, 2)
    ec2.delete_volume(VolumeId=gone)

    assert remove(ec2, in_days(3)) == {
        "removed": [orphan],
        "kept": {last: "it is the newest good one of its volume"},
    }


def test_one_that_is_shared_or_has_a_deadline_that_nobody_can_read_stays(
    cloud: AwsCloud, filled: str, root: Callable[..., Any], remove: Callable[..., Any]
) -> None:
    ec2 = root("ec2")
    shared, broken = take(cloud, filled, 2), take(cloud, filled, 2)
    take_newest(cloud, filled)
    ec2.modify_snapshot_attribute(
        SnapshotId=shared, Attribute="createVolumePermission", OperationType="add", UserIds=["210000000002"]
    )
    ec2.create_tags(Resources=[broken], Tags=[{"Key": "drkit:delete-after", "Value": "soon"}])

    assert remove(ec2, in_days(3)) == {
        "removed": [],
        "kept": {shared: "it is shared", broken: "its deadline cannot be read"},
    }


def test_one_that_cannot_be_deleted_is_told_of_and_the_others_go_all_the_same(
    cloud: AwsCloud,
    filled: str,
    root: Callable[..., Any],
    remove: Callable[..., Any],
    person: Callable[..., str],
) -> None:
    """Here for want of the right to; a lock or an image of it is refused by EC2 in the same way."""
    held, due = take(cloud, filled, 2), take(cloud, filled, 2)
    take_newest(cloud, filled)
    prefix = person(
        "cleaner",
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"},
                {
                    "Effect": "Deny",
                    "Action": "ec2:DeleteSnapshot",
                    "Resource": f"arn:aws:ec2:*:*:snapshot/{held}",
                },
            ],
        },
    )
    ec2 = holder("ec2", os.environ, prefix)

    assert remove(ec2, in_days(3)) == {"removed": [due], "kept": {held: "UnauthorizedOperation"}}
