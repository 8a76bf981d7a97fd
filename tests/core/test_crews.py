"""Work done side by side: results in order, one error for all, and an end that waits for nobody."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from drkit.core.crews import CalledOffError, holding, rest, side_by_side

NOT_SOON = 60.0  # seconds that nobody here waits


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    """No thread that a test began outlives it."""
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def test_results_stand_in_the_order_of_the_works_whichever_ends_first() -> None:
    first, second = threading.Event(), threading.Event()

    def wait_for(other: threading.Event, own: threading.Event, name: str) -> str:
        assert other.wait(NOT_SOON)
        own.set()
        return name

    second.set()
    works = [lambda: wait_for(first, threading.Event(), "a"), lambda: wait_for(second, first, "b")]
    ended: list[int] = []

    assert side_by_side(works, ended.append) == ["a", "b"]
    assert ended == [1, 0]


def test_at_most_so_many_work_at_once() -> None:
    lock, at_once, most = threading.Lock(), [0], [0]

    def work() -> None:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        rest(0.01)
        with lock:
            at_once[0] -= 1

    side_by_side([work] * 20, most=3)

    assert most == [3]


def test_of_several_errors_the_first_in_order_is_raised_and_what_comes_after_it_is_called_off() -> None:
    later_failed = threading.Event()

    def fail_late() -> None:
        assert later_failed.wait(NOT_SOON)
        raise ValueError("the first")

    def fail_soon() -> None:
        later_failed.set()
        raise KeyError("the second")

    began = time.monotonic()
    with pytest.raises(ValueError, match="the first"):
        side_by_side([fail_late, fail_soon, lambda: rest(NOT_SOON)])

    assert time.monotonic() - began < NOT_SOON / 4


def test_an_interruption_ends_whoever_sleeps_or_waits_at_once() -> None:
    held, cut = threading.Barrier(3), threading.Event()
    seen: list[str] = []

    def sleep() -> None:
        held.wait(NOT_SOON)
        try:
            rest(NOT_SOON)
        except CalledOffError:
            seen.append("slept")
            raise

    def wait() -> None:
        try:
            with holding(cut.set):
                held.wait(NOT_SOON)
                assert cut.wait(NOT_SOON)
        except CalledOffError:
            seen.append("waited")
            raise

    def interrupt() -> None:
        held.wait(NOT_SOON)
        os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(
        signal.SIGUSR1, signal.default_int_handler
    )  # where tests are run, Ctrl-C may be ignored
    other = threading.Thread(target=interrupt)
    other.start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        side_by_side([sleep, wait])
    other.join()
    signal.signal(signal.SIGUSR1, before)

    assert time.monotonic() - began < NOT_SOON / 4
    assert sorted(seen) == ["slept", "waited"]


def test_what_is_begun_after_the_end_does_not_begin() -> None:
    failed = threading.Event()
    begun: list[str] = []

    def fail() -> None:
        failed.set()
        raise ValueError

    def go_on() -> None:
        assert failed.wait(NOT_SOON)
        with pytest.raises(CalledOffError):
            rest(NOT_SOON)
        with holding(lambda: None):
            begun.append("a wait")

    with pytest.raises(ValueError):  # noqa: PT011 - whichever comes
        side_by_side([fail, go_on])

    assert begun == []


def test_no_work_makes_nothing_and_one_is_done_here() -> None:
    assert side_by_side([]) == []
    assert side_by_side([threading.current_thread]) == [threading.main_thread()]
