"""Where an audit has its accounts from: the clouds, or what was saved of them."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from drkit.access.audit import audit_accounts, place_of
from drkit.access.concluding import conclude
from drkit.access.gained import Gained, gained, holdings
from drkit.access.here import people_of
from drkit.access.known import Around, Known
from drkit.core.errors import UsageError
from drkit.core.estate import Estate
from drkit.core.times import now, text_of
from drkit.core.verdicts import Conclusion
from drkit.flows.clouds import open_clouds
from drkit.flows.loading import estate_path, load_estate
from drkit.flows.looking import look
from drkit.flows.saved_facts import HEAD, read_facts
from drkit.flows.saved_identities import read_identities
from drkit.flows.talking import progress
from drkit.flows.tools import Look
from drkit.ports.facts import Query
from drkit.ports.identities import Identities


@dataclass(frozen=True, slots=True)
class Looked:
    """What was audited, and what came of it.

    Args:
        unknown: what was not read or not understood, each with its place.
        gained: who gained what since another audit.
        texts: the policies, by what findings call them.
        at: as of when; empty for texts alone.
    """

    conclusion: Conclusion
    unknown: tuple[str, ...]
    gained: tuple[Gained, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    at: str = ""
    estate: Estate | None = None


def of_accounts(arguments: argparse.Namespace) -> Looked:
    """Audit the accounts of the estate, or those of a directory of saved facts.

    Raises:
        UsageError: there is no estate, or there are no facts.
    """
    estate = _estate(arguments)
    at, accounts = _saved(arguments.facts) if arguments.facts else _live(estate)
    environments = {name: each.environment for name, each in estate.accounts.items()} if estate else {}
    around = Around(at, environments, people_of(estate.approvals if estate else None))
    audited = audit_accounts(accounts, around, arguments.without)
    more = _more(arguments.since, accounts) if arguments.since else ()
    conclusion = conclude(accounts, audited, more, arguments.without)
    return Looked(conclusion, audited.unknown, more, texts_of(accounts), text_of(at), estate)


def _estate(arguments: argparse.Namespace) -> Estate | None:
    """The estate; saved facts do without one, unless it is named."""
    try:
        return load_estate(estate_path(arguments.estate))
    except UsageError:
        if arguments.facts and not arguments.estate:
            return None
        raise


def _live(estate: Estate | None) -> tuple[datetime, tuple[Identities, ...]]:
    assert estate is not None, "without facts there is an estate"
    with progress() as show:
        clouds = open_clouds(estate, set(estate.accounts), powers=("look",))
        wanted = tuple((name, estate.accounts[name].account) for name in sorted(estate.accounts))
        facts = look(Query((), frozenset(), wanted), Look(clouds.look, now, show))
    return facts.looked_at, facts.identities


def _saved(directory: Path) -> tuple[datetime, tuple[Identities, ...]]:
    """What was saved; what the AWS command line printed is as old as its files."""
    accounts = read_identities(directory)
    if (directory / HEAD).exists():
        return read_facts(directory).looked_at, accounts
    printed = directory.glob("aws/*/authorization-details.json")
    return datetime.fromtimestamp(int(max(path.stat().st_mtime for path in printed)), UTC), accounts


def _more(directory: Path, accounts: tuple[Identities, ...]) -> tuple[Gained, ...]:
    """Who gained what since other facts were saved."""
    at, before = _saved(directory)
    return gained(holdings(before), accounts, at)


def texts_of(accounts: tuple[Identities, ...]) -> dict[str, str]:
    """The policies that could be read, by what findings call them."""
    return {
        place_of(known, policy.id): policy.document
        for known in map(Known, accounts)
        for policy in known.policies.values()
        if isinstance(policy.document, str)
    }
