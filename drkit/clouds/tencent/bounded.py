"""The SDK's CommonClient, with bounds: no redirect is followed, and an answer ends in time and in size.

A timeout bounds each wait for bytes. A server that sends one byte now and then, or ever more of them,
passes every such bound.
"""

from __future__ import annotations

import time
from typing import Any

LARGEST = 64 * 1024 * 1024  # bytes of one answer; a page of a hundred items has some hundred thousand
CHUNK = 64 * 1024


class TooMuchError(Exception):
    """The answer is too long, in time or in bytes."""


def client(*arguments: Any, seconds: float) -> Any:
    """A CommonClient, by the SDK's own arguments; ``seconds`` bound a whole answer."""
    from tencentcloud.common.common_client import CommonClient

    class BoundedClient(CommonClient):  # type: ignore[misc] # the SDK has no types
        def _check_status(self, answer: Any) -> None:
            read(answer, seconds)
            super()._check_status(answer)

    made = BoundedClient(*arguments)
    # A redirect would carry the session token to wherever it points.
    made.request.conn._session.max_redirects = 0  # noqa: SLF001 - the SDK offers no other way
    return made


def read(answer: Any, seconds: float) -> None:
    """Read a streamed answer of `requests` whole, as its ``content`` would, within bounds.

    Raises:
        TooMuchError: it takes longer, or is larger.
    """
    ends, content = time.monotonic() + seconds, bytearray()
    for chunk in answer.iter_content(CHUNK):
        content += chunk
        if len(content) > LARGEST:
            raise TooMuchError(f"the answer is larger than {LARGEST} bytes")
        if time.monotonic() > ends:
            raise TooMuchError(f"the answer was not whole after {seconds:.0f} s")
    answer._content = bytes(content)  # noqa: SLF001 - what `content` would have kept
