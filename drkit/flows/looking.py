"""A query becomes facts. What could not be read is Unread with its reason, never an empty list.

Places and kinds are read side by side: each is as slow as the cloud is there, and none waits for another. What the
clouds take a second is kept to by each account's own caller.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from drkit.core.crews import side_by_side
from drkit.core.errors import AccountError
from drkit.ports.cloud import Cloud
from drkit.ports.errors import CloudError
from drkit.ports.facts import NOT_ASKED, Facts, Kind, Query, RegionFacts, Scope, Unread

if TYPE_CHECKING:
    from drkit.flows.tools import Look

NOT_LOOKED_AT = Unread("automatic policies of this cloud are not looked at")
# The longest lists begin first.
ORDER = (Kind.SNAPSHOTS, Kind.DISKS, Kind.HOSTS, Kind.POLICIES)


def look(query: Query, eyes: Look) -> Facts:
    """Ask every scope for every kind; what fails becomes Unread.

    A credential that was good when its account was confirmed may be disabled since: that is Unread too.
    """
    looked_at = eyes.clock()
    asked = [(scope, kind) for kind in ORDER if kind in query.kinds for scope in query.scopes]
    reads = [partial(_read, eyes.clouds[scope.account], scope.region, kind) for scope, kind in asked]
    everybody = [
        partial(eyes.clouds[account].people.identities, account, number)
        for account, number in query.identities
    ]
    told = _Told([scope for scope, _ in asked], eyes.progress)
    read: list[Any] = side_by_side([*reads, *everybody], told.ended)
    found = dict(zip(asked, read, strict=False))
    regions = tuple(
        _facts(scope, {kind: found.get((scope, kind), NOT_ASKED) for kind in Kind}) for scope in query.scopes
    )
    return Facts(looked_at, regions, tuple(read[len(asked) :]))


def _facts(scope: Scope, read: Mapping[Kind, Any]) -> RegionFacts:
    return RegionFacts(
        scope,
        hosts=read[Kind.HOSTS],
        disks=read[Kind.DISKS],
        snapshots=read[Kind.SNAPSHOTS],
        policies=read[Kind.POLICIES],
    )


def _read(cloud: Cloud, region: str, kind: Kind) -> Any:
    """What a region has of a kind, or why nobody knows."""
    try:
        match kind:
            case Kind.HOSTS:
                return cloud.machines.list_hosts(region)
            case Kind.DISKS:
                return cloud.disks.list_disks(region)
            case Kind.SNAPSHOTS:
                return cloud.disks.list_snapshots(region)
            case Kind.POLICIES:
                return cloud.automatic.list_policies(region) if cloud.automatic else NOT_LOOKED_AT
    except (CloudError, AccountError) as error:
        return Unread(error.message)


class _Told:
    """Tells a person how many places are read."""

    def __init__(self, scopes: Iterable[Scope], progress: Callable[[str], None]) -> None:
        self._scopes, self._progress = list(scopes), progress
        self._left = Counter(self._scopes)
        self._of = len(self._left)
        self._tell("")

    def ended(self, number: int) -> None:
        """One of the reads has."""
        if number < len(self._scopes):
            scope = self._scopes[number]
            self._left[scope] -= 1
            if not self._left[scope]:
                self._tell(f", {scope}")

    def _tell(self, what: str) -> None:
        read = sum(not left for left in self._left.values())
        if self._of:
            self._progress(f"looking: {read} of {self._of}{what}")
        else:
            self._progress("looking at who there is")
