"""Work that is done side by side by a bounded number of threads, and called off as a whole.

Nobody can end a thread from outside. So what a thread of a crew waits for is waited for in ways that another one can
end: it sleeps by `rest`, and what else keeps it waiting is told by `holding`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TypeVar

MOST = 32  # threads; they wait for answers, and hardly work
HEARING = 0.2  # seconds after which an interruption is heard that came when this thread was about to wait
FAREWELL = 2.0  # seconds for threads that were called off; a connection that is being made cannot be ended

Made = TypeVar("Made")


class CalledOffError(BaseException):
    """Nobody waits for this work any more; no `Exception`, for there is nothing to handle."""


class Crew:
    """Threads that end together."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._held: list[Callable[[], None]] = []

    def hold(self, end: Callable[[], None]) -> None:
        """What ends a wait that begins now; raises CalledOffError where it shall not begin."""
        with self._lock:
            if self.over.is_set():
                raise CalledOffError
            self._held.append(end)

    def let_go(self, end: Callable[[], None]) -> None:
        """That wait is over."""
        with self._lock:
            self._held.remove(end)

    def call_off(self) -> None:
        """End whatever they wait for; what they begin from now on ends at once."""
        with self._lock:
            self.over.set()
            for end in self._held:
                end()


class _Here(threading.local):
    crew: Crew | None = None


_HERE = _Here()


def rest(seconds: float) -> None:
    """Sleep; in a crew until it is called off, which raises CalledOffError."""
    crew = _HERE.crew
    if crew is None:
        time.sleep(seconds)
    elif crew.over.wait(seconds):
        raise CalledOffError


@contextmanager
def holding(end: Callable[[], None]) -> Iterator[None]:
    """A block that waits for something, which `end` ends; it is called by another thread.

    Raises:
        CalledOffError: the crew was called off, before the block or in it; whatever the block raised.
    """
    crew = _HERE.crew
    if crew is None:
        yield
        return
    crew.hold(end)
    try:
        yield
    finally:
        crew.let_go(end)
        if crew.over.is_set():
            raise CalledOffError


def side_by_side(
    works: Sequence[Callable[[], Made]], finished: Callable[[int], None] = lambda _: None, most: int = MOST
) -> list[Made]:
    """What each of them makes, in their order, whichever ends first.

    Where one raises, those after it are called off, and the error of the first in their order is raised. Where this
    thread is interrupted, all are.

    Args:
        works: begun in their order, at most so many at once.
        finished: told the number of each that has ended, in this thread.
        most: threads; a single work needs none, and is done in this one.
    """
    if len(works) == 1:
        alone = works[0]()
        finished(0)
        return [alone]
    crew, left = Crew(), deque(enumerate(works))
    ended: SimpleQueue[tuple[int, Made | None, BaseException | None]] = SimpleQueue()
    threads = [
        threading.Thread(target=_work, args=(crew, left, ended), daemon=True)
        for _ in range(min(most, len(works)))
    ]
    made: dict[int, Made] = {}
    errors: dict[int, BaseException] = {}
    try:
        for thread in threads:
            thread.start()
        while any(number not in made for number in range(min(errors, default=len(works)))):
            number, result, error = _next_of(ended)
            if error is not None:
                errors[number] = error
            else:
                made[number] = result  # type: ignore[assignment] # where there is no error, it is what was made
                finished(number)
    finally:
        crew.call_off()
        _wait_for(threads)
    if errors:
        raise errors[min(errors)]
    return [made[number] for number in range(len(works))]


def _next_of(ended: SimpleQueue[Made]) -> Made:
    while True:
        try:
            return ended.get(timeout=HEARING)
        except Empty:
            continue


def _work(
    crew: Crew,
    left: deque[tuple[int, Callable[[], Made]]],
    ended: SimpleQueue[tuple[int, Made | None, BaseException | None]],
) -> None:
    _HERE.crew = crew
    while not crew.over.is_set():
        try:
            number, work = left.popleft()
        except IndexError:
            return
        try:
            ended.put((number, work(), None))
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            ended.put((number, None, error))


def _wait_for(threads: Sequence[threading.Thread]) -> None:
    until = time.monotonic() + FAREWELL
    for thread in threads:
        if thread.ident is not None:
            thread.join(max(0.0, until - time.monotonic()))
