"""Wildcards in time that grows with the text and the pattern, not with what a pattern could try.

A pattern is cut at its stars into pieces that are looked for one after the other, each as early as it can be:
whatever the stars, no piece is looked for twice (the greedy argument for patterns without alternation). Pieces
with ``?`` are found with one machine word for 64 places of the text, so that ten thousand of them stay bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

Matches = Callable[[str], bool]
Parts = tuple[tuple[bool, str], ...]  # (literal?, text): in a literal part a star is a star
Tokens = tuple["str | None", ...]  # one character, or None for any one

FEW = 1_000_000  # so many comparisons are nothing to a regular expression without repetition


def glob(pattern: str, *, single: bool = True) -> Matches:
    """A test for a pattern with ``*``, and with ``?`` where ``single``."""
    return glob_of(((False, pattern),), single=single)


@lru_cache(maxsize=8192)
def any_name(patterns: tuple[str, ...], *, single: bool) -> Matches:
    """A test for any of many patterns of names: most are names, or the beginning of names and a star."""
    exact, begin, tests = set(), [], []
    for each in patterns:
        question = single and "?" in each
        star = each.find("*")
        if star < 0 and not question:
            exact.add(each)
        elif star == len(each) - 1 and not question:
            begin.append(each[:-1])
        else:
            tests.append(glob(each, single=single))
    beginnings = tuple(begin)
    if not tests:
        return lambda name: name in exact or name.startswith(beginnings)
    return lambda name: name in exact or name.startswith(beginnings) or any(test(name) for test in tests)


@lru_cache(maxsize=4096)
def glob_of(parts: Parts, *, single: bool = True) -> Matches:
    """A test for a pattern of which some parts are to be taken literally."""
    pieces = _pieces(parts, single=single)
    if len(pieces) == 1:
        return _whole(pieces[0])
    first, *middle, last = pieces
    if any(None in piece for piece in pieces):
        return _pieces_test(first, [piece for piece in middle if piece], last)
    return _text_test(_text(first), [_text(piece) for piece in middle if piece], _text(last))


def _pieces(parts: Parts, *, single: bool) -> list[Tokens]:
    """The pattern between its stars; one piece where it has none."""
    pieces: list[list[str | None]] = [[]]
    for literal, text in parts:
        for character in text:
            if character == "*" and not literal:
                pieces.append([])
            else:
                pieces[-1].append(None if character == "?" and single and not literal else character)
    return [tuple(piece) for piece in pieces]


def _text(piece: Tokens) -> str:
    return "".join(each or "" for each in piece)


def _whole(piece: Tokens) -> Matches:
    if None not in piece:
        wanted = _text(piece)
        return lambda text: text == wanted
    return lambda text: len(text) == len(piece) and _at(piece, text, 0)


def _text_test(first: str, middle: Sequence[str], last: str) -> Matches:
    """Pieces without ``?``: the searches of Python's own strings."""
    if not middle and not last:
        return lambda text: text.startswith(first)
    least = len(first) + len(last)

    def test(text: str) -> bool:
        if len(text) < least or not text.startswith(first) or not text.endswith(last):
            return False
        place, end = len(first), len(text) - len(last)
        for piece in middle:
            place = text.find(piece, place, end)
            if place < 0:
                return False
            place += len(piece)
        return True

    return test


def _pieces_test(first: Tokens, middle: Sequence[Tokens], last: Tokens) -> Matches:
    least = len(first) + len(last)

    def test(text: str) -> bool:
        end = len(text) - len(last)
        if len(text) < least or not _at(first, text, 0) or not _at(last, text, end):
            return False
        place = len(first)
        for piece in middle:
            place = _find(piece, text, place, end)
            if place < 0:
                return False
            place += len(piece)
        return True

    return test


def _at(piece: Tokens, text: str, place: int) -> bool:
    return all(each is None or text[place + offset] == each for offset, each in enumerate(piece))


def _find(piece: Tokens, text: str, place: int, end: int) -> int:
    """The first place of a piece between two places, or -1."""
    if all(each is None for each in piece):
        return place if place + len(piece) <= end else -1
    if None not in piece:
        return text.find(_text(piece), place, end)
    if len(piece) * (end - place) <= FEW:
        found = _expression(piece).search(text, place, end)
        return found.start() if found else -1
    return _find_by_bits(piece, text, place, end)


@lru_cache(maxsize=1024)
def _expression(piece: Tokens) -> re.Pattern[str]:
    return re.compile("".join("." if each is None else re.escape(each) for each in piece), re.DOTALL)


def _find_by_bits(piece: Tokens, text: str, place: int, end: int) -> int:
    """Bit n of a number stands for a piece that begins at n: one shift and one AND a character."""
    window = text[place:end]
    room = len(window) - len(piece) + 1
    if room <= 0:
        return -1
    left = (1 << room) - 1
    where: dict[str, int] = {}
    for offset, each in enumerate(piece):
        if each is None:
            continue
        if each not in where:
            where[each] = int("".join("1" if c == each else "0" for c in reversed(window)), 2)
        left &= where[each] >> offset
        if not left:
            return -1
    return place + (left & -left).bit_length() - 1
