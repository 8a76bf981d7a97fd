"""The control door: health, faults, time, saved states, and what happens to a cloud by itself; for tests.

It lies under ``/-/``, a path that no cloud uses, and opens to the token in the sandbox's private file.
"""

from __future__ import annotations

import gzip
import hmac
import json
import logging
import zlib
from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

from drkit.sandbox.faults.orders import Faults
from drkit.sandbox.volumes.settling import Settling
from drkit.sandbox.wire.message import Answer, Request
from drkit.sandbox.world.events import catch_up

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drkit.sandbox.world.clock import WorldClock
    from drkit.sandbox.world.model import World

    Build = Callable[[World, datetime], None]

LOG = logging.getLogger("drkit.sandbox")

PREFIX = "/-/"
TOKEN = "x-sandbox-token"  # noqa: S105 - the name of a header
LARGEST_STATE = 256 * 1024 * 1024  # bytes, unpacked
FURTHEST = 400 * 86400  # seconds that the clock goes at once


class Control:
    """Answers what comes under ``/-/``."""

    def __init__(
        self,
        world: World,
        clock: WorldClock,
        token: str,
        build: Build,
        adopt: Callable[[World], None],
        contents: Path | None = None,
    ) -> None:
        """A door to a world.

        Args:
            world: what it reaches.
            clock: the world's time.
            token: what every request has to show.
            build: fills an empty world with the seed, as it was at the start.
            adopt: lets a world that was loaded open to the keys of this sandbox.
            contents: where what disks hold is kept; without it they hold nothing.
        """
        self.world = world
        self.clock = clock
        self.token = token
        self.build = build
        self.adopt = adopt
        self.faults = Faults()
        self.volumes = Settling(contents)
        self.resets = 0
        self.saved: dict[str, bytes] = {}

    def answer(self, request: Request) -> Answer:
        """One request of the control door."""
        if not hmac.compare_digest(request.headers.get(TOKEN, "").encode(), self.token.encode()):
            return show(403, {"error": f"the header {TOKEN} has to hold the token of the sandbox"})
        try:
            catch_up(self.world, self.clock.now())
            return self.carry_out(request)
        except (ValueError, RecursionError) as error:
            return show(400, {"error": str(error)})
        except Exception:
            LOG.exception("a defect of the sandbox at its control door")
            return show(500, {"error": "a defect of the sandbox; its log says where"})

    def carry_out(self, request: Request) -> Answer:
        """A request that showed the token.

        Raises:
            ValueError: with one sentence about what is wrong with its body.
        """
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
            case ["POST", "volumes"]:
                answer = self.change_volumes(json.loads(request.body))
            case [_, "clock" | "states" | "state", *_]:
                return self.answer_about_time(request)
            case _:
                return show(404, {"error": f"there is nothing for {request.method} {request.path}"})
        return show(200, answer)

    def change_volumes(self, wanted: Any) -> dict[str, str]:
        """Let a disk hold what a file holds, or a host find its disks in a directory.

        Raises:
            ValueError: it cannot be.
        """
        match wanted:
            case {"disk": str() as disk, "image": str() as image, **rest} if not rest:
                self.volumes.fill(self.world, disk, image)
            case {"host": str() as host, "directory": str() as directory, **rest} if not rest:
                self.volumes.place(self.world, host, directory)
            case _:
                raise ValueError('wanted is {"disk": ID, "image": FILE} or {"host": ID, "directory": PATH}')
        return dict(wanted)

    def answer_about_time(self, request: Request) -> Answer:
        """The clock, and the states that were saved at one time or another."""
        match (request.method, *request.path.removeprefix(PREFIX).split("/")):
            case ["POST", "clock"]:
                self.turn(json.loads(request.body))
            case ["GET", "clock"]:
                pass
            case ["POST", "states", name]:
                self.saved[name] = self.state()
            case ["POST", "states", name, "load"] if name in self.saved:
                self.load(self.saved[name])
            case ["DELETE", "states", name] if self.saved.pop(name, None):
                pass
            case ["GET", "states"]:
                return show(200, {"states": list(self.saved)})
            case ["GET", "state"]:
                return Answer(self.state())
            case ["POST", "state"]:
                self.load(unpacked(request))
            case _:
                return show(404, {"error": f"there is nothing for {request.method} {request.path}"})
        return show(200, {"now": self.clock.now().isoformat(), "running": self.clock.still is None})

    def turn(self, wanted: Any) -> None:
        """Move the clock: ``advance`` by seconds, ``set`` to a time and stand still, or run on (``running``).

        Raises:
            ValueError: it cannot do that.
        """
        match wanted:
            case {"advance": int() | float() as seconds, **rest} if not rest and 0 <= seconds <= FURTHEST:
                self.clock.advance(timedelta(seconds=seconds))
            case {"set": str() as text, **rest} if not rest:
                self.clock.stand(moment_of(text, self.clock.now()))
            case {"running": True, **rest} if not rest:
                self.clock.run()
            case _:
                days = FURTHEST // 86400
                raise ValueError(
                    f'wanted is {{"advance": SECONDS}} (at most {days} days), {{"set": TIME}} or {{"running": true}}'
                )
        catch_up(self.world, self.clock.now())

    def state(self) -> bytes:
        """All there is, as it is now."""
        from drkit.sandbox.world.saving import save

        return save(self.world, self.clock.now())

    def load(self, content: bytes) -> None:
        """Everything as it was saved, the time too; the sandbox's own keys open as before.

        Raises:
            ValueError: it is no saved state.
        """
        from drkit.sandbox.world.saving import load

        world, now = load(content)
        self.volumes.refuse_missing(world)
        self.volumes.forget()
        self.clock.return_to(now)
        self.resets += 1  # calls that hang were meant for another world
        self.world.become(world)
        self.adopt(self.world)

    def reset(self) -> dict[str, str]:
        """Everything as it was at the start, the time too: what was made and ordered is gone."""
        self.resets += 1
        self.clock.restart()
        self.volumes.forget()
        self.world.clear()
        self.build(self.world, self.clock.now())
        self.faults.clear()
        return {"reset": "done"}

    def answer_about_faults(self, request: Request) -> Answer:
        """Add a fault, forget all, or list what waits; each answers with what waits then."""
        if request.method == "POST":
            from drkit.sandbox.faults.reading import read  # the models take a quarter of a second

            self.faults.order(read(request.body))
        if request.method == "DELETE":
            self.faults.clear()
        return show(200, {"faults": self.faults.shown()})


def moment_of(text: str, now: datetime) -> datetime:
    """A time with a zone, at most as far away as the clock goes at once.

    Raises:
        ValueError: it is none.
    """
    wrong = "a time has a zone, such as 2026-01-31T12:00:00+08:00"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(wrong) from None
    if moment.utcoffset() is None:
        raise ValueError(wrong)
    if (moment - now).total_seconds() > FURTHEST:
        raise ValueError(f"the clock goes at most {FURTHEST // 86400} days at once")
    return moment


def unpacked(request: Request) -> bytes:
    """A state as it was sent; packed, it may be larger than a request.

    Raises:
        ValueError: it cannot be unpacked, or is too large.
    """
    if request.headers.get("content-encoding") != "gzip":
        return request.body
    try:
        content = gzip.GzipFile(fileobj=BytesIO(request.body)).read(LARGEST_STATE + 1)
    except (OSError, EOFError, zlib.error):
        raise ValueError("the state cannot be unpacked") from None
    if len(content) > LARGEST_STATE:
        raise ValueError("the state is too large")
    return content


def show(status: int, content: dict[str, Any]) -> Answer:
    """An answer of the control door."""
    return Answer(json.dumps(content).encode() + b"\n", status, code="" if status < 400 else str(status))  # noqa: PLR2004
