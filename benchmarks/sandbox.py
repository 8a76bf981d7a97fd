"""How fast the sandbox is, as JSON; exit status 1 beyond a limit.

    python benchmarks/sandbox.py [--requests N] [--rounds N]

``start`` is from nothing to the first answered call, a process of its own, the best of some. ``seed`` makes the
estate of 1,000 disks. ``requests`` are calls of DescribeDisks that answer 100 disks, with a signature each, over
one connection, counted by the seconds of CPU that the server took for them: what it does on one core. ``day`` is
24 hours of automatic policies that fire each hour on 1,000 disks. ``save`` and ``load`` are the whole state of
that estate as it is seeded, the best of some rounds; ``later`` the same with the 24,000 snapshots of the day in
it. But for the start, times are of this process's CPU.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import hmac
import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from drkit.sandbox import launch
from drkit.sandbox.home import Home, Record
from drkit.sandbox.seeds.catalogue import SEEDS
from drkit.sandbox.seeds.people import new_keys
from drkit.sandbox.world.events import catch_up
from drkit.sandbox.world.model import World
from drkit.sandbox.world.saving import load, save

START_LIMIT, SEED_LIMIT, DAY_LIMIT, SAVING_LIMIT = 1.0, 2.0, 10.0, 0.1  # seconds
REQUESTS_LIMIT = 500.0  # a second of one core
SEED = "thousand"
BODY = b'{"Limit":100}'


def signed(record: Record) -> bytes:
    """A whole request for 100 disks, as a client sends it."""
    now = int(time.time())
    date = datetime.fromtimestamp(now, UTC).date().isoformat()
    host = f"127.0.0.1:{record.port}"
    names = "content-type;host"
    canonical = "\n".join(
        ("POST", "/", "", f"content-type:application/json\nhost:{host}\n", names, digest(BODY))
    )
    text = f"TC3-HMAC-SHA256\n{now}\n{date}/cbs/tc3_request\n{digest(canonical.encode())}"
    key = f"TC3{record.secret_key}".encode()
    for part in (date, "cbs", "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    headers = {
        "Host": host,
        "Content-Type": "application/json",
        "Content-Length": str(len(BODY)),
        "X-TC-Action": "DescribeDisks",
        "X-TC-Version": "2017-03-12",
        "X-TC-Region": "ap-beijing",
        "X-TC-Timestamp": str(now),
        "Authorization": f"TC3-HMAC-SHA256 Credential={record.secret_id}/{date}/cbs/tc3_request, "
        f"SignedHeaders={names}, Signature={signature}",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{lines}\r\n".encode() + BODY


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def exchange(connection: socket.socket, request: bytes) -> bytes:
    """One request and the body of its answer."""
    connection.sendall(request)
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(1 << 18)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    parts, missing = [body], length - len(body)
    while missing > 0:
        parts.append(connection.recv(min(missing, 1 << 20)))
        missing -= len(parts[-1])
    return b"".join(parts)


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has taken (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def serving(requests: int) -> tuple[float, float, float]:
    """Start a sandbox and ask it again and again: seconds to the first answer, of its CPU and of time."""
    with tempfile.TemporaryDirectory() as directory:
        began = time.perf_counter()
        record = launch.start(Home(Path(directory)), SEED, None)
        try:
            with socket.create_connection(("127.0.0.1", record.port)) as connection:
                request = signed(record)
                shown = json.loads(exchange(connection, request))["Response"]["DiskSet"]
                start = time.perf_counter() - began
                if len(shown) != 100:  # noqa: PLR2004
                    raise AssertionError(shown)
                cpu, wall = cpu_of(record.pid), time.perf_counter()
                for _ in range(requests):
                    exchange(connection, request)
                wall, cpu = time.perf_counter() - wall, cpu_of(record.pid) - cpu
        finally:
            launch.end(record)
    return start, cpu, wall


def served(requests: int, rounds: int) -> dict[str, Any]:
    """The best of several sandboxes."""
    starts, cpus, walls = zip(*(serving(requests) for _ in range(rounds)), strict=True)
    return {
        "start_s": round(min(starts), 3),
        "requests_a_second_of_cpu": round(requests / min(cpus)),
        "requests_a_second": round(requests / min(walls)),
    }


def timed(work: Callable[[], Any], rounds: int = 1) -> tuple[float, Any]:
    """Seconds of the best round, and what it made."""
    best, made = float("inf"), None
    for _ in range(rounds):
        gc.collect()
        began = time.process_time()
        made = work()
        best = min(best, time.process_time() - began)
    return best, made


def seeded() -> World:
    """The estate of 1,000 disks."""
    world = World()
    SEEDS[SEED].built_with(new_keys())(world, datetime(2026, 3, 1, 0, 30, tzinfo=UTC))
    return world


def world_of(rounds: int) -> dict[str, Any]:
    """What the world does by itself."""
    now = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    seed, world = timed(seeded, rounds)
    saving, content = timed(lambda: save(world, now), rounds)
    loading, _ = timed(lambda: load(content), rounds)
    before = world.made
    day, _ = timed(lambda: catch_up(world, now + timedelta(hours=24)))
    if world.made - before != 24 * 1000:
        raise AssertionError(world.made - before)
    later_saving, content = timed(lambda: save(world, now), rounds)
    later_loading, _ = timed(lambda: load(content), rounds)
    return {
        "seed_s": round(seed, 3),
        "day_s": round(day, 3),
        "save_ms": round(1000 * saving, 1),
        "load_ms": round(1000 * loading, 1),
        "later_save_ms": round(1000 * later_saving, 1),
        "later_load_ms": round(1000 * later_loading, 1),
    }


def main(arguments: list[str]) -> int:
    """Print the figures; 1 when one is beyond its limit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args(arguments)
    found = {**served(chosen.requests, chosen.rounds), **world_of(chosen.rounds)}
    beyond = [
        name
        for name, fine in {
            "start_s": found["start_s"] < START_LIMIT,
            "seed_s": found["seed_s"] < SEED_LIMIT,
            "requests_a_second_of_cpu": found["requests_a_second_of_cpu"] >= REQUESTS_LIMIT,
            "day_s": found["day_s"] < DAY_LIMIT,
            "save_ms": found["save_ms"] < 1000 * SAVING_LIMIT,
            "load_ms": found["load_ms"] < 1000 * SAVING_LIMIT,
        }.items()
        if not fine
    ]
    print(json.dumps({**found, "beyond": beyond}, indent=2))
    return int(bool(beyond))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
