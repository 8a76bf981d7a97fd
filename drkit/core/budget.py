"""What one run of a playbook may cost at most, and how an estimate stands against it."""

from __future__ import annotations

from enum import StrEnum

from drkit.core.configuration.model import Model
from drkit.core.money import Estimate, MoneyText
from drkit.core.verdicts import Outcome, Verdict


class Unpriced(StrEnum):
    """What becomes of a run with actions whose cost nobody knows."""

    REFUSE = "refuse"
    ALLOW = "allow"


class Budget(Model):
    """What one run may cost at most; a plan that may cost more is refused before anything is done."""

    each_run: MoneyText
    """The sum for all that one run makes, until the end of what it makes."""

    unknown: Unpriced = Unpriced.REFUSE
    """Whether actions whose cost is not known are refused, or allowed and left out of the sum."""


def judge(estimate: Estimate, budget: Budget | None) -> Verdict:
    """PASS where an estimate surely keeps within the budget, FAIL where it is over, else UNKNOWN.

    What is known to be too much already stays too much, whatever the unknown comes to. What is said to cost
    nothing has no currency; every other cost in another currency than the budget's cannot be compared.
    """
    if budget is None:
        return Verdict(Outcome.PASS)
    limit = budget.each_run
    known = estimate.at_most.get(limit.currency)
    if known is not None and known > limit.amount:
        return Verdict(Outcome.FAIL, f"over budget: {estimate}, and a run may cost {limit}")
    if others := [money for money in estimate.sums if money.currency != limit.currency and money.amount]:
        return Verdict(Outcome.UNKNOWN, f"{others[0]} cannot be held against a budget in {limit.currency}")
    if estimate.unknown and budget.unknown is Unpriced.REFUSE:
        return Verdict(
            Outcome.UNKNOWN,
            f"the cost of {estimate.unknown} of its actions is not known, and a run may cost {limit}",
        )
    return Verdict(Outcome.PASS)
