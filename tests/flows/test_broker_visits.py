"""The broker at its socket: nobody who stalls, shouts or lies keeps the others from being served."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from gating import RUN, Stranger
from office import Stage, removal

from drkit.core.errors import LockedError, UsageError
from drkit.core.evidence.reading import read
from drkit.flows.broker import visits
from drkit.flows.broker.commands import Commander
from drkit.flows.broker.desk import Desk
from drkit.flows.broker.glass import Reviews
from drkit.flows.broker.growing import Grower
from drkit.flows.broker.licences import Office
from drkit.flows.broker.messages import Channel, line_of
from drkit.flows.broker.scratch import Sweeper
from drkit.flows.broker.server import listening
from drkit.flows.broker.visits import MOST_EACH, Visits

ALLOWED = frozenset({os.geteuid()})
UNKNOWN = {"ask": "begin", "version": 1, "approval": "0" * 64, "run": RUN, "slot": "2026-01-01T00:00:00Z",
           "playbook": "", "actions": []}  # fmt: skip


@contextmanager
def serving(stage: Stage, allowed: frozenset[int] = ALLOWED) -> Iterator[tuple[Path, list[str]]]:
    """The broker's loop in a thread, and what it says to whoever runs it."""
    said: list[str] = []
    office = stage.office()
    desk = Desk(
        office,
        Sweeper(office, stage.people.drkit.directory / "evidence"),
        Grower(office),
        Commander(office, trying=True),
        Reviews(office),
    )
    stopped, stop = os.pipe()
    with listening(stage.people.socket, None) as listener:
        thread = threading.Thread(target=Visits(listener, desk, allowed, said.append).serve, args=(stopped,))
        thread.start()
        try:
            yield stage.people.socket, said
        finally:
            os.write(stop, b"!")
            thread.join(20)
            assert not thread.is_alive()
            os.close(stop)
            os.close(stopped)


def refusal(path: Path, message: Any = UNKNOWN) -> str:
    """What the broker says no with, to a client of its own."""
    with Stranger(path) as client:
        answer = client.say(message)
    assert answer is not None
    return str(answer.get("refused") or answer.get("error"))


def send_until_cut(client: Stranger, piece: bytes, pause: float = 0) -> float:
    """When the broker hung up, of who says the same again and again; that it never does is a failure."""
    for _ in range(200):
        try:
            client.connection.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            return time.monotonic()
        time.sleep(pause)
    raise AssertionError("the broker listens for ever")


def test_a_client_that_stalls_keeps_nobody_waiting_and_is_sent_away(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "WHOLE", 1.5)
    with serving(stage) as (path, said), Stranger(path) as half, Stranger(path) as silent:
        half.connection.sendall(b'{"ask": "beg')
        began = time.monotonic()
        assert "no request" in refusal(path)
        assert time.monotonic() - began < 1.0
        assert silent.say(b"") is None  # hung up on
        assert half.say(b"") is None
        assert sum("silent for too long" in each for each in said) == 2


def test_a_client_that_trickles_gains_no_time(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "WHOLE", 1.0)
    with serving(stage) as (path, _), Stranger(path) as slow:
        began = time.monotonic()
        hung_up = send_until_cut(slow, b" ", pause=0.05)
        assert hung_up - began < 5


NONSENSE: list[Any] = [
        b"\n", b"\xff\n", b"[]\n", b"null\n", b"[" * 100_000 + b"\n", b'{"ask": NaN}\n', b'{"a": 1}\n{"a": 1}\n',
        {"ask": "begin"},
        {**UNKNOWN, "version": 2},
        {**UNKNOWN, "approval": "../../etc"},
        {**UNKNOWN, "approval": ["0" * 64]},
        {**UNKNOWN, "run": "../x"},
        {**UNKNOWN, "slot": "2026-01-01T00:00:00"},
        {**UNKNOWN, "playbook": "\ud800"},
        {**UNKNOWN, "actions": {"a": 1}},
        {**UNKNOWN, "actions": [{"key": 1}]},
        {**UNKNOWN, "actions": [{**removal().as_data(), "arguments": {"x": 10**400}}]},
        {**UNKNOWN, "actions": [{**removal().as_data(), "effect": []}]},
        {**UNKNOWN, "actions": [{**removal().as_data(), "target": {"ref": "x"}}]},
        {"ask": "scratch", "version": 1, "run": "", "action": None},
        {"ask": "scratch", "version": 1, "run": RUN, "action": removal().as_data()},
        {"ask": "scratch", "version": 1, "run": "", "action": removal(account="nowhere", arguments={"scratch": True}).as_data()},
        {"ask": "scratch", "version": 1, "run": "", "action": removal(verb="rm", arguments={"scratch": True}).as_data()},
        {"ask": "scratch", "version": 1, "run": "", "action": removal("*", arguments={"scratch": True}).as_data()},
        {"ask": "scratch", "version": 1, "run": "", "action": removal(region=7, arguments={"scratch": True}).as_data()},
        {"ask": "scratch", "version": 1, "run": "", "action": removal(account=[], arguments={"scratch": True}).as_data()},
        {"ask": "carry_out", "key": "0"},
]  # fmt: skip


def test_nonsense_is_refused_or_hung_up_on_and_the_broker_goes_on(stage: Stage) -> None:
    with serving(stage) as (path, said):
        for nonsense in NONSENSE:
            with Stranger(path) as client:
                answer = client.say(nonsense)
                assert answer is None or "refused" in answer, (nonsense, answer)
            assert "no request" in refusal(path)
    assert not [each for each in said if "unexpected" in each], said


def test_a_message_that_never_ends_is_cut_off(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "LARGEST", 1_000_000)
    with serving(stage) as (path, said), Stranger(path) as client:
        send_until_cut(client, b"x" * 1_000_000)
        assert "no request" in refusal(path)
        assert any("said too much" in each for each in said)


def test_a_client_that_does_not_wait_for_its_answer_is_no_defect_of_ours(stage: Stage) -> None:
    with serving(stage) as (path, said):
        for _ in range(5):
            with Stranger(path) as client:
                client.connection.sendall(line_of(UNKNOWN))
        assert "no request" in refusal(path)
    assert not [each for each in said if "unexpected" in each], said


def test_one_user_cannot_take_all_connections(stage: Stage) -> None:
    with serving(stage) as (path, _):
        clients = [Stranger(path) for _ in range(MOST_EACH)]
        with Stranger(path) as one_more:
            answer = one_more.say(b"")
            assert answer is not None
            assert "connected" in answer["refused"]
        for client in clients:
            client.close()
        deadline = time.monotonic() + 10
        while "connected" in refusal(path, b"{}\n"):
            assert time.monotonic() < deadline


def test_a_user_who_is_not_allowed_is_refused_by_the_kernels_word(stage: Stage) -> None:
    with serving(stage, allowed=frozenset({os.geteuid() + 1})) as (path, said):
        assert f"user {os.geteuid()} may not ask" in refusal(path, b"")
    assert said


def test_a_refusal_is_heard_by_a_client_whose_own_words_came_too_late() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(line_of({"refused": "user 1 may not ask this broker"}))

    with Channel(ours, 5) as channel:
        channel.send({"ask": "begin"})
        assert channel.receive() == {"refused": "user 1 may not ask this broker"}
        assert channel.receive() is None


def test_what_nobody_foresaw_ends_a_conversation_and_not_the_broker(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("a secret")

    with serving(stage) as (path, said):
        with monkeypatch.context() as patch, Stranger(path) as client:
            patch.setattr(Office, "give", fail)
            assert client.say(UNKNOWN) is None
        assert "no request" in refusal(path)
    assert any("ZeroDivisionError" in each for each in said)
    assert not any("secret" in each for each in said)


def test_the_broker_notices_a_new_roster_before_anybody_asks(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "WATCH", 0.1)
    digest = stage.people.publish(stage.people.staff(dave={"roles": ["requester"]}))
    with serving(stage):
        deadline = time.monotonic() + 10
        while not any(entry.get("digest") == digest for _, entry in read(stage.log.directory)):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_living_broker_is_not_pushed_aside_and_a_dead_ones_socket_is_replaced(stage: Stage) -> None:
    path = stage.people.socket
    with serving(stage), pytest.raises(LockedError), listening(path, None):
        pass
    assert not path.exists()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(path))
    with serving(stage) as (there, _):
        assert "no request" in refusal(there)


def test_something_else_at_the_sockets_place_is_not_removed(stage: Stage) -> None:
    stage.people.socket.write_text("precious")
    with pytest.raises(UsageError), listening(stage.people.socket, None):
        pass
    assert stage.people.socket.read_text() == "precious"


def test_nothing_but_the_removal_of_scratch_is_done_under_its_name(stage: Stage) -> None:
    other = removal(arguments={"scratch": True})  # of a snapshot
    with serving(stage) as (path, _), Stranger(path) as client:
        answer = client.say({"ask": "scratch", "version": 1, "run": "", "action": other.as_data()})
        assert answer == {"refused": "this neither removes nor moves scratch", "hint": ""}
