"""People, what they hold, and the things of an account that ways are about."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from drkit.access.escalate.bits import Bits
from drkit.access.language.form import Dialect
from drkit.ports.identities import Group, Identities, Role, User
from drkit.ports.unread import Unread

WILD = re.compile(r"[*?]|\$\{")
SEGMENTS = 6
LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Held:
    """A policy that somebody holds.

    Args:
        policy: its id.
        via: the number of the group that it comes from; -1 for one's own.
        document: its number among the documents.
    """

    policy: str
    via: int
    document: int


OWN = -1
UNBOUNDED = -1


@dataclass(slots=True)
class Person:
    """A user, a role or a group.

    Args:
        id: as results name it: the ARN, or of CAM the six segments.
        caller: as it calls; a group as any member.
        known: its condition keys.
        boundary: the id of the policy that limits it; empty without one.
        limit: the number of that document, or `UNBOUNDED`.
    """

    number: int
    account: Account
    kind: str
    id: str
    name: str
    caller: str
    known: Mapping[str, Any]
    source: User | Role | Group | None
    boundary: str | Unread
    held: tuple[Held, ...] = ()
    limit: int = -1


def _in_order(names: Sequence[str]) -> tuple[list[str], list[int]]:
    order = sorted(range(len(names)), key=names.__getitem__)
    return [names[number] for number in order], order


@dataclass
class Targets:
    """Things of one kind of an account, as policies name them.

    Args:
        first: the number of the first among everybody; 0 where they are no people.
        boundaries: which of them have which boundary; those whose boundary nobody read have none here.
    """

    names: Sequence[str]
    first: int = 0
    boundaries: dict[str, int] = field(default_factory=dict)

    @cached_property
    def all(self) -> Bits:
        """Every one."""
        whole = (1 << len(self.names)) - 1
        return Bits(whole, whole)

    @cached_property
    def _sorted(self) -> tuple[list[str], list[int]]:
        return _in_order(self.names)

    @cached_property
    def _lasts(self) -> tuple[list[str], list[int]]:
        return _in_order([name.split(":", SEGMENTS - 1)[-1] for name in self.names])

    def ending(self, last: str) -> Sequence[int]:
        """Those that a pattern of CAM may match, by how its last segment begins; a prefix may do (598/10606)."""
        wild = WILD.search(last)
        begin = (last[: wild.start()] if wild else last).removesuffix("/")
        names, order = self._lasts
        return order[bisect_left(names, begin) : bisect_left(names, begin + LAST)]

    def beginning(self, pattern: str) -> Sequence[int]:
        """Those that a pattern may match, by its beginning."""
        wild = WILD.search(pattern)
        begin = pattern[: wild.start()] if wild else pattern
        names, order = self._sorted
        place = bisect_left(names, begin)
        end = bisect_left(names, begin + LAST) if wild else place + names[place : place + 1].count(begin)
        return order[place:end]

    def among_everybody(self, bits: Bits) -> Bits:
        """Their numbers as people."""
        return Bits(bits.sure << self.first, bits.possible << self.first)


@dataclass(eq=False)
class Account:
    """An account.

    Args:
        targets: what ways may be on, by kind.
        policies: the place of each policy among the targets.
        others: of each policy the documents that could be put in its place.
        runs: of each kind of workload, the numbers of the roles that it runs with, or -1; None where nobody read it.
    """

    dialect: Dialect
    number: str
    source: Identities
    targets: dict[str, Targets] = field(default_factory=dict)
    policies: dict[str, int] = field(default_factory=dict)
    others: dict[str, list[int]] = field(default_factory=dict)
    runs: dict[str, list[int]] | None = None
