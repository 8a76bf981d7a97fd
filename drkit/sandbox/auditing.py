"""Calls written into the audit trail of the caller's account, whether they were carried out or refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from drkit.sandbox.enforcement import known
from drkit.sandbox.world.audit import AuditEvent
from drkit.sandbox.world.identity import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from drkit.sandbox.gateway import Name
    from drkit.sandbox.wire.errors import ApiError
    from drkit.sandbox.wire.message import Request
    from drkit.sandbox.world.audit import AuditTrail
    from drkit.sandbox.world.identity import Caller

WHO = {Kind.ROOT: "Root", Kind.USER: "CAMUser", Kind.FEDERATED: "CAMUser", Kind.ROLE: "AssumedRole"}
# What requests and answers hold that nobody may read afterwards.
SECRET = frozenset({"Password", "SecretAccessKey", "SecretKey", "TmpSecretKey", "Token", "TokenCode"})
HIDDEN = "******"
DENIED = ("UnauthorizedOperation", "AuthFailure.UnauthorizedOperation")
LONGEST = 16_384  # bytes of parameters, or of an answer


@dataclass(slots=True)
class Attempt:
    """A call while it is dealt with: what is known of it so far."""

    request: Request
    name: Name
    id: str
    caller: Caller
    at: datetime
    parameters: Mapping[str, Any] = field(default_factory=dict)
    resources: list[str] = field(default_factory=list)


def note(
    trail: AuditTrail, attempt: Attempt, result: Mapping[str, Any] | None, error: ApiError | None
) -> None:
    """Write an attempt into the trail, with the answer or the error that came of it."""
    caller, name, request = attempt.caller, attempt.name, attempt.request
    writes = not known.reads(name.service, name.action)
    trail.add(
        AuditEvent(
            number=trail.next_number(),
            id=attempt.id,
            at=attempt.at,
            who=WHO[caller.kind],
            principal=caller.user,
            name=caller.name,
            session=caller.session,
            secret_id=caller.secret_id,
            mfa=caller.mfa,
            service=name.service,
            version=name.version,
            action=name.action,
            region=name.region,
            host=request.host,
            agent=request.headers.get("x-tc-requestclient", ""),
            method=request.method,
            writes=writes,
            resources=attempt.resources,
            parameters=text_of(attempt.parameters),
            response=text_of(result) if writes and result else "",
            code=error.code if error else "",
            message=error.message if error else "",
            denied=error is not None and error.code in DENIED,
        )
    )


def text_of(content: Mapping[str, Any]) -> str:
    """JSON without what is secret; cut where it is very long."""
    try:
        return orjson.dumps(without_secrets(content))[:LONGEST].decode(errors="ignore")
    except (TypeError, RecursionError):  # integers beyond 64 bits, nesting beyond reason
        return ""


def without_secrets(content: Any) -> Any:
    """The same, with secrets replaced."""
    if isinstance(content, dict):
        return {key: HIDDEN if key in SECRET else without_secrets(value) for key, value in content.items()}
    return [without_secrets(one) for one in content] if isinstance(content, list) else content
