"""What client and broker say to each other: one JSON object a line."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from drkit.core.canonical import canonical
from drkit.ports.errors import UncertainError

VERSION = 1
LARGEST = 16 * 1024 * 1024  # bytes; a request of four MiB and a playbook stay below
RUN = re.compile("[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}")


def line_of(message: Mapping[str, Any]) -> bytes:
    """A message as it goes over the connection."""
    return canonical(dict(message)) + b"\n"


def message_of(line: bytes) -> dict[str, Any]:
    """What came over the connection.

    Raises:
        UncertainError: it is no message.
    """
    try:
        message = json.loads(line) if line.endswith(b"\n") else None
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise UncertainError("what came over the broker's connection is no message", code="Garbled")
    return message


class Channel:
    """The client's end of a connection."""

    def __init__(self, connection: socket.socket, patience: float) -> None:
        """Talk over a connected socket.

        Args:
            connection: which the channel closes.
            patience: seconds that one message may take.
        """
        connection.settimeout(patience)
        self._connection = connection
        self._stream = connection.makefile("rb")

    def send(self, message: Mapping[str, Any]) -> None:
        """Say one thing; where the other side has hung up, its last words, which may say why, are still to be received.

        Raises:
            UncertainError: the connection broke.
        """
        try:
            self._connection.sendall(line_of(message))
        except (BrokenPipeError, ConnectionResetError):
            return
        except OSError as error:
            raise UncertainError(f"the broker's connection broke: {error}", code="Cut") from None

    def receive(self) -> dict[str, Any] | None:
        """What the other side says next; None when it has ended.

        Raises:
            UncertainError: nothing came in time, the connection broke, or it is no message.
        """
        try:
            line = self._stream.readline(LARGEST + 1)
        except OSError as error:
            raise UncertainError(f"the broker's connection broke: {error}", code="Cut") from None
        if not line:
            return None
        return message_of(line)

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._stream.close()
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
