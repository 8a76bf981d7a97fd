"""What a snapshot costs at most, by its disk, its time and the estate's price."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drkit.core.estate import Estate
from drkit.core.money import estimate
from drkit.ports.disks import Disk
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.ports.steps import Setting
from drkit.snapshots.prices import cost_of, cost_of_copy
from drkit.snapshots.steps.take import Take, plan

SLOT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
BEIJING, SHANGHAI = Scope("production", "ap-beijing"), Scope("production", "ap-shanghai")
ESTATE = Estate.model_validate_json(
    """{"estate": "e", "accounts": {
      "production": {"cloud": "tencent", "account": "100000000001", "environment": "production",
                     "regions": ["ap-beijing", "ap-shanghai"],
                     "prices": {"snapshots": {"ap-beijing": "0.12 CNY"}}}}}"""
)


def disk(size: int | None, id_: str = "disk-1") -> Disk:
    return Disk(id_, "", "", "ATTACHED", busy=False, can_snapshot=True, host="", tags={}, size=size)


def test_a_month_of_a_hundred_gibibytes_costs_a_hundred_times_the_price() -> None:
    cost = cost_of(disk(100), BEIJING, SLOT, SLOT + timedelta(days=30), ESTATE)
    assert cost == "at most 12.00 CNY"


@pytest.mark.parametrize(("size", "scope"), [(None, BEIJING), (100, SHANGHAI)])
def test_without_a_size_or_a_price_the_cost_is_not_known(size: int | None, scope: Scope) -> None:
    assert cost_of(disk(size), scope, SLOT, SLOT + timedelta(days=30), ESTATE) is None


@given(seconds=st.integers(1, 10**8))
def test_a_begun_hour_costs_a_whole_one(seconds: int) -> None:
    end = SLOT + timedelta(seconds=seconds)
    whole = SLOT + timedelta(hours=-(-seconds // 3600))
    assert cost_of(disk(7), BEIJING, SLOT, end, ESTATE) == cost_of(disk(7), BEIJING, SLOT, whole, ESTATE)


def test_the_plan_is_the_same_however_late_in_its_slot_it_is_asked_for() -> None:
    arguments = Take(keep_for="14d")
    regions = (
        RegionFacts(BEIJING, Unread("not asked for"), (disk(50, "disk-1"), disk(None, "disk-2")), ()),
        RegionFacts(SHANGHAI, Unread("not asked for"), (disk(50, "disk-3"),), ()),
    )
    plans = [
        plan(Facts(SLOT + timedelta(hours=hours), regions), arguments, Setting(ESTATE, "daily", SLOT))
        for hours in (0, 23)
    ]

    assert plans[0].fingerprint == plans[1].fingerprint
    assert [action.cost for action in plans[0].actions] == ["at most 2.80 CNY", None, None]
    assert str(estimate(action.cost for action in plans[0].actions)) == "at most 2.80 CNY and UNKNOWN for 2"


def test_another_disk_of_the_same_kind_costs_what_the_estate_says_of_its_kind() -> None:
    priced = ESTATE.model_dump(mode="json")
    priced["accounts"]["production"]["prices"]["disks"] = {"ap-beijing": {"CLOUD_PREMIUM": "0.50 CNY"}}
    estate = Estate.model_validate_json(json.dumps(priced))
    premium, other = (replace(disk(100), kind=kind) for kind in ("CLOUD_PREMIUM", "CLOUD_SSD"))

    costs = [
        cost_of_copy(each, BEIJING, SLOT, SLOT + timedelta(hours=72), estate) for each in (premium, other)
    ]
    assert costs == ["at most 5.00 CNY", None]
