"""A query becomes facts. What could not be read is Unread with its reason, never an empty list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from drkit.core.errors import AccountError
from drkit.flows.tools import Look
from drkit.ports.automatic import AutomaticPolicy
from drkit.ports.cloud import Cloud
from drkit.ports.errors import CloudError
from drkit.ports.facts import NOT_ASKED, Facts, Kind, Query, RegionFacts, Scope, Unread

Things = TypeVar("Things")
NOT_LOOKED_AT = Unread("automatic policies of this cloud are not looked at")


def look(query: Query, eyes: Look) -> Facts:
    """Ask every scope for every kind; what fails becomes Unread.

    A credential that was good when its account was confirmed may be disabled since: that is Unread too.
    """
    looked_at = eyes.clock()
    regions = []
    for index, scope in enumerate(query.scopes, 1):
        eyes.progress(f"looking: {index} of {len(query.scopes)}, {scope}")
        regions.append(_look_at(scope, query.kinds, eyes.clouds[scope.account]))
    identities = []
    for account, number in query.identities:
        eyes.progress(f"looking at who there is in {account}")
        identities.append(eyes.clouds[account].people.identities(account, number))
    return Facts(looked_at, tuple(regions), tuple(identities))


def _look_at(scope: Scope, kinds: frozenset[Kind], cloud: Cloud) -> RegionFacts:
    region = scope.region
    return RegionFacts(
        scope,
        hosts=_read(Kind.HOSTS in kinds, lambda: cloud.machines.list_hosts(region)),
        disks=_read(Kind.DISKS in kinds, lambda: cloud.disks.list_disks(region)),
        snapshots=_read(Kind.SNAPSHOTS in kinds, lambda: cloud.disks.list_snapshots(region)),
        policies=_policies(cloud, region) if Kind.POLICIES in kinds else NOT_ASKED,
    )


def _policies(cloud: Cloud, region: str) -> tuple[AutomaticPolicy, ...] | Unread:
    automatic = cloud.automatic
    return _read(True, lambda: automatic.list_policies(region)) if automatic else NOT_LOOKED_AT  # noqa: FBT003


def _read(wanted: bool, read: Callable[[], Things]) -> Things | Unread:  # noqa: FBT001 - a guard, not a mode
    if not wanted:
        return NOT_ASKED
    try:
        return read()
    except (CloudError, AccountError) as error:
        return Unread(error.message)
