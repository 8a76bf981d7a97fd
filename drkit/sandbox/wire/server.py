"""HTTP/1.1 on a loopback socket: asyncio for the connections, h11 for the protocol."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

import h11

from drkit.sandbox.wire import errors
from drkit.sandbox.wire.message import Answer, Request, failed, plain
from drkit.sandbox.wire.target import RefusedError, split

if TYPE_CHECKING:
    import socket

LOG = logging.getLogger("drkit.sandbox")

LARGEST_BODY = 10 * 1024 * 1024  # API 3.0 takes 10 MB in a POST that is signed by TC3-HMAC-SHA256
LARGEST_TARGET = 32 * 1024  # and 32 KB in a GET
LARGEST_HEAD = 64 * 1024  # of which h11 is told; it counts what has come so far
PATIENCE = 60.0  # seconds for a client to say all it has to
FAREWELL = 1.0  # seconds for a refused client to stop sending, so that it can read why
BACKLOG = 512
CHUNK = 65536

TOO_LARGE = failed(errors.too_large(), 413)  # RFC 9110, section 15.5.14

Answerer = Callable[[Request], Awaitable[Answer | None]]


class ClosedError(Exception):
    """The client went away."""


class Connection:
    """One client, request after request."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answerer) -> None:
        self.reader = reader
        self.writer = writer
        self.answer = answer
        self.method = ""
        self.protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_HEAD)

    async def serve(self) -> None:
        """Answer until one side has enough."""
        try:
            while await self.exchange():
                self.protocol.start_next_cycle()
        except (ClosedError, TimeoutError, ConnectionError):
            pass
        finally:
            self.writer.close()
            with contextlib.suppress(OSError):
                await self.writer.wait_closed()

    async def exchange(self) -> bool:
        """One request and its answer; whether the connection stays open."""
        try:
            # The whole request has this long, so that nobody holds a connection by sending a byte now and then.
            async with asyncio.timeout(PATIENCE):
                request = await self.read()
        except h11.RemoteProtocolError as error:
            await self.refuse(plain(error.error_status_hint, f"malformed request: {error}"))
            return False
        except RefusedError as refused:
            await self.refuse(refused.answer)
            return False
        answer = await self.answer(request)
        if answer is None:
            return False
        await self.send(answer)
        return self.protocol.our_state is h11.DONE and self.protocol.their_state is h11.DONE

    async def read(self) -> Request:
        """The next request, whole.

        Raises:
            h11.RemoteProtocolError: it is no HTTP.
            RefusedError: it is none that is answered here.
            ClosedError: the client went away before its end.
        """
        head = await self.event()
        if not isinstance(head, h11.Request):
            raise ClosedError
        headers = {name.decode("ascii"): value.decode("latin-1") for name, value in head.headers}
        self.method = head.method.decode("ascii")
        # A head that comes in few pieces is whole before h11 counts it.
        if sum(len(name) + len(value) for name, value in head.headers) > LARGEST_HEAD:
            raise RefusedError(plain(431, "the headers are too large"))
        if self.method == "CONNECT":
            raise RefusedError(plain(403, "the sandbox is no open proxy: it speaks plain http, no tunnels"))
        if len(head.target) > LARGEST_TARGET:
            raise RefusedError(TOO_LARGE)
        authority, path, query = split(head.target.decode("ascii"))
        if int(headers.get("content-length", "0")) > LARGEST_BODY:
            raise RefusedError(TOO_LARGE)
        body = await self.body()
        return Request(self.method, authority, headers.get("host", ""), path, query, headers, body)

    async def body(self) -> bytes:
        """The body of the request, up to the limit."""
        if self.protocol.they_are_waiting_for_100_continue:
            self.write(h11.InformationalResponse(status_code=100, headers=[]))
        body = bytearray()
        while isinstance(event := await self.event(), h11.Data):
            body += event.data
            if len(body) > LARGEST_BODY:
                raise RefusedError(TOO_LARGE)
        return bytes(body)

    async def event(self) -> h11.Event:
        """What the client says next."""
        while (event := self.protocol.next_event()) is h11.NEED_DATA:
            data = await self.reader.read(CHUNK)
            if not data:
                raise ClosedError
            self.protocol.receive_data(data)
        if not isinstance(event, h11.Event) or isinstance(event, h11.ConnectionClosed):
            raise ClosedError
        return event

    async def send(self, answer: Answer, *, last: bool = False) -> None:
        """Write an answer; the ``last`` one of a connection says so."""
        headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(answer.body)))]
        if last:
            headers.append(("Connection", "close"))
        reason = HTTPStatus(answer.status).phrase
        events: list[h11.Event] = [h11.Response(status_code=answer.status, reason=reason, headers=headers)]
        if self.method != "HEAD":
            events.append(h11.Data(data=answer.body[: answer.sent]))
        if answer.sent is None:
            events.append(h11.EndOfMessage())
        self.write(*events)
        await self.writer.drain()

    async def refuse(self, answer: Answer) -> None:
        """Answer what was not read to its end, and let the client read that before the connection closes."""
        LOG.info("refused: %s", answer.code)
        if self.protocol.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            return
        await self.send(answer, last=True)
        self.writer.write_eof()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL):
                while await self.reader.read(CHUNK):
                    pass

    def write(self, *events: h11.Event) -> None:
        """Hand events to the protocol, and their bytes to the client in one piece."""
        self.writer.write(b"".join(self.protocol.send(event) or b"" for event in events))


async def listen(on: socket.socket, answer: Answerer, stop: asyncio.Event) -> None:
    """Serve on a bound socket until told to stop; then no connection stays open."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        with contextlib.suppress(asyncio.CancelledError):  # nobody but the end of the server cancels
            await Connection(reader, writer, answer).serve()

    server = await asyncio.start_server(connected, sock=on, backlog=BACKLOG)
    await stop.wait()
    server.close()
    for task in list(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
