"""A relay on loopback before the AWS beside the sandbox, which lets an answer go wrong where ministack cannot."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

THROTTLED = (
    503,
    "text/xml;charset=UTF-8",
    (
        b"<?xml version='1.0'?><Response><Errors><Error><Code>RequestLimitExceeded</Code>"
        b"<Message>Request limit exceeded.</Message></Error></Errors><RequestID>r-1</RequestID></Response>"
    ),
)


@dataclass
class Relay:
    """What it does with a call, and what it has seen.

    Args:
        answers: by the action, what is answered in its place: (status, content type, body), or None for silence.
        lost: actions that are carried out and whose answers never arrive.
        headers: that are added to what it answers itself.
    """

    port: int = 0
    answers: dict[str, tuple[int, str, bytes] | None] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[dict[str, str]] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def actions(self) -> list[str]:
        return [call["Action"] for call in self.seen]

    def to_every_call(self, answer: tuple[int, str, bytes] | None) -> None:
        self.answers["*"] = answer


def key_of(headers: Message) -> str:
    """The access key id that signed a call."""
    return headers["Authorization"].partition("Credential=")[2].partition("/")[0]


@contextmanager
def relaying(beyond: int) -> Iterator[Relay]:
    """A relay to a port, for as long as the block lasts."""
    relay = Relay()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            call = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            relay.seen.append({**call, "key": key_of(self.headers)})
            for action in (call["Action"], "*"):
                if action in relay.answers:
                    return self.answer(relay.answers[action])
            passed = self.passed(body)
            return self.answer(None if call["Action"] in relay.lost else passed)

        def passed(self, body: bytes) -> tuple[int, str, bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", beyond, timeout=30)
            try:
                connection.request("POST", self.path, body, dict(self.headers.items()))
                answer = connection.getresponse()
                return answer.status, answer.headers["Content-Type"], answer.read()
            finally:
                connection.close()

        def answer(self, answer: tuple[int, str, bytes] | None) -> None:
            self.close_connection = answer is None
            if answer is None:
                return
            status, kind, body = answer
            self.send_response(status)
            for name, value in {
                "Content-Type": kind,
                "Content-Length": str(len(body)),
                **relay.headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            relay.seen.append({"Action": f"GET {self.path}"})
            self.answer(relay.answers.get("GET", (200, "text/plain", b"")))

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        relay.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield relay
        finally:
            server.shutdown()
            thread.join()
