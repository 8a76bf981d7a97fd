"""What carries out a full copy: the scratch disk, the snapshot of it, and its removal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from drkit.core.actions import Action, Done, Failed, Outcome, Pending, Uncertain
from drkit.core.errors import AccountError
from drkit.ports.cloud import Hands
from drkit.ports.disks import Disk, Disks, Snapshot, SnapshotState
from drkit.ports.errors import CloudError, UncertainError
from drkit.ports.scratch import RUN_TAG, SOURCE_TAG, UNTIL_TAG
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
    return _copied(Pending(found.id, POLL_AFTER), found.state) if found else None


def copy_among(action: Action, snapshots: Iterable[Snapshot]) -> Snapshot | None:
    """The full copy that an action makes, among snapshots: by its name, and when it was made and ends."""
    name, slot, deadline = (str(action.arguments[each]) for each in ("name", "slot", "deadline"))
    named = [each for each in snapshots if each.name == name]
    return serving(named, datetime.fromisoformat(slot), datetime.fromisoformat(deadline))


def poll(waiting: Mapping[str, tuple[Action, Pending]], hands: Hands) -> Mapping[str, Outcome]:
    """Ask for all pending things of one kind and region at once; what does not answer is left pending."""
    answers: dict[str, Outcome] = {}
    for place in sorted({(each.account, each.region, each.verb) for each, _ in waiting.values()}):
        here = {
            key: pending
            for key, (each, pending) in waiting.items()
            if (each.account, each.region, each.verb) == place
        }
        try:
            answers |= _poll_place(*place, here, hands)
        except (CloudError, AccountError):
            continue  # the others are asked all the same; these are asked again
    return answers


def _poll_place(
    account: str, region: str, verb: str, here: Mapping[str, Pending], hands: Hands
) -> Mapping[str, Outcome]:
    disks = hands.clouds[account].disks
    ids = [pending.token for pending in here.values()]
    if verb == CREATE_FULL:
        states = {each.id: each.state for each in disks.get_snapshots(region, ids)}
        return {key: _copied(pending, states.get(pending.token)) for key, pending in here.items()}
    listed = {each.id: each for each in disks.get_disks(region, ids)}
    settle = _made if verb == CREATE_SCRATCH else _gone
    return {key: settle(pending, listed.get(pending.token)) for key, pending in here.items()}


def _made(pending: Pending, disk: Disk | None) -> Outcome:
    if disk is None:
        return _missed(pending, Failed("Vanished", f"{pending.token} was begun and is gone"))
    return Done(created=disk.id) if disk.made else pending


def _gone(pending: Pending, disk: Disk | None) -> Outcome:
    if disk is None:
        return Done()
    return _missed(pending, Uncertain(f"the cloud accepted the end of {disk.id}, and still lists it"))


def _copied(pending: Pending, state: SnapshotState | None) -> Outcome:
    match state:
        case SnapshotState.GOOD:
            return Done(created=pending.token)
        case SnapshotState.CREATING:
            return pending
        case None:
            return _missed(pending, Failed("Vanished", f"{pending.token} was begun and is gone"))
        case _:
            return Failed("Spoiled", f"{pending.token} is in a state that no snapshot should be in")


def _missed(pending: Pending, otherwise: Outcome) -> Outcome:
    """Lists lag behind what was begun and what was removed."""
    return replace(pending, missed=pending.missed + 1) if pending.missed < OFTEN_ENOUGH else otherwise
