"""After each call what disks hold is brought to where the cloud is: kept with a snapshot, laid out, taken away."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from drkit.sandbox.volumes.contents import Contents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drkit.sandbox.world.model import Disk, World

LOG = logging.getLogger("drkit.sandbox")
# How a host finds a disk: by its serial, which is its id (document 362/6735).
FOUND_AS = "virtio-{0}"


class Settling:
    """What is laid out at hosts at present, by disk; another process knows nothing of it."""

    def __init__(self, directory: Path | None) -> None:
        """Contents lie in a directory; without one nothing holds anything."""
        self.contents = Contents(directory) if directory else None
        self.shown: dict[str, Path] = {}

    def fill(self, world: World, disk: str, image: str) -> None:
        """Let a disk hold what a file holds now; snapshots that it has already hold nothing.

        Raises:
            ValueError: there is no such disk, or it hangs where its content is in use, or the file cannot be read.
        """
        if self.contents is None:
            raise ValueError("this sandbox has no home to keep contents in")
        if disk not in disks_of(world) or disk in self.shown:
            raise ValueError(f"there is no disk {disk}, or it is in use")
        try:
            world.volumes.disks[disk] = self.contents.keep(Path(image))
        except OSError as error:
            raise ValueError(f"{image} cannot be read: {error.strerror}") from None
        for held in world.everywhere():
            for snapshot in held.snapshots_by_disk.get(disk, {}):
                world.volumes.snapshots.setdefault(snapshot, "")

    def place(self, world: World, host: str, directory: str) -> None:
        """Let a host find its disks in a directory.

        Raises:
            ValueError: it is none.
        """
        if not Path(directory).is_absolute() or not Path(directory).is_dir():
            raise ValueError(f"{directory} is no directory, or not told from the root")
        world.volumes.places[host] = directory

    def refuse_missing(self, world: World) -> None:
        """Raise for a saved world whose contents are not here.

        Raises:
            ValueError: they were kept in another home.
        """
        names = world.volumes.contents()
        if names and not (self.contents and all(map(self.contents.has, names))):
            raise ValueError("the contents of its disks are not in this sandbox's home")

    def forget(self) -> None:
        """Take everything away from hosts, since the world is about to be another."""
        for path in self.shown.values():
            path.unlink(missing_ok=True)
        self.shown.clear()

    def settle(self, world: World) -> None:
        """Bring everything to where the world is now; what cannot be written is told in the log."""
        if self.contents is None or not (world.volumes.disks or world.volumes.snapshots or self.shown):
            return
        try:
            self._settle(world, self.contents)
        except OSError:
            LOG.exception("the contents of disks are not where they should be")

    def _settle(self, world: World, contents: Contents) -> None:
        there = disks_of(world)
        self._take_away(world, contents, there)
        self._keep_snapshots(world, contents)
        make_disks(world, contents, there)
        for gone in world.volumes.disks.keys() - there.keys():
            del world.volumes.disks[gone]
        for disk in there.values():
            target = target_of(world, disk)
            if target and disk.id not in self.shown:
                contents.lay(world.volumes.disks[disk.id], target)
                self.shown[disk.id] = target

    def _take_away(self, world: World, contents: Contents, there: Mapping[str, Disk]) -> None:
        """What hangs there no longer holds what its file held at the end."""
        for id_, path in list(self.shown.items()):
            disk = there.get(id_)
            if disk and target_of(world, disk) == path:
                continue
            if disk and path.is_file():
                world.volumes.disks[id_] = contents.keep(path)
            path.unlink(missing_ok=True)
            del self.shown[id_]

    def _keep_snapshots(self, world: World, contents: Contents) -> None:
        """A new snapshot holds what its disk holds now."""
        for held in world.everywhere():
            for disk, content in world.volumes.disks.items():
                for snapshot in held.snapshots_by_disk.get(disk, {}):
                    if snapshot not in world.volumes.snapshots:
                        path = self.shown.get(disk)
                        world.volumes.snapshots[snapshot] = contents.keep(path) if path else content


def disks_of(world: World) -> dict[str, Disk]:
    """Every disk by its id."""
    return {disk.id: disk for held in world.everywhere() for disk in held.disks.values()}


def make_disks(world: World, contents: Contents, there: Mapping[str, Disk]) -> None:
    """A disk that was made of a snapshot holds what that holds, unless it was to be made wrong."""
    volumes = world.volumes
    for disk in there.values():
        content = volumes.snapshots.get(disk.made_from or "")
        if content and disk.id not in volumes.disks:
            spoiling = volumes.spoilt.pop(disk.id, None)
            volumes.disks[disk.id] = contents.spoil(content, spoiling) if spoiling else content


def target_of(world: World, disk: Disk) -> Path | None:
    """Where a host finds a disk now; None where it hangs on none that has a place, or is on its way."""
    place = world.volumes.places.get(disk.instance or "")
    if place is None or disk.state != "ATTACHED" or disk.id not in world.volumes.disks:
        return None
    return Path(place) / FOUND_AS.format(disk.id)
