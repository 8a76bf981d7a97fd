"""One account asked by many threads: the pace is kept, what hangs or drips is cut, and nobody else's answer with it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from drkit.clouds.aws.client import AwsClient
from drkit.clouds.tencent.client import Call, TencentClient
from drkit.clouds.tencent.retry import PatientCaller
from drkit.clouds.tencent.settings import Endpoint, KeyPair
from drkit.core.crews import side_by_side
from drkit.ports.errors import UncertainError
from drkit.sandbox.testing import InThread, in_thread

DESCRIBE = Call("cbs", "2017-03-12", "DescribeDisks", "ap-beijing")
VOLUMES = Call("ec2", "2016-11-15", "DescribeVolumes", "us-east-1")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Ask = Callable[[], Any]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[InThread]:
    with in_thread() as started:
        yield started


def client(sandbox: InThread) -> TencentClient:
    pair = KeyPair(sandbox.secret_id, sandbox.secret_key)
    return TencentClient(pair, Endpoint("http", f"127.0.0.1:{sandbox.port}"), timeout=20)


def tencent(port: int, timeout: int = 1) -> Ask:
    made = TencentClient(KeyPair("id", "key"), Endpoint("http", f"127.0.0.1:{port}"), timeout)
    return lambda: made.call(DESCRIBE, {})


def aws(port: int, timeout: int = 1) -> Ask:
    made = AwsClient(KeyPair("id", "key"), Endpoint("http", f"127.0.0.1:{port}"), timeout)
    return lambda: made.call(VOLUMES, {})


@contextmanager
def dripping(head: bytes) -> Iterator[tuple[int, threading.Semaphore]]:
    """A server that answers everybody with a head and then a byte now and then; its port, and who was answered."""
    end, answered = threading.Event(), threading.Semaphore(0)

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            try:
                connection.sendall(head)
                answered.release()
                while not end.wait(0.1):
                    connection.sendall(b" ")
            except OSError:
                return

    def accept(listener: socket.socket) -> None:
        while not end.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        thread = threading.Thread(target=accept, args=(listener,))
        thread.start()
        try:
            yield listener.getsockname()[1], answered
        finally:
            end.set()
            thread.join()


def test_calls_of_one_action_keep_to_twenty_a_second_whoever_makes_them(sandbox: InThread) -> None:
    waits: list[float] = []
    # The clock stands still and nobody sleeps, so that the turns that are given are all that is seen.
    patient = PatientCaller(client(sandbox), sleep=waits.append, monotonic=lambda: 1000.0)

    side_by_side([lambda: patient.call(DESCRIBE, {"Limit": 1})] * 16)

    assert sorted(waits) == pytest.approx([turn * 0.05 for turn in range(1, 16)])


def test_each_thread_gets_the_answer_to_its_own_question(sandbox: InThread) -> None:
    asked = client(sandbox)
    disks = [each["DiskId"] for each in asked.call(DESCRIBE, {"Limit": 30})["DiskSet"]]

    answers = side_by_side([lambda id_=id_: asked.call(DESCRIBE, {"DiskIds": [id_]}) for id_ in disks])

    assert [[each["DiskId"] for each in answer["DiskSet"]] for answer in answers] == [[id_] for id_ in disks]


@pytest.mark.parametrize("ask", [tencent, aws])
@pytest.mark.parametrize(
    "head", [HEAD + b"Content-Length: 60000\r\n\r\n", HEAD + b"X-Long: ", HEAD + b"Connection: close\r\n\r\n"]
)
def test_an_answer_that_drips_ends_in_every_thread_in_three_times_the_timeout(
    ask: Callable[[int], Ask], head: bytes
) -> None:
    def refused() -> str:
        with pytest.raises(UncertainError) as raised:
            made()
        return str(raised.value.code)

    with dripping(head) as (port, _):
        made = ask(port)
        began = time.monotonic()
        assert side_by_side([refused] * 3) == ["TooMuch"] * 3
        assert 2.5 < time.monotonic() - began < 15


@pytest.mark.parametrize("ask", [tencent, aws])
def test_calls_that_hang_end_at_once_when_they_are_called_off_and_their_threads_with_them(
    ask: Callable[[int, int], Ask],
) -> None:
    before = set(threading.enumerate())
    began = 0.0
    with dripping(HEAD + b"X-Long: ") as (port, answered):
        made = ask(port, 600)

        def fail() -> None:
            nonlocal began
            assert all(answered.acquire(timeout=60) for _ in range(5))
            began = time.monotonic()
            raise ValueError("enough")

        with pytest.raises(ValueError, match="enough"):
            side_by_side([fail, *[made] * 5])
        took = time.monotonic() - began
        left = {each for each in threading.enumerate() if "_work" in each.name}

    assert took < 5
    assert left <= before


def test_what_another_call_is_cut_for_does_not_touch_this_one(sandbox: InThread) -> None:
    asked = client(sandbox)
    sandbox.fault("hang", action="DescribeSnapshots", seconds=3)
    slow = TencentClient(asked._key_pair, asked._endpoint, timeout=1)
    snapshots = Call("cbs", "2017-03-12", "DescribeSnapshots", "ap-beijing")

    def hang() -> str:
        with pytest.raises(UncertainError) as raised:
            slow.call(snapshots, {})
        return raised.value.message

    def go_on() -> list[int]:
        return [slow.call(DESCRIBE, {"Limit": 1})["TotalCount"] for _ in range(20)]

    hung, *went_on = side_by_side([hang, go_on, go_on])
    sandbox.clear_faults()

    assert "no answer" in hung
    assert went_on == [[31] * 20] * 2
