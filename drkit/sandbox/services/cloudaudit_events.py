"""How CloudAudit shows an event (1021/40499), and by what events are looked up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from drkit.sandbox.world.audit import AuditEvent
    from drkit.sandbox.world.model import Account

ADDRESS = "127.0.0.1"  # the sandbox listens nowhere else
NOT_ALLOWED = 1  # the error code of authorisation; the pages name no values but 0
NO_EXPIRY = "0000-00-00 00:00:00"
# Which actions count as sensitive is a list of the console's; here it is what takes something away.
SENSITIVE = ("Delete", "Terminate", "Destroy", "Isolate", "Detach", "Remove", "Stop", "Reset")


def name_of(resource: str) -> str:
    """The last part of a six-segment name, such as an id; empty where it stands for all."""
    found = resource.rpartition(":")[2].rpartition("/")[2]
    return "" if found == "*" else found


def names(event: AuditEvent) -> Sequence[str]:
    """The ids of what an event was about."""
    return [found for one in event.resources if (found := name_of(one))]


def is_sensitive(event: AuditEvent) -> str:
    """``1`` or ``0``."""
    return str(int(event.action.startswith(SENSITIVE)))


def action_type(event: AuditEvent) -> str:
    """``Write`` or ``Read``."""
    return "Write" if event.writes else "Read"


ATTRIBUTES: Mapping[str, Callable[[AuditEvent], Sequence[str]]] = {
    "RequestId": lambda one: [one.id],
    "EventName": lambda one: [one.action],
    "ActionType": lambda one: [action_type(one)],
    "ReadOnly": lambda one: ["false" if one.writes else "true"],
    "PrincipalId": lambda one: [one.principal],
    "Username": lambda one: [one.name],
    "ResourceType": lambda one: [one.service],
    "ResourceId": names,
    "ResourceName": names,
    "AccessKeyId": lambda one: [one.secret_id],
    "SensitiveAction": lambda one: [is_sensitive(one)],
    "ApiErrorCode": lambda one: [one.code or "0"],
    "CamErrorCode": lambda one: [str(cam_error(one))],
    "SourceIPAddress": lambda _: [ADDRESS],
    "Tags": lambda _: [],
}


def cam_error(event: AuditEvent) -> int:
    """0, or that authorisation said no."""
    return NOT_ALLOWED if event.denied else 0


def show(account: Account, event: AuditEvent, time: str) -> dict[str, Any]:
    """An event as both actions show it; ``time`` in the form of the action."""
    return {
        "CloudAuditEvent": json.dumps(detail(account, event), ensure_ascii=False, separators=(",", ":")),
        "EventName": event.action,
        "EventTime": time,
        "SecretId": event.secret_id,
        "EventId": event.id,
        "ErrorCode": cam_error(event),
        "RequestID": event.id,
        "SourceIPAddress": ADDRESS,
        "EventSource": event.host,
        "EventRegion": event.region,
        "Resources": {"ResourceName": ",".join(names(event)), "ResourceType": event.service},
        "Username": event.name,
        "AccountID": int(account.uin),
        "Location": "",
        "ResourceTypeCn": event.service,
        "EventNameCn": event.action,
        "ResourceRegion": event.region,
    }


def detail(account: Account, event: AuditEvent) -> dict[str, Any]:
    """What stands in ``CloudAuditEvent``, with JSON in JSON as the real one has it."""
    return {
        "userIdentity": identity(account, event),
        "eventRegion": event.region,
        "eventVersion": 2,
        "errorCode": str(cam_error(event)),
        "errorMessage": event.message if event.denied else "",
        "requestID": event.id,
        "eventID": event.id,
        "apiVersion": "3.0",
        "eventType": "ApiCall",
        "actionType": action_type(event),
        "httpMethod": event.method,
        "apiErrorCode": event.code or 0,
        "apiErrorMessage": event.message,
        "userAgent": event.agent,
        "eventTime": int(event.at.timestamp()),
        "sourceIPAddress": ADDRESS,
        "eventSource": event.host,
        "resources": json.dumps(event.resources or ["*"]),
        "resourceName": ",".join(names(event)),
        "resourceSet": event.resources,
        "requestParameters": event.parameters,
        "responseElements": event.response,
        "resourceType": event.service,
        "eventName": event.action,
        "sensitiveAction": is_sensitive(event),
        "tags": [""],
    }


def identity(account: Account, event: AuditEvent) -> dict[str, Any]:
    """Who it was."""
    session = {
        "userIp": ADDRESS,
        "uin": event.principal,
        "ownerUin": int(account.uin),
        "appId": account.app_id,
        "mfa": int(event.mfa),
        "mfaExpireTime": NO_EXPIRY,
        "roleSessionName": event.session,
    }
    return {
        "principalId": event.principal,
        "accountId": account.uin,
        "secretId": event.secret_id,
        "sessionContext": json.dumps(session),
        "type": event.who,
        "userName": event.name,
    }
