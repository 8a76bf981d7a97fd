"""An account with nothing in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drkit.sandbox.seeds.weimob import ACCOUNT, APPID, ESTATE
from drkit.sandbox.world.model import Account, World

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["ESTATE", "build"]


def build(world: World, _now: datetime) -> None:
    """The account alone."""
    world.accounts[ACCOUNT] = Account(ACCOUNT, APPID, "production")
