"""How far apart the snapshots of an automatic policy are meant to be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from drkit.clouds.tencent.automatic import longest_gap, parse_policy


@pytest.mark.parametrize(
    ("rule", "hours"),
    [
        ({"Hour": [0], "DayOfWeek": list(range(7))}, 24),
        ({"Hour": [0, 12], "DayOfWeek": list(range(7))}, 12),
        ({"Hour": [1, 2, 3], "DayOfWeek": list(range(7))}, 22),
        ({"Hour": [3], "DayOfWeek": [1, 2, 3, 4, 5]}, 72),
        ({"Hour": [3], "DayOfWeek": [0]}, 168),
        ({"Hour": [3], "IntervalDays": 5}, 120),
        ({"Hour": [3], "DayOfMonth": [1, 15]}, 17 * 24),
        ({"Hour": [3], "DayOfMonth": [31]}, 62 * 24),
    ],
)
def test_a_rule_promises_its_longest_gap(rule: dict[str, Any], hours: int) -> None:
    assert longest_gap(rule) == timedelta(hours=hours)


@pytest.mark.parametrize(
    "rule", [{}, {"Hour": []}, {"Hour": [3]}, {"Hour": [99], "DayOfWeek": [1]}, {"Hour": None}]
)
def test_a_rule_that_names_no_moment_promises_nothing(rule: dict[str, Any]) -> None:
    assert longest_gap(rule) is None


def test_a_policy_is_as_good_as_the_best_of_its_rules_and_nulls_are_no_disks() -> None:
    weekly, daily = ({"Hour": [1], "DayOfWeek": days} for days in ([0], list(range(7))))

    policy = parse_policy({"AutoSnapshotPolicyId": "asp-1", "Policy": [weekly, daily], "DiskIdSet": None})

    assert (policy.id, policy.every, policy.disks, policy.active) == ("asp-1", timedelta(days=1), (), None)
