"""Which disks a step means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field

from drkit.core.configuration.model import Model
from drkit.core.configuration.problems import suggest
from drkit.core.configuration.types import Name
from drkit.core.estate import Estate, Region
from drkit.ports.facts import Scope


class Places(Model):
    """Where a step looks; everywhere, unless it says."""

    accounts: Annotated[tuple[Name, ...], Field(examples=[["production"]])] = ()
    """Names of accounts of the estate; all of them, unless said."""

    regions: Annotated[tuple[Region, ...], Field(examples=[["ap-beijing"]])] = ()
    """Regions; all of each account, unless said."""


class Selection(Places):
    """Which disks a step means; all of them, unless it says."""

    tags: Annotated[Mapping[str, str], Field(examples=[{"environment": "production"}])] = {}
    """Tags that a disk must carry, all of them."""


def scopes(places: Places, estate: Estate) -> tuple[Scope, ...]:
    """The regions of accounts that are meant, in a stable order."""
    return tuple(
        Scope(name, region)
        for name, account in sorted(estate.accounts.items())
        if not places.accounts or name in places.accounts
        for region in account.regions
        if not places.regions or region in places.regions
    )


def problems(places: Places, estate: Estate) -> Iterable[tuple[tuple[str | int, ...], str]]:
    """What names something that the estate does not have: the path in the arguments, and a sentence."""
    for index, account in enumerate(places.accounts):
        if account not in estate.accounts:
            yield (
                ("accounts", index),
                f"the estate has no account '{account}'{suggest(account, estate.accounts)}",
            )
    known = {region for account in estate.accounts.values() for region in account.regions}
    for index, region in enumerate(places.regions):
        if region not in known:
            yield (
                ("regions", index),
                f"no account of the estate lists the region '{region}'{suggest(region, known)}",
            )
    named = all(account in estate.accounts for account in places.accounts)
    if named and known.issuperset(places.regions) and not scopes(places, estate):
        yield (), "none of these accounts has any of these regions: the step would look at nothing"


def matches(selection: Selection, tags: Mapping[str, str]) -> bool:
    """Whether a disk with these tags is selected."""
    return all(tags.get(key) == value for key, value in selection.tags.items())
