"""Cloud Block Storage, API 2017-03-12: automatic snapshot policies (DescribeAutoSnapshotPolicies, 362/32165).

A rule is hours of the day (UTC+8) with the days of the week, those of the month, or every so many days
(362/15669). Only how far apart its snapshots are meant to be is read of it.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import boolean, items_of, text, whole
from drkit.clouds.tencent.paging import read_all
from drkit.clouds.tencent.retry import Caller
from drkit.ports.automatic import AutomaticPolicy

VERSION = "2017-03-12"
DESCRIBE_AUTO_SNAPSHOT_POLICIES = Call("cbs", VERSION, "DescribeAutoSnapshotPolicies", powers=(Power.LOOK,))
DAY, WEEK, MONTH = 24, 7 * 24, 31 * 24  # hours
IN_EVERY_MONTH = 28
# A day that some months lack comes twice as late: the 31st after the 31st of December and of July, too.
LACKING = timedelta(days=62)


class TencentAutomatic:
    """The port of automatic policies."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list_policies(self, region: str) -> tuple[AutomaticPolicy, ...]:
        """Every automatic policy of the region."""
        call = DESCRIBE_AUTO_SNAPSHOT_POLICIES.at(region)
        items = read_all(self._caller, call, "AutoSnapshotPolicySet", "AutoSnapshotPolicyId")
        return tuple(parse_policy(item) for item in items)


def parse_policy(item: dict[str, Any]) -> AutomaticPolicy:
    """A policy of DescribeAutoSnapshotPolicies; fields may be extra, null or absent."""
    gaps = [longest_gap(rule) for rule in items_of(item, "Policy")]
    bound = item.get("DiskIdSet")
    return AutomaticPolicy(
        id=text(item, "AutoSnapshotPolicyId"),
        name=text(item, "AutoSnapshotPolicyName"),
        active=boolean(item, "IsActivated"),
        every=min((gap for gap in gaps if gap), default=None),
        disks=tuple(disk for disk in bound if isinstance(disk, str)) if isinstance(bound, list) else (),
    )


def longest_gap(rule: dict[str, Any]) -> timedelta | None:
    """The longest time between two moments of a rule; None where it names none that can be read."""
    hours = _numbers(rule, "Hour", range(24))
    if not hours:
        return None
    if interval := whole(rule, "IntervalDays"):
        return _gap(hours, interval * DAY)
    if days := _numbers(rule, "DayOfWeek", range(7)):
        return _gap([day * DAY + hour for day in days for hour in hours], WEEK)
    if days := _numbers(rule, "DayOfMonth", range(1, 32)):
        sure = [day * DAY + hour for day in days if day <= IN_EVERY_MONTH for hour in hours]
        return _gap(sure, MONTH) if sure else LACKING
    return None


def _gap(moments: list[int], cycle: int) -> timedelta:
    around = [*moments, moments[0] + cycle]
    return timedelta(hours=max(later - earlier for earlier, later in pairwise(around)))


def _numbers(rule: dict[str, Any], field: str, allowed: range) -> list[int]:
    value = rule.get(field)
    return sorted({one for one in value if one in allowed}) if isinstance(value, list) else []
