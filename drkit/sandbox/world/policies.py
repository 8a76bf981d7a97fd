"""Automatic snapshot policies: when they fire, and which disks they pass over without a word.

Source: documents 362/32168 (BindAutoSnapshotPolicy: elastic disks that are not attached, and others whose host
is shut down, get no snapshot), 362/35238 (names) and 362/15669 (the days of a rule).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from drkit.sandbox.world.clock import BEIJING
from drkit.sandbox.world.things import Snapshot

if TYPE_CHECKING:
    from datetime import date

    from drkit.sandbox.world.model import Resources, World
    from drkit.sandbox.world.things import Disk, Policy, Rule

SNAPSHOTS_A_DISK = 64
FURTHEST = 366 + 31  # days: the 31st comes within 62, an interval has at most 365
DAY = timedelta(days=1)


def is_due(rule: Rule, day: date, first: date) -> bool:
    """Whether a rule fires on a day; intervals count from the day on which the policy was made."""
    if rule.interval_days:
        return (day - first).days % rule.interval_days == 0
    return day.isoweekday() % 7 in rule.days_of_week or day.day in rule.days_of_month


def following(rules: list[Rule], created: datetime, after: datetime) -> datetime | None:
    """The first moment after another at which one of the rules fires; hours are those of UTC+8."""
    first, begin = created.astimezone(BEIJING).date(), after.astimezone(BEIJING).date()
    for number in range(FURTHEST):
        day = begin + number * DAY
        hours = sorted({hour for rule in rules if is_due(rule, day, first) for hour in rule.hours})
        moments = (datetime.combine(day, time(hour), BEIJING) for hour in hours)
        found = next((moment for moment in moments if moment > after), None)
        if found:
            return found.astimezone(after.tzinfo)
    return None


def arm(world: World, policy: Policy, account: str, region: str, after: datetime) -> None:
    """Foresee the next time at which a policy fires; one that is not active has none."""
    policy.next = following(policy.rules, policy.created, after) if policy.activated else None
    if policy.next:
        world.foresee(policy.next, "policy", account, region, policy.id)


def fire(world: World, resources: Resources, policy: Policy, now: datetime) -> None:
    """Begin a snapshot of every disk that is bound to a policy and in use; of the others there is none."""
    name = f"snap_{now.astimezone(BEIJING):%Y%m%d_%H}"
    deadline = None if policy.permanent else now + timedelta(days=policy.retention_days)
    for id_ in policy.disks:
        disk = resources.disks.get(id_)
        if disk and is_in_use(resources, disk) and has_room(resources, disk, now):
            resources.add_snapshot(
                Snapshot(
                    id=world.new_id("snap"),
                    name=name,
                    disk=disk.id,
                    disk_usage=disk.usage,
                    disk_size=disk.size,
                    zone=disk.zone,
                    created=now,
                    deadline=deadline,
                    policy=policy.id,
                    encrypted=disk.encrypted,
                    creation=world.creation,
                )
            )


def is_in_use(resources: Resources, disk: Disk) -> bool:
    """Whether a disk is attached and, if it cannot be detached, its host is on."""
    if disk.state != "ATTACHED" or not disk.snapshot_ability:
        return False
    host = resources.instances.get(disk.instance or "")
    return disk.portable or (host is not None and host.shown_state == "RUNNING")


def has_room(resources: Resources, disk: Disk, now: datetime) -> bool:
    """Whether a disk may have one more snapshot, and none of it is in the making."""
    snapshots = resources.snapshots_of(disk.id, now)
    if len(snapshots) >= SNAPSHOTS_A_DISK:
        return False
    return not snapshots or snapshots[-1].state(now) == "NORMAL"
