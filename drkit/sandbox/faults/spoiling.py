"""What a client gets whose call a fault strikes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from drkit.sandbox.faults import fields
from drkit.sandbox.faults.failing import copies
from drkit.sandbox.wire import errors
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.wire.message import JSON, Answer, Request, failed, plain
from drkit.sandbox.world.volumes import Spoiling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drkit.sandbox.faults.orders import Faults, Order
    from drkit.sandbox.gateway import Gateway

HANGS = 3600.0  # seconds, unless a fault says how long
NEVER_DONE = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Struck:
    """A call that a fault strikes; None as an answer means that the connection is cut."""

    order: Order
    request: Request
    gateway: Gateway
    faults: Faults

    def true(self) -> Answer:
        """The answer as if there were no fault."""
        return self.gateway.answer(self.request)

    def throttle(self) -> Answer:
        """More calls in this second than are let through."""
        if self.order.rate is None:
            return failed(errors.too_many_requests())
        return failed(errors.too_many_requests(self.order.number, self.order.rate.limit))

    def error(self) -> Answer:
        """The error that the fault names."""
        return failed(ApiError(self.order.fault.code or "InternalError", self.order.fault.message))

    def charset(self) -> Answer:
        """A Content-Type under which the official clients do not look for errors."""
        answer = self.error() if self.order.fault.code else self.true()
        return replace(answer, content_type=f"{JSON}; charset=utf-8")

    def garbage(self) -> Answer:
        """What a broken gateway on the way says."""
        return Answer(b"<html><body>Bad gateway</body></html>", code="garbage")

    def cut_before(self) -> None:
        """Nothing is done."""
        return

    def cut_middle(self) -> Answer:
        """The action is carried out, and half of the answer's body gets through."""
        answer = self.true()
        return replace(answer, sent=len(answer.body) // 2, code="cut in the middle")

    def cut_after(self) -> None:
        """The action is carried out."""
        self.true()

    def server_error(self) -> Answer:
        """An answer of HTTP's own."""
        return plain(self.order.fault.status, "Internal Server Error")

    def fields(self) -> Answer:
        """The true answer with other fields."""
        return fields.changed(self.true(), self.order.fault)

    def stuck(self) -> Answer:
        """Whatever the call begins takes ten years."""
        world = self.gateway.world
        usual = world.creation, world.passing
        world.creation = world.passing = NEVER_DONE
        try:
            return self.true()
        finally:
            world.creation, world.passing = usual

    def fail_task(self) -> Answer:
        """Whatever the call begins comes to nothing."""
        world = self.gateway.world
        before = copies(world)
        answer = self.true()
        self.faults.failing.note(before, world, self.gateway.clock.now())
        return answer

    def flipped_byte(self) -> Answer:
        """What the disks that the call makes hold has a wrong byte."""
        answer = self.true()
        spoilings = self.gateway.world.volumes.spoilt
        for disk in json.loads(answer.body).get("Response", {}).get("DiskIdSet", []):
            spoilings[disk] = Spoiling(self.order.fault.kind, self.order.fault.offset or 0)
        return answer

    def cut_short(self) -> Answer:
        """What the disks that the call makes hold ends too early."""
        return self.flipped_byte()

    def skewed_clock(self) -> Answer:
        """Signatures are judged at another time."""
        with another_time(self.gateway, self.order.fault.seconds or 0):
            return self.true()

    def expired_signature(self) -> Answer:
        """As if the call had been on its way for too long."""
        return failed(errors.expired_signature(int(self.gateway.wall.now().timestamp())))

    def region_down(self) -> Answer | None:
        """The region's own host does not answer; others on the way know no better than InternalError."""
        if f".{self.order.fault.region}." in self.request.host.lower():
            return None
        return failed(ApiError("InternalError", "An internal error has occurred. Retry your request."))


@dataclass(frozen=True, slots=True)
class Skewed:
    """The machine's clock, ahead by some seconds."""

    seconds: float

    def now(self) -> datetime:
        """The time that the cloud believes it is."""
        return datetime.now(UTC) + timedelta(seconds=self.seconds)


@contextmanager
def another_time(gateway: Gateway, seconds: float) -> Iterator[None]:
    """Let the gateway judge timestamps by a clock that is ahead; nothing else runs meanwhile."""
    true, gateway.wall = gateway.wall, Skewed(seconds)
    try:
        yield
    finally:
        gateway.wall = true


async def spoil(struck: Struck, still_there: Callable[[], bool]) -> Answer | None:
    """The answer to a call that a fault strikes; after a hang the world it was meant for may be no more."""
    fault = struck.order.fault
    if fault.kind != "hang":
        answer: Answer | None = getattr(struck, fault.kind)()
        return answer
    await asyncio.sleep(HANGS if fault.seconds is None else fault.seconds)
    return struck.true() if still_there() else None
