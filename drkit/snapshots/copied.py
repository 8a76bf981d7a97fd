"""Which snapshots of a region are good copies of which others; pure.

The cloud's own list does not say what a copy was made of. A copy is told by the tag ``drkit:source``, by the id of
its source in its name (as CopySnapshotCrossRegions names it unless told otherwise), or by the slot and the disk in
the name that `snapshots.take` gives it. What a vault made of a snapshot that was lent to it is told by its name and
the tag ``drkit:source``. A copy is as old as its source; where that is gone nobody can tell how old it is, and it
counts for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from drkit.ports.disks import Snapshot, SnapshotState
from drkit.ports.facts import Facts, Scope, Unread
from drkit.ports.scratch import SOURCE_TAG
from drkit.snapshots.judging import Status
from drkit.snapshots.scratch import VAULT

SNAPSHOT_ID = re.compile("snap-[0-9a-z]{8,40}")
SLOT = "([0-9]{8}T[0-9]{4,6})"
TAKEN = re.compile(f"drkit-.+-{SLOT}-[0-9]+[smhdw]")
COPIED = re.compile(f"drkit-copy-{SLOT}-((?:disk|vol)-[0-9a-z]+)-[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Copies:
    """What is promised of copies, and what there is.

    Args:
        regions: where each volume must have a copy of a fresh snapshot.
        vaults: names of accounts in which each volume of the others must have one, in its own region.
        sources: by account and region, the ids of what good copies there were made of.
        unread: by account and region, why that is not known.
    """

    regions: Sequence[str] = ()
    sources: Mapping[Scope, frozenset[str]] = field(default_factory=dict)
    unread: Mapping[Scope, str] = field(default_factory=dict)
    vaults: Sequence[str] = ()

    @property
    def promised(self) -> bool:
        """Whether any copy is."""
        return bool(self.regions or self.vaults)

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
        for place, there in self._places(scope):
            if there in self.unread:
                yield Status.UNKNOWN, f"{place}: {self.unread[there]}"
            elif fresh.isdisjoint(self.sources.get(there, frozenset())):
                yield Status.NOT_COPIED, place

    def _places(self, scope: Scope) -> Iterator[tuple[str, Scope]]:
        """In words and by scope, where a volume of a place must have a copy; a vault's own needs none in a vault."""
        for region in self.regions:
            if region != scope.region:
                yield region, Scope(scope.account, region)
        for vault in self.vaults if scope.account not in self.vaults else ():
            yield f"the vault {vault}", Scope(vault, scope.region)


def copies(facts: Facts, regions: Sequence[str], vaults: Sequence[str] = ()) -> Copies:
    """The good copies in the promised regions and vaults."""
    wanted = [each for each in facts.regions if each.scope.region in regions or each.scope.account in vaults]
    sources: dict[Scope, frozenset[str]] = {}
    unread: dict[Scope, str] = {}
    for each in wanted:
        if isinstance(each.snapshots, Unread):
            unread[each.scope] = each.snapshots.reason
        else:
            found = _vaulted if each.scope.account in vaults else _sources
            sources[each.scope] = frozenset(found(each.snapshots))
    return Copies(regions, sources, unread, vaults)


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


def _vaulted(snapshots: Iterable[Snapshot]) -> Iterator[str]:
    """What a vault's own good snapshots say they were made of; what is only lent to it is no copy."""
    for snapshot in snapshots:
        own = snapshot.state is SnapshotState.GOOD and not snapshot.shared
        if own and snapshot.name.startswith(VAULT) and (source := snapshot.tags.get(SOURCE_TAG)):
            yield source
