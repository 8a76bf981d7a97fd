"""The rule of lending: what it lets through goes to the vault of the broker's own estate, and to nobody else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from vaults import VAULT_NUMBER, accounts

from drkit.core.actions import Action, only_grows, takes_back
from drkit.core.errors import ApprovalError
from drkit.core.estate import Estate
from drkit.core.times import Reading
from drkit.flows.approving.intention import dangerous
from drkit.flows.broker.growing import read_growth
from drkit.flows.growing.lending import may_lend
from drkit.ports.disks import Snapshot, SnapshotState
from drkit.ports.facts import Scope
from drkit.snapshots.lending import LEND, TAKE_BACK, action_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RUN = "20261122T000000Z-abcdef"
OTHER = "100000000009"
NOBODY: frozenset[str] = frozenset()


def estate(**vault: Any) -> Estate:
    return Estate.model_validate_json(json.dumps({"estate": "weimob", "accounts": accounts(**vault)}))


def snapshot(**changed: Any) -> Snapshot:
    usual: dict[str, Any] = {
        "id": "snap-00000001", "name": "drkit-daily-20261121T0000-2d", "disk": "disk-00000001",
        "state": SnapshotState.GOOD, "created": Reading(NOW, NOW), "tags": {"drkit:run": "r"},
    }  # fmt: skip
    return Snapshot(**{**usual, **changed})


def action(verb: str = LEND, vault: str = "vault", number: str = VAULT_NUMBER) -> Action:
    place = Scope("production", "ap-beijing")
    return action_of(verb, place, "snap-00000001", "disk-00000001", vault, number)


def test_what_a_playbook_made_to_be_lent_may_be_lent() -> None:
    name = "lent-by-drkit-20261121T0000-disk-00000001-0a1b2c"

    assert may_lend(action(), snapshot(name=name), NOBODY, estate()) == ()
    assert may_lend(action(), snapshot(name=name, tags={}), NOBODY, estate()) == ("no playbook made it",)


@pytest.mark.parametrize("verb", [LEND, TAKE_BACK])
def test_a_good_snapshot_that_a_playbook_made_may_be_lent_to_the_vault_and_taken_back(verb: str) -> None:
    asked = action(verb)

    assert may_lend(asked, snapshot(), NOBODY, estate()) == ()
    assert read_growth({"version": 1, "run": RUN, "action": asked.as_data()}) == (RUN, asked)
    # Nobody has to approve it, since the broker judges it by the rule.
    assert (only_grows(asked), dangerous([asked]), takes_back(asked)) == (True, (), verb == TAKE_BACK)


@pytest.mark.parametrize(
    ("asked", "vault", "why"),
    [
        (action(number=OTHER), {}, f"no account 'vault' of the number {OTHER}"),
        (action(vault="stranger", number=OTHER), {}, "no account 'stranger'"),
        (action(vault="production", number="100000000001"), {}, "does not say that 'production' is a vault"),
        (action(), {"vault_for": []}, "does not say that 'vault' is a vault for 'production'"),
        (action(), {"regions": ["ap-shanghai"]}, "not in ap-beijing of the same cloud"),
        (action(TAKE_BACK, number=OTHER), {}, f"no account 'vault' of the number {OTHER}"),
    ],
)
def test_nothing_is_lent_to_an_account_that_the_brokers_estate_does_not_name_as_the_vault(
    asked: Action, vault: dict[str, Any], why: str
) -> None:
    assert why in "; ".join(may_lend(asked, snapshot(), NOBODY, estate(**vault)))


@pytest.mark.parametrize(
    ("changed", "lent_to", "why"),
    [
        ({"name": "auto"}, NOBODY, "no playbook made it"),
        ({"tags": {}}, NOBODY, "no playbook made it"),
        ({"copied": True}, NOBODY, "no playbook made it"),
        ({"state": SnapshotState.CREATING}, NOBODY, "not good"),
        ({"disk": "disk-00000002"}, NOBODY, "asked for as one of disk-00000001"),
        ({}, frozenset({OTHER}), "shared with 100000000009"),
    ],
)
def test_what_is_not_good_not_ours_or_lent_to_others_is_not_lent(
    changed: dict[str, Any], lent_to: frozenset[str], why: str
) -> None:
    assert why in "; ".join(may_lend(action(), snapshot(**changed), lent_to, estate()))


def test_what_is_gone_is_not_lent() -> None:
    assert may_lend(action(), None, NOBODY, estate()) == ("it is gone",)


def test_what_others_see_too_is_taken_back_from_the_vault_all_the_same() -> None:
    assert may_lend(action(TAKE_BACK), snapshot(shared=True), frozenset({OTHER}), estate()) == ()


@pytest.mark.parametrize(
    "arguments",
    [
        {"disk": "disk-1", "grows": True, "vault": "vault"},
        {"disk": "disk-1", "grows": True, "vault": "*", "account": VAULT_NUMBER},
        {"disk": "disk-1", "grows": True, "vault": "vault", "account": "1:2"},
        {"disk": "disk-1", "grows": True, "vault": "vault", "account": VAULT_NUMBER, "takes_back": True},
        {"disk": "disk-1", "grows": True, "vault": "vault", "account": VAULT_NUMBER, "more": 1},
        {"disk": "disk-1", "vault": "vault", "account": VAULT_NUMBER},
    ],
)
def test_the_broker_understands_no_other_words(arguments: dict[str, Any]) -> None:
    asked = action()
    other = Action(asked.verb, asked.effect, asked.account, asked.region, asked.target, arguments, "")

    with pytest.raises(ApprovalError):
        read_growth({"version": 1, "run": RUN, "action": other.as_data()})
