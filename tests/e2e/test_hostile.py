"""Servers, files and names that mean harm: one clear error, no secret, nothing green, nothing without an end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from helpers import ROOT, SMALL, Drkit, snapshots_named

from drkit.sandbox.home import Home
from drkit.sandbox.testing import InThread, Running, in_thread

DAILY = ROOT / "playbooks" / "daily-snapshots.yaml"
COVERAGE = "playbook: coverage\nschedule: {every: day}\nsteps: [{uses: snapshots.cover}]\n"
IDENTITY = {"AccountId": "100000000001", "Arn": "qcs::cam::uin/1:uin/1"}
REGIONS = {
    "RegionSet": [{"Region": f"ap-{name}", "RegionState": "AVAILABLE"} for name in ("beijing", "shanghai")]
}
NASTY = "\x1b]0;PWNED\x07evil\n FAIL fake line \u202egnp.exe\x9b"


@contextmanager
def server(answer: Callable[[str, Any], dict[str, Any] | None]) -> Iterator[str]:
    """A server that answers each action by a function; it gets the handler, to do worse than answering."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            content = answer(self.headers["X-TC-Action"], self)
            if content is not None:
                body = json.dumps({"Response": {"RequestId": "r", **content}}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}"
        finally:
            running.shutdown()


def usual(action: str, _handler: Any) -> dict[str, Any]:
    """A cloud with nothing in it."""
    empty = {"TotalCount": 0, "DiskSet": [], "SnapshotSet": [], "InstanceSet": []}
    return {"GetCallerIdentity": IDENTITY, "DescribeRegions": REGIONS}.get(action, empty)


@pytest.fixture
def pointed(drkit: Drkit, sandbox: Running) -> Drkit:
    """drkit with an estate and credentials; the test points it at a server of its own."""
    kept = ("DRKIT_ESTATE", "DRKIT_LOOK_", "DRKIT_MAKE_")
    drkit.environment |= {key: value for key, value in sandbox.environment().items() if key.startswith(kept)}
    return drkit


@pytest.fixture
def strange() -> Iterator[InThread]:
    """A sandbox whose world the test can make strange."""
    with in_thread() as running:
        yield running


def aimed(drkit: Drkit, at: InThread) -> Drkit:
    for power in ("look", "make"):
        secret_id, secret_key = at.key(f"drkit-{power}")
        prefix = f"DRKIT_{power.upper()}"
        drkit.environment |= {f"{prefix}_SECRET_ID": secret_id, f"{prefix}_SECRET_KEY": secret_key}
    drkit.environment["DRKIT_TENCENT_ENDPOINT"] = at.endpoint
    return drkit


# --- secrets ---


@pytest.mark.parametrize("name", ["SECRET_ID", "SECRET_KEY", "TOKEN"])
def test_a_key_with_a_line_end_is_refused_and_not_shown(cloud: Drkit, name: str) -> None:
    ran = cloud("snapshots", "cover", **{f"DRKIT_LOOK_{name}": "VERYSECRET\n"})

    assert ran.status == 2
    assert f"DRKIT_LOOK_{name} holds something that no key has" in ran.err
    assert "VERYSECRET" not in ran.out + ran.err


@pytest.mark.parametrize(
    "variables",
    [
        {"DRKIT_TENCENT_ENDPOINT": "http://user:PASSWORD@127.0.0.1:1"},
        {"DRKIT_TENCENT_ENDPOINT": "ftp://user:PASSWORD@127.0.0.1:1"},
        {"DRKIT_TENCENT_ENDPOINT": "", "https_proxy": "http://user:PASSWORD@127.0.0.1:99999"},
        {"DRKIT_TENCENT_ENDPOINT": "", "https_proxy": "http://user:PASSWORD@127.0.0.1:9"},
    ],
)
def test_no_password_of_a_url_is_shown(pointed: Drkit, variables: dict[str, str]) -> None:
    ran = pointed("snapshots", "cover", **variables)

    assert ran.status in (1, 2)
    assert "PASSWORD" not in ran.out + ran.err


@pytest.mark.parametrize("url", ["http://[::1", "nonsense", "http://127.0.0.1:port", "http://", "//x"])
def test_an_endpoint_that_is_no_url_is_one_clear_error(pointed: Drkit, url: str) -> None:
    ran = pointed("snapshots", "cover", DRKIT_TENCENT_ENDPOINT=url)

    assert (ran.status, "DRKIT_TENCENT_ENDPOINT" in ran.err) == (2, True)


def test_a_redirect_is_not_followed_with_the_token(pointed: Drkit) -> None:
    seen: list[str] = []

    def other(action: str, handler: Any) -> dict[str, Any]:
        seen.append(handler.headers.get("X-TC-Token", ""))
        return usual(action, handler)

    with server(other) as elsewhere:

        def redirect(_action: str, handler: Any) -> None:
            handler.send_response(307)
            handler.send_header("Location", elsewhere)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        with server(redirect) as first:
            ran = pointed("snapshots", "cover", DRKIT_TENCENT_ENDPOINT=first, DRKIT_LOOK_TOKEN="token")

    assert (ran.status, seen) == (1, [])


# --- answers without an end ---


def test_a_total_that_is_never_reached_ends(pointed: Drkit) -> None:
    disk = {"DiskId": "disk-1", "DiskName": "d"}

    def lying(action: str, handler: Any) -> dict[str, Any]:
        if action != "DescribeDisks":
            return usual(action, handler)
        return {"TotalCount": 10**9, "DiskSet": [disk]}

    with server(lying) as url:
        ran = pointed("snapshots", "cover", DRKIT_TENCENT_ENDPOINT=url)

    assert ran.status == 1
    assert "a page brings nothing new" in ran.out


@pytest.mark.parametrize("where", ["in the body", "in the headers"])
def test_an_answer_that_drips_ends(pointed: Drkit, where: str) -> None:
    stop = threading.Event()

    def drip(_action: str, handler: Any) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        handler.wfile.write(
            head + (b"Content-Length: 60000\r\n\r\n" if where == "in the body" else b"X-Long: ")
        )
        # Bounded, and each byte well within the timeout of one wait.
        for _ in range(600):
            if stop.wait(0.1):
                return
            try:
                handler.wfile.write(b" ")
            except OSError:
                return

    with server(drip) as url:
        began = time.monotonic()
        ran = pointed("snapshots", "cover", DRKIT_TENCENT_ENDPOINT=url, DRKIT_TIMEOUT="1")
        took = time.monotonic() - began
        stop.set()

    assert (ran.status, "the answer was not whole after 3 s" in ran.err) == (1, True)
    assert took < 40  # five attempts of 3 s each, and the waits between them


@pytest.mark.parametrize(
    "response", ["[" * 100_000, '{"Response": []}', '{"Response": {"Error": 5}}', "null", "\x00", '"x"', "{}"]
)
def test_an_answer_of_any_other_shape_concludes_nothing(pointed: Drkit, response: str) -> None:
    def odd(_action: str, handler: Any) -> None:
        body = response.encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with server(odd) as url:
        ran = pointed("snapshots", "cover", DRKIT_TENCENT_ENDPOINT=url)

    assert (ran.status, "the answer is not what the API sends" in ran.err) == (1, True)


# --- names ---


def test_names_of_the_cloud_cannot_command_a_terminal_or_forge_a_line(
    pointed: Drkit, strange: InThread
) -> None:
    for instance in strange.world.accounts["100000000001"].regions["ap-beijing"].instances.values():
        instance.name = NASTY
    aimed(pointed, strange)

    for words in (
        ("snapshots", "cover"),
        ("snapshots", "cover", "--format", "json"),
        ("run", "--yes", "c.yaml"),
    ):
        pointed.write("c.yaml", COVERAGE)
        ran = pointed(*words)
        told = ran.out + ran.err
        assert not any(character in told for character in "\x1b\x07\x9b\u202e"), words
        assert "\n FAIL fake line" not in told
    assert "\x1b" not in pointed("report", "--format", "html").out


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "latin-1"])
def test_a_name_that_the_terminal_cannot_show_is_shown_otherwise(
    pointed: Drkit, strange: InThread, encoding: str
) -> None:
    for disk in strange.world.accounts["100000000001"].regions["ap-beijing"].disks.values():
        disk.name = "微盟🛍"

    ran = aimed(pointed, strange)("plan", DAILY, PYTHONIOENCODING=encoding)

    assert ran.status == 0


# --- what an earlier or a strange hand left ---


def test_a_snapshot_that_is_still_being_created_is_not_taken_for_done(cloud: Drkit, sandbox: Running) -> None:
    sandbox.create_in(3600)
    playbook = cloud.write("small.yaml", SMALL)
    cloud("run", "--yes", "--wait", "0s", playbook)

    again = cloud("run", "--yes", "--wait", "0s", playbook)

    assert (again.status, "of this slot is still being created" in again.out) == (1, True)


def test_altered_evidence_is_not_reported(cloud: Drkit) -> None:
    cloud("run", "--yes", cloud.write("c.yaml", COVERAGE))
    log = Path(cloud.environment["DRKIT_STATE"]) / "weimob" / "evidence" / "log.jsonl"
    told = log.read_text()
    log.write_text(
        told.replace('"verdict":"fail"', '"verdict":"pass"').replace('"statuses":[3]', '"statuses":[0]')
    )

    for form in ("text", "json", "html"):
        ran = cloud("report", "--format", form)
        assert (ran.status, "does not hold" in ran.err) == (3, True)
    log.write_text(
        told + '{"kind":"run.concluded","reason":"","run":"forged","statuses":[0],"verdict":"pass"}\n'
    )
    forged = cloud("report")
    assert (forged.status, "entries" in forged.err, "PASS" in forged.out) == (3, True, False)


def test_a_key_that_is_disabled_in_the_middle_of_a_run_is_unknown_and_reported(
    cloud: Drkit, sandbox: Running
) -> None:
    sandbox.fault("error", action="CreateSnapshot", code="AuthFailure.SecretIdNotFound", times=None)

    ran = cloud("run", "--yes", cloud.write("small.yaml", SMALL), cloud.write("c.yaml", COVERAGE))

    assert ran.status == 3  # the second playbook's own verdict: nothing is covered
    assert "UNKNOWN  small" in ran.out
    assert "FAIL  coverage" in ran.out


def test_one_region_that_stops_answering_does_not_hold_up_the_others(cloud: Drkit, sandbox: Running) -> None:
    sandbox.create_in(1)
    process = cloud.start("run", "--yes", "--wait", "8s", DAILY)
    while not snapshots_named(sandbox, "drkit-daily"):
        assert process.poll() is None
    sandbox.fault("garbage", action="DescribeSnapshots", region="ap-beijing", times=None)

    out, _ = process.communicate(timeout=120)

    assert process.returncode == 1
    assert "31 still being created" in out


# --- places for results ---


def test_a_result_goes_where_a_link_points_and_into_a_pipe(drkit: Drkit) -> None:
    target = drkit.write("target", "old")
    (drkit.directory / "link").symlink_to(target)

    assert drkit("schema", "estate", "--output", "link").status == 0

    assert (drkit.directory / "link").is_symlink()
    assert target.read_text().startswith("{")
    os.mkfifo(drkit.directory / "pipe")
    reader = os.open(drkit.directory / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert drkit("schema", "estate", "--output", "pipe").status == 0
    assert os.read(reader, 1) == b"{"
    os.close(reader)
    assert (drkit.directory / "pipe").is_fifo()


@pytest.mark.parametrize("output", ["nowhere/x", "."])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_done(
    cloud: Drkit, sandbox: Running, output: str
) -> None:
    ran = cloud("run", "--yes", cloud.write("small.yaml", SMALL), "--output", output)

    assert (ran.status, snapshots_named(sandbox, "drkit-")) == (2, [])


def test_a_page_of_two_runs_is_refused_before_anything_is_done(cloud: Drkit, sandbox: Running) -> None:
    two = (cloud.write("small.yaml", SMALL), cloud.write("c.yaml", COVERAGE))

    assert cloud("run", "--yes", *two, "--format", "html").status == 2
    assert snapshots_named(sandbox, "drkit-") == []


def test_a_failure_of_today_takes_the_place_of_the_result_of_yesterday(cloud: Drkit) -> None:
    kept = cloud.write("result.json", '{"verdict": "pass"}')

    cloud("snapshots", "cover", "--format", "json", "--output", kept, DRKIT_LOOK_SECRET_KEY="")

    assert json.loads(kept.read_text())["verdict"] == "unknown"


# --- what stands in the way ---


def test_things_in_the_way_are_one_clear_error_each(cloud: Drkit) -> None:
    playbook = cloud.write("small.yaml", SMALL)
    state = Path(cloud.environment["DRKIT_STATE"]) / "weimob"
    (state / "lock").mkdir(parents=True)
    assert cloud("run", "--yes", playbook).status == 2
    (state / "lock").rmdir()
    (state / "schema.json").write_text("[" * 100_000)
    assert cloud("run", "--yes", playbook).status == 2
    assert cloud("report").status == 2


@pytest.mark.parametrize("regions", ["[ap-shanghai, ap-shanghai]"])
def test_what_would_be_counted_twice_is_refused(drkit: Drkit, regions: str) -> None:
    account = '{{cloud: tencent, account: "100000000001", environment: production, regions: {}}}'
    twice = f"estate: e\naccounts:\n  a: {account.format(regions)}\n"
    same = f"estate: e\naccounts:\n  a: {account.format('[ap-beijing]')}\n  b: {account.format('[ap-beijing]')}\n"

    for text in (twice, same):
        ran = drkit("check", drkit.write("estate.yaml", text))
        assert (ran.status, "would be counted twice" in ran.err) == (2, True)


def test_a_step_that_would_look_at_nothing_is_refused(drkit: Drkit) -> None:
    account = '{{cloud: tencent, account: "{}", environment: production, regions: [{}]}}'
    a, b = account.format("100000000001", "ap-beijing"), account.format("100000000002", "ap-nanjing")
    estate = drkit.write("estate.yaml", f"estate: e\naccounts:\n  a: {a}\n  b: {b}\n")
    step = "{uses: snapshots.cover, with: {accounts: [a], regions: [ap-nanjing]}}"
    playbook = drkit.write("p.yaml", f"playbook: p\nschedule: {{every: day}}\nsteps: [{step}]\n")

    assert "the step would look at nothing" in drkit("check", estate, playbook).err


def test_a_closed_or_full_stdout_is_no_traceback(drkit: Drkit) -> None:
    for redirect in (">&-", "> /dev/full"):
        shell = f'exec "$@" {redirect}'
        done = subprocess.run(
            ["sh", "-c", shell, "sh", *drkit.command("schema", "estate")],
            env=drkit.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, redirect
        assert done.returncode != 0 or redirect == ">&-"


def test_a_stopped_service_tells_of_it_in_the_evidence(cloud: Drkit, sandbox: Running) -> None:
    sandbox.fault("hang", action="CreateSnapshot", seconds=30)
    process = cloud.start("run", "--yes", cloud.write("small.yaml", SMALL))
    while sandbox.faults():
        assert process.poll() is None
    process.terminate()

    process.communicate(timeout=30)

    log = Path(cloud.environment["DRKIT_STATE"]) / "weimob" / "evidence" / "log.jsonl"
    assert process.returncode == 130
    assert '"kind":"run.broken"' in log.read_text()


def test_a_lost_key_is_said_to_be_lost_and_no_other_takes_its_place(cloud: Drkit) -> None:
    cloud("run", "--yes", cloud.write("c.yaml", COVERAGE))
    state = Path(cloud.environment["DRKIT_STATE"]) / "weimob"
    shutil.rmtree(state / "keys")

    for _ in range(2):
        ran = cloud("run", "--yes", "c.yaml")
        assert (ran.status, "is gone, and the evidence that it signed is there" in ran.err) == (2, True)
    assert not (state / "keys").exists()


def test_a_record_that_would_signal_every_process_is_no_record(tmp_path: Path) -> None:
    texts = {"seed": "weimob", "secret_id": "a", "secret_key": "b", "token": "c"}
    home = Home(tmp_path)
    for pid, started in ((-1, None), (-1, "1"), (0, "1"), (1, "1"), (True, "1"), (4711, ""), ("x", "1")):
        home.record_file.write_text(json.dumps({"pid": pid, "started": started, "port": 1, **texts}))
        assert home.read() is None
