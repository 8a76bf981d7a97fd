"""A cloud that answers otherwise than the sandbox: a relay before it that changes what one action tells."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@contextmanager
def relaying(endpoint: str, action: str, change: Callable[[dict[str, Any]], None]) -> Iterator[str]:
    """The endpoint of a relay before another one, which changes the response to an action."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            connection = HTTPConnection(urlsplit(endpoint).netloc)
            connection.request("POST", self.path, body, dict(self.headers))  # Host, too, is signed
            with connection.getresponse() as told:
                answer = json.loads(told.read())
            connection.close()
            if self.headers["X-TC-Action"] == action:
                change(answer["Response"])
            sent = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
