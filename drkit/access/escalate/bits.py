"""Sets of numbered things, each twice: those that surely are in it, and those that may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from drkit.access.evaluate.logic import MAYBE, NO, YES


class Bits(NamedTuple):
    """Two sets as integers; whatever is sure is possible too."""

    sure: int = 0
    possible: int = 0

    def __or__(self, other: Bits) -> Bits:
        return Bits(self.sure | other.sure, self.possible | other.possible)

    def __and__(self, other: Bits) -> Bits:
        return Bits(self.sure & other.sure, self.possible & other.possible)

    def without(self, other: Bits) -> Bits:
        """These, but for those that the other surely has; and surely but for those that it may have."""
        return Bits(self.sure & ~other.possible, self.possible & ~other.sure)

    def at_most(self, level: int) -> Bits:
        """The same where something else has to hold too."""
        if level == YES:
            return self
        return NONE if level == NO else Bits(0, self.possible)

    def level(self, number: int) -> int:
        """How sure it is that one thing is in it."""
        if self.sure >> number & 1:
            return YES
        return MAYBE if self.possible >> number & 1 else NO


NONE = Bits()


def one(number: int, level: int = YES) -> Bits:
    """A set of one thing."""
    return Bits(1 << number, 1 << number).at_most(level)


def of(numbers: dict[int, int]) -> Bits:
    """A set of things with their levels."""
    return Bits(_bits(n for n, level in numbers.items() if level == YES), _bits(numbers))


def _bits(numbers: object) -> int:
    wanted = list(numbers)  # type: ignore[call-overload]
    if not wanted:
        return 0
    room = bytearray(max(wanted) // 8 + 1)
    for number in wanted:
        room[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(room, "little")


def numbers(bits: int) -> Iterator[int]:
    """The numbers of a set, ascending."""
    text = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    for place, byte in enumerate(text):
        if byte:
            for offset in range(8):
                if byte >> offset & 1:
                    yield place * 8 + offset
