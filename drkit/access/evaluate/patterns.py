"""Actions and ARNs of AWS against patterns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from drkit.access.evaluate.logic import MAYBE, NO, YES
from drkit.access.evaluate.request import Request
from drkit.access.language.glob import Matches, Parts, any_name, glob_of
from drkit.access.language.templates import Template, UndecidedError, UnresolvedError, plain, split, template

ARN_PARTS = 6
WILD = frozenset("*?")


def actions(patterns: Sequence[str]) -> Callable[[str], int]:
    """A test for actions in lower case; case does not matter (reference_policies_elements_action)."""
    test = any_name(tuple(pattern.strip().lower() for pattern in patterns), single=True)
    return lambda action: YES if test(action) else NO


def negated(test: Callable[[str], int]) -> Callable[[str], int]:
    """What ``NotAction`` matches."""
    return lambda action: YES - test(action)


@lru_cache(maxsize=16384)
def arn(parts: Parts) -> Callable[[str], int]:
    """A test for ARNs, letter by letter.

    A star that ends a segment may reach beyond its colon, one within a segment does not
    (reference_policies_elements_resource, "Using wildcards in resource ARNs").
    """
    segments = split(parts, ":", ARN_PARTS - 1)
    whole = glob_of(parts)
    if len(segments) == ARN_PARTS and any(map(_inner_star, segments[:-1])):
        return _by_segments([glob_of(segment) for segment in segments])
    text = plain(parts)
    if len(segments) < ARN_PARTS and not WILD & set(text):
        return lambda own: YES if own == text else MAYBE if own.startswith(text + ":") else NO
    return lambda own: YES if whole(own) else NO


def _inner_star(segment: Parts) -> bool:
    wild = "".join(text if not literal else "x" * len(text) for literal, text in segment)
    return "*" in wild.rstrip("*")


def _by_segments(tests: Sequence[Matches]) -> Callable[[str], int]:
    def test(own: str) -> int:
        pieces = own.split(":", ARN_PARTS - 1)
        matches = len(pieces) == ARN_PARTS and all(t(piece) for t, piece in zip(tests, pieces, strict=True))
        return YES if matches else NO

    return test


def resources(patterns: Sequence[str], *, variables: bool, negate: bool) -> Callable[[Request], int] | None:
    """A test for the resource of a request; None where it is every one."""
    if "*" in patterns:
        return None if not negate else lambda _request: NO
    fixed, moving = [], []
    for pattern in patterns:
        made = template(pattern) if variables else None
        if made is None:
            fixed.append(arn(((False, pattern),)))
        else:
            moving.append((made.beginning, made))
    matches = _matches(fixed, moving, negate=negate)
    return (lambda request: YES - matches(request)) if negate else matches


def _matches(
    fixed: Sequence[Callable[[str], int]], moving: Sequence[tuple[str, Template]], *, negate: bool
) -> Callable[[Request], int]:
    """A test for any of the patterns, those with variables last."""

    def matches(request: Request) -> int:
        best, own = NO, request.resource
        for test in fixed:
            found = test(own)
            if found == YES:
                return YES
            best = max(best, found)
        for beginning, each in moving:
            if own.startswith(beginning):
                best = max(best, _resolved(each, request, negate=negate))
        return best

    return matches


def _resolved(pattern: Template, request: Request, *, negate: bool) -> int:
    """A pattern with this request's values; where one is missing it matches nothing, and negated nobody knows."""
    try:
        return arn(pattern.resolve(request.lookup))(request.resource)
    except UnresolvedError:
        possible = negate
    except UndecidedError:
        possible = True
    return min(MAYBE, arn(pattern.widest())(request.resource)) if possible else NO
