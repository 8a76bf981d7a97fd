"""CloudAudit 2019-03-19: what was called, looked up.

Sources: DescribeEvents (1021/42703), LookUpEvents (1021/34200), the fields of an event (1021/40499), and the
examples of the specification.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from drkit.sandbox.services.cloudaudit_events import ATTRIBUTES, show
from drkit.sandbox.services.table import Actions, Call
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.world.clock import naive_beijing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drkit.sandbox.world.audit import AuditEvent

ACTIONS = Actions("cloudaudit", "2019-03-19")
MOST_RESULTS = 50
USUAL_RESULTS = 10
REACH = timedelta(days=90)
SPAN = timedelta(days=30)
TOKEN = re.compile(r"[0-9]{0,18}")
FURTHEST = 253_402_300_799  # the last second that a calendar has


@ACTIONS.add("DescribeEvents", regional=False)
def describe_events(call: Call) -> dict[str, Any]:
    """The events of a time, newest first; the next page begins at ``NextToken``."""
    start, end = window(call, late="InvalidParameter", long="InvalidParameter")
    before = call.given("NextToken", 0)
    found = selected(call, start, end, before, "InvalidParameter")
    shown = list(found[: results(call, "InvalidParameter")])
    return {
        "ListOver": len(shown) == len(found),
        "NextToken": shown[-1].number if shown else before,
        "Events": [show(call.account, one, stamp_seconds(one)) for one in shown],
        "TotalCount": len(found),
    }


@ACTIONS.add("LookUpEvents", regional=False)
def look_up_events(call: Call) -> dict[str, Any]:
    """The same by an older action, whose token is a text and whose times have no zone."""
    mode, token = call.given("Mode", "standard"), call.given("NextToken", "")
    if mode not in {"standard", "quick"} or not TOKEN.fullmatch(token):
        raise ApiError("InvalidParameterValue", "The mode or the token is not valid.")
    start, end = window(call, late="InvalidParameterValue.Time", long="LimitExceeded.OverTime")
    found = selected(call, start, end, int(token or 0), "InvalidParameterValue.attributeKey")
    shown = list(found[: results(call, "InvalidParameterValue.MaxResult")])
    return {
        "NextToken": str(shown[-1].number) if shown else token,
        "Events": [show(call.account, one, naive_beijing(one.at)) for one in shown],
        "ListOver": len(shown) == len(found),
        "TotalCount": len(found),
    }


def stamp_seconds(event: AuditEvent) -> str:
    """The Unix time of an event, as text."""
    return str(int(event.at.timestamp()))


def window(call: Call, *, late: str, long: str) -> tuple[datetime, datetime]:
    """The time that is asked for: less than 30 days, and no more than 90 days back.

    Raises:
        ApiError: ``late`` or ``long``.
    """
    given = call.given("StartTime"), call.given("EndTime")
    if not all(0 <= seconds <= FURTHEST for seconds in given):
        raise ApiError(late, "The time is not valid.")
    start, end = (datetime.fromtimestamp(seconds, UTC) for seconds in given)
    if end < start or call.now - start > REACH:
        raise ApiError(late, "The time has to begin within the last 90 days, and to end after that.")
    if end - start >= SPAN:
        raise ApiError(long, "The time has to span less than 30 days.")
    return start, end


def results(call: Call, code: str) -> int:
    """How many events to show."""
    wanted: int = call.given("MaxResults", USUAL_RESULTS)
    if not 1 <= wanted <= MOST_RESULTS:
        raise ApiError(code, f"`MaxResults` has to be from 1 to {MOST_RESULTS}.")
    return wanted


def selected(call: Call, start: datetime, end: datetime, before: int, code: str) -> list[AuditEvent]:
    """The events of a time that the call describes, newest first, from a token on."""
    wanted = attributes(call, code)
    last = end + timedelta(seconds=1)  # the end is a whole second
    return [
        one
        for one in call.account.audit.newest_first()
        if start <= one.at < last and (not before or one.number < before)
        if all(fits(one, key, values) for key, values in wanted.items())
    ]


def attributes(call: Call, code: str) -> dict[str, set[str]]:
    """The values that are wanted of each attribute; several of one are alternatives.

    Raises:
        ApiError: there is no such attribute.
    """
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for one in call.given("LookupAttributes", []):
        key = one["AttributeKey"]
        if key not in ATTRIBUTES:
            raise ApiError(code, f"The attribute `{key}` is not supported.")
        wanted[key].add(one.get("AttributeValue") or "")
    return dict(wanted)


def fits(event: AuditEvent, key: str, values: Iterable[str]) -> bool:
    """Whether an event has one of the values."""
    return not set(ATTRIBUTES[key](event)).isdisjoint(values)
