"""What carries out a copy in a vault: the loan, what is made of it there, and their ends.

Where that is a disk and a snapshot of the disk, they are those of a full copy (`drkit.snapshots.making`), done by the
vault's own credential.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from drkit.core import times
from drkit.core.actions import Action, Failed, Outcome, Pending
from drkit.core.errors import AccountError
from drkit.ports.cloud import Hands
from drkit.ports.disks import Snapshot
from drkit.ports.errors import CloudError, UncertainError
from drkit.ports.scratch import RUN_TAG, SOURCE_TAG
from drkit.snapshots import beginning, elsewhere, lendable, lending, making
from drkit.snapshots.elsewhere import NEVER_ARRIVED
from drkit.snapshots.silence import after_silence

WITHIN = "arrives_within"  # seconds, in the arguments of what makes the copy
DIRECTLY = "directly"  # in the arguments of what makes the copy of the lent snapshot itself
KEY_REFUSED = "KeyRefused"
VERBS = lending.VERBS | {lendable.VERB}


def run(action: Action, hands: Hands) -> Outcome:
    """Do one; nothing is made of a snapshot that the vault does not see."""
    if action.verb in lending.VERBS:
        return lending.run(action, hands)
    if action.verb == elsewhere.VERB:
        return elsewhere.run(action, hands)
    if action.verb == lendable.VERB:
        return _begun(action, hands, _take)
    if _is_of_loan(action) and not lending.is_seen(hands, action.account, action.region, action.thing):
        return lending.not_lent(action.account, action.thing)
    return _begun(action, hands, _copy) if DIRECTLY in action.arguments else making.run(action, hands)


def _is_of_loan(action: Action) -> bool:
    return action.verb == making.CREATE_SCRATCH or DIRECTLY in action.arguments


def _begun(action: Action, hands: Hands, begin: Callable[[Action, Hands], str]) -> Outcome:
    """After silence, look whether it was begun: neither call takes a client token."""
    try:
        return Pending(begin(action, hands), making.POLL_AFTER)
    except UncertainError as error:
        return after_silence(find, action, hands, error.message)


def _take(action: Action, hands: Hands) -> str:
    return hands.clouds[action.account].disks.create_snapshot(
        action.region,
        action.thing,
        name=str(action.arguments["name"]),
        deadline=datetime.fromisoformat(action.arguments["deadline"]),
        tags={RUN_TAG: hands.run},
        lendable=True,
    )


def _copy(action: Action, hands: Hands) -> str:
    return lending.lending_of(action, hands).copy_lent(
        action.region,
        action.thing,
        to=action.region,
        name=str(action.arguments["name"]),
        deadline=datetime.fromisoformat(action.arguments["deadline"]),
        tags={RUN_TAG: hands.run, SOURCE_TAG: action.thing},
    )


def find(action: Action, hands: Hands) -> Outcome | None:
    """What came of an action that was intended, where nobody wrote that down."""
    if action.verb in lending.VERBS:
        return lending.find(action, hands)
    if action.verb in (lendable.VERB, elsewhere.VERB):
        return beginning.find(action, hands)
    return _find_copy(action, hands) if DIRECTLY in action.arguments else making.find(action, hands)


def _find_copy(action: Action, hands: Hands) -> Outcome | None:
    named = hands.clouds[action.account].disks.find_copies(action.region, str(action.arguments["name"]))
    # Another run of the slot gives the same name; what it made is not this run's.
    found = making.copy_among(action, [each for each in named if each.tags.get(RUN_TAG) == hands.run])
    return Pending(found.id, making.POLL_AFTER) if found else None


def poll(waiting: Mapping[str, tuple[Action, Pending]], hands: Hands) -> Mapping[str, Outcome]:
    """As of full copies; a copy that takes longer than it may never arrived."""
    taken = {key: pair for key, pair in waiting.items() if pair[0].verb in (lendable.VERB, elsewhere.VERB)}
    others = {key: pair for key, pair in waiting.items() if key not in taken}
    answers = {**beginning.poll(taken, hands), **making.poll(others, hands)}
    for key, (action, pending) in others.items():
        answers[key] = _judged(action, pending, answers.get(key, pending), hands)
    return answers


def _judged(action: Action, pending: Pending, answer: Outcome, hands: Hands) -> Outcome:
    match answer:
        case Pending() if _may_be_late(action):
            return _late(action, pending, hands) or answer
        case Failed(code="Spoiled") if DIRECTLY in action.arguments:
            return _explained(action, pending, answer, hands)
    return answer


def _explained(action: Action, pending: Pending, spoiled: Failed, hands: Hands) -> Failed:
    """With the cloud's own words, and by another name where a key is in the way."""
    try:
        told = lending.lending_of(action, hands).said_of(action.region, pending.token)
    except (CloudError, AccountError):
        return spoiled
    if not told:
        return spoiled
    code = KEY_REFUSED if "key" in told.casefold() else spoiled.code
    return replace(spoiled, code=code, reason=f"{spoiled.reason}: {told}")


def _may_be_late(action: Action) -> bool:
    """Whether as much time has passed since its slot: only then the cloud is asked when it was begun."""
    if WITHIN not in action.arguments:
        return False
    return times.now() - datetime.fromisoformat(action.arguments["slot"]) > _within(action)


def _within(action: Action) -> timedelta:
    return timedelta(seconds=int(action.arguments[WITHIN]))


def _late(action: Action, pending: Pending, hands: Hands) -> Failed | None:
    """Whether a copy surely takes longer than it may, in whichever zone its time is meant."""
    try:
        found = hands.clouds[action.account].disks.get_snapshots(action.region, [pending.token])
    except (CloudError, AccountError):
        return None
    copy: Snapshot | None = next(iter(found), None)
    if copy is None or copy.created is None or (age := copy.created.age(times.now())[0]) <= _within(action):
        return None
    return Failed(NEVER_ARRIVED, f"{copy.id} has not arrived in the vault after {times.hours(age)}")
