"""CloudAudit, API 2019-03-19: what keeps the trail, and what it tells of the last weeks.

DescribeEvents (1021/42703) answers at most 50 events at once, from at most 90 days back, of less than 30 days in
one question. A busy account has millions, so the newest are read up to a number, and `Activity.since` says how far
that reaches: nobody takes an action for unused because nobody looked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from drkit.clouds.tencent.cam_lists import clean, identifier
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import items_of, mapping, text
from drkit.clouds.tencent.naming import PREFIXES
from drkit.clouds.tencent.retry import Caller
from drkit.ports.errors import UncertainError
from drkit.ports.identities import Activity, Change, Trail, Use

VERSION = "2019-03-19"
DESCRIBE_TRACKS = Call("cloudaudit", VERSION, "DescribeAuditTracks", powers=(Power.LOOK,))
DESCRIBE_EVENTS = Call("cloudaudit", VERSION, "DescribeEvents", powers=(Power.LOOK,))
TRACKS, PAGE = 100, 50
REACH, SPAN = timedelta(days=89), timedelta(days=29)
MOST_EVENTS = 20_000
WRITE = {"AttributeKey": "ActionType", "AttributeValue": "Write"}
OF_CAM = {"AttributeKey": "ResourceType", "AttributeValue": "cam"}
ENABLED = 1
FURTHEST = 253_402_300_799  # the last second that a calendar has
FURTHEST_DIGITS = len(str(FURTHEST))


def read_trails(api: Caller) -> tuple[Trail, ...]:
    """Every track.

    Raises:
        CloudError: they cannot be listed.
    """
    found: dict[str, dict[str, Any]] = {}
    page = 1
    while True:
        answer = api.call(DESCRIBE_TRACKS, {"PageNumber": page, "PageSize": TRACKS})
        total, listed = answer.get("TotalCount"), items_of(answer, "Tracks")
        if not isinstance(total, int):
            raise UncertainError(f"{DESCRIBE_TRACKS}: the answer has no TotalCount", code="Garbled")
        found |= {identifier(item, "TrackId"): item for item in listed}
        if len(found) >= total:
            return tuple(_trail(id_, item) for id_, item in sorted(found.items()))
        if not listed:
            raise UncertainError(f"{DESCRIBE_TRACKS}: fewer tracks than it says", code="Garbled")
        page += 1


def _trail(id_: str, item: dict[str, Any]) -> Trail:
    """A track keeps everything where it names neither a product, nor an action, nor reads or writes alone."""
    status, names = item.get("Status"), item.get("EventNames")
    return Trail(
        id=id_,
        name=text(item, "Name"),
        active=status == ENABLED if isinstance(status, int) else None,
        whole=text(item, "ActionType") == "*" and text(item, "ResourceType") == "*" and names == ["*"],
        to=text(mapping(item, "Storage"), "StorageName"),
    )


@dataclass(slots=True)
class _Counted:
    """Uses, added up; the newest event of a kind comes first."""

    uses: dict[tuple[str, str], Use] = field(default_factory=dict)

    def add(self, event: dict[str, Any], at: datetime) -> None:
        principal, action = principal_of(event), action_of(event)
        before = self.uses.get((principal, action))
        count, last, key = (
            (before.count, before.last, before.key) if before else (0, at, text(_who(event), "secretId"))
        )
        self.uses[principal, action] = Use(principal, action, count + 1, last, key)


def read_activity(api: Caller, until: datetime) -> Activity:
    """What was done in the last 89 days, as far as `MOST_EVENTS` reach; every change of CAM among it.

    Raises:
        CloudError: the events cannot be read.
    """
    counted, since = _Counted(), until - REACH
    for number, (event, at) in enumerate(_events(api, until, ()), 1):
        counted.add(event, at)
        if number >= MOST_EVENTS:
            since = at
            break
    changes = [_change(event, at) for event, at in _events(api, until, (WRITE, OF_CAM))]
    return Activity(since, tuple(counted.uses[key] for key in sorted(counted.uses)), tuple(reversed(changes)))


def _events(
    api: Caller, until: datetime, wanted: tuple[dict[str, str], ...]
) -> Iterator[tuple[dict[str, Any], datetime]]:
    """The events, newest first; each once."""
    seen: set[str] = set()
    end = until
    while end > until - REACH:
        start = max(end - SPAN, until - REACH)
        for item in _window(api, start, end, wanted):
            id_ = text(item, "EventId")
            if id_ not in seen:
                seen.add(id_)
                yield _detail(item), moment_of(item)
        end = start


def _window(
    api: Caller, start: datetime, end: datetime, wanted: tuple[dict[str, str], ...]
) -> Iterator[dict[str, Any]]:
    asked: dict[str, Any] = {
        "StartTime": int(start.timestamp()),
        "EndTime": int(end.timestamp()),
        "MaxResults": PAGE,
        **({"LookupAttributes": list(wanted)} if wanted else {}),
    }
    token: int | None = None
    while True:
        answer = api.call(DESCRIBE_EVENTS, asked if token is None else {**asked, "NextToken": token})
        listed, over, following = items_of(answer, "Events"), answer.get("ListOver"), answer.get("NextToken")
        yield from listed
        if over is True:
            return
        if not listed or not isinstance(following, int) or following == token:
            raise UncertainError(f"{DESCRIBE_EVENTS}: the same page comes again", code="Garbled")
        token = following


def _detail(item: dict[str, Any]) -> dict[str, Any]:
    """The event itself, which is JSON in a text."""
    try:
        event = json.loads(text_of_any(item, "CloudAuditEvent"))
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise UncertainError(f"{DESCRIBE_EVENTS}: an event holds no JSON object", code="Garbled")
    return event


def text_of_any(item: dict[str, Any], name: str) -> str:
    """A text of any length, empty where there is none."""
    value = item.get(name)
    return value if isinstance(value, str) else ""


def moment_of(item: dict[str, Any]) -> datetime:
    """When it was: Unix seconds, as a text (DescribeEvents' example)."""
    stamp = identifier(item, "EventTime")
    if not stamp.isdecimal() or int(stamp[:FURTHEST_DIGITS]) > FURTHEST or len(stamp) > FURTHEST_DIGITS:
        raise UncertainError(f"{DESCRIBE_EVENTS}: an event has no time", code="Garbled")
    return datetime.fromtimestamp(int(stamp), UTC)


def _who(event: dict[str, Any]) -> dict[str, Any]:
    return mapping(event, "userIdentity")


def principal_of(event: dict[str, Any]) -> str:
    """Who did it: the UIN of a user or of the root, the name of a role."""
    who = _who(event)
    return text(who, "userName") if text(who, "type") == "AssumedRole" else identifier(who, "principalId")


def action_of(event: dict[str, Any]) -> str:
    """What was done, as policies name it; the event's source is the host of the service."""
    service = text(event, "resourceType") or text(event, "eventSource").partition(".")[0]
    return f"{PREFIXES.get(service, service)}:{text(event, 'eventName')}"


def _change(event: dict[str, Any], at: datetime) -> Change:
    asked = event.get("requestParameters")
    return Change(
        id=text(event, "eventID"),
        at=at,
        principal=principal_of(event),
        action=action_of(event),
        parameters=clean(asked) if isinstance(asked, str) else json.dumps(asked, sort_keys=True),
        refused=identifier(event, "errorCode") not in {"", "0"}
        or identifier(event, "apiErrorCode") not in {"", "0"},
    )
