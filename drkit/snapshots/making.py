"""What carries out a full copy: the scratch disk, the snapshot of it, and its removal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from drkit.core.actions import Action, Done, Failed, Outcome, Pending, Uncertain
from drkit.ports.cloud import Hands
from drkit.ports.disks import Disk, Disks, Snapshot
from drkit.ports.errors import UncertainError
from drkit.ports.scratch import RUN_TAG, SOURCE_TAG, UNTIL_TAG
from drkit.snapshots.polling import Waiting, came_of_snapshot, missed, poll_by_place, region_of
from drkit.snapshots.proofs import SNAPSHOT_TAG
from drkit.snapshots.scratch import PROVE, is_scratch
from drkit.snapshots.silence import after_silence
from drkit.snapshots.wanted import serving

CREATE_SCRATCH = "disks.create_scratch"
CREATE_FULL = "disks.create_full"
DELETE_SCRATCH = "disks.delete_scratch"
VERBS = frozenset({CREATE_SCRATCH, CREATE_FULL, DELETE_SCRATCH})
POLL_AFTER = 2.0  # seconds
OFTEN_ENOUGH = 30  # polls that may miss what was begun, or still see what was removed
TRIES = 2  # a request with a client token is safe to repeat


def run(action: Action, hands: Hands) -> Outcome:
    """Begin one of the three; after silence, look what came of it."""
    disks = hands.clouds[action.account].disks
    if action.verb == CREATE_SCRATCH:
        return _create_scratch(action, hands, disks)
    if action.verb == CREATE_FULL:
        return _create_full(action, hands, disks)
    return _delete_scratch(action, hands, disks)


def _create_scratch(action: Action, hands: Hands, disks: Disks) -> Outcome:
    """The same request twice makes one disk: it bears the action's client token."""
    name, until = str(action.arguments["name"]), str(action.arguments["scratch_until"])
    tags = {RUN_TAG: hands.run, UNTIL_TAG: until, SOURCE_TAG: action.thing, **tags_of(action)}
    told = ""
    for _ in range(TRIES):
        try:
            made = disks.create_disk(
                action.region,
                str(action.arguments.get("snapshot", action.thing)),
                zone=str(action.arguments["zone"]),
                kind=str(action.arguments["kind"]),
                name=name,
                tags=tags,
                token=hands.token(action),
            )
        except UncertainError as error:
            told = error.message
        else:
            return Pending(made, POLL_AFTER)
    return after_silence(find, action, hands, told)


def tags_of(action: Action) -> Mapping[str, str]:
    """What the scratch disk says of itself beside where it comes from: of which snapshot it was made to be proven."""
    return {SNAPSHOT_TAG: str(action.arguments["snapshot"])} if is_to_be_proven(action) else {}


def is_to_be_proven(action: Action) -> bool:
    """Whether the disk is made in order to be read."""
    return str(action.arguments["name"]).startswith(PROVE)


def _create_full(action: Action, hands: Hands, disks: Disks) -> Outcome:
    if why := _not_ours(action, disks):
        return why
    source = str(action.arguments.get("source", "")) or _source_of(action, disks)
    if not source:
        return Failed(
            "Changed", f"the scratch disk {action.thing} does not say any more what it is a copy of"
        )
    try:
        made = disks.create_snapshot(
            action.region,
            action.thing,
            name=str(action.arguments["name"]),
            deadline=datetime.fromisoformat(action.arguments["deadline"]),
            tags={RUN_TAG: hands.run, SOURCE_TAG: source},
        )
    except UncertainError as error:
        return after_silence(find, action, hands, error.message)
    return Pending(made, POLL_AFTER)


def _source_of(action: Action, disks: Disks) -> str:
    """What a scratch disk says that it is a copy of; empty where it says nothing."""
    return next(
        (each.tags.get(SOURCE_TAG, "") for each in disks.get_disks(action.region, [action.thing])), ""
    )


def _delete_scratch(action: Action, hands: Hands, disks: Disks) -> Outcome:
    why = _not_ours(action, disks)
    if isinstance(why, Failed) and why.code == "Vanished":
        return Done()
    if why:
        return why
    try:
        disks.delete_disk(action.region, action.thing)
    except UncertainError as error:
        return after_silence(find, action, hands, error.message)
    return Pending(action.thing, POLL_AFTER)


def scratch_of(action: Action, disks: Disks) -> Disk | Failed:
    """The scratch disk that an action means, or why what is there is not it."""
    found = disks.get_disks(action.region, [action.thing])
    if not found:
        return Failed("Vanished", f"the scratch disk {action.thing} is gone")
    (disk,) = found
    if disk.name != action.arguments["name"] or not is_scratch(disk):
        return Failed(
            "Changed", f"{disk.id} is not the scratch disk that it was: its name or its tags changed"
        )
    return disk


def _not_ours(action: Action, disks: Disks) -> Outcome | None:
    """Why what an action is to be done to is not the scratch disk that it means."""
    disk = scratch_of(action, disks)
    if isinstance(disk, Failed):
        return disk
    if disk.host:
        return Failed("Attached", f"the scratch disk {disk.id} is attached to {disk.host}")
    return None


def find(action: Action, hands: Hands) -> Outcome | None:
    """What came of an action: by name and run, by name and time, or by its being gone."""
    disks = hands.clouds[action.account].disks
    if action.verb == CREATE_SCRATCH:
        return _find_scratch(action, hands, disks)
    if action.verb == CREATE_FULL:
        return _find_full(action, hands, disks)
    if action.verb != DELETE_SCRATCH:
        return None
    return None if disks.get_disks(action.region, [action.thing]) else Done()


def _find_scratch(action: Action, hands: Hands, disks: Disks) -> Outcome | None:
    named = disks.find_disks(action.region, str(action.arguments["name"]))
    ours = [disk for disk in named if disk.tags.get(RUN_TAG) == hands.run and is_scratch(disk)]
    if not ours:
        return None
    disk = min(ours, key=lambda disk: disk.id)
    return _made(Pending(disk.id, POLL_AFTER), disk)


def _find_full(action: Action, hands: Hands, disks: Disks) -> Outcome | None:
    named = disks.find_snapshots(action.region, action.thing, str(action.arguments["name"]))
    # Another run of the slot may have gone on with the same scratch disk; what it made is not this run's.
    ours = [each for each in named if each.tags.get(RUN_TAG) == hands.run]
    found = copy_among(action, ours)
    return came_of_snapshot(Pending(found.id, POLL_AFTER), found, OFTEN_ENOUGH) if found else None


def copy_among(action: Action, snapshots: Iterable[Snapshot]) -> Snapshot | None:
    """The full copy that an action makes, among snapshots: by its name, and when it was made and ends."""
    name, slot, deadline = (str(action.arguments[each]) for each in ("name", "slot", "deadline"))
    named = [each for each in snapshots if each.name == name]
    return serving(named, datetime.fromisoformat(slot), datetime.fromisoformat(deadline))


def poll(waiting: Waiting, hands: Hands) -> Mapping[str, Outcome]:
    """Ask for all pending things of one kind and region at once; what does not answer is left pending."""
    snapshots = {key: each for key, each in waiting.items() if each[0].verb == CREATE_FULL}
    disks = {key: each for key, each in waiting.items() if key not in snapshots}
    return {
        **poll_by_place(
            snapshots,
            region_of,
            lambda place, ids: hands.clouds[place[0]].disks.get_snapshots(place[1], ids),
            lambda _, pending, snapshot: came_of_snapshot(pending, snapshot, OFTEN_ENOUGH),
        ),
        **poll_by_place(
            disks,
            region_of,
            lambda place, ids: hands.clouds[place[0]].disks.get_disks(place[1], ids),
            lambda action, pending, disk: (
                _made(pending, disk) if action.verb == CREATE_SCRATCH else _gone(pending, disk)
            ),
        ),
    }


def _made(pending: Pending, disk: Disk | None) -> Outcome:
    if disk is None:
        return missed(pending, OFTEN_ENOUGH, Failed("Vanished", f"{pending.token} was begun and is gone"))
    return Done(created=disk.id) if disk.made else pending


def _gone(pending: Pending, disk: Disk | None) -> Outcome:
    if disk is None:
        return Done()
    return missed(
        pending, OFTEN_ENOUGH, Uncertain(f"the cloud accepted the end of {disk.id}, and still lists it")
    )
