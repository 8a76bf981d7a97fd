"""Who gained what between two audits, and by whom: what each holds, as plain data, and the difference of two."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drkit.access.known import Holder, Known, listed
from drkit.access.rights import rights, some
from drkit.core.times import text_of
from drkit.ports.identities import Change, Identities, Role
from drkit.ports.unread import Unread

Holdings = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""What everybody holds: by account, then by the id of the user or role."""


@dataclass(frozen=True, slots=True)
class Gained:
    """Something that somebody has now and had not.

    Args:
        principal: the id of a user or role.
        what: in words.
        by: who made it so, as far as the audit trail tells; empty where it does not.
    """

    account: str
    principal: str
    name: str
    what: str
    by: str

    def as_data(self) -> dict[str, str]:
        """A row of a report."""
        return {
            "status": "gained",
            "account": self.account,
            "principal": self.principal,
            "name": self.name,
            "what": self.what,
            "by": self.by,
        }


def holdings(accounts: Iterable[Identities]) -> dict[str, dict[str, Any]]:
    """What everybody holds, as plain data that can be kept."""
    found = {}
    for identities in accounts:
        known = Known(identities)
        found[known.name] = {holder.id: _held(known, holder) for holder in known.holders()}
    return found


def _held(known: Known, holder: Holder) -> dict[str, Any]:
    keys = getattr(holder, "keys", ())
    return {
        "name": holder.name,
        "policies": {each.policy: _digest(known, each.policy) for each in known.held(holder)},
        "rights": sorted(rights(known, holder)),
        "keys": sorted(key.id for key in listed(keys) if key.active is not False),
        "trust": _text_digest(holder.trust) if isinstance(holder, Role) else "",
    }


def _digest(known: Known, policy: str) -> str:
    found = known.policies.get(policy)
    return _text_digest(found.document if found else Unread("it was not read"))


def _text_digest(text: str | Unread) -> str:
    return (
        "" if isinstance(text, Unread) else hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    )


def gained(before: Holdings, accounts: Iterable[Identities], since: datetime) -> tuple[Gained, ...]:
    """What is more than before, account by account.

    Args:
        before: what everybody held then.
        accounts: as they are now.
        since: when ``before`` was; changes of the trail from then on are named.
    """
    accounts = tuple(accounts)
    now = holdings(accounts)
    return tuple(
        each
        for identities in accounts
        if identities.account in before
        for each in _of_account(identities, before[identities.account], now[identities.account], since)
    )


def _of_account(
    identities: Identities, before: Mapping[str, Any], now: Mapping[str, Any], since: datetime
) -> Iterator[Gained]:
    names = {policy.id: policy.name for policy in listed(identities.policies)}
    for id_, held in now.items():
        had = before.get(id_)
        for what, about in _differences(had, held, names):
            by = _by(identities, since, {id_, held["name"], *about})
            yield Gained(identities.account, id_, held["name"], what, by)


def _differences(
    had: Mapping[str, Any] | None, held: Mapping[str, Any], names: Mapping[str, str]
) -> Iterator[tuple[str, set[str]]]:
    """What is more, in words, each with the ids and names that a change would tell of."""
    if had is None:
        yield "is new", set()
        had = {"policies": {}, "rights": [], "keys": held["keys"], "trust": held["trust"]}
    for policy, digest in held["policies"].items():
        name = names.get(policy, policy)
        if policy not in had["policies"]:
            yield f"the policy {name}", {policy, name}
        elif digest != had["policies"][policy]:
            yield f"another text of the policy {name}", {policy, name}
    if more := set(held["rights"]) - set(had["rights"]):
        yield f"the right to {some(more)}", set(held["policies"])
    for key in sorted(set(held["keys"]) - set(had["keys"])):
        yield f"the key {key}", {key}
    if held["trust"] != had["trust"]:
        yield "others who may assume it", set()


def _by(identities: Identities, since: datetime, about: set[str]) -> str:
    """The last changes of the trail that tell of one of these; the newest first, at most three."""
    activity = identities.activity
    if isinstance(activity, Unread):
        return f"unknown: {activity.reason}"
    users = {user.id: user.name for user in listed(identities.users)}
    users[identities.number] = "the root"
    found = [
        each for each in activity.changes if each.at >= since and not each.refused and _tells(each, about)
    ]
    told = [
        f"{users.get(each.principal, each.principal)} by {each.action} at {text_of(each.at)}"
        for each in reversed(found)
    ]
    return "; ".join(told[:3])


def _tells(change: Change, about: set[str]) -> bool:
    try:
        asked = json.loads(change.parameters)
    except (ValueError, RecursionError):
        return False
    return not about.isdisjoint(_leaves(asked))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, str | int):
        yield str(value)
