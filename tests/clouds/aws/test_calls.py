"""Calls by botocore to a real server: what is repeated, what is not, what an answer means."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clouds.aws.conftest import REGION
from clouds.aws.relay import THROTTLED, Relay

from drkit.clouds.aws.client import AwsClient
from drkit.clouds.aws.cloud import AwsCloud
from drkit.clouds.aws.disks import CREATE_SNAPSHOT, DESCRIBE_VOLUMES, AwsDisks
from drkit.clouds.tencent.client import Call
from drkit.clouds.tencent.retry import PatientCaller
from drkit.clouds.tencent.settings import Endpoint, KeyPair
from drkit.core.actions import Action, Done, Effect, Uncertain
from drkit.core.errors import AccountError, UsageError
from drkit.ports.cloud import Hands
from drkit.ports.errors import RefusedError, ThrottledError, UncertainError
from drkit.snapshots.beginning import run

DESCRIBE = DESCRIBE_VOLUMES.at(REGION)
PAIR = KeyPair("AKIAIOSFODNN7EXAMPLE", "not-a-secret")
EMPTY = b"<DescribeVolumesResponse><volumeSet/></DescribeVolumesResponse>"


class Counted:
    """The real client to some port, with every attempt and every wait written down."""

    def __init__(self, port: int, pair: KeyPair = PAIR) -> None:
        self.client = AwsClient(pair, Endpoint("http", f"127.0.0.1:{port}"), timeout=1)
        self.attempts: list[str] = []
        self.waits: list[float] = []
        self.patient = PatientCaller(self, sleep=self.waits.append)

    def call(self, call: Call, parameters: Any) -> dict[str, Any]:
        self.attempts.append(call.action)
        return self.client.call(call, parameters)


@pytest.fixture
def counted(relay: Relay) -> Counted:
    return Counted(relay.port)


def test_a_throttled_call_is_made_five_times_after_growing_waits_and_then_told(
    counted: Counted, relay: Relay
) -> None:
    relay.to_every_call(THROTTLED)

    with pytest.raises(ThrottledError, match="RequestLimitExceeded"):
        counted.patient.call(DESCRIBE, {})

    assert len(counted.attempts) == len(relay.seen) == 5  # botocore repeats nothing by itself
    assert max(counted.waits) >= 1


def test_a_read_without_an_answer_is_made_again_and_a_write_never(counted: Counted, relay: Relay) -> None:
    relay.to_every_call(None)

    with pytest.raises(UncertainError):
        counted.patient.call(DESCRIBE, {})
    assert len(relay.seen) == 5
    relay.seen.clear()
    with pytest.raises(UncertainError):
        counted.patient.call(CREATE_SNAPSHOT.at(REGION), {"VolumeId": "vol-1"})
    assert len(relay.seen) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"{}"),
        (200, b"<html>welcome</html>"),
        (200, b"<DescribeVolumesResponse/>"),
        (302, b""),
        (502, b"<html>bad gateway</html>"),
        (403, b"<html>forbidden by your proxy</html>"),
        (503, b""),
        (
            200,
            EMPTY.replace(
                b"<volumeSet/>", b"<volumeSet><item><createTime>soon</createTime></item></volumeSet>"
            ),
        ),
        (200, EMPTY.replace(b"<volumeSet/>", b"<volumeSet><item/></volumeSet>")),
    ],
)
def test_what_the_api_does_not_send_is_uncertain_and_never_an_empty_list(
    cloud: AwsCloud, relay: Relay, status: int, body: bytes
) -> None:
    relay.answers["DescribeVolumes"] = status, "text/xml", body
    with pytest.raises(UncertainError) as caught:
        cloud.disks.list_disks(REGION)
    assert caught.value.code == "Garbled"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(counted: Counted, relay: Relay, status: int) -> None:
    relay.headers["Location"] = f"{relay.endpoint}/elsewhere"
    relay.to_every_call((status, "text/html", b""))
    with pytest.raises(UncertainError):
        counted.client.call(DESCRIBE, {})
    assert relay.actions() == ["DescribeVolumes"]


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("UnauthorizedOperation", 403, RefusedError),
        ("InvalidVolume.NotFound", 400, RefusedError),
        ("ConcurrentSnapshotLimitExceeded", 400, RefusedError),
        ("SnapshotCreationPerVolumeRateExceeded", 400, ThrottledError),
        ("Throttling", 400, ThrottledError),
        ("InternalError", 500, UncertainError),
        ("ServiceUnavailable", 503, UncertainError),
        ("AuthFailure", 401, AccountError),
        ("RequestExpired", 400, AccountError),
        ("ExpiredToken", 400, AccountError),
    ],
)
def test_a_code_means_what_the_documentation_says(
    counted: Counted, relay: Relay, code: str, status: int, error: type[Exception]
) -> None:
    body = THROTTLED[2].replace(b"RequestLimitExceeded", code.encode())
    relay.to_every_call((status, "text/xml", body))
    with pytest.raises(error, match=rf"ec2:DescribeVolumes in us-east-1: {code}: .*request r-1"):
        counted.client.call(DESCRIBE, {})


def test_a_signature_that_has_expired_is_the_clocks_fault(counted: Counted, relay: Relay) -> None:
    told = THROTTLED[2].replace(b"RequestLimitExceeded", b"SignatureDoesNotMatch")
    relay.to_every_call(
        (403, "text/xml", told.replace(b"Request limit exceeded", b"Signature expired: 2020"))
    )
    with pytest.raises(AccountError) as caught:
        counted.client.call(DESCRIBE, {})
    assert "clock" in caught.value.hint


def test_an_answer_that_is_too_large_is_not_read_to_its_end(
    counted: Counted, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drkit.clouds.aws.bounded.LARGEST", 1000)
    relay.to_every_call((200, "text/xml", EMPTY + b" " * 100_000))
    with pytest.raises(UncertainError, match="larger than 1000 bytes"):
        counted.client.call(DESCRIBE, {})


@contextmanager
def dripping() -> Iterator[int]:
    """A server that sends a byte now and then, as long as somebody listens; its port."""
    ended = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not ended.wait(0.2):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            thread.join()


def test_an_answer_that_comes_a_byte_at_a_time_is_given_up_in_three_times_the_timeout() -> None:
    with dripping() as port:
        began = time.monotonic()
        with pytest.raises(UncertainError, match="was not whole after 3 s"):
            Counted(port).client.call(DESCRIBE, {})
        assert 2.5 < time.monotonic() - began < 6


def test_a_snapshot_whose_answer_is_lost_is_found_and_not_made_twice(
    cloud: AwsCloud, relay: Relay, filled: str
) -> None:
    relay.lost.add("CreateSnapshot")
    slot = datetime.now(UTC) - timedelta(minutes=1)
    told = {"name": "drkit-x", "slot": slot.isoformat(), "deadline": (slot + timedelta(days=3)).isoformat()}
    action = Action("disks.create_snapshot", Effect.CREATE, "abroad", REGION, filled, told, "")

    outcome = run(action, Hands({"abroad": cloud}, "run-1"))

    (made,) = cloud.disks.list_snapshots(REGION)
    assert outcome == Done(created=made.id)
    assert (made.name, made.disk, made.tags["drkit:run"]) == ("drkit-x", filled, "run-1")
    assert relay.actions().count("CreateSnapshot") == 1


def test_silence_after_which_nothing_is_found_is_uncertain(
    cloud: AwsCloud, relay: Relay, filled: str
) -> None:
    relay.answers["CreateSnapshot"] = None
    slot = datetime.now(UTC)
    told = {"name": "drkit-x", "slot": slot.isoformat(), "deadline": (slot + timedelta(days=3)).isoformat()}
    action = Action("disks.create_snapshot", Effect.CREATE, "abroad", REGION, filled, told, "")

    assert isinstance(run(action, Hands({"abroad": cloud}, "run-1")), Uncertain)
    assert relay.actions().count("CreateSnapshot") == 1


def test_a_wrong_secret_is_an_account_error(cloud: AwsCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUITE_SECRET_ACCESS_KEY", "w" * 40)
    wrong = AwsCloud("SUITE", REGION)
    for ask in (wrong.identity.caller, lambda: wrong.disks.list_disks(REGION)):
        with pytest.raises(AccountError, match=r"SignatureDoesNotMatch|AuthFailure"):
            ask()


def test_files_profiles_proxies_and_endpoints_of_single_services_are_not_heeded(
    cloud: AwsCloud, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_PROFILE": "nobody-has-this",
        "AWS_CONFIG_FILE": "/dev/full",
        "AWS_ENDPOINT_URL_EC2": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "AWS_MAX_ATTEMPTS": "7",
    }.items():
        monkeypatch.setenv(name, value)
    assert AwsCloud("SUITE", REGION).disks.list_disks(REGION)


@pytest.mark.parametrize(
    "endpoint",
    ["http://ec2.example.com", "https://user:hunter2@127.0.0.1", "ftp://127.0.0.1", "http://127.0.0.1:x"],
)
def test_an_endpoint_is_held_to_the_rules_of_every_cloud(
    monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("P_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("P_SECRET_ACCESS_KEY", "k")
    with pytest.raises(UsageError, match="AWS_ENDPOINT_URL") as caught:
        AwsCloud("P", REGION)
    assert "hunter2" not in str(caught.value)


def test_a_missing_key_pair_is_named_by_its_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("P_ACCESS_KEY_ID", raising=False)
    assert "P_SECRET_ACCESS_KEY" not in os.environ
    with pytest.raises(UsageError, match="P_ACCESS_KEY_ID and P_SECRET_ACCESS_KEY not set"):
        AwsCloud("P", REGION)


def test_a_list_is_read_page_by_page_until_no_token_comes(counted: Counted, relay: Relay) -> None:
    pages = {
        "": b"<item><volumeId>vol-1</volumeId></item></volumeSet><nextToken>t1</nextToken>",
        "t1": b"</volumeSet><nextToken>t2</nextToken>",  # an empty page that is not the last
        "t2": b"<item><volumeId>vol-2</volumeId></item></volumeSet>",
    }
    disks = paged(counted, relay, pages)
    assert [disk.id for disk in disks.list_disks(REGION)] == ["vol-1", "vol-2"]
    assert [call.get("NextToken", "") for call in relay.seen] == ["", "t1", "t2"]
    assert {call["MaxResults"] for call in relay.seen} == {"500"}


def test_a_list_whose_pages_come_again_is_given_up(counted: Counted, relay: Relay) -> None:
    again = b"</volumeSet><nextToken>t1</nextToken>"
    with pytest.raises(UncertainError, match="the same page comes again"):
        paged(counted, relay, {"": again, "t1": again}).list_disks(REGION)


def paged(counted: Counted, relay: Relay, pages: dict[str, bytes]) -> AwsDisks:
    """The disks of a server that answers with these pages, by the token that is asked with."""

    class Paged:
        def call(self, call: Call, parameters: Any) -> dict[str, Any]:
            page = pages[parameters.get("NextToken", "")]
            body = b"<DescribeVolumesResponse><volumeSet>" + page + b"</DescribeVolumesResponse>"
            relay.to_every_call((200, "text/xml", body))
            return counted.client.call(call, parameters)

    return AwsDisks(Paged())
