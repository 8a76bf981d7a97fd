"""CBS 2017-03-12: what disks cost.

One price is the documented example's: 0.042 yuan an hour for 100 GiB of CLOUD_PREMIUM (InquiryPriceCreateDisks).
The others keep the proportions of the public list (document 362/2413) as it was remembered; see docs/sandbox.md.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drkit.sandbox.services import cbs_create
from drkit.sandbox.services.cbs_things import disk_named
from drkit.sandbox.services.table import Actions, Call, named
from drkit.sandbox.wire.errors import missing_parameter, wrong_value
from drkit.sandbox.world.things import PAY_AS_YOU_GO

ACTIONS = Actions("cbs", "2017-03-12")
HOURLY = {  # yuan for one GiB
    "CLOUD_BASIC": Decimal("0.00036"),
    "CLOUD_PREMIUM": Decimal("0.00042"),
    "CLOUD_BSSD": Decimal("0.0009"),
    "CLOUD_SSD": Decimal("0.0012"),
    "CLOUD_HSSD": Decimal("0.0012"),
    "CLOUD_TSSD": Decimal("0.0024"),
}
HOURS = 720  # of a month


@ACTIONS.add("InquiryPriceCreateDisks")
def inquire_create(call: Call) -> dict[str, Any]:
    """The price of new disks."""
    kind = cbs_create.disk_type(call)
    wanted = cbs_create.size(call, kind, None)
    charge, _ = cbs_create.charging(call)
    hourly = HOURLY[kind] * wanted * cbs_create.count(call)
    if charge == PAY_AS_YOU_GO:
        return {"DiskPrice": by_hour(hourly)}
    return {"DiskPrice": in_advance(hourly * HOURS * cbs_create.period(call))}


@ACTIONS.add("InquiryPriceResizeDisk", resources=[named("volume", "DiskId")])
def inquire_resize(call: Call) -> dict[str, Any]:
    """The price of the GiB that are added."""
    wanted = call.given("DiskIds", []) or [call.given("DiskId")]
    if wanted == [None]:
        raise missing_parameter("DiskId")
    target: int = call.given("DiskSize")
    total = Decimal(0)
    for one in wanted:
        disk = disk_named(call, one, "InvalidParameterValue")
        if target < disk.size:
            raise wrong_value("DiskSize", target)
        total += HOURLY.get(disk.type, HOURLY["CLOUD_PREMIUM"]) * (target - disk.size)
    return {"DiskPrice": {**by_hour(total), "DetailPrices": []}}


def by_hour(price: Decimal) -> dict[str, Any]:
    """A price as pay-as-you-go shows it."""
    return {
        **dict.fromkeys(("DiscountPrice", "OriginalPrice", "DiscountPriceHigh", "OriginalPriceHigh")),
        "ChargeUnit": "HOUR",
        "UnitPrice": float(round(price, 2)),
        "UnitPriceDiscount": float(round(price, 2)),
        "UnitPriceHigh": f"{price.normalize():f}",
        "UnitPriceDiscountHigh": f"{price.normalize():f}",
    }


def in_advance(price: Decimal) -> dict[str, Any]:
    """A price as a subscription shows it."""
    return {
        **dict.fromkeys(
            ("ChargeUnit", "UnitPrice", "UnitPriceDiscount", "UnitPriceHigh", "UnitPriceDiscountHigh")
        ),
        "DiscountPrice": float(round(price, 2)),
        "OriginalPrice": float(round(price, 2)),
        "DiscountPriceHigh": f"{price.normalize():f}",
        "OriginalPriceHigh": f"{price.normalize():f}",
    }
