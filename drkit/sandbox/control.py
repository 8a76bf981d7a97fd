"""The control door: health, faults, and things that happen to a cloud by themselves; for tests.

It lies under ``/-/``, a path that no cloud uses, and opens to the token in the sandbox's private file.
"""

from __future__ import annotations

import hmac
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from drkit.sandbox import faults
from drkit.sandbox.faults import Faults
from drkit.sandbox.wire.message import Answer, Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from drkit.sandbox.world.clock import Clock
    from drkit.sandbox.world.model import World

    Build = Callable[[World, datetime], None]

PREFIX = "/-/"
TOKEN = "x-sandbox-token"  # noqa: S105 - the name of a header


class Control:
    """Answers what comes under ``/-/``."""

    def __init__(
        self, world: World, clock: Clock, token: str, build: Callable[[World, datetime], None]
    ) -> None:
        """A door to a world.

        Args:
            world: what it reaches.
            clock: the world's time.
            token: what every request has to show.
            build: fills an empty world with the seed, as it was at the start.
        """
        self.world = world
        self.clock = clock
        self.token = token
        self.build = build
        self.faults = Faults()
        self.resets = 0

    def answer(self, request: Request) -> Answer:
        """One request of the control door."""
        if not hmac.compare_digest(request.headers.get(TOKEN, "").encode(), self.token.encode()):
            return show(403, {"error": f"the header {TOKEN} has to hold the token of the sandbox"})
        match (request.method, *request.path.removeprefix(PREFIX).split("/")):
            case ["GET", "health"]:
                answer = {"status": "ok", "now": self.clock.now().isoformat()}
            case [_, "faults"]:
                return self.answer_about_faults(request)
            case ["DELETE", "disks", disk] if self.world.remove_disk(disk):
                answer = {"removed": disk}
            case ["DELETE", "snapshots", snapshot] if self.world.remove_snapshot(snapshot):
                answer = {"removed": snapshot}
            case ["POST", "creation", seconds] if seconds.isascii() and seconds.isdigit():
                self.world.creation = timedelta(seconds=int(seconds))
                answer = {"creation_seconds": seconds}
            case ["POST", "finish-snapshots"]:
                answer = {"finished": str(self.world.finish_snapshots())}
            case ["POST", "reset"]:
                answer = self.reset()
            case _:
                return show(404, {"error": f"there is nothing for {request.method} {request.path}"})
        return show(200, answer)

    def reset(self) -> dict[str, str]:
        """Everything as it was at the start, but for the clock: what was made and ordered is gone."""
        self.resets += 1
        self.world.clear()
        self.build(self.world, self.clock.now())
        self.faults.waiting.clear()
        return {"reset": "done"}

    def answer_about_faults(self, request: Request) -> Answer:
        """Add a fault, forget all, or list what waits; each answers with what waits then."""
        try:
            if request.method == "POST":
                self.faults.waiting.append(faults.parse(json.loads(request.body)))
        except (ValueError, RecursionError) as error:
            return show(400, {"error": str(error)})
        if request.method == "DELETE":
            self.faults.waiting.clear()
        return show(200, {"faults": self.faults.shown()})


def show(status: int, content: dict[str, Any]) -> Answer:
    """An answer of the control door."""
    return Answer(json.dumps(content).encode() + b"\n", status, code="" if status < 400 else str(status))  # noqa: PLR2004
