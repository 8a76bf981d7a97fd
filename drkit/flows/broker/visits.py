"""Many clients at a time, and one message at a time: nobody who is slow or silent keeps the others waiting.

One thread reads what has come, and answers each message whole before it takes the next. So two clients who want
the same thing are served one after the other, by one memory of what was done.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field

from drkit.core.errors import DrkitError
from drkit.flows.broker.desk import Desk, Talk
from drkit.flows.broker.messages import LARGEST, line_of, message_of
from drkit.flows.broker.peers import Peer, peer_of

Log = Callable[[str], None]

WHOLE = 30.0  # seconds in which a message has to be whole, the first one from the connection on
SILENT = 900.0  # seconds that a client may take between two actions: the cloud works on what it asked for
TAKEN = 5.0  # seconds in which an answer has to be taken
WATCH = 60.0  # seconds after which the broker looks by itself at the roster, and at who said no
MOST_EACH = 8  # connections of one user
CHUNK = 65536


@dataclass(slots=True)
class Visit:
    """A client that is connected.

    Args:
        until: by the monotonic clock: when it is sent away, unless a message has come whole.
    """

    connection: socket.socket
    peer: Peer
    talk: Talk
    until: float
    heard: bytearray = field(default_factory=bytearray)

    def hear(self) -> bytes | None:
        """A whole message, once it is there.

        Raises:
            EOFError: the client is gone, or says what no message can be.
        """
        try:
            chunk = self.connection.recv(CHUNK)
        except BlockingIOError:
            return None
        except OSError:
            chunk = b""
        if not chunk:
            raise EOFError
        if not self.heard:
            self.until = min(self.until, time.monotonic() + WHOLE)
        self.heard += chunk
        end = chunk.find(b"\n")
        if len(self.heard) > LARGEST or (end >= 0 and end + 1 != len(chunk)):
            raise EOFError("it said too much, or spoke before it was answered")
        if end < 0:
            return None
        line = bytes(self.heard)
        self.heard.clear()
        return line

    def say(self, line: bytes) -> None:
        """Answer.

        Raises:
            EOFError: the client does not take it.
        """
        try:
            self.connection.settimeout(TAKEN)
            self.connection.sendall(line)
            self.connection.settimeout(0)
        except OSError:
            raise EOFError("it did not take its answer") from None
        self.until = time.monotonic() + SILENT


class Visits:
    """All clients that are connected."""

    def __init__(self, listener: socket.socket, desk: Desk, allowed: Container[int], log: Log) -> None:
        """Serve at a socket.

        Args:
            listener: from `drkit.flows.broker.server.listening`.
            desk: which serves them.
            allowed: the users who may ask.
            log: tells whoever runs the broker what happened.
        """
        self._listener, self._desk, self._allowed, self._log = listener, desk, allowed, log
        self._selector = selectors.DefaultSelector()
        self._watched = time.monotonic()

    def serve(self, stopped: int) -> None:
        """Serve until something can be read from the descriptor ``stopped``."""
        self._listener.settimeout(0)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(stopped, selectors.EVENT_READ)
        try:
            while True:
                ready = [key for key, _ in self._selector.select(self._pause())]
                if any(key.fd == stopped for key in ready):
                    return
                for key in ready:
                    if key.data is None:
                        self._welcome()
                    else:
                        self._listen_to(key.data)
                self._send_away_late()
                self._watch()
        finally:
            for visit in self._visits():
                self._part(visit)
            self._selector.close()

    def _visits(self) -> list[Visit]:
        return [key.data for key in self._selector.get_map().values() if key.data is not None]

    def _pause(self) -> float:
        ends = [visit.until for visit in self._visits()]
        return max(min([*ends, self._watched + WATCH]) - time.monotonic(), 0)

    def _watch(self) -> None:
        if time.monotonic() < self._watched + WATCH:
            return
        with self._whatever_happens("the broker's own look"):
            self._desk.office.watch()
        self._watched = time.monotonic()

    def _send_away_late(self) -> None:
        for visit in self._visits():
            if time.monotonic() >= visit.until:
                self._log(f"{visit.peer} was silent for too long")
                self._part(visit)

    def _welcome(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # it is gone already
        peer = peer_of(connection)
        why = self._objection(peer)
        if why:
            self._log(f"refused {peer}: {why}")
            connection.settimeout(0)
            with connection, suppress(OSError):
                connection.sendall(line_of({"refused": why}))
            return
        connection.settimeout(0)
        visit = Visit(connection, peer, self._desk.meet(asdict(peer)), time.monotonic() + WHOLE)
        self._selector.register(connection, selectors.EVENT_READ, visit)

    def _objection(self, peer: Peer) -> str:
        if peer.uid not in self._allowed:
            return f"user {peer.uid} may not ask this broker"
        if Counter(visit.peer.uid for visit in self._visits())[peer.uid] >= MOST_EACH:
            return f"user {peer.uid} is connected {MOST_EACH} times already"
        return ""

    def _listen_to(self, visit: Visit) -> None:
        """Take what has come, and answer once it is a message."""
        stays = False
        with self._whatever_happens(str(visit.peer)):
            line = visit.hear()
            if line is not None:
                visit.say(line_of(visit.talk.answer(message_of(line))))
            stays = not visit.talk.ended
        if not stays:
            self._part(visit)

    @contextmanager
    def _whatever_happens(self, who: str) -> Iterator[None]:
        """No client, and nothing that a client sends, ends the broker."""
        try:
            yield
        except EOFError as error:
            if error.args:
                self._log(f"{who}: {error}")
        except DrkitError as error:
            self._log(f"{who}: {error.message}")
        except Exception as error:  # noqa: BLE001 - a broker that a client can end is a door that he can shut
            self._log(f"{who}: unexpected {type(error).__name__}; please report it")

    def _part(self, visit: Visit) -> None:
        self._selector.unregister(visit.connection)
        visit.connection.close()
