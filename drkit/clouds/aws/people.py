"""Who there is in an account of AWS, and what each may do: IAM, API 2010-05-08, and CloudTrail, API 2013-11-01."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from drkit.clouds.aws.client import garbled
from drkit.clouds.aws.credential_report import read_report, root_of, with_row
from drkit.clouds.aws.printed import LISTS, identities_of, moment
from drkit.clouds.tencent.cam_lists import unless_refused
from drkit.clouds.tencent.client import Call, Power
from drkit.clouds.tencent.fields import items_of, mapping, text
from drkit.clouds.tencent.retry import Caller
from drkit.core.times import Clock, now
from drkit.ports.identities import Activity, Change, Identities, Provider, Trail, Use
from drkit.ports.unread import Unread

IAM, TRAIL = "2010-05-08", "2013-11-01"
GET_DETAILS = Call("iam", IAM, "GetAccountAuthorizationDetails", powers=(Power.LOOK,))
LIST_SAML = Call("iam", IAM, "ListSAMLProviders", powers=(Power.LOOK,))
LIST_OIDC = Call("iam", IAM, "ListOpenIDConnectProviders", powers=(Power.LOOK,))
DESCRIBE_TRAILS = Call("cloudtrail", TRAIL, "DescribeTrails", powers=(Power.LOOK,))
GET_TRAIL_STATUS = Call("cloudtrail", TRAIL, "GetTrailStatus", powers=(Power.LOOK,))
LOOKUP_EVENTS = Call("cloudtrail", TRAIL, "LookupEvents", powers=(Power.LOOK,))
PAGE = 50  # the greatest MaxResults of LookupEvents
MOST_EVENTS = 5_000  # at two questions a second, which is all that LookupEvents takes
REACH = timedelta(days=90)
KINDS = ((LIST_SAML, "SAMLProviderList", "saml"), (LIST_OIDC, "OpenIDConnectProviderList", "oidc"))


class AwsPeople:
    """The port of identities.

    Args:
        home: a region of the account's partition, in which IAM is asked and the trail is read.
    """

    def __init__(self, caller: Caller, home: str, clock: Clock = now) -> None:
        self._caller = caller
        self._home = home
        self._clock = clock

    def identities(self, account: str, number: str) -> Identities:
        """Everything of IAM with the credential report, and the trail; a part that is refused is Unread."""
        api, home, until = self._caller, self._home, self._clock()
        details = unless_refused(lambda: read_details(api, home))
        rows = unless_refused(lambda: read_report(api, home))
        found = identities_of(account, details)
        users = found.users
        return replace(
            found,
            number=number,
            users=users if isinstance(users, Unread) else tuple(with_row(user, rows) for user in users),
            root=root_of(rows),
            providers=unless_refused(lambda: read_providers(api, home)),
            trails=unless_refused(lambda: read_trails(api, home)),
            activity=unless_refused(lambda: read_activity(api, home, until)),
        )


def read_details(api: Caller, home: str) -> dict[str, Any]:
    """GetAccountAuthorizationDetails, all pages in one.

    Raises:
        CloudError: a page could not be read.
    """
    whole: dict[str, Any] = {name: [] for name in LISTS}
    for answer in _pages(api, GET_DETAILS.at(home), {}, "Marker", "Marker"):
        for name in LISTS:
            listed = answer.get(name)
            if not isinstance(listed, list):
                raise garbled(GET_DETAILS, f"the answer has no {name}")
            whole[name] += listed
    return whole


def _pages(
    api: Caller, call: Call, parameters: dict[str, Any], ask: str, told: str
) -> Iterator[dict[str, Any]]:
    """All pages of an answer; ``ask`` and ``told`` are the fields of the token in question and answer."""
    seen: set[str] = set()
    following: dict[str, str] = {}
    while True:
        answer = api.call(call, {**parameters, **following})
        yield answer
        token, goes_on = answer.get(told), answer.get("IsTruncated")
        if goes_on and not token:
            raise garbled(call, "the list goes on, and the answer does not say from where")
        if not token or goes_on is False:
            return
        if not isinstance(token, str) or token in seen:
            raise garbled(call, "the same page comes again")
        seen.add(token)
        following = {ask: token}


def read_providers(api: Caller, home: str) -> tuple[Provider, ...]:
    """Everybody outside who says who people are.

    Raises:
        CloudError: they cannot be listed.
    """
    found = []
    for call, field, kind in KINDS:
        answer = api.call(call.at(home), {})
        if not isinstance(answer.get(field), list):
            raise garbled(call, f"the answer has no {field}")
        arns = [text(item, "Arn") for item in items_of(answer, field)]
        found += [Provider(arn, arn.rpartition("/")[2], kind) for arn in arns]
    return tuple(found)


def read_trails(api: Caller, home: str) -> tuple[Trail, ...]:
    """Every trail that reaches this region.

    Raises:
        CloudError: they cannot be read.
    """
    answer = api.call(DESCRIBE_TRAILS.at(home), {"includeShadowTrails": True})
    if not isinstance(answer.get("trailList"), list):
        raise garbled(DESCRIBE_TRAILS, "the answer has no trailList")
    found = []
    for item in items_of(answer, "trailList"):
        status = api.call(GET_TRAIL_STATUS.at(home), {"Name": text(item, "TrailARN")})
        logging = status.get("IsLogging")
        whole = item.get("IsMultiRegionTrail")
        found.append(
            Trail(
                text(item, "TrailARN"),
                text(item, "Name"),
                logging if isinstance(logging, bool) else None,
                whole if isinstance(whole, bool) else None,
                text(item, "S3BucketName"),
            )
        )
    return tuple(found)


def read_activity(api: Caller, home: str, until: datetime) -> Activity:
    """What was done in the last 90 days, as far as `MOST_EVENTS` reach; every change of IAM that LookupEvents has.

    Raises:
        CloudError: the events cannot be read.
    """
    uses: dict[tuple[str, str], Use] = {}
    since = until - REACH
    for number, event in enumerate(_events(api, home, until, []), 1):
        at = moment(event, "EventTime")
        if at is None:
            raise garbled(LOOKUP_EVENTS, "an event has no time")
        who, action = _principal(event), _action(event)
        before = uses.get((who, action))
        uses[who, action] = (
            replace(before, count=before.count + 1)
            if before
            else Use(who, action, 1, at, text(event, "AccessKeyId"))
        )
        if number >= MOST_EVENTS:
            since = at
            break
    of_iam = [{"AttributeKey": "EventSource", "AttributeValue": "iam.amazonaws.com"}]
    changes = [
        _change(event, until)
        for event in _events(api, home, until, of_iam)
        if event.get("ReadOnly") != "true"
    ]
    return Activity(since, tuple(uses[key] for key in sorted(uses)), tuple(reversed(changes)))


def _events(
    api: Caller, home: str, until: datetime, wanted: list[dict[str, str]]
) -> Iterator[dict[str, Any]]:
    asked: dict[str, Any] = {"StartTime": until - REACH, "EndTime": until, "MaxResults": PAGE}
    if wanted:
        asked["LookupAttributes"] = wanted
    for answer in _pages(api, LOOKUP_EVENTS.at(home), asked, "NextToken", "NextToken"):
        if not isinstance(answer.get("Events"), list):
            raise garbled(LOOKUP_EVENTS, "the answer has no Events")
        yield from items_of(answer, "Events")


def _detail(event: dict[str, Any]) -> dict[str, Any]:
    try:
        detail = json.loads(event.get("CloudTrailEvent") or "{}")
    except (ValueError, TypeError, RecursionError):
        detail = None
    if not isinstance(detail, dict):
        raise garbled(LOOKUP_EVENTS, "an event holds no JSON object")
    return detail


def _principal(event: dict[str, Any]) -> str:
    """The ARN of the user, or of the role of a session; the account's number for the root."""
    who = mapping(_detail(event), "userIdentity")
    issuer = text(mapping(mapping(who, "sessionContext"), "sessionIssuer"), "arn")
    if text(who, "type") == "Root":
        return text(who, "accountId")
    return issuer or text(who, "arn") or text(event, "Username")


def _action(event: dict[str, Any]) -> str:
    return f"{text(event, 'EventSource').partition('.')[0]}:{text(event, 'EventName')}"


def _change(event: dict[str, Any], until: datetime) -> Change:
    detail = _detail(event)
    return Change(
        text(event, "EventId"),
        moment(event, "EventTime") or until,
        _principal(event),
        _action(event),
        json.dumps(detail.get("requestParameters"), sort_keys=True),
        bool(text(detail, "errorCode")),
    )
