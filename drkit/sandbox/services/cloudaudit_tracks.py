"""CloudAudit 2019-03-19: what keeps the trail; nothing that is emulated makes a track, so there are none."""

from __future__ import annotations

from typing import Any

from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.wire.errors import ApiError

ACTIONS = Actions("cloudaudit", "2019-03-19")
MOST_ROWS = 100


@ACTIONS.add("DescribeAuditTracks", regional=False)
def describe_audit_tracks(call: Call) -> dict[str, Any]:
    """A page of tracks."""
    if not 1 <= call.given("PageSize") <= MOST_ROWS or call.given("PageNumber") < 1:
        raise ApiError("InvalidParameterValue", "The page is not valid.")
    return {"Tracks": [], "TotalCount": 0}
