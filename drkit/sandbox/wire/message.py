"""A request as it came and an answer as it goes."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drkit.sandbox.wire.errors import ApiError

JSON = "application/json"
# Answers are trees that were just made, so nothing in them can be circular: not looking saves a fifth.
ENCODER = json.JSONEncoder(separators=(",", ":"), check_circular=False)


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
    """One HTTP answer; ``code`` is the error code of API 3.0 for the log, empty when all went well."""

    body: bytes
    status: int = 200
    content_type: str = JSON
    code: str = ""


def succeeded(result: Mapping[str, Any]) -> Answer:
    """What API 3.0 answers when an action was carried out."""
    return Answer(encode({**result, "RequestId": str(uuid.uuid4())}))


def failed(error: ApiError, status: int = 200) -> Answer:
    """What API 3.0 answers when it was not: HTTP 200 nevertheless."""
    described = {"Code": error.code, "Message": error.message}
    return Answer(encode({"Error": described, "RequestId": str(uuid.uuid4())}), status, code=error.code)


def encode(response: Mapping[str, Any]) -> bytes:
    """The body of an answer."""
    return ENCODER.encode({"Response": response}).encode()


def plain(status: int, text: str) -> Answer:
    """An answer to what is no call of API 3.0."""
    return Answer(f"{text}\n".encode(), status, "text/plain; charset=utf-8", code=str(status))
