"""The names of CAM's condition operators (598/10608)."""

from __future__ import annotations

from functools import cache

from drkit.access.evaluate.conditions import Operator, Quantifier, Rules, Spelt
from drkit.access.evaluate.logic import MAYBE, NO, YES
from drkit.access.evaluate.operators import (
    CAM_TRUTHS,
    MOMENTS,
    NUMBERS,
    binaries_as_text,
    likes,
    networks,
    strings,
    strings_of_any_case,
)

QUANTIFIERS: dict[str, Quantifier] = {"for_all_value:": "all", "for_any_value:": "any"}
IF_EXIST = "_if_exist"


def _operators() -> dict[str, Operator]:
    made = {
        "string_equal": Operator(strings, variables=True),
        "string_not_equal": Operator(strings, negated=True, variables=True),
        "string_equal_ignore_case": Operator(strings_of_any_case, variables=True),
        "string_not_equal_ignore_case": Operator(strings_of_any_case, negated=True, variables=True),
        "string_like": Operator(likes, variables=True),
        "string_not_like": Operator(likes, negated=True, variables=True),
        "bool_equal": Operator(CAM_TRUTHS),
        "binary_equal": Operator(binaries_as_text, variables=True),
        "ip_equal": Operator(networks),
        "ip_not_equal": Operator(networks, negated=True),
        "null_equal": Operator(None),
    }
    for kind, families in (("numeric", NUMBERS), ("date", MOMENTS)):
        made[f"{kind}_equal"] = Operator(families[""], variables=True)
        made[f"{kind}_not_equal"] = Operator(families[""], negated=True, variables=True)
        for order in ("less_than", "less_than_equal", "greater_than", "greater_than_equal"):
            made[f"{kind}_{order}"] = Operator(families[order], variables=True)
    return made


OPERATORS = _operators()


@cache
def spelt(name: str) -> Spelt | None:
    """The operator of a name in a policy."""
    rest = name.strip().lower()
    quantifier: Quantifier = ""
    for prefix, meaning in QUANTIFIERS.items():
        if rest.startswith(prefix):
            rest, quantifier = rest.removeprefix(prefix), meaning
    operator = OPERATORS.get(rest.removesuffix(IF_EXIST))
    if_exists = rest.endswith(IF_EXIST)
    if operator is None or (operator.family is None and (if_exists or quantifier)):
        return None
    return Spelt(operator, quantifier, if_exists)


def missing(operator: Spelt) -> int:
    """A key that is not there: only ``_if_exist`` holds then, negated operators do not."""
    if operator.if_exists:
        return YES
    return MAYBE if operator.quantifier == "all" else NO


RULES = Rules(spelt, folds=False, missing=missing, settled=False)
