"""``copies reconcile`` of two buckets beside ``rclone check``, on the same server; and a million objects.

python benchmarks/rclone.py [--objects N] [--a-directory N ...] [--many N]

Two buckets of the sandbox's AWS with N objects each, of which 30 differ: 10 missing, 10 extra, 5 of another size, 5
of another content. rclone holds the one against the other at its defaults, and with ``--checksum --fast-list``, its
best flags for that; drkit lists both and reconciles the lists. All have to find the same 30.

rclone lists directory by directory unless it is told ``--fast-list``, and keeps what it lists as a tree of them: how
many objects lie in each makes the greatest difference to it. The limits are for one of its own for each object, as in
`copies.py`. Where many share one, both list the same pages and little else, and drkit takes longer to start; that is
measured too, and must not be slower. ``server_seconds`` is what the server alone needs for the pages, which no client
can change.

Then a server that answers lists alone tells of ``--many`` objects, and drkit lists and reconciles them: the memory of
the largest process counts. Exit 1 when a limit is missed, a difference, or where rclone is not installed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from html import unescape
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import boto3
import yaml
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from drkit.sandbox.testing import running

sys.path.insert(0, str(Path(__file__).parent))
from copies import Measured

LARGEST_MIB = 400e6 / 2**20
BEST = ("--checksum", "--fast-list")
SIDES = ("source", "copy")
BUCKETS = tuple(f"s3://{side}" for side in SIDES)
HELD = {"times_rclone_defaults": 5.0, "times_rclone_best": 1.5}
"""With one object a directory, where rclone's defaults ask for each."""
ELSEWHERE = {"times_rclone_defaults": 0.9, "times_rclone_best": 0.9}
"""Not slower, but for what two runs of one program differ."""
PAGE = 1000
ACCOUNT = "210000000001"


def contents(objects: int, a_directory: int) -> dict[str, dict[str, bytes]]:
    """What lies in each bucket, by key, so many in a directory."""
    source = {
        f"data/{number // a_directory:08}/part-{number:08}.bin": b"%08d" % number for number in range(objects)
    }
    keys = sorted(source)
    copy = {key: source[key] for key in keys[10:]}
    copy |= {f"data/extra/{number}.bin": b"x" for number in range(10)}
    copy |= {key: source[key] + b"+" for key in keys[20:25]}
    copy |= {key: b"x" * len(source[key]) for key in keys[30:35]}
    return dict(zip(SIDES, (source, copy), strict=True))


def differing(sides: dict[str, dict[str, bytes]]) -> set[str]:
    """The keys that are not the same on both sides."""
    source, copy = (sides[name] for name in SIDES)
    return {key for key in source.keys() | copy.keys() if source.get(key) != copy.get(key)}


def fill(environment: dict[str, str], sides: dict[str, dict[str, bytes]]) -> None:
    """Put the objects there."""
    s3 = boto3.client(
        "s3",
        "us-east-1",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        config=Config(max_pool_connections=8),
    )
    for bucket, objects in sides.items():
        s3.create_bucket(Bucket=bucket)
        with ThreadPoolExecutor(8) as pool:
            list(
                pool.map(
                    lambda pair, to=bucket: s3.put_object(Bucket=to, Key=pair[0], Body=pair[1]),
                    objects.items(),
                )
            )


def rclone(directory: Path, environment: dict[str, str], *flags: str) -> tuple[Measured, set[str]]:
    """``rclone check``, and the keys that it found to differ."""
    found = directory / "found"
    settings = {
        "TYPE": "s3",
        "PROVIDER": "Other",
        "ACCESS_KEY_ID": environment["AWS_ACCESS_KEY_ID"],
        "SECRET_ACCESS_KEY": environment["AWS_SECRET_ACCESS_KEY"],
        "ENDPOINT": environment["AWS_ENDPOINT_URL"],
        "REGION": "us-east-1",
    }
    variables = {name: value for name, value in os.environ.items() if name != "AWS_CA_BUNDLE"}
    variables |= {f"RCLONE_CONFIG_CLOUD_{name}": value for name, value in settings.items()}
    words = ["rclone", "--config", "", "check", *flags, "--combined", str(found), "--log-level", "EMERGENCY"]
    measured = Measured([*words, *(f"cloud:{side}" for side in SIDES)], variables)
    lines = found.read_text().splitlines()
    return measured, {line[2:] for line in lines if line[0] != "="}


class Ours:
    """drkit, which lists two buckets on the way into their comparison."""

    def __init__(self, directory: Path, environment: dict[str, str]) -> None:
        self._directory = directory
        estate = directory / "estate.yaml"
        abroad = {"cloud": "aws", "account": ACCOUNT, "environment": "production", "regions": ["us-east-1"]}
        estate.write_text(yaml.safe_dump({"estate": "bench", "accounts": {"abroad": abroad}}))
        self._environment = {
            **os.environ,
            **environment,
            "DRKIT_STATE": str(directory / "state"),
            "DRKIT_ESTATE": str(estate),
        }

    def run(self, *more: str) -> tuple[Measured, list[dict[str, Any]]]:
        """The process, and the rows that differ."""
        listed = self._directory / "differences.jsonl"
        words = [
            word
            for side, bucket in zip(SIDES, BUCKETS, strict=True)
            for word in ("--copy", f"{side}={bucket}")
        ]
        words += ["--list", str(listed), "--format", "json", *more]
        made = Measured([sys.executable, "-m", "drkit", "copies", "reconcile", *words], self._environment)
        return made, [json.loads(line) for line in listed.read_text().splitlines()]


def of_the_server(environment: dict[str, str]) -> float:
    """Seconds that the server alone needs for every page of both buckets, asked for one after the other.

    Signed as AWS wants it, over one connection, and nothing is made of the answers: who lists by pages cannot be done
    sooner with a server that answers one request at a time, as this one does.
    """
    pair = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    address = environment["AWS_ENDPOINT_URL"]
    connection = HTTPConnection(urlsplit(address).netloc)
    seconds = 0.0
    for bucket in SIDES:
        after, more = "", True
        while more:
            query = urlencode({"list-type": 2, "max-keys": PAGE, "start-after": after})
            request = AWSRequest("GET", f"{address}/{bucket}?{query}")
            S3SigV4Auth(pair, "s3", "us-east-1").add_auth(request)
            begin = time.perf_counter()
            connection.request("GET", f"/{bucket}?{query}", headers=dict(request.headers))
            page = connection.getresponse().read().decode()
            seconds += time.perf_counter() - begin
            more = "<IsTruncated>true</IsTruncated>" in page
            after = unescape(page.rpartition("<Key>")[2].partition("</Key>")[0])
    connection.close()
    return round(seconds, 2)


def beside_rclone(objects: int, a_directory: int, directory: Path) -> tuple[dict[str, Any], list[str]]:
    """The figures of both, and the limits that were missed."""
    sides = contents(objects, a_directory)
    wanted = differing(sides)
    with running("empty", home=directory / "home") as sandbox:
        environment = dict(sandbox.environment())
        fill(environment, sides)
        server = of_the_server(environment)
        ours, rows = Ours(directory, environment).run()
        best, best_found = rclone(directory, environment, *BEST)
        defaults, defaults_found = rclone(directory, environment)
    for name, found in (
        ("drkit", {row["key"] for row in rows}),
        ("rclone", defaults_found),
        ("rclone at its best", best_found),
    ):
        if found != wanted:
            sys.exit(
                f"{name}: {len(found)} differences, {len(wanted)} were made; {sorted(found ^ wanted)[:5]}"
            )
    figures = {
        "objects_a_side": objects,
        "objects_a_directory": a_directory,
        "differences": len(wanted),
        "server_seconds": server,
        **ours.figures("drkit"),
        **best.figures("rclone_best"),
        **defaults.figures("rclone_defaults"),
        "times_rclone_defaults": round(defaults.seconds / ours.seconds, 2),
        "times_rclone_best": round(best.seconds / ours.seconds, 2),
    }
    limits = HELD if a_directory == 1 else ELSEWHERE
    return figures, [name for name, least in limits.items() if figures[name] < least]


def key_of(number: int) -> str:
    """The key of one of many objects, in the order of keys."""
    return f"data/{number:010}/a-name-of-a-usual-length.bin"


class Lists(BaseHTTPRequestHandler):
    """ListObjectsV2 of objects that are nowhere: what a list of so many takes is what is measured."""

    many = 0
    sandbox = ""

    def do_GET(self) -> None:
        """A page after ``start-after``."""
        asked = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        after = asked.get("start-after", [""])[0]
        low, high = 0, self.many
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if key_of(middle) <= after else (low, middle)
        numbers = range(low, min(low + int(asked.get("max-keys", [str(PAGE)])[0]), self.many))
        rows = "".join(
            f"<Contents><Key>{key_of(n)}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            f"<ETag>&quot;{n:032x}&quot;</ETag><Size>{n}</Size><StorageClass>STANDARD</StorageClass></Contents>"
            for n in numbers
        )
        more = "true" if numbers.stop < self.many else "false"
        page = (
            f"<Name>source</Name><KeyCount>{len(numbers)}</KeyCount><IsTruncated>{more}</IsTruncated>{rows}"
        )
        self._answer(
            f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{page}</ListBucketResult>'
        )

    def do_POST(self) -> None:
        """What drkit asks first, who it is and which regions there are, is for the sandbox to answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        connection = HTTPConnection(self.sandbox)
        connection.request("POST", self.path, body, dict(self.headers))
        self._answer(connection.getresponse().read().decode())
        connection.close()

    def _answer(self, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def lists(many: int, sandbox: str) -> Iterator[str]:
    """A server of lists on loopback; its address."""
    handler = type("Many", (Lists,), {"many": many, "sandbox": sandbox, "protocol_version": "HTTP/1.1"})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def of_many(many: int, directory: Path) -> tuple[dict[str, Any], list[str]]:
    """Lists of so many objects, made and reconciled."""
    with running("empty", home=directory / "home") as sandbox:
        environment = dict(sandbox.environment())
        with lists(many, urlsplit(environment["AWS_ENDPOINT_URL"]).netloc) as address:
            return _of_many(many, directory, {**environment, "AWS_ENDPOINT_URL": address})


def _of_many(many: int, directory: Path, environment: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    made, rows = Ours(directory, environment).run("--memory", "150MB")
    if made.status or rows:
        sys.exit(f"of {many} objects {len(rows)} differ, exit {made.status}: {made.output[:300]}")
    figures = {"many": many, **made.figures("drkit")}
    return figures, ["peak_mib"] if made.peak_mib > LARGEST_MIB else []


def main() -> int:
    """Print the figures as JSON lines; exit 1 when a limit was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--objects", type=int, default=20_000)
    parser.add_argument(
        "--a-directory", type=int, nargs="*", default=[1, 10, 200], help="objects in each directory"
    )
    parser.add_argument("--many", type=int, default=1_000_000)
    given = parser.parse_args()
    program = shutil.which("rclone")
    if program is None:
        print("rclone is not installed: apt-get install rclone", file=sys.stderr)
        return 1
    version = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout
    print(json.dumps({"rclone": version.split()[1]}), flush=True)
    missed: list[str] = []
    works = [partial(beside_rclone, given.objects, each) for each in given.a_directory]
    for work in (*works, partial(of_many, given.many)):
        with tempfile.TemporaryDirectory() as temporary:
            figures, too_much = work(Path(temporary))
        print(json.dumps({**figures, "missed": too_much}), flush=True)
        missed += too_much
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
