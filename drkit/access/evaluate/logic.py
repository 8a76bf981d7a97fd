"""Logic of three values: what surely is, what surely is not, and what nobody can say (Kleene's).

They are numbers, so that AND is `min`, OR is `max` and NOT is ``YES - value``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

NO, MAYBE, YES = 0, 1, 2


def any_of(test: Callable[[Any], int], values: tuple[Any, ...]) -> int:
    """OR over values; NO over none."""
    best = NO
    for value in values:
        found = test(value)
        if found == YES:
            return YES
        best = max(best, found)
    return best


def all_of(test: Callable[[Any], int], values: tuple[Any, ...]) -> int:
    """AND over values; YES over none."""
    worst = YES
    for value in values:
        found = test(value)
        if found == NO:
            return NO
        worst = min(worst, found)
    return worst
