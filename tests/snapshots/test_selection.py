"""Which disks a step means, and what it names that nobody has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from drkit.core.actions import Why
from drkit.core.estate import Estate
from drkit.core.verdicts import Outcome
from drkit.ports.disks import Disk
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.ports.steps import Setting
from drkit.snapshots.selection import Places, Selection, matches, missing, problems, scopes
from drkit.snapshots.steps.take import Take, plan
from drkit.snapshots.taking import conclude

ESTATE = Estate.model_validate_json(
    """{"estate": "e", "accounts": {
      "shop": {"cloud": "tencent", "account": "100000000001", "environment": "production",
               "regions": ["ap-beijing", "ap-shanghai"]},
      "lab": {"cloud": "tencent", "account": "100000000002", "environment": "test",
              "regions": ["ap-beijing"]}}}"""
)
SLOT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)


def disk(**changes: Any) -> Disk:
    usual = {"id": "disk-orders01", "name": "", "zone": "", "state": "ATTACHED", "busy": False}
    return Disk(
        **{**usual, "can_snapshot": True, "host": "ins-orders01", "tags": {"service": "orders"}, **changes}
    )


def facts(*disks: Disk, other: Any = ()) -> Facts:
    nothing = Unread("not asked for")
    return Facts(
        SLOT,
        (
            RegionFacts(Scope("shop", "ap-beijing"), nothing, disks, ()),
            RegionFacts(Scope("shop", "ap-shanghai"), nothing, other, ()),
        ),
    )


def test_an_environment_means_every_account_that_is_for_it() -> None:
    assert [str(each) for each in scopes(Places(environments=("test",)), ESTATE)] == ["lab/ap-beijing"]


def test_an_environment_that_no_account_is_for_is_found_with_a_suggestion() -> None:
    assert list(problems(Places(environments=("tets",)), ESTATE)) == [
        (("environments", 0), "no account of the estate is for 'tets', did you mean 'test'?")
    ]


def test_accounts_and_environments_that_have_nothing_in_common_look_at_nothing() -> None:
    ((path, told),) = problems(Places(accounts=("lab",), environments=("production",)), ESTATE)

    assert path == ()
    assert "the step would look at nothing" in told


@pytest.mark.parametrize(
    ("selection", "selected"),
    [
        (Selection(), True),
        (Selection(tags={"service": "orders"}), True),
        (Selection(tags={"service": "pay"}), False),
        (Selection(hosts=("ins-orders01",)), True),
        (Selection(hosts=("ins-orders02",)), False),
        (Selection(disks=("disk-orders01",)), True),
        (Selection(disks=("disk-orders02",)), False),
        (Selection(disks=("disk-orders01",), hosts=("ins-orders02",)), False),
    ],
)
def test_a_disk_is_selected_only_if_everything_that_is_said_holds_for_it(
    selection: Selection,
    selected: bool,  # noqa: FBT001 - what is expected
) -> None:
    assert matches(selection, disk()) is selected


def test_a_named_disk_and_a_named_host_that_nobody_has_fail_by_their_names() -> None:
    arguments = Take(
        keep_for="14d", disks=("disk-orders01", "disk-forgotten"), hosts=("ins-orders01", "ins-forgotten")
    )
    setting = Setting(ESTATE, "daily", SLOT)

    planned = plan(facts(disk()), arguments, setting)
    conclusion = conclude(facts(disk()), planned, {}, arguments, setting)

    assert [(each.target, each.why) for each in planned.skipped] == [
        ("disk-forgotten", Why.IMPOSSIBLE),
        ("ins-forgotten", Why.IMPOSSIBLE),
    ]
    assert [action.target for action in planned.actions] == ["disk-orders01"]
    assert conclusion.verdict.outcome is Outcome.FAIL
    assert {finding.subject for finding in conclusion.findings} == {"disk-forgotten", "ins-forgotten"}


def test_a_named_disk_is_not_called_missing_while_a_region_was_not_read() -> None:
    seen = facts(disk(), other=Unread("no answer"))

    assert list(missing(Selection(disks=("disk-forgotten",)), seen)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"disks": ("disk-orders01", "disk-orders01")},
        {"disks": ("ins-orders01",)},
        {"hosts": ("disk-orders01",)},
    ],
    ids=["twice", "a host", "a disk"],
)
def test_what_is_no_id_and_what_is_named_twice_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        Selection(**wrong)
