"""The rule of adoption: what it lets have an end, and every reason why it does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drkit.core.times import Reading
from drkit.flows.growing.adopting import may_adopt
from drkit.ports.disks import Snapshot, SnapshotState
from drkit.ports.facts import Scope
from drkit.snapshots.adopting import action_of

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
NAME = "drkit-daily-20261122T0130-1w"
END = datetime(2026, 11, 29, 1, 30, tzinfo=UTC)
MADE = Reading(NOW, NOW)


def refusals(until: datetime = END, wanted: str = NAME, now: datetime = NOW, **changed: Any) -> str:
    """Why a snapshot may not be adopted under a name, in one line."""
    usual: dict[str, Any] = {
        "id": "snap-1", "name": f"{NAME}_0", "disk": "disk-1", "state": SnapshotState.GOOD, "created": MADE,
        "permanent": True,
    }  # fmt: skip
    action = action_of(Scope("production", "ap-beijing"), "snap-1", "disk-1", wanted, until)
    return "; ".join(may_adopt(action, Snapshot(**{**usual, **changed}), now))


def test_what_a_group_left_may_have_the_end_that_its_name_promises_or_a_later_one() -> None:
    assert refusals() == refusals(END + timedelta(days=30)) == ""


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": "their-backup"}, "no group"),
        ({"name": NAME}, "no group"),
        ({"name": f"{NAME}_"}, "no group"),
        ({"name": f"{NAME}_0_0"}, "no group"),
        ({"name": f"x{NAME}_0"}, "no group"),
        ({"permanent": False}, "it has an end already"),
        ({"shared": True}, "shared"),
        ({"copied": True}, "a copy"),
        ({"policy": "asp-1"}, "a policy's"),
        ({"disk": ""}, "it is of no disk"),
        ({"disk": "disk-2"}, "asked for as one of disk-1"),
        ({"state": SnapshotState.CREATING}, "it is not good"),
    ],
)
def test_nothing_else_gets_an_end(changed: dict[str, Any], why: str) -> None:
    assert why in refusals(**changed)


def test_no_end_is_before_the_one_that_was_promised_or_at_hand_or_out_of_reach() -> None:
    assert "promises it until 2026-11-29T01:30Z" in refusals(END - timedelta(seconds=1))
    assert "within a day" in refusals(now=END - timedelta(hours=20))
    assert "days ahead" in refusals(END + timedelta(days=5000))


def test_a_name_that_promises_nothing_is_no_promise() -> None:
    for name in ("drkit-vacation", "drkit-daily-20261399T0130-1w", "drkit-daily-20261122T0130-forever"):
        assert "does not say how long" in refusals(wanted=name)


def test_what_is_gone_is_left() -> None:
    action = action_of(Scope("production", "ap-beijing"), "snap-1", "disk-1", NAME, END)
    assert may_adopt(action, None, NOW) == ("it is gone",)
