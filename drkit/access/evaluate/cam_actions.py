"""Actions of CAM against patterns, and what an action is authorised as.

``permid/NNN`` is opaque: MAYBE, never nothing. Names are case-sensitive in COS (436/31923); elsewhere no page
says, and another case is MAYBE. CBS is authorised under ``cvm:``; whether ``cbs:`` is accepted too stands
nowhere, so an allow under it counts and a deny under it may not bite. DeleteMultipleObjects is authorised as
DeleteObject on each key (436/31923).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from drkit.access.catalogue import cam
from drkit.access.evaluate.logic import MAYBE, NO, YES
from drkit.access.language.glob import any_name

NAME = "name/"
PERMISSION = "permid/"
EVERYTHING = frozenset({"*", "*:*"})
CASE_MATTERS = "cos:"


def plain(action: str) -> str:
    """An action without the ``name/`` that it may begin with."""
    return action.strip().removeprefix(NAME)


@lru_cache(maxsize=65536)
def names(action: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that surely stand for an action, and those that may."""
    if action == "cos:DeleteMultipleObjects":
        return ("cos:DeleteObject",), (action,)
    service, _, name = action.partition(":")
    prefixes = cam.prefixes(service)
    sure = tuple(f"{prefix}:{name}" for prefix in prefixes)
    other = tuple(
        f"{prefix}:{name}" for prefix in cam.other_prefixes(service, name) if prefix not in prefixes
    )
    return sure, other


def actions(patterns: Sequence[str], *, denies: bool) -> Callable[[str], int]:
    """A test for actions without ``name/``."""
    stripped = [plain(pattern) for pattern in patterns]
    opaque = any(each.startswith(PERMISSION) for each in stripped)
    rest = tuple(each for each in stripped if not each.startswith(PERMISSION))
    exactly = any_name(rest, single=False)
    loosely = any_name(tuple(each.lower() for each in rest), single=True)
    under_other_name = MAYBE if denies else YES
    at_least = MAYBE if opaque else NO

    def test(action: str) -> int:
        sure, other = names(action)
        if any(map(exactly, sure)):
            return YES
        if any(map(exactly, other)):
            return max(under_other_name, at_least)
        if any(loosely(name.lower()) for name in (*sure, *other) if not name.startswith(CASE_MATTERS)):
            return MAYBE
        return at_least

    return test
