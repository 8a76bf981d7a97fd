"""Brace expansion (bash manual, 3.5.1) over marked text."""

from __future__ import annotations

import re
from itertools import pairwise

from drkit.gate.classify.markers import BRACES, CLOSE, COMMA, HOLES, OPEN, has

MOST = 256  # words out of one
MOST_GROUPS = 32
LONGEST = 20_000
_RANGE = re.compile(r"(-?\d{1,9}|[A-Za-z])\.\.(-?\d{1,9}|[A-Za-z])(?:\.\.(-?\d{1,9}))?")
_BACK = str.maketrans({OPEN: "{", COMMA: ",", CLOSE: "}"})


def braced(word: str) -> list[str]:
    """The words that one becomes; an unknown number of them where they are too many."""
    if not has(word, BRACES):
        return [word]
    made = _expand(word, MOST) if word.count(OPEN) <= MOST_GROUPS and len(word) <= LONGEST else None
    return [HOLES] if made is None else [each.translate(_BACK) for each in made]


def _expand(word: str, most: int) -> list[str] | None:
    found = _first_group(word)
    if found is None:
        return [word]
    begin, end, choices = found
    rest = _expand(word[end + 1 :], most)
    if rest is None:
        return None
    middles: list[str] = []
    for choice in choices:
        inner = _expand(choice, most)
        if inner is None or len(middles) + len(inner) > most:
            return None
        middles += inner
    if len(middles) * len(rest) > most:
        return None
    return [word[:begin] + middle + tail for middle in middles for tail in rest]


def _first_group(word: str) -> tuple[int, int, list[str]] | None:
    """The first group that expands: where it opens and closes, and its choices."""
    begin = word.find(OPEN)
    while begin >= 0:
        depth, cuts = 0, [begin]
        for index in range(begin, len(word)):
            letter = word[index]
            if letter == OPEN:
                depth += 1
            elif letter == COMMA and depth == 1:
                cuts.append(index)
            elif letter == CLOSE:
                depth -= 1
                if depth == 0:
                    cuts.append(index)
                    break
        if depth == 0:
            choices = [word[a + 1 : b] for a, b in pairwise(cuts)]
            if len(choices) > 1:
                return begin, cuts[-1], choices
            if counted := _range(choices[0]):
                return begin, cuts[-1], counted
        begin = word.find(OPEN, begin + 1)
    return None


def _range(text: str) -> list[str] | None:
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    first, last, step = match.groups()
    if first.lstrip("-").isdigit() != last.lstrip("-").isdigit():
        return None
    numeric = first.lstrip("-").isdigit()
    a, b = (int(first), int(last)) if numeric else (ord(first), ord(last))
    stride = abs(int(step or 1)) or 1
    if abs(b - a) // stride > MOST:
        return [HOLES]
    numbers = range(a, b + 1, stride) if a <= b else range(a, b - 1, -stride)
    return [str(number) if numeric else chr(number) for number in numbers]
