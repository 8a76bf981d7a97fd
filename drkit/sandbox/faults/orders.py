"""The faults that wait, and which of them strikes a call."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drkit.sandbox.faults.failing import Failing

if TYPE_CHECKING:
    from drkit.sandbox.faults.model import Fault


@dataclass(frozen=True, slots=True)
class Target:
    """What a call is for, as far as faults look: ``access`` is the region of the host it was sent to."""

    service: str
    action: str
    region: str
    key: str = ""
    access: str = ""


class Rate:
    """How many calls of one second are let through, counted as the real cloud does.

    Counted are calls of one sub-account and action at one region of access; the first so many of each second
    pass (document 1278/109059).
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.second = 0
        self.counts: Counter[tuple[str, str, str, str]] = Counter()

    def exceeded(self, target: Target, now: float) -> int | None:
        """The number of this call in its second, if that is too many."""
        if int(now) != self.second:
            self.second = int(now)
            self.counts.clear()
        counted = (target.key, target.access, target.service, target.action)
        self.counts[counted] += 1
        number = self.counts[counted]
        return number if number > self.limit else None


@dataclass(slots=True)
class Order:
    """A fault that waits: how often it strikes yet, and how many calls it has let pass."""

    fault: Fault
    left: int | None
    chance: random.Random
    rate: Rate | None
    spared: int = 0
    struck: int = 0
    number: int = 0  # of the last call that was one too many in its second

    @classmethod
    def of(cls, fault: Fault) -> Order:
        """A new order."""
        chance = random.Random(fault.seed)  # noqa: S311 - it decides which calls of a test fail
        return cls(fault, fault.most, chance, Rate(fault.rate) if fault.rate else None)

    def concerns(self, target: Target) -> bool:
        """Whether a call is one of those that it is about."""
        fault = self.fault
        wanted = (
            (fault.service, target.service),
            (fault.action, target.action),
            (fault.region, target.region),
        )
        return all(want is None or want == is_ for want, is_ in wanted)

    def strikes(self, target: Target, now: float) -> bool:
        """Whether it strikes this call, which is counted."""
        if self.left == 0 or not self.concerns(target):
            return False
        if self.spared < self.fault.after:
            self.spared += 1
            return False
        if self.fault.probability < 1 and self.chance.random() >= self.fault.probability:
            return False
        if self.rate is not None:
            number = self.rate.exceeded(target, now)
            if number is None:
                return False
            self.number = number
        self.struck += 1
        if self.left is not None:
            self.left -= 1
        return True

    def shown(self) -> dict[str, Any]:
        """The order as JSON."""
        return {**self.fault.model_dump(exclude_unset=True), "left": self.left, "struck": self.struck}


@dataclass(slots=True)
class Faults:
    """The faults that wait, in the order in which they were asked for; ``now`` counts seconds."""

    now: Callable[[], float] = time.time
    waiting: list[Order] = field(default_factory=list)
    failing: Failing = field(default_factory=Failing)

    def order(self, faults: Iterable[Fault]) -> None:
        """Let more faults wait, behind the others."""
        self.waiting += [Order.of(fault) for fault in faults]

    def take(self, target: Target) -> Order | None:
        """The first fault that strikes this call, one time less of it left."""
        now = self.now()
        found = next((order for order in self.waiting if order.strikes(target, now)), None)
        if found is not None and found.left == 0:
            self.waiting.remove(found)
        return found

    def clear(self) -> None:
        """Forget all; tasks that were to fail end well."""
        self.waiting.clear()
        self.failing.clear()

    def shown(self) -> list[dict[str, Any]]:
        """The waiting faults as JSON."""
        return [order.shown() for order in self.waiting]
