"""The managed bastion of an account: templates of commands that it holds, and what was done through it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

EXECUTED, BLOCKED = 1, 2  # what became of a command (1025/112715)
TERMINAL = 1  # a session of text (1025/112711)
ENDED = 2
OWN = 2  # a template that somebody made; 1 is one of the product's (1025/86962)


@dataclass(slots=True)
class Template:
    """Commands that the bastion holds, one a line."""

    id: int
    name: str
    commands: str


@dataclass(slots=True)
class Session:
    """Somebody was on a host.

    Args:
        user: as the bastion calls him, ``name`` as people do.
        account: on the host.
    """

    id: str
    user: str
    name: str
    account: str
    instance: str
    host: str
    address: str
    source: str
    began: datetime
    ended: datetime
    kind: int = TERMINAL
    status: int = ENDED


@dataclass(slots=True)
class Typed:
    """A command of a session."""

    session: str
    text: str
    at: datetime
    action: int = EXECUTED


@dataclass(slots=True)
class Bastion:
    """Of one region."""

    templates: dict[int, Template] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    typed: list[Typed] = field(default_factory=list)
    made: int = 0
