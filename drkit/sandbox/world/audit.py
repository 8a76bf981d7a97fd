"""The audit trail: what everybody called, as plain data; nothing secret is kept in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import orjson

MOST = 20_000  # events of an account; the oldest go first


@dataclass(slots=True)
class AuditEvent:
    """One call.

    Args:
        number: its place in the trail, from 1.
        id: the id of the request.
        who: what the caller was: ``Root``, ``CAMUser`` or ``AssumedRole``.
        principal: UIN of the user or the root, id of the role.
        name: of the user or the role.
        session: the name of a role's session.
        host: where the client sent it.
        agent: what the client calls itself.
        writes: whether the action changes anything.
        resources: six-segment names of what it was about.
        parameters, response: JSON; the answers of what only reads are not kept.
        code, message: the error, empty where it was carried out.
        denied: whether it was refused for want of rights.
    """

    number: int
    id: str
    at: datetime
    who: str
    principal: str
    name: str
    session: str
    secret_id: str
    mfa: bool
    service: str
    version: str
    action: str
    region: str
    host: str
    agent: str
    method: str
    writes: bool
    resources: list[str]
    parameters: str
    response: str
    code: str
    message: str
    denied: bool


@dataclass(slots=True)
class AuditTrail:
    """The events of one account, oldest first, each as JSON: thousands are loaded with a world in no time."""

    rows: list[str] = field(default_factory=list)
    made: int = 0

    def next_number(self) -> int:
        """The place of the next event."""
        self.made += 1
        return self.made

    def add(self, event: AuditEvent) -> None:
        """Keep an event."""
        self.rows.append(orjson.dumps(event).decode())
        if len(self.rows) > MOST + MOST // 10:
            del self.rows[:-MOST]

    def newest_first(self) -> Iterator[AuditEvent]:
        """The events that are kept."""
        for row in reversed(self.rows):
            fields = orjson.loads(row)
            fields["at"] = datetime.fromisoformat(fields["at"])
            yield AuditEvent(**fields)
