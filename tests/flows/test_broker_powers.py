"""The power that is kept for a minute serves nothing that it was not assumed for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from gating import RUN, People

from drkit.core.actions import Action, Effect
from drkit.core.estate import Account
from drkit.flows.broker import powers
from drkit.flows.broker.powers import KeptPower
from drkit.flows.clouds import policy_to_destroy
from drkit.flows.loading import load_estate
from drkit.sandbox.testing import Running


def extension(target: str = "snap-0000000a", **changed: Any) -> Action:
    fields = {
        "verb": "disks.extend_snapshot", "effect": Effect.CHANGE, "account": "production", "region": "ap-beijing",
        "target": target, "arguments": {"disk": "disk-1", "grows": True}, "reason": "the grid keeps it",
    }  # fmt: skip
    return Action(**{**fields, **changed})


@pytest.fixture
def kept(people: People, sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> KeptPower:
    """In this process, with the broker's key pair."""
    pair = sandbox.key("drkit-broker")
    secrets = {"DRKIT_DESTROY_SECRET_ID": pair.secret_id, "DRKIT_DESTROY_SECRET_KEY": pair.secret_key}
    for name, value in {**people.drkit.environment, **secrets}.items():
        if os.environ.get(name) != value:
            monkeypatch.setenv(name, value)
    return KeptPower(load_estate(Path(people.drkit.environment["DRKIT_ESTATE"])))


def test_it_is_kept_for_a_minute_and_then_assumed_anew(
    kept: KeptPower, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = kept.for_one(extension(), RUN)
    assert kept.for_one(extension("snap-0000000b"), RUN) is first
    monkeypatch.setattr(powers, "FRESH", 0.0)
    assert kept.for_one(extension(), RUN) is not first


@pytest.mark.parametrize(
    ("action", "run"),
    [
        (extension(verb="disks.mark_unneeded"), RUN),
        (extension(), "20261122T000000Z-fedcba"),
    ],
)
def test_another_verb_and_another_run_have_their_own(kept: KeptPower, action: Action, run: str) -> None:
    assert kept.for_one(action, run) is not kept.for_one(extension(), RUN)


def test_what_is_forgotten_is_assumed_anew(kept: KeptPower) -> None:
    first = kept.for_one(extension(), RUN)
    kept.forget()
    assert kept.for_one(extension(), RUN) is not first


def test_where_the_cloud_binds_it_to_a_snapshot_it_serves_no_other() -> None:
    account = Account.model_validate(
        {
            "cloud": "aws", "account": "111122223333", "environment": "production", "regions": ("us-east-1",),
            "credentials": {"destroy": "DRKIT_DESTROY"},
            "destroy_role": "arn:aws:iam::111122223333:role/drkit-destroy",
        }
    )  # fmt: skip
    one, other = (
        policy_to_destroy(account, [extension(target, region="us-east-1")])
        for target in ("snap-0a", "snap-0b")
    )
    assert one != other
