"""Who there is at the start: the users, the role and the policies of each account, and their keys.

The policies of drkit's own users are those that drkit ships (``examples/policies``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.sandbox.world.identity import Identity, Key, KeyPair, Policy, Role, User, Version
from drkit.sandbox.world.keys import new_key_pair
from drkit.sandbox.world.model import Account

if TYPE_CHECKING:
    from drkit.sandbox.world.model import World

ACCOUNT = "100000000001"
APPID = 1250000000
VAULT = "100000000002"
VAULT_APPID = 1250000001

ADMINISTRATOR = "administrator"
LOOK, MAKE, BROKER, DESTROY = "drkit-look", "drkit-make", "drkit-broker", "drkit-destroy"
VAULT_ADMINISTRATOR = "vault-administrator"
VAULT_LOOK, VAULT_MAKE, VAULT_BROKER = "vault-look", "vault-make", "vault-broker"
# Whoever has a key at the start: account and UIN.
HOLDERS: Mapping[str, tuple[str, str]] = {
    "root": (ACCOUNT, ACCOUNT),
    ADMINISTRATOR: (ACCOUNT, "100000000101"),
    LOOK: (ACCOUNT, "100000000102"),
    MAKE: (ACCOUNT, "100000000103"),
    BROKER: (ACCOUNT, "100000000104"),
    "vault-root": (VAULT, VAULT),
    VAULT_ADMINISTRATOR: (VAULT, "100000000201"),
    VAULT_LOOK: (VAULT, "100000000202"),
    VAULT_MAKE: (VAULT, "100000000203"),
    VAULT_BROKER: (VAULT, "100000000204"),
}

ADMINISTRATOR_ACCESS = 1  # the preset's id (598/105584)
FIRST_POLICY = 10_000_001
ROLE_IDS = {ACCOUNT: "4611686018427397919", VAULT: "4611686018427397920"}
SHIPPED = Path(__file__).parents[2] / "examples" / "policies"
ASK_WHO = {"effect": "allow", "action": ["sts:GetCallerIdentity"], "resource": ["*"]}


def populate(world: World, now: datetime) -> None:
    """Both accounts with whom they have; the vault has nothing else.

    Each has users of its own for drkit: whoever holds the keys of one account can do nothing in the other.
    """
    production = world.accounts[ACCOUNT] = Account(ACCOUNT, APPID, "production")
    vault = world.accounts[VAULT] = Account(VAULT, VAULT_APPID, "vault")
    add_user(production.identity, ADMINISTRATOR, now, [ADMINISTRATOR_ACCESS])
    add_user(vault.identity, VAULT_ADMINISTRATOR, now, [ADMINISTRATOR_ACCESS])
    add_drkit(production, (LOOK, MAKE, BROKER), now)
    add_drkit(vault, (VAULT_LOOK, VAULT_MAKE, VAULT_BROKER), now)


def add_drkit(account: Account, users: tuple[str, str, str], now: datetime) -> None:
    """Its users that look, that make and that may assume the role, with the policies that drkit ships, and the role."""
    identity = account.identity
    brokering = document(*json.loads(shipped("broker"))["statement"], ASK_WHO)
    for name, text in zip(users, (shipped("look"), shipped("make"), brokering), strict=True):
        add_user(identity, name, now, [add_policy(identity, name, text, now)])
    add_role(account, users[-1], now)


def shipped(name: str) -> str:
    """A policy that drkit ships, such as ``look``."""
    return (SHIPPED / f"tencent-{name}.json").read_text(encoding="utf-8")


def document(*statements: Mapping[str, object]) -> str:
    """A policy document of these statements."""
    return json.dumps({"version": "2.0", "statement": statements})


def add_user(identity: Identity, name: str, now: datetime, policies: Iterable[int]) -> None:
    """A user with the UIN that belongs to the name."""
    _, uin = HOLDERS[name]
    identity.users[uin] = User(uin, identity.next_number(), name, now, policies=dict.fromkeys(policies, now))


def add_policy(identity: Identity, name: str, text: str, now: datetime) -> int:
    """A custom policy; its id."""
    number = FIRST_POLICY + len(identity.policies)
    identity.policies[number] = Policy(number, name, "", now, now, {1: Version(1, text, now)})
    return number


def add_role(account: Account, broker: str, now: datetime) -> None:
    """The role that destroys, for the broker of the account alone."""
    identity = account.identity
    trust = shipped("destroy-trust").replace("ACCOUNT", account.uin).replace("BROKER", HOLDERS[broker][1])
    policy = add_policy(identity, DESTROY, shipped("destroy"), now)
    identity.roles[DESTROY] = Role(ROLE_IDS[account.uin], DESTROY, trust, now, now, policies={policy: now})


def new_keys() -> dict[str, KeyPair]:
    """A key pair for everybody who has one at the start."""
    return {name: new_key_pair() for name in HOLDERS}


def adopting(keys: Mapping[str, KeyPair]) -> Callable[[World], None]:
    """What lets a world that was loaded open to these keys.

    One that has any of them was saved by this very sandbox: there, a key that is missing was deleted.
    """

    def adopt(world: World) -> None:
        held = {secret_id for account in world.accounts.values() for secret_id in account.identity.keys}
        if held.isdisjoint(pair.secret_id for pair in keys.values()):
            hand_out(world, keys, datetime.now(UTC))

    return adopt


def hand_out(world: World, keys: Mapping[str, KeyPair], now: datetime) -> None:
    """Let these keys be those of the people of the start, as far as there are such people."""
    for name, (account, uin) in HOLDERS.items():
        if name in keys and account in world.accounts:
            held = world.accounts[account].identity.keys
            held[keys[name].secret_id] = Key(*keys[name], uin, now)
