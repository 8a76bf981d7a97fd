"""What a playbook is about to change or destroy, as an approval has to name it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from drkit.core.actions import Action, Effect, moves_scratch, only_grows, removes_scratch
from drkit.core.approval.intended import Danger, Intended, danger_of
from drkit.core.canonical import digest
from drkit.core.errors import ApprovalError
from drkit.core.estate import Estate
from drkit.flows.loading import Loaded, LoadedPlaybook

DANGEROUS = frozenset({Effect.CHANGE, Effect.DESTROY})
# What changes no meaning: who is told, where evidence goes, where things lie, how credentials are called, what
# it costs. Whatever is new in the estate matters, until it is named here.
IMMATERIAL: Mapping[str, Any] = {
    **dict.fromkeys(("evidence", "waivers", "notify", "heartbeat", "runner", "broker"), True),
    "accounts": {"__all__": {"credentials": True, "prices": True}},
    "approvals": {"requests": True, "roster": True},
}


def dangerous(actions: Iterable[Action]) -> tuple[Action, ...]:
    """The actions that need an approval, in their order.

    What claims to be scratch, or to take nothing away, is judged by a rule of the broker's instead.
    """
    return tuple(action for action in actions if action.effect in DANGEROUS and not _goes_by_rule(action))


def _goes_by_rule(action: Action) -> bool:
    return removes_scratch(action) or moves_scratch(action) or only_grows(action)


def estate_digest(estate: Estate) -> str:
    """The sha256 of the parts of an estate that an approval binds."""
    return digest(estate.model_dump(mode="json", exclude=dict(IMMATERIAL), exclude_none=True))


def intend(estate: Estate, loaded: LoadedPlaybook, actions: Iterable[Action], now: datetime) -> Intended:
    """What is about to run.

    Args:
        estate: as whoever decides knows it.
        loaded: the playbook.
        actions: all of the playbook's that are dangerous, in their order.
        now: the time.

    Raises:
        ApprovalError: the estate names nobody who could approve.
    """
    if estate.approvals is None:
        raise ApprovalError(
            "the estate says nothing of approvals, so nothing can be destroyed or weakened",
            hint="add `approvals` with a roster and its pin to the estate: docs/approvals.md",
        )
    things = tuple(actions)
    destroys = danger_of(things) is Danger.DESTROY
    names = Loaded(estate, (loaded,)).accounts(now)
    return Intended(
        estate=estate.estate,
        estate_sha256=estate_digest(estate),
        accounts={name: estate.accounts[name].account for name in sorted(names)},
        playbook=loaded.playbook.playbook,
        playbook_sha256=loaded.sha256,
        actions=things,
        approvals=estate.approvals.destroy if destroys else estate.approvals.change,
        playbook_data=loaded.playbook.model_dump(mode="json", by_alias=True),
    )
