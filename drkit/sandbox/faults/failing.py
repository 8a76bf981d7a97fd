"""Tasks that fail: a call was answered well, and when its work should be done everything is as it was before."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drkit.sandbox.world.model import Resources, World
    from drkit.sandbox.world.things import Disk, Image, Instance, Snapshot

Place = tuple[str, str]  # account, region


@dataclass(frozen=True, slots=True)
class Before:
    """What there was in one region of one account, copied as far as tasks change it."""

    instances: dict[str, Instance]
    disks: dict[str, Disk]
    snapshots: set[str]
    images: set[str]

    @classmethod
    def of(cls, held: Resources) -> Before:
        """A copy of what there is."""
        return cls(
            {one.id: dataclasses.replace(one) for one in held.instances.values()},
            {one.id: dataclasses.replace(one) for one in held.disks.values()},
            set(snapshots_in(held)),
            set(held.images),
        )


@dataclass(slots=True)
class Task:
    """Work that a call began in one place, and what to put back when it should be done."""

    place: Place
    ends: datetime
    new: set[str]
    instances: dict[str, Instance]
    disks: dict[str, Disk]

    def fail(self, world: World) -> None:
        """Let it come to nothing: what it made is gone, what it changed is as before."""
        account = world.accounts.get(self.place[0])
        if account is None:
            return
        held = account.regions[self.place[1]]
        for snapshot in [one for id_, one in snapshots_in(held).items() if id_ in self.new]:
            held.remove_snapshot(snapshot)
        for things in (held.disks, held.instances, held.images):
            for id_ in self.new & set(things):
                del things[id_]
        held.instances.update(self.instances)
        held.disks.update(self.disks)


@dataclass(slots=True)
class Failing:
    """The tasks under way that are going to fail."""

    tasks: list[Task] = field(default_factory=list)

    def note(self, before: dict[Place, Before], world: World, now: datetime) -> None:
        """Find what a call began, out of what there was before it."""
        for place, held in places(world).items():
            was = before.get(place) or Before({}, {}, set(), set())
            task = begun(place, was, held, world, now)
            if task is not None:
                self.tasks.append(task)

    def settle(self, world: World, now: datetime) -> None:
        """Let fail what should be done by now."""
        due = [task for task in self.tasks if task.ends <= now]
        self.tasks = [task for task in self.tasks if task.ends > now]
        for task in due:
            task.fail(world)

    def clear(self) -> None:
        """Let all of them end well."""
        self.tasks.clear()


def places(world: World) -> dict[Place, Resources]:
    """What every account has in every region."""
    return {
        (uin, region): held
        for uin, account in world.accounts.items()
        for region, held in account.regions.items()
    }


def copies(world: World) -> dict[Place, Before]:
    """What there is everywhere."""
    return {place: Before.of(held) for place, held in places(world).items()}


def begun(place: Place, was: Before, held: Resources, world: World, now: datetime) -> Task | None:
    """The work that began in a place, if there is any."""
    snapshots: dict[str, Snapshot | Image] = {**snapshots_in(held), **held.images}
    old = was.snapshots | was.images
    made = {id_: one for id_, one in snapshots.items() if id_ not in old}
    new = {*made, *(set(held.disks) - set(was.disks)), *(set(held.instances) - set(was.instances))}
    instances = {id_: one for id_, one in was.instances.items() if is_changed(held.instances.get(id_), one)}
    disks = {
        id_: one
        for id_, one in was.disks.items()
        if is_changed(held.disks.get(id_), one) or one.instance in instances
    }
    if not (new or instances or disks):
        return None
    ends = [one.created + one.creation for one in made.values()]
    ends += [disk.passing.ends for disk in held.disks.values() if disk.passing]
    ends += [one.passing.ends for one in held.instances.values() if one.passing]
    return Task(place, max(ends, default=now + world.passing), new, instances, disks)


def is_changed(now: Disk | Instance | None, before: Disk | Instance) -> bool:
    """Whether a thing is gone, or in a state in which it was not before."""
    return now is None or now.passing is not before.passing or now.recycled != before.recycled


def snapshots_in(held: Resources) -> dict[str, Snapshot]:
    """The snapshots of a place by their ids."""
    return {id_: one for by_id in held.snapshots_by_disk.values() for id_, one in by_id.items()}
