"""Connections that another thread can cut, where the process's alarm is not heard: in all threads but the main one.

What waits for bytes is not interrupted by anything but their end. So a connection is shut down from outside, when
the time of its call is up or when nobody waits for the answer any more.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from drkit.core.crews import holding


class CutError(Exception):
    """The time of this call was up before its connection was there."""


class Line:
    """The connection that one call uses; under a number of its own, whatever becomes of the client's socket."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.is_cut = False
        self._lock = threading.Lock()
        self._number: int | None = None

    def note(self, number: int) -> None:
        """It uses this connection from now on; raises CutError where its time is up."""
        self.leave()
        with self._lock:
            if self.is_cut:
                raise CutError
            self._number = os.dup(number)

    def cut(self) -> None:
        """Let whoever waits for bytes find their end."""
        with self._lock:
            self.is_cut = True
            if self._number is None:
                return
            connection = socket.socket(fileno=self._number)
            with suppress(OSError):  # it has ended by itself
                connection.shutdown(socket.SHUT_RDWR)
            connection.detach()

    def leave(self) -> None:
        """It uses it no longer."""
        with self._lock:
            if self._number is not None:
                os.close(self._number)
                self._number = None


class _Here(threading.local):
    line: Line | None = None


_HERE = _Here()


@contextmanager
def cut_after(seconds: float) -> Iterator[Line]:
    """A block of one call, whose connection is cut when the time is up or its crew is called off.

    What the block raises then, or makes of half an answer, is worth nothing: see `Line.is_cut`.
    """
    line = Line(time.monotonic() + seconds)
    _HERE.line = line
    try:
        with holding(line.cut), _WATCH.watched(line):
            yield line
    finally:
        _HERE.line = None
        line.leave()


class _Watch:
    """One thread of the process that cuts what is overdue; it ends when there is nothing to watch."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._lines: set[Line] = set()
        self._awake_at = 0.0  # when it looks again; 0 where there is no thread

    @contextmanager
    def watched(self, line: Line) -> Iterator[None]:
        with self._changed:
            self._lines.add(line)
            if not self._awake_at:
                threading.Thread(target=self._watch, name="drkit-watch", daemon=True).start()
                self._awake_at = line.until
            elif line.until < self._awake_at:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._lines.discard(line)

    def _watch(self) -> None:
        with self._changed:
            while self._lines:
                now = time.monotonic()
                for line in [each for each in self._lines if each.until <= now]:
                    self._lines.discard(line)
                    line.cut()
                self._awake_at = min((line.until for line in self._lines), default=now)
                self._changed.wait(self._awake_at - now)
            self._awake_at = 0.0


_WATCH = _Watch()


class _Noted:
    """What is put before a connection class of urllib3, so that its connections are known to their calls."""

    def _new_conn(self) -> Any:
        made = super()._new_conn()  # type: ignore[misc]
        _note(made)
        return made

    def request(self, *arguments: Any, **more: Any) -> Any:
        """As the class does."""
        _note(self.sock)  # type: ignore[attr-defined]
        return super().request(*arguments, **more)  # type: ignore[misc]


def _note(connection: Any) -> None:
    if _HERE.line is not None and connection is not None:
        _HERE.line.note(connection.fileno())


def cuttable(pools: Mapping[str, type]) -> dict[str, type]:
    """The classes of pools that a manager of urllib3 has by scheme, with connections that can be cut."""
    return {scheme: _cuttable(pool) for scheme, pool in pools.items()}


@cache
def _cuttable(pool: Any) -> type:
    connection = type(pool.ConnectionCls.__name__, (_Noted, pool.ConnectionCls), {})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})
