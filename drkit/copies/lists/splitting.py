"""Where a range of keys is cut in two, by asking whether there are keys beyond made-up ones."""

from __future__ import annotations

from collections.abc import Callable

LAST = "\U0010ffff"
"""Beyond every key that begins as what stands before it, in the order of UTF-8 and of code points."""
ASCII = 0x7F
SURROGATES = range(0xD800, 0xE000)

Beyond = Callable[[str], bool]
"""Whether there is a key, of the range, that comes after a text."""


def cut(at: str, until: str, beyond: Beyond) -> str | None:
    """A text after a key and before the range's end, with keys of the range beyond it; None where none was found.

    Keys share long beginnings, so the first place in which later keys differ is looked for by halving, and in that
    place the last character that they have: the cut is half way to it.
    """
    place = _first(len(at), lambda index: (found := _after(at, index, until)) is not None and beyond(found))
    if place is None:
        return None
    own = ord(at[place])
    end = ord(until[place]) if until[:place] == at[:place] and len(until) > place else ASCII
    most = _last(
        own + 1, max(own + 1, min(end, ASCII)), lambda code: _beyond(at[:place], code, until, beyond)
    )
    found = at[:place] + _character((own + 1 + most) // 2)
    return found if at < found < until else None


def _after(text: str, index: int, until: str) -> str | None:
    """The beginning of a text with one character raised: what is beyond it differs in that place, or before."""
    if text[index] == LAST:
        return None
    found = text[:index] + _character(ord(text[index]) + 1)
    return found if found < until else None


def _beyond(base: str, code: int, until: str, beyond: Beyond) -> bool:
    text = base + _character(code)
    return text < until and beyond(text)


def _character(code: int) -> str:
    return chr(SURROGATES.stop if code in SURROGATES else code)


def _first(count: int, holds: Callable[[int], bool]) -> int | None:
    """The first of so many for which something holds that holds for all after it as well."""
    low, high = 0, count - 1
    if count == 0 or not holds(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _last(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The last number up to which something holds; it holds for the first."""
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low
