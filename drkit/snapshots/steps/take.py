"""``snapshots.take``: a snapshot of every selected disk, once a slot, with a deadline from its birth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from drkit.core.actions import (
    Action,
    Done,
    Effect,
    Failed,
    Outcome,
    Pending,
    Plan,
    Ref,
    Skipped,
    Uncertain,
    Why,
)
from drkit.core.configuration.problems import suggest
from drkit.core.configuration.types import Duration, format_duration
from drkit.core.errors import AccountError
from drkit.core.estate import Estate
from drkit.core.schedule import slot_name
from drkit.core.times import text_of
from drkit.ports.cloud import Hands
from drkit.ports.columns import named
from drkit.ports.disks import Disk, Snapshot, SnapshotState
from drkit.ports.errors import CloudError, RefusedError, UncertainError
from drkit.ports.facts import Facts, Kind, Query, Scope, Unread
from drkit.ports.scratch import RUN_TAG
from drkit.ports.steps import Setting, Step, Work
from drkit.snapshots import adopting, elsewhere, groups
from drkit.snapshots.deadlines import asked
from drkit.snapshots.hooks import (
    ARGUMENT,
    TOO_SHORT,
    Hooked,
    arguments_of,
    believed,
    each_host_once,
    held,
    tags_of,
    useless,
)
from drkit.snapshots.judging import CLOCKS_APART
from drkit.snapshots.prices import cost_of
from drkit.snapshots.selection import Selection, matches, missing, problems, scopes
from drkit.snapshots.taking import conclude
from drkit.snapshots.together import ALONE, GROUP, Terms, Together, together
from drkit.snapshots.together import VERB as GROUP_VERB

VERB = "disks.create_snapshot"
SHORTEST = timedelta(days=2)
POLL_AFTER = 1.0  # seconds
LONGEST_IN_NAME = 32  # characters that 60 leave for the playbook
OFTEN_ENOUGH = 5  # polls that may miss what was begun
RUN: Mapping[str, Callable[[Action, Hands], Outcome]] = {
    elsewhere.VERB: elsewhere.run,
    GROUP_VERB: groups.run,
    adopting.VERB: adopting.run,
}
"""What carries out the actions beside the snapshots of single disks."""
FIND: Mapping[str, Callable[[Action, Hands], Outcome | None]] = {
    elsewhere.VERB: elsewhere.find,
    GROUP_VERB: groups.find,
    adopting.VERB: adopting.find,
}


def long_enough(value: timedelta) -> timedelta:
    """A time to keep a snapshot for, or a ValueError: the cloud takes no shorter one."""
    if value < SHORTEST:
        raise ValueError("must be at least 2d: the cloud refuses a deadline less than a day away")
    return value


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


@dataclass(frozen=True)
class Wanted:
    """The snapshot that each selected disk is to have; what all of them share is worked out once."""

    setting: Setting
    keep_for: timedelta
    now: datetime
    hooks: tuple[Hooked, ...] = ()

    @cached_property
    def name(self) -> str:
        """The name that all snapshots of one playbook, slot and retention bear."""
        return snapshot_name(self.setting.playbook, self.setting.slot, self.keep_for)

    @cached_property
    def deadline(self) -> datetime:
        """When it may be removed at the earliest."""
        return self.setting.slot + self.keep_for

    @cached_property
    def asked_deadline(self) -> datetime:
        """When the cloud is to remove it: for a slot long ago, as soon as the cloud takes it, on the hour."""
        return asked(self.deadline, self.now)

    @cached_property
    def _said(self) -> Mapping[str, str]:
        slot, deadline = text_of(self.setting.slot), text_of(self.asked_deadline)
        return {"name": self.name, "slot": slot, "deadline": deadline}

    def taken(self, snapshots: Iterable[Snapshot]) -> dict[str, Snapshot]:
        """Those of the wanted name that serve, by disk."""
        by_disk: dict[str, list[Snapshot]] = defaultdict(list)
        for snapshot in snapshots:
            by_disk[snapshot.disk].append(snapshot)
        found = {disk: serving(each, self.setting.slot, self.deadline) for disk, each in by_disk.items()}
        return {disk: snapshot for disk, snapshot in found.items() if snapshot}

    @cached_property
    def terms(self) -> Terms:
        """The same, for the hosts whose disks are taken together."""
        return Terms(self.setting, self.keep_for, self.name, self._said, self.now, self.hooks)

    def action(self, scope: Scope, disk: Disk, more: Mapping[str, str] = MappingProxyType({})) -> Action:
        """The intention for one disk; `more` is what it says beside the usual."""
        return Action(
            verb=VERB,
            effect=Effect.CREATE,
            account=scope.account,
            region=scope.region,
            target=disk.id,
            arguments={**self._said, **arguments_of(self.hooks, disk), **more},
            reason="no snapshot of this slot",
            cost=cost_of(disk, scope, self.setting.slot, self.asked_deadline, self.setting.estate),
        )


def serving(snapshots: Iterable[Snapshot], slot: datetime, deadline: datetime) -> Snapshot | None:
    """The one of a disk's snapshots of the wanted name that serves: a name alone can be given by anybody.

    It was not surely made before the slot, and it is not surely removed before it may be. A good one goes
    before one that is being created.
    """
    for state in (SnapshotState.GOOD, SnapshotState.CREATING):
        for snapshot in snapshots:
            if snapshot.state is state and _serves(snapshot, slot, deadline):
                return snapshot
    return None


def _serves(snapshot: Snapshot, slot: datetime, deadline: datetime) -> bool:
    if snapshot.created is None or snapshot.created.latest < slot - CLOCKS_APART:
        return False
    kept = snapshot.deadline is not None and snapshot.deadline.latest >= deadline - CLOCKS_APART
    return snapshot.permanent or kept


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


def run(action: Action, hands: Hands) -> Outcome:
    """Begin one snapshot, one group or one copy, or adopt what a group made."""
    if action.verb in RUN:
        return RUN[action.verb](action, hands)
    return groups.of_group(action, hands) or _take(action, hands)


def _take(action: Action, hands: Hands) -> Outcome:
    """Begin one snapshot, held still if that is wanted; after silence, look whether it was begun."""
    made = ""
    try:
        with held(action, hands):
            made = _create(action, hands)
    except UncertainError as error:
        # Where it is not found it may still appear, and a second one now could be one too many.
        try:
            return find(action, hands) or Uncertain(error.message)
        except CloudError as second:
            return Uncertain(f"{error.message}; looked for: {second.message}")
    except RefusedError as error:
        if error.code != TOO_SHORT:
            raise
        return Failed(error.code, f"{made} was begun, and {error.message}")
    return Pending(made, POLL_AFTER)


def _create(action: Action, hands: Hands) -> str:
    return hands.clouds[action.account].disks.create_snapshot(
        action.region,
        action.thing,
        name=str(action.arguments["name"]),
        deadline=datetime.fromisoformat(action.arguments["deadline"]),
        tags={RUN_TAG: hands.run, **tags_of(action)},
    )


def find(action: Action, hands: Hands) -> Outcome | None:
    """The snapshot that an action began, by its disk, its name, its run, and when it was made and ends.

    None for one that had to be held: whoever finds it does not know whether the hold lasted, so it is made anew.
    """
    if action.verb in FIND:
        return FIND[action.verb](action, hands)
    of_group = groups.of_group(action, hands)
    if isinstance(of_group, Done | Pending):
        return of_group
    if ARGUMENT in action.arguments:
        return None
    name, slot, deadline = (str(action.arguments[each]) for each in ("name", "slot", "deadline"))
    named = hands.clouds[action.account].disks.find_snapshots(action.region, action.thing, name)
    # Another run of the slot gives the same name; what it made is not this run's.
    ours = [each for each in named if each.tags.get(RUN_TAG) == hands.run]
    found = serving(ours, datetime.fromisoformat(slot), datetime.fromisoformat(deadline))
    return _settled(Pending(found.id, POLL_AFTER), found.state) if found else None


def poll(waiting: Mapping[str, tuple[Action, Pending]], hands: Hands) -> Mapping[str, Outcome]:
    """Ask for all that is pending in a region at once; a region that does not answer is left pending."""
    copies, begun = (
        {key: each for key, each in waiting.items() if each[0].verb == verb}
        for verb in (elsewhere.VERB, GROUP_VERB)
    )
    snapshots = {key: each for key, each in waiting.items() if key not in copies and key not in begun}
    return {
        **_poll_snapshots(snapshots, hands),
        **groups.poll(begun, hands),
        **elsewhere.poll(copies, hands),
    }


def _poll_snapshots(waiting: Mapping[str, tuple[Action, Pending]], hands: Hands) -> Mapping[str, Outcome]:
    answers: dict[str, Outcome] = {}
    places = {(action.account, action.region) for action, _ in waiting.values()}
    for account, region in sorted(places):
        here = {
            key: pending
            for key, (action, pending) in waiting.items()
            if (action.account, action.region) == (account, region)
        }
        try:
            found = hands.clouds[account].disks.get_snapshots(region, [each.token for each in here.values()])
        except (CloudError, AccountError):
            continue  # the others are asked all the same; this one is asked again
        states = {snapshot.id: snapshot.state for snapshot in found}
        answers |= {key: _settled(pending, states.get(pending.token)) for key, pending in here.items()}
    return answers


def _settled(pending: Pending, state: SnapshotState | None) -> Outcome:
    match state:
        case SnapshotState.GOOD:
            return Done(created=pending.token)
        case SnapshotState.CREATING:
            return pending
        case None if pending.missed < OFTEN_ENOUGH:
            return replace(pending, missed=pending.missed + 1)
        case None:
            return Failed("Vanished", f"{pending.token} was begun and is gone")
        case _:
            return Failed("Spoiled", f"{pending.token} is in a state that no snapshot should be in")


def snapshot_name(playbook: str, slot: datetime, keep_for: timedelta) -> str:
    """The name that all snapshots of one playbook, slot and retention bear.

    At most 60 characters (CBS CreateSnapshot): a longer playbook's name ends in a hash, so that no two
    playbooks share a name. Two steps that keep for different times never take each other's for their own.
    """
    if len(playbook) > LONGEST_IN_NAME:
        playbook = f"{playbook[: LONGEST_IN_NAME - 9]}-{sha256(playbook.encode()).hexdigest()[:8]}"
    return f"drkit-{playbook}-{slot_name(slot)}-{format_duration(keep_for)}"


STEP = Step(
    arguments=Take,
    problems=problems_of,
    needs=needs,
    conclude=conclude,
    work=Work(verbs=frozenset({VERB, *RUN}), plan=plan, run=run, find=find, poll=poll),
)
