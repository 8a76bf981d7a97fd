"""The seeds by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drkit.sandbox.seeds import empty, weimob

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from drkit.sandbox.world.model import World


@dataclass(frozen=True, slots=True)
class Seed:
    """How a cloud begins: ``build`` fills a world as it is at a time; ``estate`` is the estate.yaml for it.

    ``account`` and ``user`` are the root account and the CAM user to whom the sandbox's key pair is given.
    """

    build: Callable[[World, datetime], None]
    account: str
    user: str
    estate: str


SEEDS = {
    "weimob": Seed(weimob.build, weimob.ACCOUNT, weimob.USER, weimob.ESTATE),
    "empty": Seed(empty.build, weimob.ACCOUNT, weimob.USER, empty.ESTATE),
}
