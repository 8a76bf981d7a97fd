"""What carries out a proof: a disk is made, attached, read on its host, detached and removed.

The first and the last are those of a full copy (`drkit.snapshots.making`). Attaching and detaching are the broker's:
docs/decisions/0010-proving.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from drkit.core.actions import Action, Done, Failed, Outcome, Pending, Uncertain
from drkit.ports.cloud import Hands
from drkit.ports.disks import Disk, Disks
from drkit.ports.errors import UncertainError
from drkit.ports.shells import program_from_data
from drkit.snapshots import making
from drkit.snapshots.making import OFTEN_ENOUGH, POLL_AFTER
from drkit.snapshots.polling import Waiting, missed, poll_by_place, region_of
from drkit.snapshots.proofs import ATTACH, DETACH, MOVES, PROVE, read_answer
from drkit.snapshots.silence import after_silence


def run(action: Action, hands: Hands) -> Outcome:
    """Do one; after silence, look what came of it."""
    if action.verb == PROVE:
        return _prove(action, hands)
    if action.verb not in MOVES:
        return making.run(action, hands)
    disks = hands.clouds[action.account].disks
    try:
        return _attach(action, disks) if action.verb == ATTACH else _detach(action, disks)
    except UncertainError as error:
        return after_silence(find, action, hands, error.message)


def _attach(action: Action, disks: Disks) -> Outcome:
    host = str(action.arguments["host"])
    disk = making.scratch_of(action, disks)
    if isinstance(disk, Failed):
        return disk
    if disk.host == host:
        return _moved(action, Pending(disk.id, POLL_AFTER), disk)
    if disk.host:
        return Failed("NotAttached", f"{disk.id} hangs on {disk.host}")
    disks.attach_disk(action.region, disk.id, host)
    return Pending(disk.id, POLL_AFTER)


def _detach(action: Action, disks: Disks) -> Outcome:
    host = str(action.arguments["host"])
    disk = making.scratch_of(action, disks)
    if isinstance(disk, Failed):
        return Done() if disk.code == "Vanished" else disk
    if not disk.host:
        return Done()
    if disk.host != host:
        return Failed("NotDetached", f"{disk.id} hangs on {disk.host}")
    disks.detach_disk(action.region, disk.id, host)
    return Pending(disk.id, POLL_AFTER)


def _prove(action: Action, hands: Hands) -> Outcome:
    """Have the disk read on its host, if it hangs there."""
    arguments = action.arguments
    disk = making.scratch_of(action, hands.clouds[action.account].disks)
    if isinstance(disk, Failed):
        return disk
    if disk.host != arguments["host"] or not disk.made:
        return Failed("NotAttached", f"not attempted: {disk.id} does not hang on {arguments['host']}")
    if hands.shells is None:
        return Uncertain("nothing here reaches hosts")
    question = {"disk": disk.id, "manifest": arguments["manifest"], "seconds": arguments["seconds"]}
    told = hands.shells.ask(program_from_data(arguments["program"]), question, float(arguments["seconds"]))
    answer = read_answer(told)
    if answer is None:
        return Uncertain(f"what {arguments['host']} told of {disk.id} cannot be understood")
    return Done(told=answer)


def find(action: Action, hands: Hands) -> Outcome | None:
    """What came of an action that was intended, where nobody wrote that down; what was read is read again."""
    if action.verb == PROVE:
        return None
    if action.verb not in MOVES:
        return making.find(action, hands)
    found = hands.clouds[action.account].disks.get_disks(action.region, [action.thing])
    if not found:
        return Done() if action.verb == DETACH else None
    # One that hangs where it hung may be about to go: only its being in between is a sign.
    settled = _moved(action, Pending(found[0].id, POLL_AFTER), found[0])
    return None if isinstance(settled, Pending) and found[0].made else settled


def poll(waiting: Waiting, hands: Hands) -> Mapping[str, Outcome]:
    """Ask for all that moves in a region at once; what does not answer is left pending."""
    moves = {key: each for key, each in waiting.items() if each[0].verb in MOVES}
    others = {key: each for key, each in waiting.items() if key not in moves}
    moved = poll_by_place(
        moves,
        region_of,
        lambda place, ids: hands.clouds[place[0]].disks.get_disks(place[1], ids),
        _moved,
    )
    return {**making.poll(others, hands), **moved}


def _moved(action: Action, pending: Pending, disk: Disk | None) -> Outcome:
    """What became of a move: done once the disk is at rest where it should be; at rest elsewhere it may still begin."""
    if disk is None:
        gone = Failed("Vanished", f"{pending.token} is gone")
        return Done() if action.verb == DETACH else missed(pending, OFTEN_ENOUGH, gone)
    wanted = "" if action.verb == DETACH else action.arguments["host"]
    if not disk.made:
        return pending
    if disk.host == wanted:
        return Done()
    where = f"hangs on {disk.host}" if disk.host else "hangs on no host"
    return missed(
        pending, OFTEN_ENOUGH, Failed("NotMoved", f"the cloud accepted it, and {disk.id} still {where}")
    )
