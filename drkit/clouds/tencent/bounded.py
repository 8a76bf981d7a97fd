"""The SDK's CommonClient, with bounds: no redirect is followed, and an answer ends in time and in size.

A timeout bounds each wait for bytes. A server that sends one byte now and then, or ever more of them,
passes every such bound.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LARGEST = 64 * 1024 * 1024  # bytes of one answer; a page of a hundred items has some hundred thousand
CHUNK = 64 * 1024


class TooMuchError(Exception):
    """The answer is too long, in time or in bytes."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """End the block in time, whatever it waits for: the headers, a byte now and then.

    By the process's own alarm, which interrupts every wait; in another thread than the main one, where no
    alarm is heard, the timeouts of the single waits have to do.

    Raises:
        TooMuchError: time is up.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_number: int, _frame: object) -> None:
        raise TooMuchError(f"the answer was not whole after {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def client(*arguments: Any) -> Any:
    """A CommonClient, by the SDK's own arguments."""
    from tencentcloud.common.common_client import CommonClient

    class BoundedClient(CommonClient):  # type: ignore[misc] # the SDK has no types
        def _check_status(self, answer: Any) -> None:
            read(answer)
            super()._check_status(answer)

    made = BoundedClient(*arguments)
    # A redirect would carry the session token to wherever it points.
    made.request.conn._session.max_redirects = 0  # noqa: SLF001 - the SDK offers no other way
    return made


def read(answer: Any) -> None:
    """Read a streamed answer of `requests` whole, as its ``content`` would, within bounds.

    Raises:
        TooMuchError: it is larger.
    """
    content = bytearray()
    for chunk in answer.iter_content(CHUNK):
        content += chunk
        if len(content) > LARGEST:
            raise TooMuchError(f"the answer is larger than {LARGEST} bytes")
    answer._content = bytes(content)  # noqa: SLF001 - what `content` would have kept
