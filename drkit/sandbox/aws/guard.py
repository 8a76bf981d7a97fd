"""What stands before ministack: without it, a call without a signature would be the root's.

ministack takes an absent access key, ``test`` and any twelve digits for the root of an account. Here a call
has to name another key: the root's own, which nobody can guess, or one that IAM or STS made, whose signature
ministack verifies.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

# Paths of ministack's own, without a signature: one of them forgets everything.
DOORS = ("/_ministack/", "/_localstack/", "/_aws/", "/_alb/")
CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/|^AWS ([^:\s]+):")
UNGUARDED_ROOT = re.compile("test|[0-9]{12}")
DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


def guarded(app: Any) -> Any:
    """The ASGI application, for those who name a key."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        elif scope["type"] == "http" and scope["path"].startswith(DOORS):
            await refuse(send, 404, b"")
        elif scope["type"] == "http" and not names_a_key(scope):
            await refuse(send, 403, DENIED)
        else:
            await app(scope, receive, send)

    return application


def names_a_key(scope: Any) -> bool:
    """Whether a request names an access key that is somebody's."""
    key = key_of(scope)
    return key != "" and UNGUARDED_ROOT.fullmatch(key) is None


def key_of(scope: Any) -> str:
    """The access key of a request: of its Authorization header, or of a presigned URL."""
    headers = [value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"]
    if headers:
        found = CREDENTIAL.search(headers[0])
        return str(found[1] or found[2]) if found else ""
    query = parse_qs(scope["query_string"].decode("latin-1"))
    presigned = query.get("X-Amz-Credential") or query.get("AWSAccessKeyId") or [""]
    return str(presigned[0]).partition("/")[0]


async def refuse(send: Any, status: int, body: bytes) -> None:
    """One answer of ASGI."""
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/xml")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
