"""The whole world as JSON and back.

Whether what is read makes sense is not looked at, but for what would stop every call.
"""

from __future__ import annotations

import base64
import gc
import heapq
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import orjson

from drkit.sandbox.world.events import HAPPENINGS
from drkit.sandbox.world.model import World
from drkit.sandbox.world.reading import moment, reader

FORMAT = "drkit sandbox state 1"


def save(world: World, now: datetime) -> bytes:
    """A world and its time."""
    content = {"format": FORMAT, "now": now, "world": world}
    return orjson.dumps(content, default=plain, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE)


def plain(value: object) -> Any:
    """What JSON has no form for."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, tuple):  # a named one
        return list(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no form in a saved world")


def load(content: bytes) -> tuple[World, datetime]:
    """The world that was saved, and its time.

    Raises:
        ValueError: it is no saved world, or one of another version of drkit.
    """
    try:
        saved = orjson.loads(content)
        if saved["format"] == FORMAT:
            with no_collection():
                return sound(reader(World)(saved["world"])), moment(saved["now"])
        why: object = "its format is another"
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        why = error
    raise ValueError(f"this is no state of a sandbox of this version of drkit ({why})")


@contextmanager
def no_collection() -> Iterator[None]:
    """Let nothing look for garbage: all that is read stays, and looking takes as long as reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def sound(world: World) -> World:
    """The same world, in which time can pass and policies can be looked up.

    Raises:
        ValueError: there is an event of no known kind, or a policy without its version in force.
    """
    for event in world.events:
        if event.kind not in HAPPENINGS:
            raise ValueError(f"there are no events of the kind {event.kind}")
    heapq.heapify(world.events)
    for held in world.everywhere():
        heapq.heapify(held.deadlines)
    for policy in [one for account in world.accounts.values() for one in account.identity.policies.values()]:
        if policy.default not in policy.versions:
            raise ValueError(f"the policy {policy.id} has no version {policy.default}")
    return world
