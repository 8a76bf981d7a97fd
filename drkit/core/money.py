"""Money: exact decimals with a currency, estimates that say "at most", and what nobody knows is UNKNOWN.

Nothing here is a float, and nothing is converted from one currency into another: rates are facts that drkit
does not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Context, Decimal
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticKnownError

NOTHING = "nothing"
HOURS_A_MONTH = 720  # 30 days: Tencent Cloud's prices for an hour are those for a month through 720
_CENT = Decimal("0.01")
# No sum that a file can say is rounded but where it is meant.
_EXACT = Context(prec=60)
_MONEY = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,8})? [A-Z]{3}$"
_PATTERN = re.compile(_MONEY[1:-1])
_COST = re.compile(rf"at most (?P<money>{_MONEY[1:-1]})")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount that is not negative, in a currency (three capital letters, as in ISO 4217)."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        """With two decimals at least, and no more than it has."""
        exponent = self.amount.normalize(_EXACT).as_tuple().exponent
        places = max(2, -exponent) if isinstance(exponent, int) else 2
        return f"{self.amount:.{places}f} {self.currency}"


def parse_money(value: Any) -> Money:
    """An amount and a currency, such as ``0.12 CNY``.

    Raises:
        ValueError: it is written otherwise.
    """
    if isinstance(value, Money):
        return value
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    if not _PATTERN.fullmatch(value):
        raise ValueError("write an amount and a currency, such as 0.12 CNY or 100 USD")
    amount, currency = value.split(" ")
    return Money(Decimal(amount), currency)


MoneyText = Annotated[
    Money,
    PlainValidator(parse_money),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": _MONEY,
            "description": "An amount and a currency.",
            "examples": ["0.12 CNY", "100 USD"],
        }
    ),
]
"""An amount and a currency, as people write them in files."""


def stored(gibibytes: int, hours: int, price: Money) -> str:
    """What so much storage costs for so long, at most: an action's `cost`.

    Args:
        gibibytes: how much at most.
        hours: for how long at most.
        price: of a GiB for a month of 720 hours.
    """
    whole = _EXACT.multiply(price.amount, Decimal(gibibytes * hours))
    return cost_text(Money(_EXACT.divide(whole, Decimal(HOURS_A_MONTH)), price.currency))


def cost_text(money: Money) -> str:
    """An upper bound as an action bears it, and as people sign it: rounded up to hundredths."""
    rounded = money.amount.quantize(_CENT, rounding=ROUND_CEILING, context=_EXACT)
    return f"at most {Money(rounded, money.currency)}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What actions cost at most, all in all.

    Args:
        at_most: the sum by currency.
        unknown: for how many actions nobody knows.
    """

    at_most: Mapping[str, Decimal] = field(default_factory=dict)
    unknown: int = 0

    def __str__(self) -> str:
        """For a person; an unknown cost is always said."""
        sums = " + ".join(str(money) for money in self.sums)
        if not self.unknown:
            return f"at most {sums}" if sums else NOTHING
        known = f"at most {sums} and " if sums else ""
        return f"{known}UNKNOWN for {self.unknown}"

    @property
    def sums(self) -> tuple[Money, ...]:
        """The sums, by the names of their currencies."""
        return tuple(Money(amount, currency) for currency, amount in sorted(self.at_most.items()))

    def as_data(self) -> dict[str, Any]:
        """Plain JSON data; amounts are text, so that no reader makes floats of them."""
        return {"at_most": [str(money) for money in self.sums], "unknown": self.unknown}


def estimate(costs: Iterable[str | None]) -> Estimate:
    """The sum of actions' costs; what is absent, or is not what drkit writes, is unknown."""
    sums: dict[str, Decimal] = {}
    unknown = 0
    for cost in costs:
        if cost == NOTHING:
            continue
        if cost is None or not (match := _COST.fullmatch(cost)):
            unknown += 1
            continue
        money = parse_money(match["money"])
        sums[money.currency] = _EXACT.add(sums.get(money.currency, Decimal(0)), money.amount)
    return Estimate(sums, unknown)
