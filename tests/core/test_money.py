"""Money is exact, upper bounds stay upper bounds, and what nobody knows is never zero."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from drkit.core.budget import Budget, Unpriced, judge
from drkit.core.money import (
    NOTHING,
    Estimate,
    Money,
    MoneyText,
    cost_text,
    estimate,
    parse_money,
    stored,
)
from drkit.core.verdicts import Outcome

AMOUNTS = st.decimals(min_value=0, max_value=10**12 - 1, places=8, allow_nan=False, allow_infinity=False)
MONEY = st.builds(Money, AMOUNTS, st.sampled_from(["CNY", "USD", "EUR"]))
KNOWN = st.one_of(st.just(NOTHING), MONEY.map(cost_text))
COSTS = st.lists(st.one_of(st.none(), KNOWN), max_size=12)
BUDGETS = st.builds(Budget, each_run=MONEY, unknown=st.sampled_from(Unpriced))


@given(money=MONEY)
def test_money_reads_back_what_it_wrote(money: Money) -> None:
    assert parse_money(str(money)) == money
    assert "E" not in str(money).split(" ")[0]


GOOD = ["0 CNY", "0.12 CNY", "100 USD", "999999999999.12345678 JPY"]
BAD = ["", "1", "CNY", "1 cny", "1CNY", "1  CNY", "-1 CNY", "+1 CNY", "1. CNY", ".5 CNY", "01 CNY", "1e3 CNY"]


@pytest.mark.parametrize(
    "text", [*BAD, "NaN CNY", "1 CNY\n", "1,000 CNY", "¥1", "1234567890123 CNY", "\u0661 CNY"]
)
def test_what_is_not_clearly_an_amount_and_a_currency_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"such as 0\.12 CNY"):
        parse_money(text)


@pytest.mark.parametrize("value", [1, 0.12, None, True, ["1 CNY"]])
def test_a_number_is_no_money(value: object) -> None:
    with pytest.raises(ValidationError, match="string"):
        TypeAdapter(MoneyText).validate_python(value)


@pytest.mark.parametrize("text", GOOD)
def test_money_of_a_file_is_written_into_json_as_text(text: str) -> None:
    adapter = TypeAdapter(MoneyText)
    assert parse_money(adapter.dump_python(adapter.validate_python(text), mode="json")) == parse_money(text)


@given(
    gibibytes=st.integers(1, 32_000_000),
    hours=st.integers(0, 24 * 366 * 100),
    price=st.builds(Money, st.decimals(0, 10_000, places=8), st.just("CNY")),
)
def test_storage_costs_its_exact_price_rounded_up_to_the_next_hundredth(
    gibibytes: int, hours: int, price: Money
) -> None:
    exact = Fraction(price.amount) * gibibytes * hours / 720

    ((told),) = estimate([stored(gibibytes, hours, price)]).sums

    assert exact <= Fraction(told.amount) < exact + Fraction(1, 100)


@given(costs=COSTS)
def test_the_sum_is_exact_and_every_cost_is_either_in_it_or_said_to_be_unknown(
    costs: list[str | None],
) -> None:
    sums = estimate(costs)

    assert sums.unknown == costs.count(None)
    for currency in ("CNY", "USD", "EUR"):
        expected = sum(
            Fraction(parse_money(cost.removeprefix("at most ")).amount)
            for cost in costs
            if cost and cost.endswith(currency)
        )
        assert Fraction(sums.at_most.get(currency, Decimal(0))) == expected
    assert ("UNKNOWN" in str(sums)) == (sums.unknown > 0)


@pytest.mark.parametrize(
    "cost", ["", "0", "free", "at most 1", "1.00 CNY", "about 1.00 CNY", "at most -1.00 CNY"]
)
def test_a_cost_in_any_other_words_is_unknown_and_never_zero(cost: str) -> None:
    assert estimate([cost, "at most 2.00 CNY"]) == Estimate({"CNY": Decimal("2.00")}, 1)


def test_no_actions_and_actions_that_cost_nothing_cost_nothing() -> None:
    assert [str(estimate(costs)) for costs in ([], [NOTHING, NOTHING])] == [NOTHING, NOTHING]


@given(costs=COSTS, budget=BUDGETS)
def test_within_the_budget_is_only_what_surely_is(costs: list[str | None], budget: Budget) -> None:
    sums = estimate(costs)
    outcome = judge(sums, budget).outcome
    other = any(money.amount for money in sums.sums if money.currency != budget.each_run.currency)
    over = sums.at_most.get(budget.each_run.currency, Decimal(0)) > budget.each_run.amount
    unknown = other or (sums.unknown and budget.unknown is Unpriced.REFUSE)

    expected = Outcome.FAIL if over else Outcome.UNKNOWN if unknown else Outcome.PASS
    assert outcome is expected


@given(costs=COSTS, more=KNOWN, budget=BUDGETS)
def test_more_to_do_never_brings_a_plan_back_within_its_budget(
    costs: list[str | None], more: str, budget: Budget
) -> None:
    before, after = (judge(estimate(each), budget).outcome for each in (costs, [*costs, more, None]))

    assert before is Outcome.PASS or after is not Outcome.PASS


@given(costs=COSTS)
def test_without_a_budget_everything_is_within_it(costs: list[str | None]) -> None:
    assert judge(estimate(costs), None).outcome is Outcome.PASS


def test_a_refusal_names_the_estimate_and_the_limit() -> None:
    budget = Budget(each_run="1 CNY")

    assert judge(estimate(["at most 1.01 CNY", None]), budget).reason == (
        "over budget: at most 1.01 CNY and UNKNOWN for 1, and a run may cost 1.00 CNY"
    )
    assert judge(estimate([None]), budget).reason == (
        "the cost of 1 of its actions is not known, and a run may cost 1.00 CNY"
    )
    assert judge(estimate(["at most 1.00 USD"]), budget).reason == (
        "1.00 USD cannot be held against a budget in CNY"
    )
