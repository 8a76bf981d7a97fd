"""The names of AWS's condition operators (IAM User Guide, reference_policies_elements_condition_operators)."""

from __future__ import annotations

from functools import cache

from drkit.access.evaluate.conditions import Operator, Quantifier, Rules, Spelt
from drkit.access.evaluate.logic import NO, YES
from drkit.access.evaluate.operators import (
    BINARIES,
    MOMENTS,
    NUMBERS,
    TRUTHS,
    arns,
    likes,
    networks,
    strings,
    strings_of_any_case,
)

ORDERS = {
    "less_than": "LessThan",
    "less_than_equal": "LessThanEquals",
    "greater_than": "GreaterThan",
    "greater_than_equal": "GreaterThanEquals",
}
QUANTIFIERS: dict[str, Quantifier] = {"forallvalues:": "all", "foranyvalue:": "any"}
IF_EXISTS = "ifexists"


def _operators() -> dict[str, Operator]:
    made = {
        "StringEquals": Operator(strings, variables=True),
        "StringNotEquals": Operator(strings, negated=True, variables=True),
        "StringEqualsIgnoreCase": Operator(strings_of_any_case, variables=True),
        "StringNotEqualsIgnoreCase": Operator(strings_of_any_case, negated=True, variables=True),
        "StringLike": Operator(likes, variables=True),
        "StringNotLike": Operator(likes, negated=True, variables=True),
        "ArnEquals": Operator(arns, variables=True),
        "ArnLike": Operator(arns, variables=True),
        "ArnNotEquals": Operator(arns, negated=True, variables=True),
        "ArnNotLike": Operator(arns, negated=True, variables=True),
        "NumericEquals": Operator(NUMBERS[""]),
        "NumericNotEquals": Operator(NUMBERS[""], negated=True),
        "DateEquals": Operator(MOMENTS[""]),
        "DateNotEquals": Operator(MOMENTS[""], negated=True),
        "Bool": Operator(TRUTHS),
        "BinaryEquals": Operator(BINARIES),
        "IpAddress": Operator(networks),
        "NotIpAddress": Operator(networks, negated=True),
        "Null": Operator(None),
    }
    for order, name in ORDERS.items():
        made[f"Numeric{name}"] = Operator(NUMBERS[order])
        made[f"Date{name}"] = Operator(MOMENTS[order])
    return {name.lower(): operator for name, operator in made.items()}


OPERATORS = _operators()


@cache
def spelt(name: str) -> Spelt | None:
    """The operator of a name in a policy; its case is not looked at, for a wrong one is refused when it is written."""
    rest = name.strip().lower()
    quantifier: Quantifier = ""
    for prefix, meaning in QUANTIFIERS.items():
        if rest.startswith(prefix):
            rest, quantifier = rest.removeprefix(prefix), meaning
    operator = OPERATORS.get(rest.removesuffix(IF_EXISTS))
    if_exists = rest.endswith(IF_EXISTS)
    if operator is None or (operator.family is None and (if_exists or quantifier)):
        return None
    return Spelt(operator, quantifier, if_exists)


def missing(operator: Spelt) -> int:
    """A key that is not there. ``ForAnyValue`` is false even with ``IfExists``: no value is none that matches."""
    if operator.quantifier == "all":
        return YES
    if operator.quantifier == "any":
        return NO
    return YES if operator.if_exists or operator.operator.negated else NO


RULES = Rules(spelt, folds=True, missing=missing, settled=True)
