"""The one door of the sandbox: calls of API 3.0, spoilt where a fault was ordered, and the control door."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from typing import TYPE_CHECKING

from drkit.sandbox import control
from drkit.sandbox.gateway import name_of
from drkit.sandbox.wire import errors
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.wire.message import JSON, Answer, Request, failed, plain
from drkit.sandbox.wire.target import RefusedError, refuse_foreign

if TYPE_CHECKING:
    from drkit.sandbox.control import Control
    from drkit.sandbox.faults import Fault
    from drkit.sandbox.gateway import Gateway, Name

LOG = logging.getLogger("drkit.sandbox")

# What is answered to a call that is not carried out.
UNDONE: dict[str, Answer | None] = {
    "throttle": failed(errors.too_many_requests()),
    "garbage": Answer(b"<html><body>Bad gateway</body></html>", code="garbage"),
    "cut_before": None,
    "server_error": plain(500, "Internal Server Error"),
}


class Door:
    """Answers requests; None means that the connection is to be cut."""

    def __init__(self, gateway: Gateway, control_door: Control) -> None:
        self.gateway = gateway
        self.control = control_door
        self.port = 0

    async def answer(self, request: Request) -> Answer | None:
        """The answer to one request, written to the log without what was sent in it."""
        began = time.perf_counter()
        name = name_of(request)
        answer = await self.decide(request, name)
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
            return self.control.answer(request)
        if request.path != "/":
            return plain(404, "calls of API 3.0 go to /")
        fault = self.control.faults.take(name.service, name.action, name.region)
        return self.gateway.answer(request) if fault is None else await self.spoil(request, fault)

    async def spoil(self, request: Request, fault: Fault) -> Answer | None:
        """The answer to a call that a fault concerns."""
        if fault.kind in UNDONE:
            return UNDONE[fault.kind]
        if fault.kind == "error":
            return failed(asked_for(fault))
        if fault.kind == "charset":
            answer = failed(asked_for(fault)) if fault.code else self.gateway.answer(request)
            return dataclasses.replace(answer, content_type=f"{JSON}; charset=utf-8")
        if fault.kind == "hang":
            resets = self.control.resets
            await asyncio.sleep(fault.seconds)
            if self.control.resets != resets:
                return None  # the world that the call was meant for is no more
        answer = self.gateway.answer(request)
        return None if fault.kind == "cut_after" else answer


def asked_for(fault: Fault) -> ApiError:
    """The error that a fault names."""
    return ApiError(fault.code or "InternalError", fault.message)


def clean(text: str) -> str:
    """What a client sent, fit for one line of a log."""
    return "".join(character if character.isprintable() else "?" for character in text[:80])
