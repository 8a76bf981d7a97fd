"""Two accounts with nothing in them but people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drkit.sandbox.seeds import people
from drkit.sandbox.seeds.weimob import ESTATE

if TYPE_CHECKING:
    from datetime import datetime

    from drkit.sandbox.world.model import World

__all__ = ["ESTATE", "build"]


def build(world: World, now: datetime) -> None:
    """The accounts and their people."""
    people.populate(world, now)
