"""Whose turn it is: a part of the disks, another one in each turn, until all have had theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated

from pydantic import AfterValidator, Field

SHARE = re.compile(r"(100|[1-9][0-9]?)%")
BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


def _share(value: str) -> str:
    if not SHARE.fullmatch(value):
        raise ValueError("is a number of disks, or a share such as 10%")
    return value


Sample = Annotated[int, Field(ge=1)] | Annotated[str, AfterValidator(_share), Field(examples=["10%"])]
"""How many disks, or which share of them, rounded up."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The disks whose turn it is.

    Args:
        ids: of these.
        turns: in how many turns each of the disks has had its own, as long as they remain the same.
    """

    ids: frozenset[str]
    turns: int


def turn_of(ids: Iterable[str], sample: int | str, slot: datetime, lasts: timedelta) -> Turn:
    """Whose turn it is in a slot; pure, and the same for the same disks and slot.

    Disks stand in an order that their ids decide, no name and no place, and go by as many at once as the sample has.
    Where disks come and go the order shifts, so that one may wait longer.

    Args:
        ids: of all disks that a turn comes to.
        sample: how many, or which share.
        slot: that the playbook runs for.
        lasts: how long one turn is, counted from 1970 in UTC.
    """
    order = sorted(set(ids), key=lambda id_: sha256(id_.encode()).digest())
    if not order:
        return Turn(frozenset(), 0)
    size = min(_size(sample, len(order)), len(order))
    turns = -(-len(order) // size)
    begin = (slot - BEGIN) // lasts % turns * size
    return Turn(frozenset(order[begin : begin + size]), turns)


def _size(sample: int | str, of: int) -> int:
    return sample if isinstance(sample, int) else -(-of * int(sample[:-1]) // 100)
