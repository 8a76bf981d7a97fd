"""``snapshots.take``: a snapshot of every selected disk, once a slot, with a deadline from its birth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from drkit.core.actions import Action, Plan, Ref, Skipped, Why
from drkit.core.configuration.problems import suggest
from drkit.core.configuration.types import Duration
from drkit.core.estate import Estate
from drkit.ports.columns import named
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.facts import Facts, Kind, Query, Scope, Unread
from drkit.ports.steps import Setting, Step, Work
from drkit.snapshots import adopting, elsewhere
from drkit.snapshots.beginning import VERBS, find, poll, run
from drkit.snapshots.hooks import Hooked, believed, each_host_once, useless
from drkit.snapshots.selection import Selection, matches, missing, problems, scopes
from drkit.snapshots.taking import conclude
from drkit.snapshots.together import ALONE, GROUP, Together, together
from drkit.snapshots.wanted import Wanted, long_enough


class Take(Selection):
    """A snapshot of every selected disk."""

    keep_for: Annotated[Duration, AfterValidator(long_enough)]
    """How long after its slot a snapshot is removed by the cloud itself."""

    copies: Annotated[
        tuple[elsewhere.Elsewhere, ...],
        Field(examples=[[{"region": "ap-nanjing"}]]),
        AfterValidator(elsewhere.each_region_once),
    ] = ()
    """Other regions that are to have a copy of each snapshot. A copy has no deadline."""

    hooks: Annotated[tuple[Hooked, ...], AfterValidator(each_host_once)] = ()
    """Hosts on which an application is held still while each of their disks is snapshotted."""

    together: Annotated[Literal["host"] | None, Field(examples=["host"])] = None
    """`host`: the selected disks of one host at one moment. A host of which the cloud takes none so is a finding."""


def problems_of(arguments: Take, estate: Estate) -> Iterable[tuple[tuple[str | int, ...], str]]:
    """What names something that the estate does not have: a place, or the region of a copy."""
    yield from problems(arguments, estate)
    for name in dict.fromkeys(scope.account for scope in scopes(arguments, estate)):
        regions = estate.accounts[name].regions
        for index, each in enumerate(arguments.copies):
            if each.region not in regions:
                told = f"the account '{name}' lists no region '{each.region}'{suggest(each.region, regions)}"
                yield ("copies", index, "region"), told
        if arguments.together and estate.accounts[name].cloud in adopting.LATER and estate.broker is None:
            told = f"needs a broker: what a group makes in '{name}' has no end, and nobody else may set one"
            yield ("together",), f"{told} (docs/broker.md)"


def needs(arguments: Take, setting: Setting) -> Query:
    """Disks and snapshots of every place, and of every region that is to have copies."""
    taken = scopes(arguments, setting.estate)
    copied = (Scope(scope.account, each.region) for scope in taken for each in arguments.copies)
    return Query(tuple(dict.fromkeys([*taken, *copied])), frozenset({Kind.DISKS, Kind.SNAPSHOTS}))


def plan(facts: Facts, arguments: Take, setting: Setting) -> Plan:
    """For each selected disk without a snapshot of this slot one, and a copy wherever one is lacking."""
    wanted = Wanted(setting, arguments.keep_for, facts.looked_at, arguments.hooks)
    copying = elsewhere.Copying.of(arguments.copies, arguments.keep_for, facts, setting, arguments.hooks)
    places = scopes(arguments, setting.estate)
    planned: list[Action | Skipped] = []
    selected: list[tuple[Scope, Disk]] = []
    for region in facts.regions:
        if (
            region.scope not in places
            or isinstance(region.disks, Unread)
            or isinstance(region.snapshots, Unread)
        ):
            continue  # nothing is planned blindly; the conclusion says that it was not read
        of_slot = named(region.snapshots, wanted.name)
        taken = wanted.taken(believed(of_slot, region.disks, arguments.hooks, setting.made))
        disks = [disk for disk in sorted(region.disks, key=lambda disk: disk.id) if matches(arguments, disk)]
        hosts = ALONE
        if arguments.together:
            able = [disk for disk in disks if disk.id in taken or _not_to_do(disk, None) is None]
            hosts = together(region.scope, region.disks, region.snapshots, taken, able, wanted.terms)
            planned += hosts.first()
        for disk in disks:
            selected.append((region.scope, disk))
            planned += _planned(wanted, copying, hosts, region.scope, disk, taken.get(disk.id))
    actions = tuple(each for each in planned if isinstance(each, Action))
    return Plan(
        actions,
        (
            *(each for each in planned if isinstance(each, Skipped)),
            *missing(arguments, facts),
            *useless(arguments.hooks, selected, facts),
        ),
        _after(actions) if arguments.together else {},
    )


def _after(actions: Iterable[Action]) -> Mapping[str, tuple[str, ...]]:
    """Each disk waits for its group."""
    return {each.key: (str(each.arguments[GROUP]),) for each in actions if GROUP in each.arguments}


def _planned(
    wanted: Wanted,
    copying: elsewhere.Copying,
    hosts: Together,
    scope: Scope,
    disk: Disk,
    made: Snapshot | None,
) -> Iterator[Action | Skipped]:
    """What is still to do for one disk: a process before this one may have begun."""
    begun = hosts.begun.get(disk.id)
    if begun and begun.state is SnapshotState.GOOD and begun.id in wanted.setting.made:
        told = f"{begun.id} was made in this slot"
        yield Skipped(scope.account, scope.region, disk.id, Why.DONE, told)
        yield from hosts.adoption(scope, disk, begun.id, wanted.terms)
        yield from copying.planned(scope, disk, begun.id)
        return
    why = None if begun else _not_to_do(disk, made)
    if why is None:
        action = wanted.action(scope, disk, hosts.arguments_of(disk))
        yield action
        taken = Ref("", action.key)
        yield from hosts.adoption(scope, disk, taken, wanted.terms)
        yield from copying.planned(scope, disk, taken)
        return
    yield Skipped(scope.account, scope.region, disk.id, *why)
    if made and made.state is SnapshotState.GOOD:
        yield from copying.planned(scope, disk, made.id)
    elif made:
        yield from copying.awaited(scope, disk)


def _not_to_do(disk: Disk, made: Snapshot | None) -> tuple[Why, str] | None:
    """Why nothing is to do for a disk, or cannot be done."""
    if made and made.state is SnapshotState.GOOD:
        return Why.DONE, f"{made.id} was made in this slot"
    if made:
        return Why.CREATING, f"{made.id} of this slot is still being created"
    if disk.busy:
        return Why.BUSY, f"the disk is {disk.state}"
    if disk.can_snapshot is False:
        return Why.IMPOSSIBLE, "the cloud says that it cannot be snapshotted"
    return None


STEP = Step(
    arguments=Take,
    problems=problems_of,
    needs=needs,
    conclude=conclude,
    work=Work(verbs=VERBS, plan=plan, run=run, find=find, poll=poll),
)
