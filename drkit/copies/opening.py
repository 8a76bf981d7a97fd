"""A path as a source: an inventory, a list that drkit made, or plain files."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from drkit.copies.inventories.opening import check_age, open_inventory
from drkit.copies.lists.opening import HEAD, open_list
from drkit.copies.plain import open_plain
from drkit.copies.source import Source


def open_source(path: Path, younger_than: timedelta | None, now: datetime) -> Source:
    """What a path tells of a copy.

    Raises:
        RefusedError: it cannot be believed.
    """
    if (path / "manifest.json").exists():
        return open_inventory(path.resolve(), younger_than, now)
    if (path / HEAD).exists():
        return open_list(path, younger_than, now)
    check_age(None, younger_than, now)
    return open_plain(path)
