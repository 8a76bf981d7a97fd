"""``snapshots.remove``: the named snapshots are gone; each is an action that other people approve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from drkit.core.actions import (
    Action,
    Done,
    Effect,
    Failed,
    Outcome,
    Pending,
    Plan,
    Skipped,
    Uncertain,
    Why,
)
from drkit.core.configuration.model import Model
from drkit.core.configuration.types import Name
from drkit.core.estate import Estate, Region
from drkit.core.money import NOTHING
from drkit.ports.cloud import Hands
from drkit.ports.disks import Disk, Disks, Snapshot, SnapshotState
from drkit.ports.errors import UncertainError
from drkit.ports.facts import Facts, Kind, Query, Scope, Unread
from drkit.ports.steps import Setting, Step, Work
from drkit.snapshots.describing import describe
from drkit.snapshots.polling import Waiting, missed, poll_by_place, region_of
from drkit.snapshots.removing import conclude
from drkit.snapshots.scratch import LENDABLE
from drkit.snapshots.selection import Places
from drkit.snapshots.selection import problems as problems_of_places
from drkit.snapshots.silence import after_silence

VERB = "disks.delete_snapshot"
POLL_AFTER = 2.0  # seconds
OFTEN_ENOUGH = 30  # polls after which a snapshot whose end was accepted should not be listed any more

SnapshotId = Annotated[str, StringConstraints(pattern=r"^snap-[0-9a-z]{8,40}$")]
# It is read by the people who approve: no controls, no marks that turn the direction of text.
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def _each_once(snapshots: tuple[str, ...]) -> tuple[str, ...]:
    for snapshot in snapshots:
        if snapshots.count(snapshot) > 1:
            raise ValueError(f"names {snapshot} twice")
    return snapshots


def _printable(sentence: str) -> str:
    if not sentence.isprintable():
        raise ValueError("has a character that cannot be printed: write one plain sentence")
    return sentence


class LastOne(StrEnum):
    """Whether a disk may be left without any good snapshot."""

    REFUSE = "refuse"
    ALLOW = "allow"


class Remove(Model):
    """Snapshots that are to be gone, each by its id."""

    account: Name
    """The account of the estate that has them."""

    region: Annotated[Region, Field(examples=["ap-beijing"])]
    """Their region."""

    snapshots: Annotated[
        tuple[SnapshotId, ...],
        Field(min_length=1, examples=[["snap-3xvkxyxp"]], json_schema_extra={"uniqueItems": True}),
        AfterValidator(_each_once),
    ]
    """Their ids."""

    reason: Annotated[
        Sentence, AfterValidator(_printable), Field(examples=["holds data of a test that ended"])
    ]
    """Why; the people who approve read it."""

    last_one: LastOne = LastOne.REFUSE
    """Whether a disk that still exists may be left without any good snapshot."""


def problems(arguments: Remove, estate: Estate) -> Iterable[tuple[tuple[str | int, ...], str]]:
    """An account or a region that the estate does not have."""
    places = Places(accounts=(arguments.account,), regions=(arguments.region,))
    for path, sentence in problems_of_places(places, estate):
        yield ("account" if path[:1] == ("accounts",) else "region",), sentence


def needs(arguments: Remove, _setting: Setting) -> Query:
    """Disks and snapshots of the region: who approves has to see what a snapshot is, and whose."""
    scope = Scope(arguments.account, arguments.region)
    return Query((scope,), frozenset({Kind.DISKS, Kind.SNAPSHOTS}))


def plan(facts: Facts, arguments: Remove, _setting: Setting) -> Plan:
    """One DESTROY for each named snapshot that is there and may go."""
    (region,) = facts.regions
    if isinstance(region.disks, Unread) or isinstance(region.snapshots, Unread):
        return Plan()  # nothing is planned blindly; the conclusion says that it was not read
    removal = _Removal(
        arguments,
        {disk.id: disk for disk in region.disks},
        {snapshot.id: snapshot for snapshot in region.snapshots},
    )
    planned = [removal.plan_one(id_) for id_ in sorted(arguments.snapshots)]
    return Plan(
        tuple(each for each in planned if isinstance(each, Action)),
        tuple(each for each in planned if isinstance(each, Skipped)),
    )


@dataclass(frozen=True, slots=True)
class _Removal:
    """What is to go, and what there is."""

    arguments: Remove
    disks: Mapping[str, Disk]
    snapshots: Mapping[str, Snapshot]

    def plan_one(self, id_: str) -> Action | Skipped:
        snapshot = self.snapshots.get(id_)
        if snapshot is None:
            return self._skipped(id_, Why.DONE, "it is gone already")
        if snapshot.state is not SnapshotState.GOOD:
            return self._skipped(id_, Why.BUSY, f"it is not at rest ({snapshot.state.value})")
        bare = self._leaves_disk_bare(snapshot)
        if bare and self.arguments.last_one is LastOne.REFUSE:
            return self._skipped(id_, Why.IMPOSSIBLE, f"{snapshot.disk} would have no good snapshot left")
        return self._action(snapshot, bare=bare)

    def _leaves_disk_bare(self, snapshot: Snapshot) -> bool:
        """Whether its disk exists and would have no good snapshot once all that are named are gone."""
        return snapshot.disk in self.disks and not any(
            other.disk == snapshot.disk and _is_good(other)
            for id_, other in self.snapshots.items()
            if id_ not in self.arguments.snapshots
        )

    def _action(self, snapshot: Snapshot, *, bare: bool) -> Action:
        disk = self.disks.get(snapshot.disk)
        return Action(
            verb=VERB,
            effect=Effect.DESTROY,
            account=self.arguments.account,
            region=self.arguments.region,
            target=snapshot.id,
            arguments={
                **describe(snapshot),
                "disk_name": disk.name if disk else "",
                "disk_exists": disk is not None,
                "leaves_no_good_one": bare,
            },
            reason=self.arguments.reason,
            cost=NOTHING,
        )

    def _skipped(self, id_: str, why: Why, reason: str) -> Skipped:
        return Skipped(self.arguments.account, self.arguments.region, id_, why, reason)


def run(action: Action, hands: Hands) -> Outcome:
    """Delete one snapshot, if it still is what was approved; after silence, look whether it is gone."""
    disks = hands.clouds[action.account].disks
    found = disks.get_snapshots(action.region, [action.thing])
    if not found:
        return Done()
    if changed := _changed(action.arguments, describe(found[0])):
        return Failed("Changed", f"it is not what was approved any more: its {changed} changed")
    if _would_be_last(action, disks):
        return Failed("LastOne", f"{action.arguments['disk']} would have no good snapshot left")
    try:
        disks.delete_snapshot(action.region, action.thing)
    except UncertainError as error:
        return after_silence(find, action, hands, error.message)
    return Pending(action.thing, POLL_AFTER)


def _would_be_last(action: Action, disks: Disks) -> bool:
    """Whether no other good one of its disk is left: two plans may each have counted on the other's."""
    if action.arguments["leaves_no_good_one"] or not action.arguments["disk_exists"]:
        return False
    return not any(
        _is_good(other) and other.id != action.thing
        for other in disks.snapshots_of(action.region, str(action.arguments["disk"]))
    )


def _is_good(snapshot: Snapshot) -> bool:
    """Whether its disk can be gone back to it: of what is there to be lent nobody says that a host starts from it."""
    return snapshot.state is SnapshotState.GOOD and not snapshot.name.startswith(LENDABLE)


def _changed(approved: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    return ", ".join(name for name, value in now.items() if approved.get(name) != value)


def find(action: Action, hands: Hands) -> Outcome | None:
    """Done where the snapshot is gone, None where it is there as it was."""
    found = hands.clouds[action.account].disks.get_snapshots(action.region, [action.thing])
    if not found:
        return Done()
    if found[0].state is SnapshotState.GOOD:
        return None
    return Uncertain(f"it is listed, and not at rest ({found[0].state.value})")


def poll(waiting: Waiting, hands: Hands) -> Mapping[str, Outcome]:
    """Ask for all whose end was accepted, a region at a time; one that does not answer is left pending."""
    return poll_by_place(
        waiting,
        region_of,
        lambda place, ids: hands.clouds[place[0]].disks.get_snapshots(place[1], ids),
        _settled,
    )


def _settled(_action: Action, pending: Pending, snapshot: Snapshot | None) -> Outcome:
    still = Uncertain("the cloud accepted its end, and still lists it")
    return missed(pending, OFTEN_ENOUGH, still) if snapshot else Done()


def existed(facts: Facts, since: datetime) -> int | None:
    """How many snapshots are there still that surely were there at a moment; None where a list was not read.

    Those that are gone meanwhile are not counted, so the part that a limit allows is rather too small.
    """
    count = 0
    for region in facts.regions:
        if isinstance(region.snapshots, Unread):
            return None
        created = [each.created for each in region.snapshots if each.created is not None]
        count += sum(each.latest <= since for each in created)
    return count


STEP = Step(
    arguments=Remove,
    problems=problems,
    needs=needs,
    conclude=conclude,
    work=Work(verbs=frozenset({VERB}), plan=plan, run=run, find=find, poll=poll, existed=existed),
)
