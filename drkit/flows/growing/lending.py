"""The rule of lending: only what a playbook made, and only to the vault that the estate names for its account.

ModifySnapshotsSharePermission (362/38073) gives a snapshot to any account of the cloud, and CAM cannot say which. So
whoever holds that power judges each time by its own look and its own estate. One doubt, and nothing is lent.
"""

from __future__ import annotations

from collections.abc import Iterator

from drkit.core.actions import Action
from drkit.core.estate import Estate
from drkit.flows.growing.rule import Refusals
from drkit.ports.disks import Snapshot, SnapshotState
from drkit.snapshots.lending import LEND, is_ours


def may_lend(action: Action, snapshot: Snapshot | None, lent_to: frozenset[str], estate: Estate) -> Refusals:
    """Every reason why a snapshot may not be lent, or not be taken back, without an approval; pure.

    Args:
        action: of a verb of `drkit.snapshots.lending.VERBS`.
        snapshot: its target, as whoever asks has just seen it; None where it is gone.
        lent_to: the numbers of the accounts that may use it now.
        estate: as whoever asks knows it.
    """
    if snapshot is None:
        return ("it is gone",)
    reasons = [*_vault(action, estate), *_ours(snapshot, str(action.arguments["disk"]))]
    if action.verb == LEND:
        reasons += _lendable(snapshot, lent_to - {str(action.arguments["account"])})
    return tuple(reasons)


def _vault(action: Action, estate: Estate) -> Iterator[str]:
    """The estate names this very account as the vault of the snapshot's account, in this region."""
    name, number = str(action.arguments["vault"]), str(action.arguments["account"])
    vault, owner = estate.accounts.get(name), estate.accounts[action.account]
    if vault is None or vault.account != number:
        yield f"the estate has no account '{name}' of the number {number}"
        return
    if action.account not in vault.vault_for:
        yield f"the estate does not say that '{name}' is a vault for '{action.account}'"
    if vault.cloud != owner.cloud or action.region not in vault.regions:
        yield f"the vault '{name}' is not in {action.region} of the same cloud"


def _ours(snapshot: Snapshot, disk: str) -> Iterator[str]:
    if not is_ours(snapshot):
        yield "no playbook made it"
    if not disk or snapshot.disk != disk:
        yield f"it is of {snapshot.disk or 'no disk'}, and was asked for as one of {disk or 'no disk'}"


def _lendable(snapshot: Snapshot, others: frozenset[str]) -> Iterator[str]:
    if snapshot.state is not SnapshotState.GOOD:
        yield f"it is not good ({snapshot.state.value})"
    if others:
        yield f"it is shared with {', '.join(sorted(others))}, so others have an interest in it"
