"""Conditions compiled once and decided for many requests.

Blocks AND, keys AND, values OR, in both languages. What differs is in `Rules`: the operators' names, whether
keys are told apart by case, and what becomes of a key that the request does not have:

- AWS: a plain operator is false and its negation true; ``IfExists`` is true; ``ForAllValues`` is true and
  ``ForAnyValue`` false, with ``IfExists`` too (reference_policies_elements_condition_operators,
  reference_policies_condition-single-vs-multi-valued-context-keys).
- CAM: a plain operator is false, negated or not, and ``_if_exist`` is true, in denies as well (436/71306,
  598/10608). What ``for_all_value`` says about nothing stands on no page, nor whether a negated operator with
  several values asks for one that differs or for all to differ: MAYBE where the readings differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from drkit.access.evaluate.context import Context, Values
from drkit.access.evaluate.logic import MAYBE, NO, YES, all_of, any_of
from drkit.access.evaluate.operators import Family, Test
from drkit.access.evaluate.values import text_of, truth
from drkit.access.language.form import Condition
from drkit.access.language.glob import Parts
from drkit.access.language.templates import Lookup, Template, UndecidedError, UnresolvedError, template

Decide = Callable[[Context, Lookup], int]
Quantifier = Literal["", "all", "any"]


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator without its prefix and suffix.

    Args:
        family: how values are compared; None for the one that asks whether a key is there.
        negated: whether it holds where nothing matches.
        variables: whether its values may hold variables.
    """

    family: Family | None
    negated: bool = False
    variables: bool = False


@dataclass(frozen=True, slots=True)
class Spelt:
    """An operator as it stands in a policy."""

    operator: Operator
    quantifier: Quantifier
    if_exists: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """What the two languages do differently.

    Args:
        spelt: the operator of a name; None where there is none such.
        folds: whether keys are the same in any case.
        missing: the answer for an operator whose key the request surely has not.
        settled: whether a negated operator with several values is documented to match where no value does.
    """

    spelt: Callable[[str], Spelt | None]
    folds: bool
    missing: Callable[[Spelt], int]
    settled: bool


def compile_conditions(rules: Rules, conditions: Sequence[Condition], *, variables: bool) -> Decide | None:
    """One decision for all conditions of a statement; None where it has none."""
    decides = [compile_condition(rules, condition, variables=variables) for condition in conditions]
    if not decides:
        return None
    if len(decides) == 1:
        return decides[0]

    def decide(context: Context, lookup: Lookup) -> int:
        worst = YES
        for each in decides:
            found = each(context, lookup)
            if found == NO:
                return NO
            worst = min(worst, found)
        return worst

    return decide


def compile_condition(rules: Rules, condition: Condition, *, variables: bool) -> Decide:
    """The decision for one operator and key."""
    spelt = rules.spelt(condition.operator)
    if spelt is None:
        return lambda _context, _lookup: MAYBE  # an operator that nobody knows
    key = condition.key.strip()
    key = key.lower() if rules.folds else key
    values = tuple(map(text_of, condition.values))
    if spelt.operator.family is None:
        return _null(key, values)
    test = _test(spelt.operator, values, variables=variables and spelt.operator.variables)
    over = _over(spelt)
    missing, quantified = rules.missing(spelt), bool(spelt.quantifier)

    def decide(context: Context, lookup: Lookup) -> int:
        if key not in context.values:
            return MAYBE if context.partial else missing
        own = context.values[key]
        if own is None:
            return MAYBE
        if not own or (quantified and own == ("",)):  # "a null data set, such as an empty string"
            return missing
        return over(test(lookup), own)

    if rules.settled or not spelt.operator.negated or len(set(values)) == 1:
        return decide
    alone = [
        compile_condition(rules, replace(condition, values=(value,)), variables=variables) for value in values
    ]
    return lambda context, lookup: _both(decide(context, lookup), max(one(context, lookup) for one in alone))


def _both(none: int, some: int) -> int:
    """Two readings of a negation with several values: equal to none of them, or not equal to one of them."""
    return none if none == some else MAYBE


def _null(key: str, values: Sequence[str]) -> Decide:
    """``Null`` and ``null_equal``: true asks for a key that is not there."""
    wanted = {truth(value) for value in values}

    def decide(context: Context, _lookup: Lookup) -> int:
        if key not in context.values and context.partial:
            return MAYBE
        own = context.values.get(key, ())
        if None in wanted or own is None:
            return MAYBE
        return YES if (not own or own == ("",)) in wanted else NO

    return decide


def _over(spelt: Spelt) -> Callable[[Test, Values], int]:
    """How the values of the request come together; see the module's docstring."""
    negated = spelt.operator.negated
    if spelt.quantifier == "":
        if negated:
            return lambda test, own: YES - any_of(test, own)
        return any_of
    gather = all_of if spelt.quantifier == "all" else any_of
    if negated:
        return lambda test, own: gather(lambda value: YES - test(value), own)
    return gather


def _test(operator: Operator, values: Sequence[str], *, variables: bool) -> Callable[[Lookup], Test]:
    """The test of the policy's values, made once where they hold no variable."""
    family = operator.family
    assert family is not None
    made: list[Template | Parts] = []
    for value in values:
        pattern = template(value) if variables else None
        made.append(((False, value),) if pattern is None else pattern)
    fixed = [each for each in made if not isinstance(each, Template)]
    always = family(fixed)
    templates = [each for each in made if isinstance(each, Template)]
    if not templates:
        return lambda _lookup: always
    return lambda lookup: _with_variables(family, always, templates, lookup, negated=operator.negated)


def _with_variables(
    family: Family, always: Test, templates: Sequence[Template], lookup: Lookup, *, negated: bool
) -> Test:
    """A test with this request's values; a variable without one matches nothing, and nothing is sure of it."""
    resolved, unsure = [], NO
    for each in templates:
        try:
            resolved.append(each.resolve(lookup))
        except UnresolvedError:
            unsure = MAYBE if negated else unsure
        except UndecidedError:
            unsure = MAYBE
    sometimes = family(resolved)
    return lambda value: max(always(value), sometimes(value), unsure)
