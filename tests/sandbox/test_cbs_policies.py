"""Automatic policies fire by the sandbox's clock, and pass over disks that are not in use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drkit.sandbox.testing import InThread, in_thread
from drkit.sandbox.world.clock import BEIJING
from drkit.sandbox.world.model import Resources
from drkit.sandbox.world.policies import following
from drkit.sandbox.world.things import Rule

Calling = Callable[..., Any]
# A Sunday, 09:30 in Beijing.
SUNDAY = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
DAILY = {"Policy": [{"Hour": [2], "DayOfWeek": [0, 1, 2, 3, 4, 5, 6]}]}


@pytest.fixture
def sandbox() -> Any:
    with in_thread(now=SUNDAY) as running:
        yield running


@pytest.fixture
def resources(sandbox: InThread) -> Resources:
    return sandbox.world.accounts["100000000001"].regions["ap-beijing"]


@pytest.fixture
def bind(call: Calling) -> Any:
    def binding(*disks: str, **policy: Any) -> Any:
        made = call("cbs", "CreateAutoSnapshotPolicy", {**DAILY, **policy})["AutoSnapshotPolicyId"]
        call("cbs", "BindAutoSnapshotPolicy", {"AutoSnapshotPolicyId": made, "DiskIds": list(disks)})
        return made

    return binding


@pytest.fixture
def made_by(call: Calling) -> Any:
    """The snapshots of a policy."""

    def finding(policy: str) -> Any:
        everything = call("cbs", "DescribeSnapshots", {"Limit": 100})["SnapshotSet"]
        return [one for one in everything if one.get("AutoSnapshotPolicyId") == policy]

    return finding


def attached(resources: Resources) -> Any:
    return next(one for one in resources.disks.values() if one.portable and one.instance)


def test_a_policy_fires_at_its_hour_of_beijing_and_its_snapshots_run_out(
    sandbox: InThread, resources: Resources, bind: Calling, made_by: Calling
) -> None:
    policy = bind(attached(resources).id, RetentionDays=2)
    sandbox.clock.advance(timedelta(hours=16, minutes=29))
    assert made_by(policy) == []
    sandbox.clock.advance(timedelta(minutes=1))
    (first,) = made_by(policy)
    assert (first["SnapshotName"], first["SnapshotState"]) == ("snap_20260302_02", "CREATING")
    assert (first["CreateTime"], first["DeadlineTime"]) == ("2026-03-02 02:00:00", "2026-03-04 02:00:00")
    sandbox.clock.advance(timedelta(days=10))
    # At the moment of the eleventh, that of two days ago has just run out.
    assert [one["SnapshotName"] for one in made_by(policy)] == ["snap_20260312_02", "snap_20260311_02"]


def test_a_policy_passes_over_disks_that_are_not_in_use(
    sandbox: InThread, resources: Resources, call: Calling, bind: Calling, made_by: Calling
) -> None:
    disk = attached(resources)
    system = next(one for one in resources.disks_of(disk.instance) if not one.portable)
    loose = next(one for one in resources.disks.values() if not one.instance)
    policy = bind(disk.id, system.id, loose.id)
    call("cvm", "StopInstances", {"InstanceIds": [disk.instance]})
    sandbox.clock.advance(timedelta(days=1))
    # An elastic disk counts as in use while it is attached; the system disk of a host that is off does not.
    assert [one["DiskId"] for one in made_by(policy)] == [disk.id]
    call("cbs", "DetachDisks", {"DiskIds": [disk.id]})
    call("cvm", "StartInstances", {"InstanceIds": [system.instance]})
    sandbox.clock.advance(timedelta(days=1))
    assert [one["DiskId"] for one in made_by(policy)] == [system.id, disk.id]


def test_what_happens_while_the_clock_leaps_happens_in_its_order(
    sandbox: InThread, resources: Resources, call: Calling, bind: Calling, made_by: Calling
) -> None:
    disk = attached(resources)
    system = next(one for one in resources.disks_of(disk.instance) if not one.portable)
    policy = bind(system.id)
    call("cvm", "StopInstances", {"InstanceIds": [system.instance]})
    sandbox.clock.advance(timedelta(hours=16, minutes=29, seconds=59))
    call("cvm", "StartInstances", {"InstanceIds": [system.instance]})
    # The policy fires a second later, and the host is on a second after that.
    sandbox.clock.advance(timedelta(days=1))
    assert [one["SnapshotName"] for one in made_by(policy)] == []
    sandbox.clock.advance(timedelta(days=1))
    assert [one["SnapshotName"] for one in made_by(policy)] == ["snap_20260303_02"]


def test_a_disk_with_sixty_four_snapshots_gets_none(
    sandbox: InThread, resources: Resources, bind: Calling, made_by: Calling
) -> None:
    policy = bind(attached(resources).id, Policy=[{"Hour": list(range(24)), "IntervalDays": 1}])
    sandbox.clock.advance(timedelta(hours=100))
    assert len(made_by(policy)) == 64
    oldest = min(one["CreateTime"] for one in made_by(policy))
    assert oldest == "2026-03-01 10:00:00"


def test_a_policy_shows_when_it_fires_next(call: Calling, resources: Resources, bind: Calling) -> None:
    disk = attached(resources)
    policy = bind(disk.id, AutoSnapshotPolicyName="nightly", IsPermanent=True)
    (shown,) = call("cbs", "DescribeAutoSnapshotPolicies", {"AutoSnapshotPolicyIds": [policy]})[
        "AutoSnapshotPolicySet"
    ]
    assert (shown["AutoSnapshotPolicyName"], shown["DiskIdSet"]) == ("nightly", [disk.id])
    assert (shown["NextTriggerTime"], shown["IsPermanent"]) == ("2026-03-02 02:00:00", True)
    asked = {"DiskIds": [disk.id], "ReturnBindAutoSnapshotPolicy": True}
    assert call("cbs", "DescribeDisks", asked)["DiskSet"][0]["AutoSnapshotPolicyIds"] == [policy]
    of_disk = call("cbs", "DescribeDiskAssociatedAutoSnapshotPolicy", {"DiskId": disk.id})
    assert [one["AutoSnapshotPolicyId"] for one in of_disk["AutoSnapshotPolicySet"]] == [policy]


def test_the_documented_example_of_a_new_policy_answers_in_utc(call: Calling) -> None:
    # Thursday at midnight; asked for on a Sunday.
    wanted = {"Policy": [{"DayOfWeek": [4], "Hour": [0]}], "DryRun": True}
    answer = call("cbs", "CreateAutoSnapshotPolicy", wanted)
    assert answer["NextTriggerTime"] == "2026-03-04 16:00:00"
    assert call("cbs", "DescribeAutoSnapshotPolicies")["TotalCount"] == 0


def test_a_policy_that_is_off_does_not_fire_until_it_is_on(
    sandbox: InThread, resources: Resources, call: Calling, bind: Calling, made_by: Calling
) -> None:
    policy = bind(attached(resources).id)

    def change(**attributes: Any) -> None:
        call("cbs", "ModifyAutoSnapshotPolicyAttribute", {"AutoSnapshotPolicyId": policy, **attributes})

    change(IsActivated=False)
    sandbox.clock.advance(timedelta(days=2))
    assert made_by(policy) == []
    change(IsActivated=True, Policy=[{"Hour": [12], "DayOfMonth": [4]}], RetentionDays=30)
    sandbox.clock.advance(timedelta(days=7))
    (only,) = made_by(policy)
    assert (only["SnapshotName"], only["DeadlineTime"]) == ("snap_20260304_12", "2026-04-03 12:00:00")


def test_a_deleted_policy_fires_no_more_and_its_snapshots_stay(
    sandbox: InThread, resources: Resources, call: Calling, bind: Calling, made_by: Calling, refused: Calling
) -> None:
    policy = bind(attached(resources).id, IsPermanent=True)
    sandbox.clock.advance(timedelta(days=1))
    both = {"AutoSnapshotPolicyIds": [policy, "asp-00000000"]}
    assert refused("DeleteAutoSnapshotPolicies", both) == "InvalidAutoSnapshotPolicyId.NotFound"
    call("cbs", "DeleteAutoSnapshotPolicies", {"AutoSnapshotPolicyIds": [policy]})
    sandbox.clock.advance(timedelta(days=3))
    assert len(made_by(policy)) == 1


def test_disks_are_taken_from_a_policy_by_themselves_or_with_their_host(
    resources: Resources, call: Calling, bind: Calling, refused: Calling
) -> None:
    disk = attached(resources)
    held = [one.id for one in resources.disks_of(disk.instance)]
    policy = bind(*held)
    named = {"AutoSnapshotPolicyId": policy}
    assert refused("BindAutoSnapshotPolicy", {**named, "DiskIds": [disk.id]}) == "InvalidDisk.AlreadyBound"
    assert refused("UnbindAutoSnapshotPolicy", named) == "MissingParameter"
    call("cbs", "UnbindAutoSnapshotPolicy", {**named, "DiskIds": [disk.id]})
    assert disk.id not in resources.policies[policy].disks
    call("cbs", "UnbindAutoSnapshotPolicy", {**named, "InstanceIds": [disk.instance]})
    assert resources.policies[policy].disks == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Policy": []}, "InvalidParameterValue"),
        ({"Policy": [{"Hour": [24], "DayOfWeek": [1]}]}, "InvalidParameterValue"),
        ({"Policy": [{"Hour": [1]}]}, "MissingParameter"),
        ({"Policy": [{"Hour": [1], "DayOfWeek": [7]}]}, "InvalidParameterValue"),
        ({"Policy": [{"Hour": [1], "DayOfMonth": [0]}]}, "InvalidParameterValue"),
        ({"Policy": [{"Hour": [1], "IntervalDays": 366}]}, "InvalidParameterValue"),
        ({"IsPermanent": True, "RetentionDays": 3}, "InvalidParameterValue"),
        ({"AutoSnapshotPolicyName": "x" * 61}, "InvalidParameterValue"),
    ],
)
def test_a_policy_that_cannot_be_says_why(refused: Calling, change: dict[str, Any], code: str) -> None:
    assert refused("CreateAutoSnapshotPolicy", {**DAILY, **change}) == code


def test_a_region_has_thirty_policies(call: Calling, refused: Calling) -> None:
    for _ in range(30):
        call("cbs", "CreateAutoSnapshotPolicy", DAILY)
    assert refused("CreateAutoSnapshotPolicy", DAILY) == "LimitExceeded.AutoSnapshotPolicyOutOfQuota"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule([9, 10], [0]), "2026-03-01 10:00"),
        (Rule([9], [0]), "2026-03-08 09:00"),
        (Rule([0], [], [31]), "2026-03-31 00:00"),
        (Rule([9], [], [], 5), "2026-03-06 09:00"),
        (Rule([23], [], [], 5), "2026-03-01 23:00"),
    ],
)
def test_the_next_time_of_a_rule(rule: Rule, expected: str) -> None:
    found = following([rule], SUNDAY, SUNDAY)
    assert found == moment(expected)


def test_a_month_without_the_day_is_passed_over() -> None:
    assert following([Rule([0], [], [31])], SUNDAY, moment("2026-03-31 00:00")) == moment("2026-05-31 00:00")
