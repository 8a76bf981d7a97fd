"""The action that removes a thing which is scratch."""

from __future__ import annotations

from drkit.core.actions import Action, Effect
from drkit.core.money import NOTHING
from drkit.flows.sweeping.seeing import Thing, ThingKind
from drkit.ports.scratch import SOURCE_TAG
from drkit.snapshots.making import DELETE_SCRATCH

VERBS = {ThingKind.DISK: DELETE_SCRATCH}


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
