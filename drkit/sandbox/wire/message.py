"""A request as it came and an answer as it goes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drkit.sandbox.wire.errors import ApiError

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request.

    ``host`` is the raw Host header, because clients sign it as they send it; ``headers`` has names in lower
    case; ``destination`` is the authority of a request line in absolute form, empty for one in origin form.
    """

    method: str
    destination: str
    host: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; ``code`` is the error code of API 3.0 for the log, empty when all went well.

    Of one with ``sent`` only so many bytes of the body are sent before the connection closes.
    """

    body: bytes
    status: int = 200
    content_type: str = JSON
    code: str = ""
    sent: int | None = None


def succeeded(result: Mapping[str, Any], request_id: str = "") -> Answer:
    """What API 3.0 answers when an action was carried out; the id is made up unless given."""
    return Answer(encode({**result, "RequestId": request_id or str(uuid.uuid4())}))


def failed(error: ApiError, status: int = 200, request_id: str = "") -> Answer:
    """What API 3.0 answers when it was not: HTTP 200 nevertheless."""
    described = {"Code": error.code, "Message": error.message}
    content = {"Error": described, "RequestId": request_id or str(uuid.uuid4())}
    return Answer(encode(content), status, code=error.code)


def encode(response: Mapping[str, Any]) -> bytes:
    """The body of an answer; parts of it may be JSON already (``orjson.Fragment``)."""
    return orjson.dumps({"Response": response})


def plain(status: int, text: str) -> Answer:
    """An answer to what is no call of API 3.0."""
    return Answer(f"{text}\n".encode(), status, "text/plain; charset=utf-8", code=str(status))
