"""Which snapshots of a region are good copies of which others; pure.

The cloud's own list does not say what a copy was made of. A copy is told by the tag ``drkit:source``, by the id of
its source in its name (as CopySnapshotCrossRegions names it unless told otherwise), or by the slot and the disk in
the name that `snapshots.take` gives it. It is as old as its source; where that is gone nobody can tell how old it
is, and it counts for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from drkit.ports.disks import Snapshot, SnapshotState
from drkit.ports.facts import Facts, Scope, Unread
from drkit.ports.scratch import SOURCE_TAG
from drkit.snapshots.judging import Status

SNAPSHOT_ID = re.compile("snap-[0-9a-z]{8,40}")
SLOT = "([0-9]{8}T[0-9]{4,6})"
TAKEN = re.compile(f"drkit-.+-{SLOT}-[0-9]+[smhdw]")
COPIED = re.compile(f"drkit-copy-{SLOT}-((?:disk|vol)-[0-9a-z]+)-[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Copies:
    """What is promised of copies, and what there is.

    Args:
        regions: where each volume must have a copy of a fresh snapshot.
        sources: by account and region, the ids of what good copies there were made of.
        unread: by account and region, why that is not known.
    """

    regions: Sequence[str] = ()
    sources: Mapping[Scope, frozenset[str]] = field(default_factory=dict)
    unread: Mapping[Scope, str] = field(default_factory=dict)

    def missing(self, scope: Scope, fresh: Iterable[Snapshot]) -> tuple[Status, str] | None:
        """What is wrong with the copies of a volume of a place, by its fresh snapshots; None where nothing is."""
        wanted = frozenset(name for snapshot in fresh for name in _names(snapshot))
        found = list(self._wrong(scope, wanted))
        lacking = [region for status, region in found if status is Status.NOT_COPIED]
        if lacking:
            return Status.NOT_COPIED, f"no fresh snapshot has a good copy in {', '.join(lacking)}"
        reasons = "; ".join(why for _, why in found)
        return (Status.UNKNOWN, f"copies were not read: {reasons}") if found else None

    def _wrong(self, scope: Scope, fresh: frozenset[str]) -> Iterator[tuple[Status, str]]:
        for region in self.regions:
            there = Scope(scope.account, region)
            if there == scope:
                continue
            if there in self.unread:
                yield Status.UNKNOWN, f"{region}: {self.unread[there]}"
            elif fresh.isdisjoint(self.sources.get(there, frozenset())):
                yield Status.NOT_COPIED, region


def copies(facts: Facts, regions: Sequence[str]) -> Copies:
    """The good copies in the promised regions."""
    wanted = [region for region in facts.regions if region.scope.region in regions]
    return Copies(
        regions,
        {
            each.scope: frozenset(_sources(each.snapshots))
            for each in wanted
            if not isinstance(each.snapshots, Unread)
        },
        {each.scope: each.snapshots.reason for each in wanted if isinstance(each.snapshots, Unread)},
    )


def _names(snapshot: Snapshot) -> Iterator[str]:
    """By what its copies name a snapshot."""
    yield snapshot.id
    if found := TAKEN.fullmatch(snapshot.name):
        yield f"{snapshot.disk} {found[1]}"


def _sources(snapshots: Iterable[Snapshot]) -> Iterator[str]:
    """What the good copies among snapshots say they were made of."""
    for snapshot in snapshots:
        if snapshot.copied and snapshot.state is SnapshotState.GOOD:
            if source := snapshot.tags.get(SOURCE_TAG):
                yield source
            yield from SNAPSHOT_ID.findall(snapshot.name)
            if found := COPIED.fullmatch(snapshot.name):
                yield f"{found[2]} {found[1]}"
