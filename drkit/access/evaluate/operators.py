"""The families of condition operators: does one value of the request match any value of the policy?

A `Family` turns the policy's values, as text, into such a test. What is no value of its family is MAYBE on the
side of the policy, which the cloud would have refused, and NO on the side of the request.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import eq, ge, gt, le, lt
from typing import Any

from drkit.access.evaluate.logic import MAYBE, NO, YES, any_of
from drkit.access.evaluate.values import (
    address,
    binary,
    moment,
    network,
    number,
    truth,
    truth_or_figure,
)
from drkit.access.language.glob import Matches, Parts, glob_of
from drkit.access.language.templates import plain, split

Test = Callable[[str], int]
Family = Callable[[Sequence[Parts]], Test]
ARN_PARTS = 6


def strings(values: Sequence[Parts]) -> Test:
    """Equal, letter by letter."""
    wanted = frozenset(map(plain, values))
    return lambda text: YES if text in wanted else NO


def strings_of_any_case(values: Sequence[Parts]) -> Test:
    """Equal but for case."""
    wanted = frozenset(plain(value).lower() for value in values)
    return lambda text: YES if text.lower() in wanted else NO


def likes(values: Sequence[Parts]) -> Test:
    """Equal with ``*`` and ``?`` in the policy's value."""
    return _any([glob_of(value) for value in values])


def arns(values: Sequence[Parts]) -> Test:
    """ARNs, each of six parts for itself (reference_policies_elements_condition_operators, Arn)."""
    tests = [_arn(value) for value in values]
    return lambda text: any_of(lambda test: test(text), tuple(tests))


def _arn(value: Parts) -> Test:
    pieces = split(value, ":", ARN_PARTS - 1)
    if len(pieces) != ARN_PARTS:
        everything = glob_of(value)
        # no ARN: all that can be said is what surely does not match
        return (
            (lambda _text: YES) if plain(value) == "*" else (lambda text: MAYBE if everything(text) else NO)
        )
    tests = [glob_of(piece) for piece in pieces]

    def test(text: str) -> int:
        parts = text.split(":", ARN_PARTS - 1)
        matches = len(parts) == ARN_PARTS and all(test(part) for test, part in zip(tests, parts, strict=True))
        return YES if matches else NO

    return test


def _any(tests: Sequence[Matches]) -> Test:
    return lambda text: YES if any(test(text) for test in tests) else NO


def compared(read: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Family:
    """Values that have an order, or are equal, once they are read."""

    def family(values: Sequence[Parts]) -> Test:
        wanted = [read(plain(value)) for value in values]

        def test(text: str) -> int:
            own = read(text)
            if own is None:
                return NO
            if any(each is not None and compare(own, each) for each in wanted):
                return YES
            return MAYBE if None in wanted else NO

        return test

    return family


def networks(values: Sequence[Parts]) -> Test:
    """Addresses in ranges."""
    ranges = [network(plain(value)) for value in values]

    def test(text: str) -> int:
        own = address(text) or network(text)
        if own is None:
            return NO
        if any(each is not None and _within(own, each) for each in ranges):
            return YES
        return MAYBE if None in ranges else NO

    return test


def _within(own: Any, whole: Any) -> bool:
    if own.version != whole.version:
        return False
    return own.subnet_of(whole) if hasattr(own, "subnet_of") else own in whole


def binaries_as_text(values: Sequence[Parts]) -> Test:
    """``binary_equal`` of CAM: the pages say equal with and without case (598/10608), so case alone is MAYBE."""
    wanted = frozenset(map(plain, values))
    folded = frozenset(map(str.lower, wanted))
    return lambda text: YES if text in wanted else MAYBE if text.lower() in folded else NO


ORDERS = {
    "": eq,
    "less_than": lt,
    "less_than_equal": le,
    "greater_than": gt,
    "greater_than_equal": ge,
}
NUMBERS = {order: compared(number, compare) for order, compare in ORDERS.items()}
MOMENTS = {order: compared(moment, compare) for order, compare in ORDERS.items()}
TRUTHS = compared(truth, eq)
CAM_TRUTHS = compared(truth_or_figure, eq)
BINARIES = compared(binary, eq)
