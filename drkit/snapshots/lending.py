"""A snapshot is lent to the vault for as long as a copy of it is made there, and taken back.

Lending shows data to another account, and the cloud lets whoever may lend at all lend to anybody: CAM has no word for
whom (docs/decisions/0009-vault.md). So the runner only asks; the broker lends, to a vault of its own estate alone.
"""

from __future__ import annotations

from drkit.core.actions import Action, Done, Effect, Failed, Outcome, Target
from drkit.core.money import NOTHING
from drkit.ports.cloud import Hands
from drkit.ports.disks import Snapshot
from drkit.ports.errors import RefusedError, UncertainError
from drkit.ports.facts import Scope
from drkit.ports.lending import Lending
from drkit.ports.scratch import RUN_TAG
from drkit.snapshots.keeping import MADE_HERE
from drkit.snapshots.scratch import LENDABLE
from drkit.snapshots.silence import after_silence

LEND, TAKE_BACK = "disks.lend_snapshot", "disks.take_back_snapshot"
VERBS = frozenset({LEND, TAKE_BACK})


def is_ours(snapshot: Snapshot) -> bool:
    """Whether a playbook made it, of a disk that is in its own account."""
    made = snapshot.name.startswith((MADE_HERE, LENDABLE)) and bool(snapshot.tags.get(RUN_TAG))
    return made and bool(snapshot.disk) and not snapshot.copied


def action_of(verb: str, scope: Scope, snapshot: Target, disk: str, vault: str, account: str) -> Action:
    """Lend a snapshot, or take it back.

    Args:
        verb: one of `VERBS`.
        scope: where the snapshot is.
        snapshot: its id, or what makes it.
        disk: of which it is.
        vault: the vault's name in the estate.
        account: the vault's number, so that whoever reads the plan or the evidence sees to whom.
    """
    back = verb == TAKE_BACK
    return Action(
        verb=verb,
        effect=Effect.CHANGE,
        account=scope.account,
        region=scope.region,
        target=snapshot,
        arguments={
            "disk": disk,
            "grows": True,
            "vault": vault,
            "account": account,
            **({"takes_back": True} if back else {}),
        },
        reason=f"the vault {vault} {'needs it no longer' if back else 'makes a copy of it'}",
        cost=NOTHING,
    )


def lending_of(action: Action, hands: Hands) -> Lending:
    """What lends in the action's account.

    Raises:
        RefusedError: nothing is lent of this cloud.
    """
    found = hands.clouds[action.account].lending
    if found is None:
        raise RefusedError(f"nothing of the account {action.account} can be lent", code="NotLent")
    return found


def is_settled(action: Action, hands: Hands) -> bool:
    """Whether the snapshot is lent, or taken back, already; asked of its own account."""
    lent = str(action.arguments["account"]) in lending_of(action, hands).lent_to(action.region, action.thing)
    return lent is (action.verb == LEND)


def run(action: Action, hands: Hands) -> Outcome:
    """Lend one, or take it back; after silence, look. Whoever calls this has judged by the rule of lending."""
    lending, account = lending_of(action, hands), str(action.arguments["account"])
    try:
        if action.verb == LEND:
            lending.lend(action.region, action.thing, account)
        else:
            lending.take_back(action.region, action.thing, account)
    except UncertainError as error:
        return after_silence(_settled, action, hands, error.message)
    return Done()


def _settled(action: Action, hands: Hands) -> Outcome | None:
    return Done() if is_settled(action, hands) else None


def find(action: Action, hands: Hands) -> Outcome | None:
    """What came of it, as the vault sees it: `make` may not ask whom a snapshot is shared with."""
    lent = is_seen(hands, str(action.arguments["vault"]), action.region, action.thing)
    return Done() if lent is (action.verb == LEND) else None


def is_seen(hands: Hands, vault: str, region: str, snapshot: str) -> bool:
    """Whether the vault's account sees a snapshot as one that is lent to it."""
    if vault not in hands.clouds:
        return False
    found = hands.clouds[vault].disks.get_snapshots(region, [snapshot])
    return any(each.id == snapshot and each.shared for each in found)


def not_lent(vault: str, snapshot: str) -> Failed:
    """Why nothing can be made of a snapshot in the vault."""
    return Failed("NotLent", f"the vault {vault} does not see {snapshot}: it is not lent to it")
