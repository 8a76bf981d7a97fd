"""The conditions of a statement, held against the circumstances of a call.

Blocks and keys are all to hold, of the values of a key one is enough (598/10604). What the pages leave open is
told by ``wide``: True gives a statement that allows the benefit of the doubt, False takes it from one that denies.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from drkit.sandbox.enforcement.patterns import glob, substitute

IF_EXIST = "_if_exist"
SETS = ("for_all_value:", "for_any_value:")

Circumstances = Callable[[str], Sequence[str] | None]
Test = Callable[[str, str], bool]


def number(compare: Callable[[float, float], bool]) -> Test:
    """A comparison of numbers; what is none is never true."""

    def test(seen: str, wanted: str) -> bool:
        try:
            return compare(float(seen), float(wanted))
        except ValueError:
            return False

    return test


def moment(compare: Callable[[datetime, datetime], bool]) -> Test:
    """A comparison of moments in ISO 8601; one without a zone is UTC."""

    def read(text: str) -> datetime:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def test(seen: str, wanted: str) -> bool:
        try:
            return compare(read(seen), read(wanted))
        except ValueError:
            return False

    return test


def address(seen: str, wanted: str) -> bool:
    """Whether an address lies in a range; bits of the host in the range do not matter."""
    try:
        return ipaddress.ip_address(seen) in ipaddress.ip_network(wanted, strict=False)
    except (ValueError, TypeError):
        return False


COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "equal": lambda seen, wanted: seen == wanted,
    "less_than": lambda seen, wanted: seen < wanted,
    "less_than_equal": lambda seen, wanted: seen <= wanted,
    "greater_than": lambda seen, wanted: seen > wanted,
    "greater_than_equal": lambda seen, wanted: seen >= wanted,
}
MOMENTS: Mapping[str, Callable[[datetime, datetime], bool]] = {
    "equal": lambda seen, wanted: seen == wanted,
    "less_than": lambda seen, wanted: seen < wanted,
    "less_than_equal": lambda seen, wanted: seen <= wanted,
    "greater_than": lambda seen, wanted: seen > wanted,
    "greater_than_equal": lambda seen, wanted: seen >= wanted,
}
TESTS: Mapping[str, Test] = {
    "string_equal": lambda seen, wanted: seen == wanted,
    "string_equal_ignore_case": lambda seen, wanted: seen.casefold() == wanted.casefold(),
    "string_like": lambda seen, wanted: glob(wanted).fullmatch(seen) is not None,
    "bool_equal": lambda seen, wanted: seen.lower() == wanted.lower(),
    "binary_equal": lambda seen, wanted: seen == wanted,
    "ip_equal": address,
    **{f"numeric_{name}": number(compare) for name, compare in COMPARISONS.items()},
    **{f"date_{name}": moment(compare) for name, compare in MOMENTS.items()},
}
# Each operator that says not, and what it says not to.
NEGATED: Mapping[str, str] = {
    "string_not_equal": "string_equal",
    "string_not_equal_ignore_case": "string_equal_ignore_case",
    "string_not_like": "string_like",
    "numeric_not_equal": "numeric_equal",
    "date_not_equal": "date_equal",
    "ip_not_equal": "ip_equal",
}
NULL = "null_equal"
OPERATORS = frozenset({*TESTS, *NEGATED, NULL})


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator.

    Args:
        test: one of `TESTS` or ``null_equal``.
        negated: whether the operator says not.
        if_exist: whether a key that the call does not have makes it true.
        over: ``for_all_value:`` or ``for_any_value:``, or nothing.
        key: such as ``qcs:ip``.
        values: of which one is enough.
    """

    test: str
    negated: bool
    if_exist: bool
    over: str
    key: str
    values: tuple[str, ...]

    def holds(self, seen: Circumstances, variables: Mapping[str, str], *, wide: bool) -> bool:
        """Whether it is true of a call; a key that the call does not have makes it false (598/10608)."""
        found = seen(self.key)
        if self.test == NULL:
            return ("true" if found is None else "false") in {value.lower() for value in self.values}
        if found is None:
            return self.if_exist
        wanted = [substitute(value, variables) for value in self.values]
        each = (self.fits(one, wanted, wide=wide) for one in found)
        if self.over == "for_all_value:":
            return all(each) if found else wide
        return any(each)

    def fits(self, seen: str, wanted: Sequence[str], *, wide: bool) -> bool:
        """Whether one value that the call has fits."""
        test = TESTS[self.test]
        if not self.negated:
            return any(test(seen, one) for one in wanted)
        # Whether "not equal to a, b" means neither or not both is on no page.
        differs = [not test(seen, one) for one in wanted]
        return any(differs) if wide else all(differs)


def operator(name: str) -> tuple[str, bool, bool, str] | None:
    """An operator's name as (test, negated, if_exist, set), or None where there is no such operator."""
    over = next((prefix for prefix in SETS if name.startswith(prefix)), "")
    bare = name.removeprefix(over)
    if_exist = bare.endswith(IF_EXIST)
    bare = bare.removesuffix(IF_EXIST)
    if bare not in OPERATORS:
        return None
    return NEGATED.get(bare, bare), bare in NEGATED, if_exist, over
