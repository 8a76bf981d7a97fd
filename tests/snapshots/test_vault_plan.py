"""Copies in a vault: facts in, a plan out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from drkit.core.actions import Action, Done, Failed, Outcome, Plan, Ref, Uncertain
from drkit.core.estate import Estate
from drkit.core.times import Reading
from drkit.core.verdicts import Outcome as VerdictOutcome
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Facts, RegionFacts, Scope
from drkit.ports.steps import Setting
from drkit.snapshots.lending import LEND, TAKE_BACK
from drkit.snapshots.making import CREATE_FULL
from drkit.snapshots.steps.vault import Vault, plan
from drkit.snapshots.vaulted import conclude
from drkit.snapshots.ways import WAYS

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HERE, THERE = Scope("abroad", "us-east-1"), Scope("vault", "us-east-1")
MOST = WAYS["aws"].at_once or 0


def account(number: str, **more: object) -> dict[str, object]:
    return {"cloud": "aws", "account": number, "environment": "e", "regions": ("us-east-1",), **more}


ESTATE = Estate.model_validate(
    {
        "estate": "e",
        "accounts": {
            "abroad": account("210000000001"),
            "vault": account("210000000002", vault_for=("abroad",)),
        },
    }
)
ARGUMENTS = Vault(vault="vault", accounts=("abroad",), keep_for=timedelta(days=90))


def disk(number: int) -> Disk:
    usual = {"busy": False, "can_snapshot": None, "host": "", "tags": {}, "system": None}
    return Disk(f"vol-{number:08}", "", "us-east-1a", "in-use", **usual)


def snapshot(of: Disk) -> Snapshot:
    made = Reading(NOW, NOW)
    name, tags = "drkit-take-20261122T0000-7d", {"drkit:run": "r"}
    return Snapshot(f"snap-{of.id[4:]}", name, of.id, SnapshotState.GOOD, made, tags=tags)


def planned(count: int, *lent: Snapshot, gone: int = 0) -> Plan:
    """For so many disks, each with a good snapshot; the last ones are gone, and their snapshots are not."""
    disks = tuple(map(disk, range(count)))
    here = RegionFacts(HERE, (), disks[: count - gone], tuple(map(snapshot, disks)))
    there = RegionFacts(THERE, (), (), tuple(each._replace(shared=True) for each in lent))
    return plan(Facts(NOW, (here, there)), ARGUMENTS, Setting(ESTATE, "p", NOW))


def of(plan: Plan, verb: str) -> list[Action]:
    return [each for each in plan.actions if each.verb == verb]


def test_on_aws_a_copy_is_one_action_between_the_loan_and_its_end() -> None:
    found = planned(1)

    assert [each.verb for each in found.actions] == [LEND, CREATE_FULL, TAKE_BACK]
    loan, copy, back = found.actions
    assert (copy.account, copy.target, back.target) == ("vault", loan.target, loan.target)
    assert found.after == {copy.key: (loan.key,), back.key: (loan.key, copy.key)}
    assert not [each for each in found.actions if isinstance(each.target, Ref)]


def test_no_more_copies_are_under_way_than_the_cloud_makes_at_once() -> None:
    found = planned(MOST * 2 + 5)
    loans, copies = of(found, LEND), of(found, CREATE_FULL)

    assert [found.after.get(each.key, ()) for each in loans] == [
        *[()] * MOST,
        *[(each.key,) for each in copies[: MOST + 5]],
    ]
    assert (MOST, len(loans), len(copies)) == (20, 45, 45)


def test_what_the_vault_sees_as_lent_is_taken_back_after_the_copy() -> None:
    left = snapshot(disk(0))
    found = planned(1, left)

    (back,) = of(found, TAKE_BACK)
    assert back.target == left.id
    assert set(found.after[back.key]) == {each.key for each in of(found, CREATE_FULL)}


def test_what_is_lent_of_a_disk_that_is_gone_is_taken_back_and_nothing_is_made_of_it() -> None:
    """No later run has that disk in its list, so none would ever end the loan."""
    left = snapshot(disk(1))
    found = planned(3, left, gone=2)

    assert {each.target for each in of(found, CREATE_FULL)} == {snapshot(disk(0)).id}
    (back,) = [each for each in of(found, TAKE_BACK) if each.target == left.id]
    assert (back.arguments["disk"], back.key in found.after) == (disk(1).id, False)


@pytest.mark.parametrize(
    ("outcome", "status", "verdict"),
    [
        (Done(), "taken back", VerdictOutcome.PASS),
        (Failed("Refused", "the broker said no"), "uncertain", VerdictOutcome.FAIL),
        (Uncertain("silence"), "uncertain", VerdictOutcome.FAIL),
    ],
)
def test_a_loan_of_a_disk_that_is_gone_passes_only_where_it_surely_ended(
    outcome: Outcome, status: str, verdict: VerdictOutcome
) -> None:
    found = planned(1, snapshot(disk(0)), gone=1)
    (back,) = found.actions

    told = conclude(Facts(NOW, ()), found, {back.key: outcome}, ARGUMENTS, Setting(ESTATE, "p", NOW))

    assert (told.rows[0]["status"], told.verdict.outcome) == (status, verdict)
