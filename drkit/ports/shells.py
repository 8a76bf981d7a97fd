"""Programs on hosts: what holds an application still while its disk is snapshotted."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Hook:
    """A program on a host that holds until its input ends, and for a time of its own at most.

    Args:
        address: of the host, an IP address or a name.
        user: whom to log in as.
        key: the file of the private key; it may not need a passphrase.
        host_key: the host's own public key, as ``ssh-ed25519 AAAA…``; any other is refused.
        hold: the words of the command; it says ``held`` when it holds, and ``released`` at the end.
    """

    address: str
    port: int
    user: str
    key: str
    host_key: str
    hold: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data that `hook_from_data` reads back; it holds no secret."""
        return {**asdict(self), "hold": list(self.hold)}


def hook_from_data(data: Mapping[str, Any]) -> Hook:
    """A hook as it was written down.

    Raises:
        KeyError, TypeError: it is not what `Hook.as_data` makes.
    """
    return Hook(**{**data, "hold": tuple(data["hold"])})


@dataclass(frozen=True, slots=True)
class Program:
    """A program on a host that is asked one question and answers it.

    Args:
        address, port, user, key, host_key: as of a `Hook`.
        words: of the command; it reads a line of JSON, and writes one.
    """

    address: str
    port: int
    user: str
    key: str
    host_key: str
    words: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data that `program_from_data` reads back; it holds no secret."""
        return {**asdict(self), "words": list(self.words)}


def program_from_data(data: Mapping[str, Any]) -> Program:
    """A program as it was written down.

    Raises:
        KeyError, TypeError: it is not what `Program.as_data` makes.
    """
    return Program(**{**data, "words": tuple(data["words"])})


class Shells(Protocol):
    """Hosts on which something is held, or asked."""

    def ask(self, program: Program, question: Mapping[str, Any], seconds: float) -> Any:
        """The answer of a program, as JSON data that nobody has looked at; it ends when whoever asks does.

        Raises:
            UncertainError: the host was not reached (``NotReached``), or it is another one; the program did not
                answer in time, or with no JSON (``NoAnswer``).
        """

    def held(self, hook: Hook) -> AbstractContextManager[None]:
        """Hold for as long as the context lasts.

        Raises:
            RefusedError: before the context it did not hold (``NotHeld``); after it, that it had let go before it
                was asked, or that nobody knows (``HeldTooShort``).
        """
