from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drkit.sandbox.testing import InThread
from drkit.sandbox.wire import server

Calling = Callable[..., Any]


@pytest.fixture
def talk(sandbox: InThread) -> Any:
    """Send bytes on a connection of its own and read until the server closes it."""

    def talking(sent: bytes, *, end: bool = True) -> bytes:
        with socket.create_connection(("127.0.0.1", sandbox.port), timeout=10) as connection:
            connection.sendall(sent)
            if end:
                connection.shutdown(socket.SHUT_WR)
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
            return received

    return talking


def lines(headers: dict[str, str]) -> Any:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()


def call_bytes(sandbox: InThread, sign: Calling, target: str = "/", host: str = "") -> Any:
    before = {"Host": host} if host else {}
    headers = lines(sign(sandbox, "cbs", "DescribeDisks", before=before))
    return f"POST {target} HTTP/1.1\r\n".encode() + headers + b"Content-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize(
    "host",
    [
        "cbs.tencentcloudapi.com",
        "cbs.ap-beijing.tencentcloudapi.com",
        "cbs.internal.tencentcloudapi.com",
        "CBS.tencentcloudapi.com",
        "cbs.tencentcloudapi.com:80",
    ],
)
def test_it_is_the_proxy_of_the_real_hosts(
    sandbox: InThread, sign: Calling, talk: Calling, host: str
) -> None:
    answer = talk(call_bytes(sandbox, sign, f"http://{host}/", host))
    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"TotalCount":31' in answer


def test_the_official_client_comes_through_the_proxy_variable(
    sandbox: InThread, client: Calling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", sandbox.endpoint)
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    answer = client(sandbox, "cbs", endpoint=None).call_json("DescribeDisks", {})
    assert answer["Response"]["TotalCount"] == 31
    # The client looks for its endpoint, port and all, in no_proxy: the own address comes by proxy too.
    assert client(sandbox, "cbs").call_json("DescribeDisks", {})["Response"]["TotalCount"] == 31
    answer = client(sandbox, "cbs", endpoint="cbs.ap-shanghai.tencentcloudapi.com").call_json(
        "DescribeDisks", {}
    )
    assert answer["Response"]["TotalCount"] == 31


@pytest.mark.parametrize(
    "target",
    [
        "http://example.com/",
        "http://169.254.169.254/latest/meta-data",
        "http://cbs.tencentcloudapi.com.example.com/",
        "http://tencentcloudapi.com/",
        "http://cbs.evil.tencentcloudapi.com/",
        "http://cbs.tencentcloudapi.com:8080/",
        "http://127.0.0.1:22/",
        "http://cbs.tencentcloudapi.com@example.com/",
    ],
)
def test_it_is_no_open_proxy(talk: Calling, target: str) -> None:
    answer = talk(f"GET {target} HTTP/1.1\r\nHost: example.com\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 403")
    assert b"no open proxy" in answer


def test_it_opens_no_tunnel(talk: Calling) -> None:
    answer = talk(
        b"CONNECT cbs.tencentcloudapi.com:443 HTTP/1.1\r\nHost: cbs.tencentcloudapi.com:443\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 403")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET https://cbs.tencentcloudapi.com/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET * HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
    ids=repr,
)
def test_a_malformed_request_is_refused_cleanly(talk: Calling, call: Calling, request_bytes: bytes) -> None:
    assert talk(request_bytes).startswith(b"HTTP/1.1 400")
    assert call("cbs", "DescribeDisks")["TotalCount"] == 31


def test_a_body_shorter_than_its_length_just_closes(sandbox: InThread, sign: Calling, talk: Calling) -> None:
    headers = lines(sign(sandbox, "cbs", "DescribeDisks"))
    assert talk(b"POST / HTTP/1.1\r\n" + headers + b"Content-Length: 200\r\n\r\n{}") == b""


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 10485761\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n" + 11 * (b"100000\r\n" + b"x" * 0x100000 + b"\r\n"),
    ],
    ids=["announced", "chunked"],
)
def test_a_body_over_ten_mebibytes_is_refused(talk: Calling, head: bytes) -> None:
    answer = talk(b"POST / HTTP/1.1\r\nHost: x\r\n" + head, end=False)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"RequestSizeLimitExceeded" in answer


def test_a_head_that_never_ends_and_a_target_over_32_kibibytes_are_refused(talk: Calling) -> None:
    assert talk(b"GET /?" + b"x" * 200_000).startswith(b"HTTP/1.1 431")
    answer = talk(b"GET /?" + b"x" * 33_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"RequestSizeLimitExceeded" in answer


@pytest.mark.parametrize(
    "head",
    [
        b"".join(b"X-%d: y\r\n" % number for number in range(10_000)),
        b"X-Long: " + b"y" * 100_000 + b"\r\n",
        b"Authorization: TC3-HMAC-SHA256 " + b"y" * 100_000 + b"\r\n",
    ],
    ids=["many", "long", "authorization"],
)
def test_huge_headers_are_refused(talk: Calling, call: Calling, head: bytes) -> None:
    assert talk(b"POST / HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n").startswith(b"HTTP/1.1 431")
    assert call("cbs", "DescribeDisks")["TotalCount"] == 31


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"null", b"\xff\xfe", b'{"Limit": NaN}', b"[" * 100_000, b'{"a":' * 50_000]
)
def test_a_body_that_is_no_json_object_is_an_error_of_the_parameters(
    sandbox: InThread, sign: Calling, raw: Calling, error_code: Calling, body: bytes
) -> None:
    status, _, answer = raw(sandbox, sign(sandbox, "cbs", "DescribeDisks", body=body), body=body)
    assert status == 200
    assert error_code(answer) == "InvalidParameter"


def test_clients_that_send_a_byte_now_and_then_hold_nobody_up_and_are_let_go(
    sandbox: InThread, call: Calling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "PATIENCE", 1.0)
    address = ("127.0.0.1", sandbox.port)
    slow = [socket.create_connection(address, timeout=10) for _ in range(200)]
    ended, began = threading.Event(), time.monotonic()

    def drip() -> None:
        while not ended.wait(0.1):
            for connection in slow:
                with contextlib.suppress(OSError):
                    connection.send(b"P")

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        assert call("cbs", "DescribeDisks")["TotalCount"] == 31
        assert time.monotonic() - began < 1.0 + 5.0  # while all of them are connected
        for connection in slow:
            with contextlib.suppress(ConnectionError):
                assert connection.recv(1) == b""
    finally:
        ended.set()
        dripping.join()
        for connection in slow:
            connection.close()


def test_it_listens_on_loopback_alone(sandbox: InThread) -> None:
    tables = [Path("/proc/net") / name for name in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table.read_text().splitlines()]
    listening = {row[1] for row in rows if row[3] == "0A" and row[1].endswith(f":{sandbox.port:04X}")}
    assert listening == {f"0100007F:{sandbox.port:04X}"}


def test_a_connection_serves_one_request_after_another(
    sandbox: InThread, sign: Calling, talk: Calling
) -> None:
    answer = talk(call_bytes(sandbox, sign) * 3)
    assert answer.count(b"HTTP/1.1 200") == 3


def test_a_client_may_wait_to_be_told_to_go_on(sandbox: InThread, sign: Calling, talk: Calling) -> None:
    headers = lines(sign(sandbox, "cbs", "DescribeDisks"))
    answer = talk(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\n" + headers + b"Content-Length: 2\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 100")


def test_head_is_answered_without_a_body(talk: Calling) -> None:
    answer = talk(b"HEAD /elsewhere HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 404")
    assert answer.endswith(b"\r\n\r\n")


def test_it_holds_200_clients_at_once(sandbox: InThread, sign: Calling) -> None:
    request = call_bytes(sandbox, sign)
    together = threading.Barrier(20)
    counts: list[int] = []

    def clients() -> None:
        connections = [socket.create_connection(("127.0.0.1", sandbox.port), timeout=20) for _ in range(10)]
        together.wait()  # all 200 connections are open before the first request
        for connection in connections:
            connection.sendall(request)
        for connection in connections:
            with connection, connection.makefile("rb") as stream:
                length = next(
                    int(line.split()[1]) for line in stream if line.lower().startswith(b"content-length")
                )
                while stream.readline() != b"\r\n":
                    pass
                counts.append(json.loads(stream.read(length))["Response"]["TotalCount"])

    threads = [threading.Thread(target=clients) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [31] * 200
