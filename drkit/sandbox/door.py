"""The one door of the sandbox: calls of API 3.0, spoilt where a fault was ordered, and the control door."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from drkit.sandbox import control
from drkit.sandbox.faults.orders import Target
from drkit.sandbox.faults.spoiling import Struck, spoil
from drkit.sandbox.gateway import name_of
from drkit.sandbox.wire.message import Answer, Request, plain
from drkit.sandbox.wire.target import RefusedError, refuse_foreign, region_of

if TYPE_CHECKING:
    from drkit.sandbox.aws.beside import Beside
    from drkit.sandbox.control import Control
    from drkit.sandbox.gateway import Gateway, Name

LOG = logging.getLogger("drkit.sandbox")


class Door:
    """Answers requests; None means that the connection is to be cut."""

    def __init__(self, gateway: Gateway, control_door: Control) -> None:
        self.gateway = gateway
        self.control = control_door
        self.port = 0
        self.aws: Beside | None = None

    async def answer(self, request: Request) -> Answer | None:
        """The answer to one request, written to the log without what was sent in it."""
        began = time.perf_counter()
        name = name_of(request)
        answer = await self.decide(request, name)
        self.control.volumes.settle(self.gateway.world)
        LOG.info(
            "%s %s %s %s -> %s in %.1f ms",
            request.method,
            clean(name.service) or "-",
            clean(name.action) or clean(request.path),
            clean(name.region) or "-",
            "cut" if answer is None else answer.code or answer.status,
            1000 * (time.perf_counter() - began),
        )
        return answer

    async def decide(self, request: Request, name: Name) -> Answer | None:
        """Which part of the sandbox a request is for."""
        if request.destination:
            try:
                refuse_foreign(request.destination, self.port)
            except RefusedError as refused:
                return refused.answer
        if request.path.startswith(control.PREFIX):
            return self.answer_of_control(request)
        if request.path != "/":
            return plain(404, "calls of API 3.0 go to /")
        return await self.answer_of_cloud(request, name)

    async def answer_of_cloud(self, request: Request, name: Name) -> Answer | None:
        """The answer to a call of API 3.0, spoilt if a fault strikes it."""
        faults = self.control.faults
        faults.failing.settle(self.gateway.world, self.gateway.clock.now())
        order = faults.take(target_of(request, name))
        if order is None:
            return self.gateway.answer(request)
        resets = self.control.resets
        return await spoil(
            Struck(order, request, self.gateway, faults), lambda: self.control.resets == resets
        )

    def answer_of_control(self, request: Request) -> Answer:
        """The answer of the control door; where that resets the world, AWS is empty again too."""
        resets = self.control.resets
        answer = self.control.answer(request)
        if self.control.resets != resets:
            self.control.faults.failing.clear()  # another world, other tasks
            if self.aws is not None and request.path == f"{control.PREFIX}reset":
                self.aws.forget()
        return answer


def target_of(request: Request, name: Name) -> Target:
    """What a call is for; its key is the one it claims, since nothing was verified yet."""
    _, _, claimed = request.headers.get("authorization", "").partition("Credential=")
    access = region_of(request.host)
    return Target(name.service, name.action, name.region, claimed.partition("/")[0], access)


def clean(text: str) -> str:
    """What a client sent, fit for one line of a log."""
    return "".join(character if character.isprintable() else "?" for character in text[:80])
