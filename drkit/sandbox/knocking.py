"""Requests to the control door of a sandbox that runs."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from drkit.sandbox.control import TOKEN


def knock(endpoint: str, token: str, method: str, path: str, content: Any = None) -> dict[str, Any]:
    """One request to the control door.

    Args:
        endpoint: where the sandbox listens, ``http://127.0.0.1:PORT``.
        token: what opens the door.
        method: such as POST.
        path: what lies behind ``/-/``.
        content: what is sent as JSON; None sends nothing.

    Raises:
        urllib.error.HTTPError: it was refused; the body says why.
        OSError: nobody answers.
    """
    body = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(f"{endpoint}/-/{path}", body, {TOKEN: token}, method=method)  # noqa: S310
    # No proxy from the environment: that may be the sandbox itself, or another one.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        result: dict[str, Any] = json.load(answer)
        return result
