"""Which snapshots serve a step with hooks: those that are known to have been begun under a hold that lasted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drkit.core.actions import Action, Ref
from drkit.core.estate import Estate
from drkit.core.times import Reading
from drkit.ports.cloud import Hands
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.ports.steps import Setting
from drkit.snapshots import elsewhere
from drkit.snapshots.beginning import find
from drkit.snapshots.hooks import ARGUMENT, HOOK_TAG, Hooked
from drkit.snapshots.steps.take import Take, plan
from drkit.snapshots.wanted import VERB, snapshot_name

SLOT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
ESTATE = Estate.model_validate_json(
    """{"estate": "e", "accounts": {
      "production": {"cloud": "tencent", "account": "100000000001", "environment": "production",
                     "regions": ["ap-beijing", "ap-nanjing"]}}}"""
)
SETTING = Setting(ESTATE, "daily", SLOT)
HOOK = Hooked(
    host="ins-12345678",
    address="10.0.3.7",
    user="drkit",
    key="/key",
    host_key="ssh-ed25519 AAAA",
    hold=("hold", "60"),
)
OTHER = HOOK.model_copy(update={"hold": ("hold", "5")})
PLAIN = Take(keep_for="14d", regions=("ap-beijing",))
HELD = PLAIN.model_copy(update={"hooks": (HOOK,)})
COPIED = {"copies": (elsewhere.Elsewhere(region="ap-nanjing"),)}
DISK = Disk("disk-1", "", "", "ATTACHED", busy=False, can_snapshot=True, host="ins-12345678", tags={})


def reading(**after: float) -> Reading:
    return Reading(SLOT + timedelta(**after), SLOT + timedelta(**after))


TAKEN = Snapshot(
    "snap-1",
    snapshot_name("daily", SLOT, timedelta(days=14)),
    "disk-1",
    SnapshotState.GOOD,
    reading(minutes=5),
    reading(days=14),
    tags={HOOK_TAG: HOOK.address},
)


def facts(*snapshots: Snapshot, disk: Disk = DISK, there: Any = ()) -> Facts:
    nothing = Unread("not asked for")
    here, other = Scope("production", "ap-beijing"), Scope("production", "ap-nanjing")
    return Facts(
        SLOT, (RegionFacts(here, nothing, (disk,), snapshots), RegionFacts(other, nothing, (), there))
    )


def takes(arguments: Take = HELD, setting: Setting = SETTING, disk: Disk = DISK) -> list[Action]:
    """The snapshots that are planned where one of the slot is there."""
    planned = plan(facts(TAKEN, disk=disk), arguments, setting)
    return [action for action in planned.actions if action.verb == VERB]


def intention(arguments: Take = HELD, disk: Disk = DISK) -> Action:
    (action,) = plan(facts(disk=disk), arguments, SETTING).actions
    return action


def knowing(action: Action, id_: str = TAKEN.id) -> Setting:
    return replace(SETTING, made={id_: action})


def test_one_that_the_journal_knows_to_have_been_held_is_not_taken_again() -> None:
    assert takes(setting=knowing(intention())) == []


@pytest.mark.parametrize(
    "setting",
    [
        SETTING,
        knowing(intention(), "snap-2"),
        knowing(intention(PLAIN)),
        knowing(intention(HELD.model_copy(update={"hooks": (OTHER,)}))),
        knowing(replace(intention(), target="disk-2")),
        knowing(replace(intention(), target=Ref("", "0"))),
    ],
    ids=["nothing is known", "another is", "not held", "held by another hook", "another disk", "no disk"],
)
def test_a_name_and_a_tag_alone_do_not_prove_that_it_was_held(setting: Setting) -> None:
    assert [action.target for action in takes(setting=setting)] == ["disk-1"]


def test_one_that_was_begun_under_a_hold_is_not_believed_for_a_disk_that_has_left_its_host() -> None:
    left = replace(DISK, host="")

    assert [action.target for action in takes(disk=left)] == ["disk-1"]
    assert takes(disk=left, setting=knowing(intention())) == []


def test_a_step_without_hooks_asks_for_no_hold() -> None:
    assert takes(PLAIN) == []


def test_one_that_was_not_held_is_not_copied_and_its_copy_does_not_serve() -> None:
    name = elsewhere.copy_name("daily", SLOT, timedelta(days=14), "production", DISK.id)
    copy = TAKEN._replace(id="snap-2", name=name, disk="", permanent=True, copied=True)
    there = facts(TAKEN, there=(copy,))

    plain = plan(there, PLAIN.model_copy(update=COPIED), SETTING)
    held = plan(there, HELD.model_copy(update=COPIED), SETTING)

    assert plain.actions == ()
    take, copying = held.actions
    assert (take.verb, copying.verb, copying.target) == (VERB, elsewhere.VERB, Ref("", take.key))
    assert copying.arguments["name"] != name


def test_what_was_to_be_held_is_never_found_again_by_whoever_did_not_see_the_hold_end() -> None:
    """Without asking the cloud: no account is open here."""
    assert ARGUMENT in intention().arguments
    assert find(intention(), Hands({}, "run")) is None
