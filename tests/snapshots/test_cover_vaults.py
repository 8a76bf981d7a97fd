"""Copies in a vault: facts in, rows out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from vaults import accounts

from drkit.core.estate import Estate
from drkit.core.times import Reading
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Facts, RegionFacts, Scope, Unread
from drkit.ports.steps import Setting
from drkit.snapshots.coverage import Promised, Row, cover
from drkit.snapshots.judging import Status
from drkit.snapshots.steps.cover import STEP, Cover

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BEIJING, THERE = Scope("production", "ap-beijing"), Scope("vault", "ap-beijing")
DISK = Disk("disk-aaaaaaaa", "data", "z", "ATTACHED", busy=False, can_snapshot=True, host="", tags={})
NAME = "drkit-vault-20261122T0900-disk-aaaaaaaa-0a1b2c"


def snapshot(hours_old: float = 3, id_: str = "snap-aaaaaaaa", **changes: Any) -> Snapshot:
    made = NOW - timedelta(hours=hours_old)
    usual = {"name": "n", "disk": DISK.id, "state": SnapshotState.GOOD, "created": Reading(made, made)}
    return Snapshot(**{"id": id_, **usual, **changes})


def copy(**changes: Any) -> Snapshot:
    usual = {"disk": "disk-gone0000", "name": NAME, "tags": {"drkit:source": "snap-aaaaaaaa"}}
    return snapshot(1, "snap-cccccccc", **{**usual, **changes})


def judged(here: tuple[Snapshot, ...], there: Any) -> Row:
    """What is said of the disk, of which the vault is promised a copy."""
    facts = Facts(NOW, (RegionFacts(BEIJING, (), (DISK,), here), RegionFacts(THERE, (), (), there)))
    promised = Promised(timedelta(hours=25), scopes=frozenset({BEIJING}), vaults=("vault",))
    (row,) = cover(facts, promised)
    return row


@pytest.mark.parametrize("made", [copy(), copy(disk="", copied=True)], ids=["of a disk", "directly"])
def test_the_vaults_own_copy_of_a_fresh_snapshot_covers(made: Snapshot) -> None:
    """Made of a disk there, or of the snapshot itself, as AWS does."""
    assert judged((snapshot(),), (made,)).status is Status.COVERED


@pytest.mark.parametrize(
    "there",
    [
        (),
        (copy(state=SnapshotState.CREATING),),
        (copy(tags={}),),
        (copy(tags={"drkit:source": "snap-bbbbbbbb"}),),
        (copy(name="theirs"),),
        (snapshot(shared=True, tags={"drkit:source": "snap-aaaaaaaa"}), copy(shared=True)),
    ],
    ids=["none", "being made", "of nothing", "of another", "another name", "only lent"],
)
def test_without_one_a_volume_is_not_copied_and_the_vault_is_named(there: tuple[Snapshot, ...]) -> None:
    row = judged((snapshot(),), there)

    assert (row.status, row.why) == (
        Status.NOT_COPIED,
        "no fresh snapshot has a good copy in the vault vault",
    )


def test_a_copy_is_as_old_as_the_snapshot_that_was_lent() -> None:
    """The copy is an hour old; what it was made of is two days old."""
    fresh, old = snapshot(3, "snap-dddddddd"), snapshot(48)

    assert judged((fresh, old), (copy(),)).status is Status.NOT_COPIED


def test_what_is_there_to_be_lent_is_a_source_of_copies_and_covers_no_disk_by_itself() -> None:
    lendable = snapshot(1, "snap-eeeeeeee", name="lent-by-drkit-20261122T0900-disk-aaaaaaaa-0a1b2c")
    of_it = copy(tags={"drkit:source": "snap-eeeeeeee"})

    assert judged((lendable,), (of_it,)).status is Status.NONE
    assert judged((snapshot(30), lendable), (of_it,)).status is Status.STALE
    assert judged((snapshot(), lendable), (of_it,)).status is Status.COVERED


def test_what_is_there_to_be_lent_marks_no_day_of_a_disk_either() -> None:
    """The days of a volume are those to which it can be gone back."""
    daily = [
        snapshot(2 + 24 * day, f"snap-eeeeeee{day}", name="lent-by-drkit-20261122T0900-disk-aaaaaaaa-0a1b2c")
        for day in range(4)
    ]

    assert judged(tuple(daily), ()).days[-4:] == "...."
    assert judged((*daily[1:], snapshot(1)), (copy(),)).days[-4:] == "...#"


def test_a_vault_that_was_not_read_is_unknown() -> None:
    row = judged((snapshot(),), Unread("refused"))

    assert (row.status, row.why) == (Status.UNKNOWN, "copies were not read: the vault vault: refused")


def setting(**vault: Any) -> Setting:
    estate = Estate.model_validate_json(json.dumps({"estate": "e", "accounts": accounts(**vault)}))
    return Setting(estate, "p", NOW)


def test_the_vault_is_looked_at_in_the_regions_of_the_others() -> None:
    asked = Cover(accounts=("production",), regions=("ap-beijing",), vaults=("vault",))

    assert STEP.needs(asked, setting()).scopes == (BEIJING, THERE)
    assert list(STEP.problems(asked, setting().estate)) == []


@pytest.mark.parametrize(
    ("name", "vault", "told"),
    [
        ("valt", {}, "the estate has no account 'valt', did you mean 'vault'?"),
        ("vault", {"vault_for": []}, "the estate does not say that 'vault' is a vault for 'production'"),
        ("vault", {"regions": ["ap-beijing"]}, "the vault 'vault' does not list the region 'ap-shanghai'"),
    ],
)
def test_an_account_that_is_no_vault_is_refused(name: str, vault: dict[str, Any], told: str) -> None:
    asked = Cover(accounts=("production",), vaults=(name,))

    assert list(STEP.problems(asked, setting(**vault).estate)) == [(("vaults", 0), told)]
