"""Patience: which calls are made again, how long is waited, and how fast calls are made at all.

Rules: what a read failed to bring is asked again. A write is made again only when the cloud said that it
did nothing (RequestLimitExceeded and its like); after silence nobody knows, and it is never repeated here.
"""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from drkit.clouds.tencent.client import Call
from drkit.core.crews import rest
from drkit.ports.errors import ThrottledError, UncertainError

ATTEMPTS = 5
FIRST_WAIT = 0.25  # seconds, doubled each time: at most 3.75 s of waiting in all
CALLS_A_SECOND = 20  # the documented limit of most actions, an account and a region


class Caller(Protocol):
    """Makes one call."""

    def call(self, call: Call, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The content of ``Response``; raises a CloudError or an AccountError."""


class PatientCaller:
    """A caller that keeps to the rate limit and asks again where that is safe; of many threads, if need be."""

    def __init__(
        self,
        caller: Caller,
        sleep: Callable[[float], None] = rest,
        monotonic: Callable[[], float] = time.monotonic,
        calls_a_second: Callable[[Call], float] = lambda _: CALLS_A_SECOND,
    ) -> None:
        self._caller = caller
        self._calls_a_second = calls_a_second
        self._sleep = sleep
        self._monotonic = monotonic
        self._next: dict[tuple[str, str, str], float] = defaultdict(float)
        self._lock = threading.Lock()

    def call(self, call: Call, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """As `Caller.call`; the error of the last attempt is raised."""
        for attempt in range(ATTEMPTS):
            self._keep_pace(call)
            try:
                return self._caller.call(call, parameters)
            except (ThrottledError, UncertainError) as error:
                repeatable = isinstance(error, ThrottledError) or not call.writes
                if attempt == ATTEMPTS - 1 or not repeatable:
                    raise
            # Full jitter, so that many clients refused together do not come back together.
            self._sleep(random.uniform(0.5, 1) * FIRST_WAIT * 2**attempt)  # noqa: S311 - no secret
        raise AssertionError("the last attempt returns or raises")

    def _keep_pace(self, call: Call) -> None:
        """Wait for a turn; each is given to one thread alone, before it waits."""
        key = (call.service, call.action, call.region)
        with self._lock:
            now = self._monotonic()
            turn = max(now, self._next[key])
            self._next[key] = turn + 1 / self._calls_a_second(call)
        if turn > now:
            self._sleep(turn - now)
