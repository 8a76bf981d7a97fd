"""What a snapshot costs at most, and the scratch disk by way of which a full one is made.

A snapshot is billed by what it stores, by the hour, until it is deleted (CBS billing overview, 362/32415). An
incremental one stores what has changed, which nobody knows beforehand, and never more than its disk holds; so
the whole disk for the whole time is the upper bound. The free quota of an account's region is left out: who
else uses it up is not known either. No API tells the price of a snapshot: CBS 2017-03-12 has InquiryPrice for
disks alone. The estate says the prices; without one the cost is UNKNOWN.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from drkit.core.estate import Estate
from drkit.core.money import Money, stored
from drkit.ports.disks import Disk
from drkit.ports.facts import Scope

HOUR = timedelta(hours=1)


def cost_of(disk: Disk, scope: Scope, begin: datetime, end: datetime, estate: Estate) -> str | None:
    """What a snapshot of a disk costs from its begin to its end, at most; None where that is not known.

    The same for the same intention: it depends on the slot and the deadline, and not on when it is asked.
    """
    price = estate.accounts[scope.account].prices.snapshots.get(scope.region)
    return _stored(disk, begin, end, price)


def cost_of_copy(disk: Disk, scope: Scope, begin: datetime, end: datetime, estate: Estate) -> str | None:
    """What another disk like one costs from its begin to its end, at most; None where that is not known."""
    price = estate.accounts[scope.account].prices.disks.get(scope.region, {}).get(disk.kind)
    return _stored(disk, begin, end, price)


def _stored(disk: Disk, begin: datetime, end: datetime, price: Money | None) -> str | None:
    if price is None or disk.size is None:
        return None
    hours = -((begin - end) // HOUR)  # each begun hour counts
    return stored(disk.size, max(hours, 0), price)
