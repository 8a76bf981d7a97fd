"""The scratch disk by way of which a copy is made: its name, its time, and how to know it again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from drkit.core.configuration.types import format_duration
from drkit.ports.disks import Disk
from drkit.ports.scratch import RUN_TAG, UNTIL_TAG

FULL, VAULT, PROVE = "drkit-full-", "drkit-vault-", "drkit-prove-"
BEGINNINGS = (FULL, VAULT, PROVE)
# How the names of snapshots begin that are there to be lent alone. They begin unlike those of others that playbooks
# make, so that none is kept in the place of one that a host can start from, nor ended before its deadline.
LENDABLE = "lent-by-drkit-"
OFTEN = 6  # hexadecimal digits that tell playbooks and retentions apart


def copy_name(
    playbook: str, slot: datetime, keep_for: timedelta, source: str, beginning: str = FULL, owner: str = ""
) -> str:
    """The name that the scratch disk and the copy of one disk bear, for one playbook, slot and retention.

    At most 60 characters (CBS CreateDisks, CreateSnapshot), and readable up to the hash.

    Args:
        playbook: the playbook's name.
        slot: for which the copy is made.
        keep_for: how long after that it is kept.
        source: the disk.
        beginning: one of `BEGINNINGS`.
        owner: the account whose disk it is, where the copy is in another.
    """
    from drkit.core.schedule import slot_name  # much code, which few of them need

    words = [playbook, format_duration(keep_for), source, *filter(None, [owner])]
    told = sha256("\n".join(words).encode()).hexdigest()[:OFTEN]
    return f"{beginning}{slot_name(slot)}-{source}-{told}"


def scratch_until(slot: datetime, scratch_for: timedelta, now: datetime) -> datetime:
    """Until when a scratch disk may stay: a whole number of times ``scratch_for`` after its slot.

    At least half of that time is left from now, so that the same intention keeps the same time for as long.
    """
    until = slot + scratch_for
    while until < now + scratch_for / 2:
        until += scratch_for
    return until


def is_scratch(disk: Disk) -> bool:
    """Whether a disk says that it is the scratch of a copy."""
    return disk.name.startswith(BEGINNINGS) and UNTIL_TAG in disk.tags and RUN_TAG in disk.tags


def find_scratch(disks: Iterable[Disk], name: str) -> Disk | None:
    """The scratch disk of this name that is not attached to anything; the first by its id."""
    found = [disk for disk in disks if disk.name == name and is_scratch(disk) and not disk.host]
    return min(found, key=lambda disk: disk.id, default=None)
