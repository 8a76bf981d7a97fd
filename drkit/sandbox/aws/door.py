"""A control door before ministack, for tests: what a volume holds, and where a host finds its volumes."""

from __future__ import annotations

import hmac
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drkit.sandbox.aws.files import Files

PATH = "/-/volumes"
TOKEN = b"x-sandbox-token"
LONGEST = 10_000  # bytes of a body


def with_door(app: Any, token: str, files: Files) -> Any:
    """The ASGI application, with a door to the files that opens to the sandbox's token."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == PATH:
            status, told = answer(scope, await body_of(receive), token, files)
            await say(send, status, told)
        else:
            await app(scope, receive, send)

    return application


def answer(scope: Any, body: bytes, token: str, files: Files) -> tuple[int, Any]:
    """HTTP status and JSON of the answer to one request."""
    shown = next((value for name, value in scope["headers"] if name == TOKEN), b"")
    if not hmac.compare_digest(shown, token.encode()):
        return 403, {"error": "the header X-Sandbox-Token has to hold the token of the sandbox"}
    if scope["method"] != "POST":
        return 404, {"error": f"there is nothing for {scope['method']} {PATH}"}
    try:
        wanted = json.loads(body)
        change(wanted, files)
    except (ValueError, RecursionError) as error:
        return 400, {"error": str(error)}
    return 200, wanted


def change(wanted: Any, files: Files) -> None:
    """Let a volume hold what a file holds, or a host find its volumes in a directory.

    Raises:
        ValueError: it cannot be.
    """
    match wanted:
        case {"disk": str() as volume, "image": str() as image, **rest} if not rest:
            files.fill(volume, Path(image))
        case {"host": str() as host, "directory": str() as directory, **rest} if not rest:
            files.place(host, Path(directory))
        case _:
            raise ValueError('wanted is {"disk": ID, "image": FILE} or {"host": ID, "directory": PATH}')


async def body_of(receive: Any) -> bytes:
    """The body of a request; what is longer than any body here is cut, and so is no JSON."""
    body, more = b"", True
    while more and len(body) <= LONGEST:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body[:LONGEST]


async def say(send: Any, status: int, told: Any) -> None:
    """One answer of ASGI."""
    body = json.dumps(told).encode()
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
