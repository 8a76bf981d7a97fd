"""The snapshots of each selected disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drkit.ports import columns
from drkit.ports.disks import Disk, Snapshot
from drkit.ports.facts import RegionFacts, Unread
from drkit.snapshots.selection import Selection, matches


def by_disk(region: RegionFacts, selection: Selection) -> Iterator[tuple[Disk, Sequence[Snapshot]]]:
    """Each selected disk of a region with all its snapshots, by its id; nothing where one list was not read."""
    if isinstance(region.disks, Unread) or isinstance(region.snapshots, Unread):
        return  # nothing is planned blindly; the conclusion says that it was not read
    of_disk = columns.by_disk(region.snapshots)
    for disk in sorted(region.disks, key=lambda each: each.id):
        if matches(selection, disk):
            yield disk, of_disk(disk.id)
