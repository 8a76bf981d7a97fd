"""What happens by itself: states end, policies fire, what was recycled goes; in the order of their times."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from drkit.sandbox.world import policies
from drkit.sandbox.world.things import IN_RECYCLE_BIN, Passing

if TYPE_CHECKING:
    from drkit.sandbox.world.model import Event, Resources, World
    from drkit.sandbox.world.things import Disk, Instance

Happening = Callable[["World", "Resources", "Event"], None]


def catch_up(world: World, now: datetime) -> datetime:
    """Let happen what was due until now; answers with that time."""
    while world.events and world.events[0].at <= now:
        event = heapq.heappop(world.events)
        account = world.accounts.get(event.account)
        if account:
            HAPPENINGS[event.kind](world, account.regions[event.region], event)
    return now


def settle_disk(_world: World, resources: Resources, event: Event) -> None:
    """A disk's passing state is over."""
    disk = resources.disks.get(event.thing)
    if disk is None or disk.passing is None or disk.passing.ends != event.at:
        return
    passing, disk.passing = disk.passing, None
    if passing.state == "DETACHING":
        disk.instance = None
    if passing.size is not None:
        disk.size = passing.size
    host = resources.instances.get(disk.instance or "")
    if passing.becomes and host and host.passing is None:
        host.state, host.operation = passing.becomes, "StartInstances"


def settle_instance(_world: World, resources: Resources, event: Event) -> None:
    """A host's passing state is over; one that was TERMINATING is gone."""
    instance = resources.instances.get(event.thing)
    if instance is None or instance.passing is None or instance.passing.ends != event.at:
        return
    passing, instance.passing = instance.passing, None
    instance.state = passing.becomes
    if passing.state == "TERMINATING":
        remove_instance(resources, instance)


def remove_instance(resources: Resources, instance: Instance) -> None:
    """A host goes, its system disk with it and those disks that are to go with their host."""
    del resources.instances[instance.id]
    for disk in resources.disks_of(instance.id):
        if disk.delete_with_instance or not disk.portable:
            remove_disk(resources, disk)
        else:
            disk.instance = None


def remove_disk(resources: Resources, disk: Disk) -> None:
    """A disk goes for good; with it, where that was asked for, those of its snapshots that have a deadline."""
    del resources.disks[disk.id]
    for policy in resources.policies.values():
        if disk.id in policy.disks:
            policy.disks.remove(disk.id)
    if disk.delete_snapshots:
        for one in list(resources.snapshots_by_disk.get(disk.id, {}).values()):
            if one.deadline is not None and not one.shared_with:
                resources.remove_snapshot(one)


def release_disk(_world: World, resources: Resources, event: Event) -> None:
    """A disk has been in the recycle bin for long enough."""
    disk = resources.disks.get(event.thing)
    if disk and disk.recycled and event.at - disk.recycled >= IN_RECYCLE_BIN:
        remove_disk(resources, disk)


def release_instance(_world: World, resources: Resources, event: Event) -> None:
    """A host has been in the recycle bin for long enough."""
    instance = resources.instances.get(event.thing)
    if instance and instance.recycled and event.at - instance.recycled >= IN_RECYCLE_BIN:
        remove_instance(resources, instance)


def fire_policy(world: World, resources: Resources, event: Event) -> None:
    """A policy's hour has come, unless it was changed since."""
    policy = resources.policies.get(event.thing)
    if policy and policy.next == event.at:
        policies.fire(world, resources, policy, event.at)
        policies.arm(world, policy, event.account, event.region, event.at)


HAPPENINGS: dict[str, Happening] = {
    "disk": settle_disk,
    "instance": settle_instance,
    "release disk": release_disk,
    "release instance": release_instance,
    "policy": fire_policy,
}


def pass_disk(world: World, where: tuple[str, str], disk: Disk, passing: Passing) -> None:
    """Put a disk into a state that ends by itself; ``where`` is its account and region."""
    disk.passing = passing
    world.foresee(passing.ends, "disk", *where, disk.id)


def pass_instance(world: World, where: tuple[str, str], instance: Instance, passing: Passing) -> None:
    """Put a host into a state that ends by itself."""
    instance.passing = passing
    world.foresee(passing.ends, "instance", *where, instance.id)
