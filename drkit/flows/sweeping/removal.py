"""The action that removes a thing which is scratch."""

from __future__ import annotations

from drkit.core.actions import Action, Effect
from drkit.core.money import NOTHING
from drkit.flows.sweeping.seeing import Thing, ThingKind
from drkit.ports.scratch import SOURCE_TAG
from drkit.snapshots.making import DELETE_SCRATCH
from drkit.snapshots.proofs import DETACH, detachment

VERBS = {ThingKind.DISK: DELETE_SCRATCH}


def tear_down(thing: Thing) -> tuple[Action, ...]:
    """What removes a thing, in its order: one that hangs on a host is detached first."""
    return (*((detachment_of(thing),) if thing.host else ()), removal_of(thing))


def detachment_of(thing: Thing) -> Action:
    """The same action as that of the step that attached the thing."""
    return Action(
        verb=DETACH,
        effect=Effect.CHANGE,
        account=thing.place.account,
        region=thing.place.region,
        target=thing.id,
        arguments=detachment(thing.tags.get(SOURCE_TAG, ""), thing.name, thing.host),
        reason="it is scratch that was left behind",
        cost=NOTHING,
    )


def removal_of(thing: Thing) -> Action:
    """The same action as that of the step that made the thing, so that nothing is done under two names."""
    return Action(
        verb=VERBS[thing.kind],
        effect=Effect.DESTROY,
        account=thing.place.account,
        region=thing.place.region,
        target=thing.id,
        arguments={"source": thing.tags.get(SOURCE_TAG, ""), "name": thing.name, "scratch": True},
        reason="it is scratch that was left behind",
        cost=NOTHING,
    )
