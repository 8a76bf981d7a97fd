"""``snapshots.vault``: a copy of every selected disk in another account, the vault, once a slot.

No cloud copies a snapshot to another account. It lets one be lent: the vault makes a copy of its own of it, directly
or by way of a disk (`drkit.snapshots.ways`). Then the snapshot is taken back. See docs/decisions/0009-vault.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from drkit.core.actions import Plan, Why
from drkit.core.configuration.problems import suggest
from drkit.core.configuration.types import Duration, Name
from drkit.core.estate import Account, Estate
from drkit.ports.disks import Disk
from drkit.ports.facts import Facts, Kind, Query, Scope
from drkit.ports.steps import Setting, Step, Work
from drkit.snapshots import elsewhere, selection
from drkit.snapshots.chains import Chain, Copying, Loans, Planned, read_whole
from drkit.snapshots.elsewhere import Elsewhere, each_region_once, time_to_arrive
from drkit.snapshots.scratch import is_scratch
from drkit.snapshots.selection import Selection, matches, missing, scopes
from drkit.snapshots.steps.full import time_to_copy
from drkit.snapshots.vaulted import conclude
from drkit.snapshots.vaulting import VERBS, find, poll, run
from drkit.snapshots.wanted import Wanted, long_enough
from drkit.snapshots.ways import WAYS


class Vault(Selection):
    """A copy of every selected disk in another account."""

    vault: Annotated[Name, Field(examples=["vault"])]
    """The account of the estate that gets the copies; its `vault_for` names the accounts that it is for."""

    keep_for: Annotated[Duration, AfterValidator(long_enough)]
    """How long after its slot a copy is removed by the cloud itself."""

    data_disks_only: bool = False
    """Whether system disks are left out. Tencent Cloud lends no usual snapshot of one: for each that is selected
    another one is made, which can be lent and is kept as long as the copy."""

    arrives_within: Annotated[Duration, AfterValidator(time_to_arrive)] = timedelta(hours=24)
    """How long the vault's snapshot may take; one that takes longer never arrived, and fails."""

    copies: Annotated[
        tuple[Elsewhere, ...],
        Field(examples=[[{"region": "ap-shanghai"}]]),
        AfterValidator(each_region_once),
    ] = ()
    """Other regions of the vault that are to have a copy of its copy."""

    scratch_for: Annotated[Duration, AfterValidator(time_to_copy)] = timedelta(hours=24)
    """How long after its slot a scratch disk that was left behind in the vault may be swept."""


def problems(arguments: Vault, estate: Estate) -> Iterable[tuple[tuple[str | int, ...], str]]:
    """What names something that the estate does not have, or not as a vault."""
    yield from selection.problems(arguments, estate)
    vault = estate.accounts.get(arguments.vault)
    if vault is None:
        told = f"the estate has no account '{arguments.vault}'{suggest(arguments.vault, estate.accounts)}"
        yield ("vault",), told
    else:
        yield from _not_for(arguments, estate, vault)


def _not_for(arguments: Vault, estate: Estate, vault: Account) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for index, name in enumerate(arguments.accounts):
        if name in estate.accounts and name not in vault.vault_for:
            yield (
                ("accounts", index),
                f"the estate does not say that '{arguments.vault}' is a vault for '{name}'",
            )
    places = _places(arguments, estate)
    if not places:
        yield ("vault",), f"'{arguments.vault}' is a vault for none of these accounts: see its `vault_for`"
    for region in dict.fromkeys(scope.region for scope in places):
        if region not in vault.regions:
            yield (
                ("vault",),
                f"'{arguments.vault}' lists no region '{region}', and a snapshot is lent in its own alone",
            )
    for index, each in enumerate(arguments.copies):
        if each.region not in vault.regions:
            told = f"'{arguments.vault}' lists no region '{each.region}'{suggest(each.region, vault.regions)}"
            yield ("copies", index, "region"), told


def _places(arguments: Vault, estate: Estate) -> tuple[Scope, ...]:
    """Where disks are: the accounts that the vault is for."""
    for_ = estate.accounts[arguments.vault].vault_for
    return tuple(scope for scope in scopes(arguments, estate) if scope.account in for_)


def needs(arguments: Vault, setting: Setting) -> Query:
    """Disks and snapshots of every place, and of the same regions of the vault."""
    places = _places(arguments, setting.estate)
    regions = [*(scope.region for scope in places), *(each.region for each in arguments.copies)]
    there = (Scope(arguments.vault, region) for region in regions)
    return Query(tuple(dict.fromkeys([*places, *there])), frozenset({Kind.DISKS, Kind.SNAPSHOTS}))


def plan(facts: Facts, arguments: Vault, setting: Setting) -> Plan:
    """For each selected disk without a copy of this slot in the vault all that makes one; what is lent ends."""
    by_scope = {region.scope: region for region in facts.regions}
    places = _places(arguments, setting.estate)
    vault = setting.estate.accounts[arguments.vault]
    copying = Copying(
        Wanted(setting, arguments.keep_for, facts.looked_at),
        arguments.vault,
        vault.account,
        WAYS[vault.cloud],
        arguments.arrives_within,
        arguments.scratch_for,
        elsewhere.Copying.of(arguments.copies, arguments.keep_for, facts, setting),
    )
    planned = Planned()
    for place in places:
        there = read_whole(by_scope[Scope(arguments.vault, place.region)])
        here = read_whole(by_scope[place])
        if here and there:
            _plan_region(Loans.of(place, here, there), here.disks, arguments, copying, planned)
    own = Facts(facts.looked_at, tuple(by_scope[place] for place in places))
    return Plan(tuple(planned.actions), (*planned.skipped, *missing(arguments, own)), planned.after)


def _plan_region(
    loans: Loans, disks: Collection[Disk], arguments: Vault, copying: Copying, planned: Planned
) -> None:
    for disk in sorted(disks, key=lambda disk: disk.id):
        if not matches(arguments, disk) or (arguments.data_disks_only and disk.system):
            continue
        if is_scratch(disk):
            planned.skip(loans.place, disk, Why.SCRATCH, "it says that it is scratch of a copy itself")
        else:
            Chain(copying, loans, disk, planned).plan()
    for gone in sorted(loans.ours.keys() - {disk.id for disk in disks}):
        planned.actions.extend(copying.ends(loans, gone))


STEP = Step(
    arguments=Vault,
    problems=problems,
    needs=needs,
    conclude=conclude,
    work=Work(verbs=VERBS, plan=plan, run=run, find=find, poll=poll),
)
