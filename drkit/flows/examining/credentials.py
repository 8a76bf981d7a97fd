"""Are the credentials of an account apart, and could those that look and make destroy?"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from drkit.core.errors import AccountError, DrkitError, UsageError
from drkit.core.estate import Account, Estate
from drkit.flows.clouds import confirm, connect, id_variable
from drkit.flows.examining.examined import Examined, bad, good, unknown, unreadable
from drkit.ports.cloud import Cloud
from drkit.ports.errors import CloudError
from drkit.ports.identity import Caller

IDENTITY, APART, RIGHTS, HELD = (
    f"doctor/{name}" for name in ("identity", "credentials-apart", "rights", "destroy-key-here")
)
OWN_POLICY = "attach the policy that drkit ships for it, and nothing else: docs/policies.md"
TWO_USERS = "make a user of its own for each: docs/policies.md"
# What the variables of a key pair are called after their prefix.
SECRETS = ("_SECRET_ID", "_SECRET_KEY", "_TOKEN", "_ACCESS_KEY_ID", "_SECRET_ACCESS_KEY", "_SESSION_TOKEN")
USUAL = "DRKIT_DESTROY"


def examine_credentials(estate: Estate) -> Iterator[Examined]:
    """Each account of the estate, by what its cloud says."""
    for name, account in sorted(estate.accounts.items()):
        yield from _examine_account(name, account)
    yield from _destroy_key_here(estate)


def _examine_account(name: str, account: Account) -> Iterator[Examined]:
    clouds: dict[str, Cloud] = {}
    callers: dict[str, Caller] = {}
    for power in ("look", "make"):
        subject, prefix = f"{name}: {power}", getattr(account.credentials, power)
        try:
            clouds[power] = connect(account.cloud, prefix, account.regions[0])
            whose = f"the key pair in {id_variable(account.cloud, prefix)}"
            callers[power] = confirm(name, account, whose, clouds[power])
        except AccountError as error:
            yield bad(IDENTITY, subject, error.message, error.hint)
        except (CloudError, UsageError) as error:
            yield unreadable(IDENTITY, subject, error)
        else:
            # A signed call is refused when the clocks are more than five minutes apart.
            seen = f"{callers[power].principal}; this machine's clock is within five minutes of the cloud's"
            yield good(IDENTITY, subject, seen)
    yield _apart(name, account, callers)
    for power in ("look", "make"):
        yield _rights(f"{name}: {power}", clouds.get("look"), callers.get(power))


def _apart(name: str, account: Account, callers: Mapping[str, Caller]) -> Examined:
    """Whether three credentials are three: by their variables, and by whose the cloud says they are."""
    credentials = account.credentials
    prefixes = [credentials.look, credentials.make]
    prefixes += [credentials.destroy] if credentials.destroy else []
    if len(set(prefixes)) < len(prefixes):
        twice = next(each for each in prefixes if prefixes.count(each) > 1)
        return bad(APART, name, f"the key pair of {twice} has more than one power", TWO_USERS)
    if len(callers) < 2:  # noqa: PLR2004 - look and make
        return unknown(APART, name, "the cloud did not say whose the key pairs are", TWO_USERS)
    if callers["look"] == callers["make"]:
        both = callers["look"].principal
        return bad(APART, name, f"look and make are two key pairs of one user, {both}", TWO_USERS)
    return good(APART, name, "look and make are different users")


def _rights(subject: str, eyes: Cloud | None, caller: Caller | None) -> Examined:
    """Whether an identity could destroy; what cannot be read is never a PASS."""
    if eyes is None or caller is None:
        return unknown(RIGHTS, subject, "its policies were not read: see doctor/identity", OWN_POLICY)
    try:
        rights = eyes.identity.rights_of(caller)
    except DrkitError as error:
        return unreadable(RIGHTS, subject, error, "attach the current policy of look: docs/policies.md")
    if rights.dangers:
        first = rights.dangers[0]
        where = (
            f"the policy {first.policy} allows {first.pattern}"
            if first.policy
            else "it is allowed everything"
        )
        more = f", and {len(rights.dangers) - 1} more" if len(rights.dangers) > 1 else ""
        return bad(RIGHTS, subject, f"{where}, which could mean {first.action}{more}", OWN_POLICY)
    if rights.unread:
        return unknown(RIGHTS, subject, "; ".join(rights.unread), OWN_POLICY)
    return good(RIGHTS, subject, "its policies allow nothing but what reads and what drkit makes")


def _destroy_key_here(estate: Estate) -> Iterator[Examined]:
    """Whoever runs this must not be able to read the key pair of the broker."""
    prefixes = {account.credentials.destroy for account in estate.accounts.values()} | {USUAL}
    for prefix in sorted(filter(None, prefixes)):
        held = [prefix + each for each in SECRETS if os.environ.get(prefix + each)]
        if held:
            why = f"{held[0]} is in this process's environment: whoever runs playbooks could destroy"
            fix = "take it away here, and give it to the broker's user alone: docs/policies.md"
            yield bad(HELD, prefix, why, fix)
        else:
            yield good(HELD, prefix, "this process has not got it")
