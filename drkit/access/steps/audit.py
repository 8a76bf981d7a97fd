"""``access.audit``: who may do what in every account, what is wrong with it, and who gained what since the last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from drkit.access.audit import audit_accounts
from drkit.access.checks import checks
from drkit.access.concluding import conclude as concluded
from drkit.access.gained import Holdings, gained
from drkit.access.here import people_of
from drkit.access.known import Around, People
from drkit.access.records import keep, last_before
from drkit.core import actions
from drkit.core.configuration.model import Model
from drkit.core.configuration.problems import suggest
from drkit.core.configuration.types import Name
from drkit.core.estate import Estate
from drkit.core.verdicts import Conclusion
from drkit.ports.facts import Facts, Query, Scope
from drkit.ports.identities import Identities
from drkit.ports.rooms import Read, Room
from drkit.ports.steps import Setting, Step
from drkit.ports.unread import Unread


class Audit(Model):
    """What is wrong with who may do what."""

    accounts: Annotated[tuple[Name, ...], Field(examples=[["production"]])] = ()
    """The accounts of the estate that are looked at; all of them, unless said."""

    without: Annotated[tuple[str, ...], Field(examples=[["shared-key"]])] = ()
    """Names of checks that are left out; the report says so."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read.

    Args:
        before: what everybody held at the last audit, and when that was; None where there was none.
    """

    at: datetime
    identities: tuple[Identities, ...]
    people: People | Unread
    before: tuple[datetime, Holdings] | None


def names(arguments: Audit, estate: Estate) -> tuple[str, ...]:
    """The accounts that are looked at."""
    return arguments.accounts or tuple(sorted(estate.accounts))


def problems(arguments: Audit, estate: Estate) -> Iterable[tuple[tuple[str | int, ...], str]]:
    """Accounts that the estate does not have, and checks that there are not."""
    for index, name in enumerate(arguments.accounts):
        if name not in estate.accounts:
            yield ("accounts", index), f"the estate has no account '{name}'{suggest(name, estate.accounts)}"
    known = [module.CHECK.id.partition("/")[2] for module in checks()]
    for index, name in enumerate(arguments.without):
        if name not in known:
            yield ("without", index), f"there is no check '{name}'{suggest(name, known)}"


def needs(arguments: Audit, setting: Setting) -> Query:
    """Nothing of a region; but the accounts have to be opened."""
    accounts = setting.estate.accounts
    scopes = (Scope(name, accounts[name].regions[0]) for name in names(arguments, setting.estate))
    return Query(tuple(scopes), frozenset())


def read(arguments: Audit, setting: Setting, room: Room) -> Read:
    """Everybody of every account, now; kept, so that the next audit can say who gained what."""
    at = room.clock()
    found = []
    for name in names(arguments, setting.estate):
        room.progress(f"looking at who there is in {name}")
        found.append(room.clouds[name].people.identities(name, setting.estate.accounts[name].account))
    before = last_before(room.state, setting.playbook, room.since)
    keep(room.state, setting.playbook, at, found)
    return Read(Seen(at, tuple(found), people_of(setting.estate.approvals), before))


def conclude(
    facts: Facts,
    _plan: actions.Plan,
    _outcomes: Mapping[str, actions.Outcome],
    arguments: Audit,
    setting: Setting,
) -> Conclusion:
    """FAIL with findings; UNKNOWN where something was not read or not understood."""
    seen: Seen = facts.read
    environments = {name: account.environment for name, account in setting.estate.accounts.items()}
    around = Around(seen.at, environments, seen.people)
    audited = audit_accounts(seen.identities, around, arguments.without)
    more = gained(seen.before[1], seen.identities, seen.before[0]) if seen.before else ()
    return concluded(seen.identities, audited, more, arguments.without)


STEP = Step(arguments=Audit, problems=problems, needs=needs, conclude=conclude, read=read)
