"""Which disks a step means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from drkit.core.actions import Skipped, Why
from drkit.core.configuration.model import Model
from drkit.core.configuration.problems import suggest
from drkit.core.configuration.types import Name
from drkit.core.estate import Estate, Region
from drkit.ports.disks import Disk
from drkit.ports.facts import Facts, Scope, Unread

Path = tuple[str | int, ...]
# How the clouds write the id of a host and of a disk: Tencent (ins-, disk-), AWS (i-, vol-).
HostId = Annotated[str, StringConstraints(pattern=r"^(ins|i)-[0-9a-z]{8,40}$")]
DiskId = Annotated[str, StringConstraints(pattern=r"^(disk|vol)-[0-9a-z]{8,40}$")]


def _each_once(ids: tuple[str, ...]) -> tuple[str, ...]:
    for id_ in ids:
        if ids.count(id_) > 1:
            raise ValueError(f"names {id_} twice")
    return ids


class Places(Model):
    """Where a step looks; everywhere, unless it says."""

    accounts: Annotated[tuple[Name, ...], Field(examples=[["production"]])] = ()
    """Names of accounts of the estate; all of them, unless said."""

    environments: Annotated[tuple[Name, ...], Field(examples=[["production"]])] = ()
    """Only accounts that the estate says are for one of these."""

    regions: Annotated[tuple[Region, ...], Field(examples=[["ap-beijing"]])] = ()
    """Regions; all of each account, unless said."""


class Selection(Places):
    """Which disks a step means: those that everything it says holds for; all of them, unless it says."""

    tags: Annotated[Mapping[str, str], Field(examples=[{"environment": "production"}])] = {}
    """Tags that a disk must carry, all of them."""

    hosts: Annotated[
        tuple[HostId, ...],
        Field(examples=[["ins-2xq8fd4v"]], json_schema_extra={"uniqueItems": True}),
        AfterValidator(_each_once),
    ] = ()
    """Ids of hosts: only disks that hang on one of them."""

    disks: Annotated[
        tuple[DiskId, ...],
        Field(examples=[["disk-3xvkxyxp"]], json_schema_extra={"uniqueItems": True}),
        AfterValidator(_each_once),
    ] = ()
    """Ids of disks: only these."""


def scopes(places: Places, estate: Estate) -> tuple[Scope, ...]:
    """The regions of accounts that are meant, in a stable order."""
    return tuple(
        Scope(name, region)
        for name, account in sorted(estate.accounts.items())
        if not places.accounts or name in places.accounts
        if not places.environments or account.environment in places.environments
        for region in account.regions
        if not places.regions or region in places.regions
    )


def problems(places: Places, estate: Estate) -> Iterable[tuple[Path, str]]:
    """What names something that the estate does not have: the path in the arguments, and a sentence."""
    wrong = list(_unknown_names(places, estate))
    yield from wrong
    if not wrong and not scopes(places, estate):
        within = " of these environments" if places.environments else ""
        yield (), f"none of these accounts{within} has any of these regions: the step would look at nothing"


def _unknown_names(places: Places, estate: Estate) -> Iterator[tuple[Path, str]]:
    accounts = estate.accounts
    environments = {account.environment for account in accounts.values()}
    regions = {region for account in accounts.values() for region in account.regions}
    for index, name in enumerate(places.accounts):
        if name not in accounts:
            yield ("accounts", index), f"the estate has no account '{name}'{suggest(name, accounts)}"
    for index, name in enumerate(places.environments):
        if name not in environments:
            told = f"no account of the estate is for '{name}'{suggest(name, environments)}"
            yield ("environments", index), told
    for index, region in enumerate(places.regions):
        if region not in regions:
            told = f"no account of the estate lists the region '{region}'{suggest(region, regions)}"
            yield ("regions", index), told


def matches(selection: Selection, disk: Disk) -> bool:
    """Whether a disk is selected."""
    return (
        all(disk.tags.get(key) == value for key, value in selection.tags.items())
        and (not selection.hosts or disk.host in selection.hosts)
        and (not selection.disks or disk.id in selection.disks)
    )


def missing(selection: Selection, facts: Facts) -> Iterator[Skipped]:
    """The named disks and hosts that were not found, if everything was read; else nobody can say."""
    disks = [region.disks for region in facts.regions]
    if not (selection.disks or selection.hosts) or any(isinstance(each, Unread) for each in disks):
        return
    known = {disk.id for each in disks if not isinstance(each, Unread) for disk in each}
    hosts = {disk.host for each in disks if not isinstance(each, Unread) for disk in each}
    accounts = ", ".join(dict.fromkeys(region.scope.account for region in facts.regions))
    regions = ", ".join(dict.fromkeys(region.scope.region for region in facts.regions))
    for disk in selection.disks:
        if disk not in known:
            yield Skipped(accounts, regions, disk, Why.IMPOSSIBLE, "no such disk is there")
    for host in selection.hosts:
        if host not in hosts:
            yield Skipped(accounts, regions, host, Why.IMPOSSIBLE, "no disk that is there hangs on this host")
