"""The SDK's CommonClient, with bounds: no redirect is followed, and an answer ends in time and in size.

A timeout bounds each wait for bytes. A server that sends one byte now and then, or ever more of them,
passes every such bound.
"""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson

from drkit.clouds.tencent.cutting import cut_after, cuttable
from drkit.core.crews import MOST

LARGEST = 64 * 1024 * 1024  # bytes of one answer; a page of a hundred items has some hundred thousand
CHUNK = 64 * 1024


class TooMuchError(Exception):
    """The answer is too long, in time or in bytes."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """End the block in time, whatever it waits for: the headers, a byte now and then.

    In the main thread by the process's own alarm, which interrupts every wait. In others, where no alarm is heard,
    the connection is cut (`drkit.clouds.tencent.cutting`), or not made; how long it may take to be made or to be
    found out that it cannot be is bounded by the client's own timeout.

    Raises:
        TooMuchError: time is up.
        CalledOffError: nobody waits for the answer any more.
    """
    told = f"the answer was not whole after {seconds:.0f} s"
    if threading.current_thread() is not threading.main_thread():
        with cut_after(seconds) as line:
            try:
                yield
            except Exception:
                if not line.is_cut:
                    raise
            if line.is_cut:  # what came before may look like an answer
                raise TooMuchError(told) from None
        return

    def ring(_number: int, _frame: object) -> None:
        raise TooMuchError(told)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def session() -> Any:
    """A session of `requests` for the clients of one key pair, which keeps connections for all of them.

    It follows no redirect, for that would carry the session token to wherever it points, and adds nothing to what
    the SDK signed: not what a ``.netrc`` holds either.
    """
    from requests import Session
    from requests.adapters import HTTPAdapter

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
            super().init_poolmanager(*arguments, **more)
            self.poolmanager.pool_classes_by_scheme = cuttable(self.poolmanager.pool_classes_by_scheme)

        def proxy_manager_for(self, *arguments: Any, **more: Any) -> Any:
            manager = super().proxy_manager_for(*arguments, **more)
            manager.pool_classes_by_scheme = cuttable(manager.pool_classes_by_scheme)
            return manager

    made = Session()
    made.max_redirects = 0
    made.auth = _as_it_is
    for scheme in ("https://", "http://"):
        made.mount(scheme, Adapter(pool_maxsize=MOST))
    return made


def _as_it_is(request: Any) -> Any:
    return request


def client(kept: Any, *arguments: Any) -> Any:
    """A CommonClient, by a session and the SDK's own arguments, with one method more: ``ask``."""
    from tencentcloud.common.common_client import CommonClient

    class BoundedClient(CommonClient):  # type: ignore[misc] # the SDK has no types
        def ask(self, action: str, parameters: Mapping[str, Any]) -> Any:
            """The content of an answer, read once: what is an error in it, the SDK would read it all to find out."""
            answer = self._call(action, parameters)
            self._check_status(answer)
            return _parse(answer.content)

        def _check_status(self, answer: Any) -> None:
            read(answer)
            super()._check_status(answer)

    made = BoundedClient(*arguments)
    made.request.conn._session = kept  # noqa: SLF001 - the SDK offers no other way
    return made


def _parse(content: bytes) -> Any:
    """JSON, as Python's own reader takes it; raises ValueError or RecursionError."""
    try:
        return orjson.loads(content)
    except ValueError:
        return json.loads(content)  # half a surrogate pair, another encoding


def read(answer: Any) -> None:
    """Read a streamed answer of `requests` whole, as its ``content`` would, within bounds.

    Raises:
        TooMuchError: it is larger.
    """
    content = bytearray()
    for chunk in answer.iter_content(CHUNK):
        content += chunk
        if len(content) > LARGEST:
            answer.close()
            raise TooMuchError(f"the answer is larger than {LARGEST} bytes")
    answer._content = bytes(content)  # noqa: SLF001 - what `content` would have kept
