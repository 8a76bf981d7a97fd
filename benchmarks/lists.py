"""One million objects listed, reconciled and chained, in time and memory: `python benchmarks/lists.py [OBJECTS]`.

A process on loopback answers ListObjectVersions as S3 does, for keys that it makes up; drkit lists it by the real
client, in a process of its own, holds the list against itself, and makes two manifests of a chain of it.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit
from xml.sax.saxutils import escape

OBJECTS = 1_000_000
MEMORY = "150MB"  # for DuckDB; Python and the libraries come on top
PAGE = 1000


def key_of(number: int) -> str:
    """Sixty bytes, as of data sets in directories of ten thousand."""
    return f"data/{number // 10_000:05}/{hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()}-{number}"


def serve(objects: int, told: Connection) -> None:
    """Answer pages of versions, until the process is ended."""
    from bisect import bisect_right

    keys = sorted(key_of(number) for number in range(objects))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            start = bisect_right(keys, asked.get("key-marker", ""))
            page = keys[start : start + min(int(asked["max-keys"]), PAGE)]
            more = start + len(page) < objects
            body = _page(page, more=more).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_address[1])
    server.serve_forever()


def _page(keys: list[str], *, more: bool) -> str:
    versions = "".join(
        f"<Version><Key>{quote(key)}</Key><VersionId>null</VersionId><IsLatest>true</IsLatest>"
        f"<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;"
        f"{hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()}&quot;</ETag><Size>{len(key)}</Size>"
        "<StorageClass>STANDARD</StorageClass></Version>"
        for key in keys
    )
    following = f"<NextKeyMarker>{escape(quote(keys[-1]))}</NextKeyMarker>" if more else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ListVersionsResult><EncodingType>url</EncodingType>'
        f"<IsTruncated>{str(more).lower()}</IsTruncated>{following}{versions}</ListVersionsResult>"
    )


def make_list(port: int, directory: Path) -> None:
    """One list, by drkit's client of S3."""
    from drkit.clouds.aws.client import AwsClient
    from drkit.clouds.aws.objects import AwsObjects
    from drkit.clouds.tencent.retry import PatientCaller
    from drkit.clouds.tencent.settings import Endpoint, KeyPair
    from drkit.copies.lists.making import Asked, Listing
    from drkit.core.times import now

    client = AwsClient(KeyPair("id", "key", None), Endpoint("http", f"127.0.0.1:{port}"), 20)
    caller = PatientCaller(client, calls_a_second=lambda _: 1000)
    asked = Asked("us-east-1", "cold", versions=True)
    made = Listing(AwsObjects(caller), asked, directory, now).run()
    print(f"  {made.rows:,} rows in {len(made.segments)} segments", flush=True)


def measured(what: str, work: Callable[[], object]) -> None:
    """Do something in a process of its own, and say how much it took."""
    began = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    peak = 0
    while process.is_alive():
        peak = max(peak, _resident(process.pid or 0))
        process.join(0.02)
    assert process.exitcode == 0, f"{what} failed"
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{what}: {time.monotonic() - began:.1f} s, {cpu:.1f} s of CPU, {peak / 1024:.0f} MB resident at most",
        flush=True,
    )


def _resident(process: int) -> int:
    """Kilobytes, of a process and those that it started."""
    try:
        own = Path(f"/proc/{process}/status").read_text()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return 0
    found = [line for line in own.splitlines() if line.startswith("VmRSS:")]
    return int(found[0].split()[1]) + sum(_resident(int(child)) for child in children) if found else 0


def main() -> None:
    """List, reconcile, and grow twice."""
    objects = int(sys.argv[1]) if len(sys.argv) > 1 else OBJECTS
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(objects, theirs), daemon=True)
    server.start()
    port = ours.recv()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        measured(f"listing {objects:,} objects", lambda: make_list(port, home / "a"))
        words = ["copies", "reconcile", "--state", home / "state", "--memory", MEMORY]
        words += ["--copy", f"a={home / 'a'}", "--copy", f"b={home / 'a'}"]
        command = [sys.executable, "-m", "drkit", *map(str, words)]
        measured("reconcile", lambda: subprocess.run(command, check=True))
        words = ["copies", "grow", "--state", home / "state", "--memory", MEMORY]
        words += ["--copy", f"a={home / 'a'}", "--chain", home / "chain"]
        grow = [sys.executable, "-m", "drkit", *map(str, words)]
        for night in ("the first manifest", "the second manifest"):
            measured(night, lambda: subprocess.run(grow, check=True))
    server.terminate()


if __name__ == "__main__":
    main()
