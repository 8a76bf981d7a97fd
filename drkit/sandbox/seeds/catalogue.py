"""The seeds by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drkit.sandbox.seeds import empty, people, thousand, weimob

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from drkit.sandbox.world.identity import KeyPair
    from drkit.sandbox.world.model import World


@dataclass(frozen=True, slots=True)
class Seed:
    """How a cloud begins: ``build`` fills a world as it is at a time; ``estate`` is the estate.yaml for it."""

    build: Callable[[World, datetime], None]
    estate: str

    def built_with(self, keys: Mapping[str, KeyPair]) -> Callable[[World, datetime], None]:
        """``build``, and the people of the world get these keys."""

        def build(world: World, now: datetime) -> None:
            self.build(world, now)
            people.hand_out(world, keys, now)

        return build


SEEDS = {
    "weimob": Seed(weimob.build, weimob.ESTATE),
    "empty": Seed(empty.build, empty.ESTATE),
    "thousand": Seed(thousand.build, thousand.ESTATE),
}
